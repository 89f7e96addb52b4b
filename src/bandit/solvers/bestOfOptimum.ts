/**
 * The policy that best-of-N decoding gains most from, exactly: the maximiser of its win rate under decoding at a distance
 * from the reference. Beside it the transforms of InfAlign (infAlign.ts) can be judged.
 */
import type { Environment } from "../environment.ts"
import { bestOf, denseRanks } from "../orderStatistics.ts"
import { decodedWinRate } from "./infAlign.ts"

/** The optimum with its certificate. */
export interface BestOfOptimum {
  /** π, shape [contexts * arms]. */
  readonly policy: Float64Array
  /** Weight of the KL at which this is the optimum; Infinity at the reference. */
  readonly beta: number
  /** E_x KL(π ‖ ref), nats. */
  readonly kl: number
  /** E_x win rate of the best of N from π against the best of N from the reference. */
  readonly winRate: number
  /**
   * No policy with this d or less wins more often by more than this: `beta KL(π ‖ reply(π)) + beta |d - kl|`, reply(π) the
   * tilt by the derivative of the win rate at π, which the optimum is itself.
   */
  readonly gap: number
}

/** One context by ranks of the reward: answers of one reward share its mass as the reference does. */
interface Chain {
  readonly weight: number
  /** Rank of every arm. */
  readonly ranks: Int32Array
  /** log of the reference's mass of every rank. */
  readonly logReference: Float64Array
  /** By how much the win rate grows from each rank to the next. */
  readonly steps: Float64Array
}

const chainsOf = ({ contexts, arms, reference, contextWeights }: Environment, reward: Float64Array, draws: number) =>
  Array.from({ length: contexts }, (_, c): Chain => {
    const [from, to] = [c * arms, (c + 1) * arms]
    const score = reward.subarray(from, to)
    const { ranks, count } = denseRanks(score)
    const massOf = (policy: Float64Array): Float64Array => {
      const mass = new Float64Array(count)
      policy.forEach((p, y) => {
        mass[ranks[y]!]! += p
      })
      return mass
    }
    const row = reference.subarray(from, to)
    const opponent = massOf(bestOf(score, row, draws))
    return {
      weight: contextWeights[c]!,
      ranks,
      logReference: massOf(row).map(Math.log),
      // Against the reference's best, a rank wins all below it and half of its own.
      steps: Float64Array.from({ length: count - 1 }, (_, g) => (opponent[g]! + opponent[g + 1]!) / 2)
    }
  })

/**
 * Policies of the chain from the lowest rank upwards: stationarity of `-Σ_g F(g)^N steps(g) - beta KL` fixes each odds
 * `log(p(g+1) / ref(g+1)) = log(p(g) / ref(g)) + N F(g)^(N-1) steps(g) / beta`. Writes log p and returns Σ p, or Infinity
 * as soon as it passes 2.
 */
const shootInto = ({ logReference, steps }: Chain, draws: number, beta: number, first: number, logp: Float64Array) => {
  let odds = first
  let total = 0
  for (let g = 0; g < logReference.length; g++) {
    if (g > 0) odds += (draws * total ** (draws - 1) * steps[g - 1]!) / beta
    logp[g] = logReference[g]! + odds
    total += Math.exp(logp[g]!)
    if (total > 2) return Number.POSITIVE_INFINITY
  }
  return total
}

/** log p of the optimum: Σ p rises with the odds of the lowest rank, which bisection finds. */
const chainOptimum = (chain: Chain, draws: number, beta: number): Float64Array => {
  const logp = new Float64Array(chain.logReference.length)
  // With odds 0 every rank has at least its reference mass; N / beta bounds how far they rise.
  let [low, high] = [-draws / beta - 1, 0]
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (shootInto(chain, draws, beta, middle, logp) > 1) high = middle
    else low = middle
  }
  const total = shootInto(chain, draws, beta, low, logp)
  return logp.map((l) => l - Math.log(total))
}

