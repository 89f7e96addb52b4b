/**
 * Likelihood displacement (Razin et al. 2024, arXiv 2410.08847): six responses, logits = W h with W and h both trained.
 * One pair, "+" (arm 0) over "-" (arm 1); the response "Yes" (arm 2) means the opposite of what is wanted.
 * W(+) = (10, 0, 0), W(-) = (10, b, 0), W(Yes) = (9, -20, 0), other responses N(0, 1), h = (0.3, 0, 0); the reference is
 * the policy at the start. Razin et al.: with both W and h trained, the responses that gain most when "+" is pushed above
 * "-" are those with the largest ⟨W_z, W(+) - W(-)⟩ = 20 b for Yes: for b > 0 the mass goes there. Use the linear policy.
 *
 * Gold reward, a choice of ours: 1 for "+", 0.5 for "-", -1 for "Yes", 0 for the rest.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Positive } from "./options.ts"
import { normaliseRowsInPlace } from "./tables.ts"

/** `b` (default 1) sets the sign of the alignment; `beta`, the weight of the KL term in J, is 1 unless given. */
export const LowRankOptions = Schema.Struct({
  kind: Schema.Literal("low-rank"),
  b: Schema.optionalKey(Schema.Finite),
  beta: Schema.optionalKey(Positive)
})
export type LowRankOptions = typeof LowRankOptions.Type

const arms = 6
const dimension = 3

const make = (spec: LowRankOptions, rng: Rng): Environment => {
  const weights = new Float64Array(arms * dimension)
  weights.set([10, 0, 0, 10, spec.b ?? 1, 0, 9, -20, 0])
  for (let i = 9; i < weights.length; i++) weights[i] = rng.normal()
  const hidden = Float64Array.of(0.3, 0, 0)
  const reference = Float64Array.from({ length: arms }, (_, y) => Math.exp(weights[y * dimension]! * hidden[0]!))
  const reward = Float64Array.of(1, 0.5, -1, 0, 0, 0)
  const probability = new Float64Array(arms * arms)
  probability[1] = 1
  return checkedEnvironment({
    id: "low-rank",
    contexts: 1,
    arms,
    reward,
    reference: normaliseRowsInPlace(reference, arms),
    contextWeights: Float64Array.of(1),
    preference: bradleyTerry(reward, arms, 0),
    comparisons: { kind: "table", probability },
    beta: spec.beta ?? 1,
    features: { dimension, weights, hidden }
  })
}

export const lowRankEnvironment = {
  id: "low-rank",
  title: "Likelihood displacement under shared low-rank features",
  schema: LowRankOptions,
  make
} as const
