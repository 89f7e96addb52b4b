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
)

const Losses = distinct(SurfaceLoss)

/**
 * Three-armed worlds, whole: `grid` divisions of the triangle for values, `starts` for flows; angles between fields over
 * `points` policies and shares of `draws` random starts, for every seed.
 */
const SimplexSection = Schema.Struct({
  worlds: Schema.Record(Schema.String, EnvironmentSpec),
  losses: Losses,
  grid: defaulted(between(2, 200), 40),
  starts: defaulted(between(1, 60), 12),
  points: defaulted(between(1, 100_000), 400),
  draws: defaulted(between(0, 10_000), 60)
})

/** Three losses whose trained policies span a plane. */
const Triple = Schema.Tuple([SurfaceLoss, SurfaceLoss, SurfaceLoss])

/** Policies trained with each loss, seed by seed: sharpness at their ends, slices around them, paths between them. */
export const PolicySurfaces = Schema.Struct({
  environment: EnvironmentSpec,
  policy: PolicySpec,
  losses: Losses,
  learningRate: defaulted(Schema.Finite.check(Schema.isGreaterThan(0)), 0.05),
  steps: defaulted(between(1, 1_000_000), 1000),
  eigenvalues: defaulted(between(1, 50), 5),
  probes: defaulted(between(2, 10_000), 30),
  /** Losses between whose policies paths are drawn, each pair of them. */
  connect: defaulted(Schema.Array(SurfaceLoss), []),
  pathPoints: defaulted(between(3, 1001), 41),
  /** Standard deviation of what is added to the parameters of two more starts of each of those losses; 0: no more starts. */
  startNoise: defaulted(NonNegative, 1),
  /** Values along a side of a slice, which is drawn for the first seed; 0: none. */
  slice: defaulted(between(0, 200), 33),
  plane: Schema.optionalKey(Triple)
})
export type PolicySurfaces = typeof PolicySurfaces.Type

/**
 * The embedded language model finetuned with each loss, seed by seed: the same questions of it. The surface is the mean loss of
 * the first `pairs` training pairs; Hessian products are differences of gradients, so `products` of them are counted, not exact.
 */
export const LanguageSurfaces = Schema.Struct({
  model: defaulted(Schema.Literals(referenceModels), "sotu-0.2m"),
  data: DataConfig,
  /** Whether bare structures read per-token probabilities, as in finetuning. */
  lengthNormalised: defaulted(Schema.Boolean, true),
  losses: Losses,
  steps: between(1, 100_000),
  batchSize: between(1, 1000),
  learningRate: Schema.Finite.check(Schema.isGreaterThan(0)),
  pairs: defaulted(between(1, 1000), 24),
  eigenvalues: defaulted(between(1, 20), 3),
  products: defaulted(between(3, 500), 15),
  probes: defaulted(between(2, 1000), 6),
  connect: defaulted(Schema.Array(SurfaceLoss), []),
  pathPoints: defaulted(between(3, 201), 11),
  /** Values along a side of a slice, which is drawn for the first seed; 0: none. */
  slice: defaulted(between(0, 100), 11),
  /** How far a slice goes to each side, in units of the parameters' own size. */
  reach: defaulted(Schema.Finite.check(Schema.isGreaterThan(0)), 0.5),
  plane: Schema.optionalKey(Triple)
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
  seeds: Schema.optionalKey(Seeds),
  simplex: Schema.optionalKey(SimplexSection),
  policies: defaulted(Schema.Record(Schema.String, PolicySurfaces.check(Schema.makeFilter(untrained))), {}),
  language: defaulted(Schema.Record(Schema.String, LanguageSurfaces.check(Schema.makeFilter(untrained))), {})
})
export type SurfacesConfig = typeof SurfacesConfig.Type
