/**
 * A reward table for exact order statistics (Balashankar et al. 2024, InfAlign, arXiv 2412.19792): 200 answers of gold reward
 * N(0, 1), no two of a context equal, so that ranks, quantiles and the best of n draws have one meaning each. Over the uniform
 * reference the answer of rank k (from below, of K) is the best of n with probability (k/K)^n - ((k-1)/K)^n.
 *
 * Pairs: y, y' ~ π_ref, Bradley–Terry labels. Optimum without any procedure at inference: π_ref exp(R / beta).
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Arms, Contexts, NonNegative, Positive, referenceFields } from "./options.ts"
import { distinctNormals, drawnPolicy, uniform } from "./tables.ts"

/** Options, all but `kind` optional. The reference is "uniform" unless given. */
export const BestOfNOptions = Schema.Struct({
  kind: Schema.Literal("best-of-n"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 200." }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Of Bradley–Terry; 0 makes labels deterministic. Default 1."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})
export type BestOfNOptions = typeof BestOfNOptions.Type

const make = (spec: BestOfNOptions, rng: Rng): Environment => {
  const [contexts, arms] = [spec.contexts ?? 1, spec.arms ?? 200]
  const reward = distinctNormals(contexts, arms, rng.split("rewards"))
  const reference = drawnPolicy(
    spec.reference ?? "uniform",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  return checkedEnvironment({
    id: "best-of-n",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: bradleyTerry(reward, arms, spec.temperature ?? 1),
    comparisons: { kind: "product", first: reference, second: reference, identical: false },
    beta: spec.beta ?? 1
  })
}

export const bestOfNEnvironment = {
  id: "best-of-n",
  title: "Rewards without ties, for exact order statistics",
  schema: BestOfNOptions,
  make
} as const
