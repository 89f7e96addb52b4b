/**
 * Policies that are made for best-of-N or worst-of-N decoding (InfAlign: Balashankar et al. 2024, arXiv 2412.19792):
 * calibrate the reward to its quantile under the reference, transform it, then solve the ordinary KL problem.
 */
import type { Environment } from "../environment.ts"
import { bestOfWinRate, denseRanks } from "../orderStatistics.ts"
import { type MatchedKl, matchedKl } from "./matchedKl.ts"

/**
 * Calibrated reward: the mid-rank quantile under the reference, `C(y) = Σ_{r(y') < r(y)} ref(y') + 1/2 Σ_{r(y') = r(y)} ref(y')`,
 * the win rate of y against the reference. In (0, 1); unchanged by any strictly increasing transformation of the reward.
 * @param reward [contexts * arms]; default the gold reward
 */
export const calibratedReward = (
  { contexts, arms, reference, reward: gold }: Environment,
  reward: Float64Array = gold
): Float64Array => {
  const calibrated = new Float64Array(reward.length)
  for (let c = 0; c < contexts; c++) {
    const { ranks, count } = denseRanks(reward.subarray(c * arms, (c + 1) * arms))
    const mass = new Float64Array(count)
    ranks.forEach((rank, y) => {
      mass[rank]! += reference[c * arms + y]!
    })
    let below = 0
    const middle = mass.map((p) => {
      below += p
      return below - p / 2
    })
    ranks.forEach((rank, y) => {
      calibrated[c * arms + y] = middle[rank]!
    })
  }
  return calibrated
}

/** φ of the calibrated reward C. `tilt` with t > 0: exp(t C), for best-of-N; t < 0: -exp(t C), for worst-of-N. */
export type Transform =
  | { readonly kind: "identity" }
  | { readonly kind: "log" }
  | { readonly kind: "tilt"; readonly t: number }

/**
 * φ(C), increasing in C. The tilt is scaled to exp(t (C - 1)) for t > 0: a factor of the reward changes nothing at a
 * matched KL, and exp(10 C) stays within (0, 1].
 * @throws RangeError for a tilt by 0, which would forget the reward
 */
export const transformed = (calibrated: Float64Array, transform: Transform): Float64Array => {
  if (transform.kind === "identity") return calibrated.slice()
  if (transform.kind === "log") return calibrated.map(Math.log)
  const { t } = transform
  if (!(t !== 0 && Number.isFinite(t))) throw new RangeError(`transformed: t must be finite and not 0, got ${t}`)
  return calibrated.map((c) => (t > 0 ? Math.exp(t * (c - 1)) : -Math.exp(t * c)))
}

/** The policy `∝ ref exp(φ(C) / beta)` with beta such that E_x KL(π ‖ ref) = kl. @throws RangeError as {@link matchedKl} */
export const infAlignPolicy = (
  environment: Environment,
  transform: Transform,
  kl: number,
  reward: Float64Array = environment.reward
): MatchedKl => matchedKl(environment, kl, transformed(calibratedReward(environment, reward), transform))

/**
 * Win rate under decoding: E_x of the probability that the best (`worst`: the worst) of N draws from π has more reward than
 * the best (worst) of N draws from the reference, ties 1/2. N = 1 is the plain win rate by reward.
 * @param policy [contexts * arms]
 * @param draws N ≥ 1
 */
export const decodedWinRate = (
  { contexts, arms, reference, contextWeights, reward: gold }: Environment,
  policy: Float64Array,
  decoding: { readonly kind: "best" | "worst"; readonly draws: number },
  reward: Float64Array = gold
): number => {
  const best = decoding.kind === "best"
  const score = best ? reward : reward.map((r) => -r)
  let total = 0
  for (let c = 0; c < contexts; c++) {
    const row = (table: Float64Array) => table.subarray(c * arms, (c + 1) * arms)
    const wins = bestOfWinRate(row(score), row(policy), row(reference), decoding.draws)
    total += contextWeights[c]! * (best ? wins : 1 - wins)
  }
  return total
}
