/** The front of several reward tables under a KL penalty, and how far a policy is from it. Tables [contexts * arms]. */
import type { Environment } from "../environment.ts"
import { softmaxInto } from "../softmax.ts"

/** A policy beside the nearest point of the front. */
export interface FrontRegret {
  /** min_w beta E_x KL(π ‖ π_w) ≥ 0, reward units; 0 exactly on the front. */
  readonly regret: number
  /** Weights of the nearest point, on the simplex. */
  readonly weights: Float64Array
  /** The true minimum is at most so far below `regret` (duality gap of the weights). */
  readonly gap: number
}

/** The point of the front with the given weights: `π_w ∝ π_ref exp(Σ_j w_j r_j / beta)`. */
export const frontPolicy = (
  environment: Environment,
  objectives: ReadonlyArray<Float64Array>,
  weights: ArrayLike<number>
): { readonly policy: Float64Array; readonly logp: Float64Array } => {
  const { contexts, arms, reference, beta } = environment
  const scores = reference.map((p, i) => {
    let score = 0
    for (let j = 0; j < objectives.length; j++) score += weights[j]! * objectives[j]![i]!
    return Math.log(p) + score / beta
  })
  const [policy, logp] = [new Float64Array(scores.length), new Float64Array(scores.length)]
  softmaxInto(scores, contexts, arms, logp, policy)
  return { policy, logp }
}

const expected = ({ arms, contextWeights }: Environment, policy: Float64Array, table: Float64Array): number => {
  let total = 0
  for (let i = 0; i < policy.length; i++) total += contextWeights[Math.floor(i / arms)]! * policy[i]! * table[i]!
  return total
}

/** Bisections of one line search; each halves the interval, to the last digit of a double. */
const bisections = 60
const maxSweeps = 500

/** Indices of the smallest slope, and of the largest one whose weight can still be taken away. */
const worstPair = (slopes: Float64Array, weights: Float64Array): readonly [number, number] => {
  let [low, high] = [0, -1]
  for (let j = 0; j < slopes.length; j++) {
    if (slopes[j]! < slopes[low]!) low = j
    if (weights[j]! > 0 && (high < 0 || slopes[j]! > slopes[high]!)) high = j
  }
  return [low, high]
}

/**
 * Loss of the best weighted objective: `min_w max_π' J_w(π') - J_w(π) = min_w beta E_x KL(π ‖ π_w)` over weights w ≥ 0,
 * Σ w = 1, with `J_w(π) = E_π[Σ_j w_j r_j] - beta KL(π ‖ π_ref)`. Convex in w with slopes `E_{π_w}[r_j] - E_π[r_j]`: weight
 * moves from the largest slope to the smallest one, each time by an exact line search, until the duality gap closes.
 * @param objectives two or more reward tables, [contexts * arms]
 * @param prob, drift π and log π - log π_ref
 */
export const frontRegret = (
  environment: Environment,
  objectives: ReadonlyArray<Float64Array>,
  prob: Float64Array,
  drift: Float64Array
): FrontRegret => {
  const { arms, contextWeights, beta, reference } = environment
  const here = objectives.map((table) => expected(environment, prob, table))
  const slopesAt = (weights: Float64Array): Float64Array => {
    const { policy } = frontPolicy(environment, objectives, weights)
    return Float64Array.from(objectives, (table, j) => expected(environment, policy, table) - here[j]!)
  }
  const weights = new Float64Array(objectives.length).fill(1 / objectives.length)
  const scale = objectives.reduce((top, table) => table.reduce((most, r) => Math.max(most, Math.abs(r)), top), 1e-300)
  let slopes = slopesAt(weights)
  const gapOf = () => slopes.reduce((sum, slope, j) => sum + weights[j]! * slope, 0) - Math.min(...slopes)
  for (let sweep = 0; sweep < maxSweeps && gapOf() > 1e-14 * scale; sweep++) {
    const [low, high] = worstPair(slopes, weights)
    moveInPlace(weights, low, high, slopesAt)
    const next = slopesAt(weights)
    if (next.every((slope, j) => slope === slopes[j]!)) break
    slopes = next
  }
  const { logp } = frontPolicy(environment, objectives, weights)
  let distance = 0
  for (let i = 0; i < prob.length; i++) {
    const ratio = drift[i]! + Math.log(reference[i]!) - logp[i]!
    distance += contextWeights[Math.floor(i / arms)]! * prob[i]! * ratio
  }
  return { regret: Math.max(0, beta * distance), weights, gap: Math.max(0, gapOf()) }
}

/** Moves weight from `high` to `low` until their slopes are equal, or none is left. */
const moveInPlace = (
  weights: Float64Array,
  low: number,
  high: number,
  slopesAt: (weights: Float64Array) => Float64Array
): void => {
  const [start, available] = [weights[low]!, weights[high]!]
  const slope = (share: number): number => {
    weights[low] = start + share * available
    weights[high] = (1 - share) * available
    const slopes = slopesAt(weights)
    return slopes[low]! - slopes[high]!
  }
  if (slope(1) <= 0) return
  let [from, to] = [0, 1]
  for (let k = 0; k < bisections; k++) {
    const middle = (from + to) / 2
    if (slope(middle) <= 0) from = middle
    else to = middle
  }
  slope(from)
}
