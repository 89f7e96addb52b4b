/** @file The section `surfaces` of a study file: landscapes in policy space. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { EnvironmentSpec } from "../bandit/environments/registry.ts"
import { PolicySpec } from "../bandit/policySpec.ts"
import { referenceModels } from "../finetune/referenceModels.ts"
import { surfaceProgram } from "../surface/surface.ts"
import { defaulted, distinct, NonNegative, Seeds } from "./fields.ts"
import { DataConfig } from "./finetuneStudy.ts"
import { LossName } from "./lossName.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A LOSS that is a smooth or kinked function of a pair's scalars. */
const SurfaceLoss = LossName.check(
  Schema.makeFilter((loss) => {
    const program = surfaceProgram(loss)
    return Result.isFailure(program) ? program.failure.message : undefined
  })
).annotate({ identifier: "SurfaceLoss" })

const Losses = distinct(SurfaceLoss)

/**
 * Three-armed worlds, whole: `grid` divisions of the triangle for values, `starts` for flows; angles between fields over
 * `points` policies and shares of `draws` random starts, for every seed.
 */
const SimplexSection = Schema.Struct({
  worlds: Schema.Record(Schema.String, EnvironmentSpec).annotateKey({ description: "Three-armed worlds by name." }),
  losses: Losses.annotateKey({ description: "Losses whose landscapes are drawn." }),
  grid: defaulted(between(2, 200), 40).annotateKey({ description: "Divisions of a side of the triangle, for values." }),
  starts: defaulted(between(1, 60), 12).annotateKey({ description: "Starts of flows." }),
  points: defaulted(between(1, 100_000), 400).annotateKey({
    description: "Policies over which angles between fields are taken."
  }),
  draws: defaulted(between(0, 10_000), 60).annotateKey({
    description: "Random starts, for every seed, whose ends are counted."
  })
})

/** Three losses whose trained policies span a plane. */
const Triple = Schema.Tuple([SurfaceLoss, SurfaceLoss, SurfaceLoss])

/** Policies trained with each loss, seed by seed: sharpness at their ends, slices around them, paths between them. */
export const PolicySurfaces = Schema.Struct({
  environment: EnvironmentSpec.annotateKey({ description: "The world." }),
  policy: PolicySpec.annotateKey({ description: "What is trained." }),
  losses: Losses.annotateKey({ description: "Losses whose landscapes are drawn." }),
  learningRate: defaulted(Schema.Finite.check(Schema.isGreaterThan(0)), 0.05).annotateKey({
    description: "Of every update."
  }),
  steps: defaulted(between(1, 1_000_000), 1000).annotateKey({ description: "Updates." }),
  eigenvalues: defaulted(between(1, 50), 5).annotateKey({
    description: "Eigenvalues of the Hessian at the ends: so many of the largest and of the smallest."
  }),
  probes: defaulted(between(2, 10_000), 30).annotateKey({
    description: "Random directions for the trace of the Hessian."
  }),
  connect: defaulted(Schema.Array(SurfaceLoss), []).annotateKey({
    description: "Losses between whose policies paths are drawn, each pair of them."
  }),
  pathPoints: defaulted(between(3, 1001), 41).annotateKey({ description: "Points of a path." }),
  startNoise: defaulted(NonNegative, 1).annotateKey({
    description:
      "Standard deviation of what is added to the parameters of two more starts of each of those losses; 0: no more starts."
  }),
  slice: defaulted(between(0, 200), 33).annotateKey({
    description: "Values along a side of a slice, which is drawn for the first seed; 0: none."
  }),
  plane: Schema.optionalKey(Triple).annotateKey({ description: "Three losses whose trained policies span a plane." })
})
export type PolicySurfaces = typeof PolicySurfaces.Type

/**
 * The embedded language model finetuned with each loss, seed by seed: the same questions of it. The surface is the mean loss of
 * the first `pairs` training pairs; Hessian products are differences of gradients, so `products` of them are counted, not exact.
 */
export const LanguageSurfaces = Schema.Struct({
  model: defaulted(Schema.Literals(referenceModels), "sotu-0.2m").annotateKey({
    description: "A model of the package."
  }),
  data: DataConfig.annotateKey({ description: "How the preference data is drawn from the model." }),
  lengthNormalised: defaulted(Schema.Boolean, true).annotateKey({
    description: "Whether bare structures read per-token probabilities, as in finetuning."
  }),
  losses: Losses.annotateKey({ description: "Losses whose landscapes are drawn." }),
  steps: between(1, 100_000).annotateKey({ description: "Updates." }),
  batchSize: between(1, 1000).annotateKey({ description: "Pairs of an update." }),
  learningRate: Schema.Finite.check(Schema.isGreaterThan(0)).annotateKey({
    description: "Learning rate at its height."
  }),
  pairs: defaulted(between(1, 1000), 24).annotateKey({
    description: "Training pairs, the first ones, whose mean loss is the surface."
  }),
  eigenvalues: defaulted(between(1, 20), 3).annotateKey({
    description: "Eigenvalues of the Hessian at the ends: so many of the largest and of the smallest."
  }),
  products: defaulted(between(3, 500), 15).annotateKey({
    description: "Hessian products, which are differences of gradients here, for one spectrum."
  }),
  probes: defaulted(between(2, 1000), 6).annotateKey({
    description: "Random directions for the trace of the Hessian."
  }),
  connect: defaulted(Schema.Array(SurfaceLoss), []).annotateKey({
    description: "Losses between whose models paths are drawn, each pair of them."
  }),
  pathPoints: defaulted(between(3, 201), 11).annotateKey({ description: "Points of a path." }),
  slice: defaulted(between(0, 100), 11).annotateKey({
    description: "Values along a side of a slice, which is drawn for the first seed; 0: none."
  }),
  reach: defaulted(Schema.Finite.check(Schema.isGreaterThan(0)), 0.5).annotateKey({
    description: "How far a slice goes to each side, in units of the parameters' own size."
  }),
  plane: Schema.optionalKey(Triple).annotateKey({ description: "Three losses whose trained policies span a plane." })
})
export type LanguageSurfaces = typeof LanguageSurfaces.Type

/** Losses that a part names but does not train. */
const untrained = ({ losses, connect, plane }: Pick<PolicySurfaces, "losses" | "connect" | "plane">) => {
  const known = new Set<string>(losses)
  const issue = (loss: string) => `${JSON.stringify(loss)} is not among the losses that are trained`
  return [
    ...connect.flatMap((loss, i) => (known.has(loss) ? [] : [{ path: ["connect", i], issue: issue(loss) }])),
    ...(plane ?? []).flatMap((loss, i) => (known.has(loss) ? [] : [{ path: ["plane", i], issue: issue(loss) }]))
  ]
}

/** `simplex`: three-armed worlds; `policies`: other worlds and policies, by name; `language`: finetuned models, by name. Seeds default to the study's. */
export const SurfacesConfig = Schema.Struct({
  seeds: Schema.optionalKey(Seeds).annotateKey({ description: "Default: the study's seeds." }),
  simplex: Schema.optionalKey(SimplexSection).annotateKey({ description: "Three-armed worlds, whole." }),
  policies: defaulted(Schema.Record(Schema.String, PolicySurfaces.check(Schema.makeFilter(untrained))), {}).annotateKey(
    { description: "Other worlds and policies by name, trained with each loss." }
  ),
  language: defaulted(
    Schema.Record(Schema.String, LanguageSurfaces.check(Schema.makeFilter(untrained))),
    {}
  ).annotateKey({ description: "Finetuned language models by name: the same questions of them." })
})
export type SurfacesConfig = typeof SurfacesConfig.Type
