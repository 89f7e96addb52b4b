/** One-call forms of the exact objective, for properties that look at single policies rather than at training runs. */
import type { Rng } from "../random/rng.ts"
import { fullBatch } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { normals } from "./environments/tables.ts"
import { createObjective, type Family } from "./objective.ts"
import { exactPairs, type PairTable } from "./pairs.ts"

/** Exact loss of one policy, and its derivatives. */
export interface ExpectedLoss {
  readonly loss: number
  /** ∂ loss / ∂ logits, shape [contexts * arms]; every context sums to 0. */
  readonly gradient: Float64Array
  /** log π and π, shape [contexts * arms]. */
  readonly logp: Float64Array
  readonly prob: Float64Array
}

/**
 * `Σ_pairs weight · loss` and its gradient at the softmax policy of `logits`.
 * @param logits shape [contexts * arms]
 * @param table default: the environment's whole population
 */
export const expectedLossAndGradient = (
  environment: Environment,
  family: Family,
  logits: Float64Array,
  table: PairTable = exactPairs(environment)
): ExpectedLoss => {
  const { contexts, arms } = environment
  if (logits.length !== contexts * arms) {
    throw new RangeError(`expectedLossAndGradient: expected ${contexts * arms} logits, got ${logits.length}`)
  }
  const objective = createObjective(family, contexts, arms)
  const gradient = new Float64Array(logits.length)
  const loss = objective.lossAndGradientInto(fullBatch(table), logits, gradient)
  return { loss, gradient, logp: objective.logp, prob: objective.prob }
}

/**
 * How fast each log π moves under gradient flow on a tabular softmax, ż = -gradient:
 * `d log π(y)/dt = ż_y - Σ_k π_k ż_k` per context, nats per unit of time.
 * @param prob, gradient as in {@link ExpectedLoss}
 */
export const logpVelocity = (prob: Float64Array, gradient: Float64Array, arms: number): Float64Array => {
  const velocity = gradient.map((g) => -g)
  for (let from = 0; from < velocity.length; from += arms) {
    let mean = 0
    for (let i = from; i < from + arms; i++) mean -= prob[i]! * gradient[i]!
    for (let i = from; i < from + arms; i++) velocity[i]! -= mean
  }
  return velocity
}

/** Standard deviations of logits that {@link samplePolicies} goes through: from near uniform to nearly one arm. */
const logitScales = [0.1, 1, 3, 6]

/**
 * `count` logit tables [contexts * arms] with N(0, s²) entries, s cycling through nearly uniform (0.1) to nearly
 * deterministic (6) policies.
 */
export const samplePolicies = (
  rng: Rng,
  size: { readonly contexts?: number; readonly arms: number },
  count: number
): ReadonlyArray<Float64Array> =>
  Array.from({ length: count }, (_, i) =>
    normals((size.contexts ?? 1) * size.arms, logitScales[i % logitScales.length]!, rng)
  )
