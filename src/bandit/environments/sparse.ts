/**
 * Sparse, noisy Bradley–Terry bandit with arms nobody ever compares: what does a loss do with the mass of answers it has
 * no data on? 40 arms, gold rewards N(0, 1), reference softmax of N(0, 1/4) logits, labels at temperature 1; the last 10
 * arms occur in no pair. Meant for sampled data (60 pairs in the published first look: most pairs of arms are missing).
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import type { Environment } from "../environment.ts"
import { makeBradleyTerry } from "./bradleyTerry.ts"
import { Arms, NonNegative, Positive } from "./options.ts"

/** Options, all but `kind` optional. */
export const SparseOptions = Schema.Struct({
  kind: Schema.Literal("sparse"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 40." }),
  unseen: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))).annotateKey({
    description: "Arms that occur in no pair. Default: a quarter of the arms."
  }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Label noise: Bradley–Terry temperature. Default 1."
  }),
  referenceScale: Schema.optionalKey(NonNegative).annotateKey({
    description: "Standard deviation of the reference logits. Default 0.5."
  }),
  behaviour: Schema.optionalKey(Schema.Literals(["uniform", "reference"])).annotateKey({
    description: "Who proposes the pairs among the seen arms. Default `reference`."
  }),
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
}).check(
  Schema.makeFilter((spec) =>
    (spec.unseen ?? 0) <= (spec.arms ?? 40) - 2
      ? undefined
      : { path: ["unseen"], issue: `unseen must leave two of ${spec.arms ?? 40} arms to compare` }
  )
)
export type SparseOptions = typeof SparseOptions.Type

const make = (spec: SparseOptions, rng: Rng): Environment => {
  const arms = spec.arms ?? 40
  const environment = makeBradleyTerry(
    {
      kind: "bradley-terry",
      arms,
      unseen: spec.unseen ?? Math.min(Math.floor(arms / 4), arms - 2),
      temperature: spec.temperature ?? 1,
      reference: "normal",
      referenceScale: spec.referenceScale ?? 0.5,
      behaviour: spec.behaviour ?? "reference",
      beta: spec.beta ?? 1
    },
    rng
  )
  return { ...environment, id: "sparse" }
}

export const sparseEnvironment = {
  id: "sparse",
  title: "Noisy, sparse comparisons with arms that occur in none",
  schema: SparseOptions,
  make
} as const