/** log of the tilt by the derivative of the win rate at p, which at the optimum is p: its certificate. */
const replyTo = ({ logReference, steps }: Chain, logp: Float64Array, draws: number, beta: number): Float64Array => {
  let below = 0
  let odds = 0
  const reply = logReference.map((l, g) => {
    if (g > 0) odds += (draws * below ** (draws - 1) * steps[g - 1]!) / beta
    below += Math.exp(logp[g]!)
    return l + odds
  })
  const top = reply.reduce((a, b) => Math.max(a, b))
  const log = top + Math.log(reply.reduce((sum, l) => sum + Math.exp(l - top), 0))
  return reply.map((l) => l - log)
}

const divergence = (logp: Float64Array, other: Float64Array): number =>
  logp.reduce((sum, l, g) => sum + (l < -700 ? 0 : Math.exp(l) * (l - other[g]!)), 0)

/** The optima of all contexts at one beta. */
const optimumAt = (chains: ReadonlyArray<Chain>, draws: number, beta: number) => {
  const policies = chains.map((chain) => chainOptimum(chain, draws, beta))
  const mean = (value: (chain: Chain, logp: Float64Array) => number): number =>
    chains.reduce((sum, chain, c) => sum + chain.weight * value(chain, policies[c]!), 0)
  return {
    policies,
    beta,
    kl: mean(({ logReference }, logp) => divergence(logp, logReference)),
    gap: beta * mean((chain, logp) => Math.max(0, divergence(logp, replyTo(chain, logp, draws, beta))))
  }
}

// Win rates are shares; beyond these weights of the KL the optimum is the reference, or the best answers, to many digits.
const [smallest, greatest] = [1e-6, 1e12]

/**
 * Maximises the win rate of best-of-N (against best-of-N of the reference, by reward, ties 1/2) over all policies with
 * E_x KL(π ‖ ref) ≤ d. The win rate is `w_top - Σ_g F(g)^N steps(g)`, F(g) the chance of a rank of at most g: concave, so one
 * weight beta of the KL has one optimum, the tilt by its own derivative (InfAlign's theorem), which is found rank by rank.
 * beta serves all contexts and is found by bisection of its logarithm.
 *
 * Edges: d = 0 is the reference; rewards that are all equal leave it; a d beyond the KL at beta = 1e-6 gives the optimum
 * there (with many draws more KL buys nothing that doubles resolve).
 * @param draws N ≥ 1; N = 1 is the tilt by the calibrated reward
 * @param kl d ≥ 0, nats
 * @param reward [contexts * arms]; default the gold reward
 * @throws RangeError for another d or N
 */
export const bestOfOptimum = (
  environment: Environment,
  draws: number,
  kl: number,
  reward: Float64Array = environment.reward
): BestOfOptimum => {
  if (!(kl >= 0)) throw new RangeError(`bestOfOptimum: the KL must be >= 0, got ${kl}`)
  const chains = chainsOf(environment, reward, draws)
  const found = atKl(chains, draws, kl)
  const policy = new Float64Array(environment.reference.length)
  chains.forEach(({ ranks, logReference }, c) => {
    ranks.forEach((rank, y) => {
      const i = c * environment.arms + y
      policy[i] = environment.reference[i]! * Math.exp(found.policies[c]![rank]! - logReference[rank]!)
    })
  })
  return {
    policy,
    beta: found.beta,
    kl: found.kl,
    winRate: decodedWinRate(environment, policy, { kind: "best", draws }, reward),
    gap: found.gap
  }
}

const atKl = (chains: ReadonlyArray<Chain>, draws: number, kl: number): ReturnType<typeof optimumAt> => {
  const least = { policies: chains.map(({ logReference }) => logReference), beta: Infinity, kl: 0, gap: 0 }
  if (kl === 0) return least
  const most = optimumAt(chains, draws, smallest)
  if (most.kl <= kl) return { ...most, gap: most.gap + smallest * (kl - most.kl) }
  let [low, high] = [Math.log(smallest), Math.log(greatest)]
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (optimumAt(chains, draws, Math.exp(middle)).kl > kl) low = middle
    else high = middle
  }
  const found = optimumAt(chains, draws, Math.exp(high))
  return { ...found, gap: found.gap + found.beta * Math.abs(kl - found.kl) }
}
