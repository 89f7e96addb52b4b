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
  /** dKL / d log λ = λ² E_x Var_π(r). */
  readonly slope: number
}

// The series is used below this |t|; its 20 terms leave less than a rounding there.
const seriesBelow = 0.5

/**
 * t e^t - e^t + 1 ≥ 0, to full relative precision at small t, where the plain form cancels: `KL(π ‖ ref) = Σ ref klTerm(t)`,
 * t = log(π / ref), with no negative terms.
 */
export const klTerm = (t: number): number => {
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

/** What a tilt needs of an environment and a reward, computed once. */
interface Problem {
  readonly environment: Environment
  readonly logReference: Float64Array
  /** r - max r of the context, ≤ 0, so that no exponential overflows. */
  readonly shortfall: Float64Array
}

const problemOf = (environment: Environment, reward: Float64Array): Problem => {
  const { contexts, arms, reference } = environment
  const shortfall = new Float64Array(reward.length)
  for (let c = 0; c < contexts; c++) {
    let top = -Infinity
    for (let i = c * arms; i < (c + 1) * arms; i++) if (reward[i]! > top) top = reward[i]!
    for (let i = c * arms; i < (c + 1) * arms; i++) shortfall[i] = reward[i]! - top
  }
  return { environment, logReference: reference.map(Math.log), shortfall }
}

/** The tilt at λ, and its KL as `Σ ref (t e^t - e^t + 1)`, t = log(π / ref): a sum of positive terms. */
const tiltAt = ({ environment, logReference, shortfall }: Problem, multiplier: number): Tilt => {
  const { contexts, arms, reference, contextWeights } = environment
  const logp = new Float64Array(reference.length)
  let kl = 0
  let slope = 0
  for (let c = 0; c < contexts; c++) {
    let [total, first, second] = [0, 0, 0]
    for (let i = c * arms; i < (c + 1) * arms; i++) {
      // 0 · ∞ at the best arms of the limit is 0.
      const score = shortfall[i] === 0 ? 0 : multiplier * shortfall[i]!
      const part = reference[i]! * Math.exp(score)
      logp[i] = score
      total += part
      if (part === 0) continue
      first += part * score
      second += part * score * score
    }
    const log = Math.log(total)
    for (let i = c * arms; i < (c + 1) * arms; i++) {
      const ratio = logp[i]! - log
      logp[i] = logReference[i]! + ratio
      kl += contextWeights[c]! * reference[i]! * klTerm(ratio)
    }
    slope += contextWeights[c]! * (second / total - (first / total) ** 2)
  }
  return { logp, kl, slope }
}

const expected = ({ arms, contextWeights }: Environment, policy: Float64Array, reward: Float64Array): number => {
  let total = 0
  for (let i = 0; i < policy.length; i++) total += contextWeights[Math.floor(i / arms)]! * policy[i]! * reward[i]!
  return total
}

// Beyond e^±700 a multiplier is no double any more.
const widest = 700
/** Relative distance of logarithms that doubles tell apart. */
const resolution = 4e-16

/**
 * log λ with KL = d: Newton's method on log KL as a function of log λ (a line of slope 2 at small λ), kept within the
 * bracket that KL, which rises with λ, allows; bisection where it would leave it, and every third time, so that the bracket
 * closes where KL saturates.
 */
const logMultiplier = (tilt: (log: number) => Tilt, kl: number): number => {
  let [low, high] = [-widest, widest]
  let at = 0
  for (let k = 0; k < 300 && high - low > resolution * Math.max(1, Math.abs(at)); k++) {
    const { kl: here, slope } = tilt(at)
    if (here < kl) low = at
    else high = at
    const newton = at - (Math.log(here / kl) * here) / slope
    if (Math.abs(newton - at) <= resolution * Math.max(1, Math.abs(at))) return newton
    const next = k % 3 !== 2 && newton > low && newton < high ? newton : (low + high) / 2
    at = next
  }
  return at
}

/**
 * Maximises E_x E_π[r] over all policies with E_x KL(π ‖ ref) ≤ d. One multiplier serves all contexts. It is searched by its
 * logarithm: rewards such as exp(10 C), of which one arm has nearly all, need λ over many magnitudes.
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
    return finished(environment, reward, { logp: environment.reference.map(Math.log), kl: 0, slope: 0 }, 0, 0)
  }
  const problem = problemOf(environment, reward)
  const limit = tiltAt(problem, Number.POSITIVE_INFINITY)
  if (kl >= limit.kl) return finished(environment, reward, limit, Number.POSITIVE_INFINITY, 0)
  const log = logMultiplier((at) => tiltAt(problem, Math.exp(at)), kl)
  const multiplier = Math.exp(log)
  const tilt = tiltAt(problem, multiplier)
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
