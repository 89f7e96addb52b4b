/** The most reward at a given distance from the reference: the exact tilt `π ∝ ref exp(λ r)` with KL(π ‖ ref) = d. */
import type { Environment } from "../environment.ts"

/** The constrained optimum with its KKT certificate. */
export interface MatchedKl {
  /** π, shape [contexts * arms]. */
  readonly policy: Float64Array
  /** log π; -Infinity where the limit d ≥ largest KL gives an arm no mass. */
  readonly logp: Float64Array
  /** Multiplier λ ≥ 0, 1 / reward units; Infinity at and beyond the largest reachable KL. 1 / λ is the matching beta. */
  readonly multiplier: number
  /** E_x KL(π ‖ ref) reached, nats. */
  readonly kl: number
  /** E_x E_π[r]. */
  readonly expectedReward: number
  /**
   * No policy with E_x KL ≤ d has an expected reward larger by more than this. Weak duality: for every π with KL ≤ d,
   * `E_π[r] ≤ (log Z_λ + d) / λ`; at the tilt the difference is (d - kl) / λ.
   */
  readonly gap: number
}

interface Tilt {
  readonly logp: Float64Array
  readonly kl: number
}

// The series is used below this |t|; its 20 terms leave less than a rounding there.
const seriesBelow = 0.5

/** t e^t - e^t + 1 ≥ 0, to full relative precision at small t, where the plain form cancels. */
const klTerm = (t: number): number => {
  if (t === -Infinity) return 1
  if (Math.abs(t) >= seriesBelow) return t * Math.exp(t) - Math.expm1(t)
  let total = 0
  let power = t
  for (let k = 2; k <= 22; k++) {
    power *= t / k
    total += (k - 1) * power
  }
  return total
}

/** log Σ exp of a row. */
const logSumExp = (row: Float64Array): number => {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity)
  return top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0))
}

/** The tilt at λ, and its KL as `Σ ref (t e^t - e^t + 1)`, t = log(π / ref): a sum of positive terms. */
const tiltAt = (environment: Environment, reward: Float64Array, multiplier: number): Tilt => {
  const { contexts, arms, reference, contextWeights } = environment
  const logp = new Float64Array(reference.length)
  let kl = 0
  for (let c = 0; c < contexts; c++) {
    const row = reward.subarray(c * arms, (c + 1) * arms)
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity)
    // Relative to the best arm, so that no exponential overflows.
    const scores = row.map((r) => (r === top ? 0 : multiplier * (r - top)))
    const weight = logSumExp(scores.map((s, y) => Math.log(reference[c * arms + y]!) + s))
    for (let y = 0; y < arms; y++) {
      const i = c * arms + y
      const ratio = scores[y]! - weight
      logp[i] = Math.log(reference[i]!) + ratio
      kl += contextWeights[c]! * reference[i]! * klTerm(ratio)
    }
  }
  return { logp, kl }
}

const expected = ({ arms, contextWeights }: Environment, policy: Float64Array, reward: Float64Array): number => {
  let total = 0
  for (let i = 0; i < policy.length; i++) total += contextWeights[Math.floor(i / arms)]! * policy[i]! * reward[i]!
  return total
}

// Beyond e^±700 a multiplier is no double any more.
const widest = 700

/** log λ with KL = d, by bisection; KL rises with λ. */
const logMultiplier = (klAt: (log: number) => number, kl: number): number => {
  let [low, high] = [-widest, widest]
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (klAt(middle) < kl) low = middle
    else high = middle
  }
  return low
}

/**
 * Maximises E_x E_π[r] over all policies with E_x KL(π ‖ ref) ≤ d. One multiplier serves all contexts. It is found by
 * bisection of its logarithm: rewards such as exp(10 C), of which one arm has nearly all, need λ over many magnitudes.
 *
 * Edges: d = 0 is the reference; from the largest reachable KL on, `E_x -log ref(best arms)`, the optimum is the reference
 * restricted to the best arms (ties share its mass as it does); rewards that are equal in every context leave the
 * reference, which no policy beats.
 * @param reward any table [contexts * arms]; default the gold reward
 * @param kl d ≥ 0, nats
 * @throws RangeError for another shape, a reward that is not finite, a negative d
 */
export const matchedKl = (
  environment: Environment,
  kl: number,
  reward: Float64Array = environment.reward
): MatchedKl => {
  if (reward.length !== environment.reference.length || !reward.every(Number.isFinite)) {
    throw new RangeError(`matchedKl: the reward needs ${environment.reference.length} finite entries`)
  }
  if (!(kl >= 0)) throw new RangeError(`matchedKl: the KL must be >= 0, got ${kl}`)
  if (kl === 0 || isFlat(environment, reward)) {
    return finished(environment, reward, { logp: environment.reference.map(Math.log), kl: 0 }, 0, 0)
  }
  const limit = tiltAt(environment, reward, Number.POSITIVE_INFINITY)
  if (kl >= limit.kl) return finished(environment, reward, limit, Number.POSITIVE_INFINITY, 0)
  const log = logMultiplier((at) => tiltAt(environment, reward, Math.exp(at)).kl, kl)
  const multiplier = Math.exp(log)
  const tilt = tiltAt(environment, reward, multiplier)
  return finished(environment, reward, tilt, multiplier, Math.abs(kl - tilt.kl) / multiplier)
}

/** Whether the rewards of every context that occurs are equal. */
const isFlat = ({ arms, contextWeights }: Environment, reward: Float64Array): boolean =>
  reward.every((r, i) => {
    const context = Math.floor(i / arms)
    return r === reward[context * arms] || contextWeights[context] === 0
  })

const finished = (
  environment: Environment,
  reward: Float64Array,
  { logp, kl }: Tilt,
  multiplier: number,
  gap: number
): MatchedKl => {
  const policy = logp.map(Math.exp)
  return { policy, logp, multiplier, kl, expectedReward: expected(environment, policy, reward), gap }
}
