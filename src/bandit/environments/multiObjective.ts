/**
 * Two objectives that pull apart, preferences by one of them (Zhou et al. 2023, MODPO, arXiv 2310.03708): `rewards.first` ~ N(0, 1)
 * and `rewards.second` = correlation · first + √(1 - correlation²) N(0, 1).
 *
 * Gold reward: weight · first + (1 - weight) · second. Optimum: π_ref exp(gold / beta), the point of the exact front
 * {(E first, E second)} that this weight picks. Labels are Bradley–Terry on the objective named by `labels`, which is why the
 * optimum of DPO is that of this objective alone; or a mixture of both judges. `rewards.margin` is the second objective as
 * somebody estimated it.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry, type PreferenceModel } from "../preferences.ts"
import { Arms, Contexts, Fraction, NonNegative, Positive, referenceFields } from "./options.ts"
import { drawnPolicy, normals, uniform } from "./tables.ts"

/** Options, all but `kind` optional. */
export const MultiObjectiveOptions = Schema.Struct({
  kind: Schema.Literal("multi-objective"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 32." }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  correlation: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))).annotateKey({
    description: "Of the two rewards. Default -0.8."
  }),
  weight: Schema.optionalKey(Fraction).annotateKey({
    description: "Weight of the first objective in the gold reward. Default 0.5."
  }),
  labels: Schema.optionalKey(Schema.Literals(["first", "second", "gold", "mixture"])).annotateKey({
    description:
      "The reward by which answers are compared (default `first`); `mixture`: by the first with probability `weight`, else by the second, which is what mixing two losses or two data sets does."
  }),
  marginNoise: Schema.optionalKey(NonNegative).annotateKey({
    description:
      "Standard deviation of the error in `rewards.margin`, the second objective as somebody estimated it. Default 0."
  }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Of Bradley–Terry; 0 makes labels deterministic. Default 1."
  }),
  behaviour: Schema.optionalKey(Schema.Literals(["uniform", "reference"])).annotateKey({
    description: "Who proposes the pairs. Default `uniform`."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})
export type MultiObjectiveOptions = typeof MultiObjectiveOptions.Type

/** One judge with probability `weight`, else the other. */
const mixed = (one: PreferenceModel, other: PreferenceModel, weight: number): PreferenceModel => ({
  probability: (context, a, b) =>
    weight * one.probability(context, a, b) + (1 - weight) * other.probability(context, a, b)
})

const make = (spec: MultiObjectiveOptions, rng: Rng): Environment => {
  const [contexts, arms, correlation, weight] = [
    spec.contexts ?? 1,
    spec.arms ?? 32,
    spec.correlation ?? -0.8,
    spec.weight ?? 0.5
  ]
  const first = normals(contexts * arms, 1, rng.split("first"))
  const own = normals(contexts * arms, Math.sqrt(1 - correlation ** 2), rng.split("second"))
  const second = first.map((r, i) => correlation * r + own[i]!)
  const reward = first.map((r, i) => weight * r + (1 - weight) * second[i]!)
  const reference = drawnPolicy(
    spec.reference ?? "uniform",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  const behaviour = spec.behaviour === "reference" ? reference : uniform(contexts, arms)
  const margin = normals(contexts * arms, spec.marginNoise ?? 0, rng.split("margin")).map((e, i) => second[i]! + e)
  const temperature = spec.temperature ?? 1
  const by = (table: Float64Array) => bradleyTerry(table, arms, temperature)
  const labels = spec.labels ?? "first"
  const preference =
    labels === "mixture" ? mixed(by(first), by(second), weight) : by({ first, second, gold: reward }[labels])
  return checkedEnvironment({
    id: "multi-objective",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference,
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: false },
    beta: spec.beta ?? 1,
    rewards: { first, second, margin },
    objectives: ["first", "second"]
  })
}

export const multiObjectiveEnvironment = {
  id: "multi-objective",
  title: "Two objectives that pull apart, preferences by one",
  schema: MultiObjectiveOptions,
  make
} as const
