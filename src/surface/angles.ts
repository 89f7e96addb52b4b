/** @file How far two losses' descent directions are apart, averaged over policies of a simplex. */
import type { FlowField, Metric } from "./field.ts"

/** Angles between two fields over a set of policies. */
export interface FieldAngle {
  /** Mean angle, radians in [0, π]: `(1/n) Σ angle(v_a, v_b)`; where one field vanishes and the other does not, π/2; both: 0. */
  readonly mean: number
  /** Share of policies at which the two directions are more than a right angle apart. */
  readonly opposed: number
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/**
 * Inner product of two moves of the logits: Euclidean for `softmax`; for `natural` the Fisher metric's
 * `Σ π a b - (Σ π a)(Σ π b)`, the covariance of the two under the policy.
 */
const inner = (metric: Metric, prob: Float64Array) => {
  if (metric === "softmax") return dot
  return (a: Float64Array, b: Float64Array): number => {
    let [both, first, second] = [0, 0, 0]
    for (let i = 0; i < a.length; i++) {
      both += prob[i]! * a[i]! * b[i]!
      first += prob[i]! * a[i]!
      second += prob[i]! * b[i]!
    }
    return both - first * second
  }
}

/** The velocities of a field at policies given as log π, and each one's squared length. */
const sampled = (field: FlowField, policies: ReadonlyArray<Float64Array>) =>
  policies.map((logp) => {
    const { value, noise } = field.velocityAt(logp)
    const still = value.every((v, i) => Math.abs(v) <= noise[i]!)
    return { value, still }
  })

/**
 * Mean angle between two fields of one metric at policies given as log π.
 * @throws RangeError when the fields differ in metric or arms, or there is no policy
 */
export const fieldAngle = (a: FlowField, b: FlowField, policies: ReadonlyArray<Float64Array>): FieldAngle => {
  if (a.metric !== b.metric || a.arms !== b.arms) throw new RangeError("fieldAngle: fields of unlike metrics or arms")
  if (policies.length === 0) throw new RangeError("fieldAngle: no policies")
  const [first, second] = [sampled(a, policies), sampled(b, policies)]
  let [sum, opposed] = [0, 0]
  for (const [i, logp] of policies.entries()) {
    const [one, other] = [first[i]!, second[i]!]
    if (one.still || other.still) {
      sum += one.still === other.still ? 0 : Math.PI / 2
      continue
    }
    const product = inner(a.metric, logp.map(Math.exp))
    const lengths = Math.sqrt(product(one.value, one.value)) * Math.sqrt(product(other.value, other.value))
    const cosine = Math.max(-1, Math.min(1, product(one.value, other.value) / lengths))
    sum += Math.acos(cosine)
    if (cosine < 0) opposed++
  }
  return { mean: sum / policies.length, opposed: opposed / policies.length }
}
