/** The specification of one bandit cell: plain JSON, decoded with every problem reported at once. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWhole, findingText } from "../loss/schemaFindings.ts"
import { Coverage, Fraction, NonNegative, Positive } from "./environments/options.ts"
import { EnvironmentSpec } from "./environments/registry.ts"
import { BanditSpecError } from "./errors.ts"
import { PolicySpec } from "./policySpec.ts"
import { RegimeSpec } from "./regimes/registry.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000_000 }))
const Index = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const dataFields = {
  coverage: Schema.optionalKey(Coverage).annotateKey({
    description: "Which arms may occur in the data: a list, or a share of each context's arms. Default: all."
  }),
  noise: Schema.optionalKey(Fraction).annotateKey({ description: "Share of flipped labels." }),
  scores: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "Which of the environment's further reward tables the losses read as scores. Default: the gold reward."
  }),
  arrival: Schema.optionalKey(Schema.Literals(["together", "in-order"])).annotateKey({
    description:
      "Whether the environment's domains come together (default) or one after the other, each for an equal part of the steps."
  }),
  fixed: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite)).annotateKey({
    description:
      "Statistics of the batch (`delta`, `kl`, …) that stay at a number instead: `{delta: 0}` is BCO without its shift."
  }),
  mask: Schema.optionalKey(Schema.Boolean).annotateKey({
    description:
      "Log-probabilities over the true tokens of chosen and the false ones of rejected responses only. Default false."
  }),
  perToken: Schema.optionalKey(Schema.Boolean).annotateKey({
    description: "Log-probabilities as means per token. Default false."
  })
}

/** `exact`: expectation over all pairs. `sampled`: a data set of `pairs` draws. */
export const DataSpec = Schema.Union([
  Schema.Struct({ mode: Schema.Literal("exact"), ...dataFields }),
  Schema.Struct({
    mode: Schema.Literal("sampled"),
    pairs: Count.annotateKey({ description: "Size of the data set." }),
    ...dataFields
  })
]).annotate({ identifier: "BanditData" })
export type DataSpec = typeof DataSpec.Type

/**
 * Full batch unless `batchSize` is given; then pairs are drawn with replacement, or in shuffled passes over the data set
 * (`batching: "epochs"`, sampled data only).
 */
export const OptimizerSpec = Schema.Struct({
  kind: Schema.Literals(["adam", "gd"]).annotateKey({ description: "Adam, or plain gradient descent." }),
  learningRate: Positive.annotateKey({ description: "Of every update." }),
  batchSize: Schema.optionalKey(Count).annotateKey({ description: "Pairs of an update. Default: all." }),
  batching: Schema.optionalKey(Schema.Literals(["replacement", "epochs"])).annotateKey({
    description:
      "Pairs are drawn with replacement (default), or in shuffled passes over the data set (sampled data only)."
  })
})
export type OptimizerSpec = typeof OptimizerSpec.Type

const fields = Schema.Struct({
  loss: Schema.NonEmptyString.annotateKey({
    description:
      "A LOSS (`dpo?beta=0.5`, `rows:TF,TT/FT`, …) or a method (`pg?baseline=none`, `mwu`, …), see methods/registry.ts."
  }),
  reference: Schema.optionalKey(Schema.Boolean).annotateKey({
    description: "Adds the reference to a loss without one (`reference=true` of LOSS)."
  }),
  ceWeight: Schema.optionalKey(NonNegative).annotateKey({
    description: "Weight of the cross-entropy term -log π(chosen). Default 0."
  }),
  environment: EnvironmentSpec,
  data: DataSpec,
  regime: Schema.optionalKey(RegimeSpec).annotateKey({ description: "Default offline." }),
  policy: Schema.optionalKey(PolicySpec).annotateKey({ description: "Default tabular." }),
  optimizer: OptimizerSpec,
  steps: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000 })).annotateKey({
    description: "Updates."
  }),
  checkpoints: Schema.Union([Count, Schema.Array(Index)]).annotateKey({
    description: "Steps to record, or how many evenly spaced ones; step 0 and the last are always recorded."
  }),
  seed: Index.annotateKey({
    description:
      "Environment, data and batches draw from independent streams of this seed; losses of one seed share all three."
  }),
  klLevels: Schema.optionalKey(Schema.Array(Positive)).annotateKey({
    description: "KL levels (nats) at which `klMatched` compares gold reward. Default 0.05, 0.1, 0.25, 0.5, 1."
  })
})

/** One cell of a bandit study. */
export const BanditCellSpec = fields.check(
  Schema.makeFilter((spec) => {
    const { batchSize, batching } = spec.optimizer
    const path = ["optimizer", "batching"]
    const late = typeof spec.checkpoints === "number" ? [] : spec.checkpoints.filter((step) => step > spec.steps)
    return [
      ...(batching !== undefined && batchSize === undefined ? [{ path, issue: "batching needs a batchSize" }] : []),
      ...(batching === "epochs" && spec.data.mode === "exact" ? [{ path, issue: "epochs need sampled data" }] : []),
      ...late.map((step) => ({
        path: ["checkpoints"],
        issue: `checkpoint ${step} is after the last step ${spec.steps}`
      }))
    ]
  })
)
export type BanditCellSpec = typeof BanditCellSpec.Type

/** Checks a value of unknown origin; the error lists every problem with its path. */
export const decodeBanditCell = (input: unknown): Result.Result<BanditCellSpec, BanditSpecError> =>
  Result.mapError(
    decodeWhole(BanditCellSpec, input),
    (findings) => new BanditSpecError({ issues: findings.map(findingText) })
  )

/** The steps of a trajectory: ascending, without repeats, 0 and `steps` among them. */
export const checkpointSteps = (checkpoints: number | ReadonlyArray<number>, steps: number): ReadonlyArray<number> => {
  const wanted =
    typeof checkpoints === "number"
      ? Array.from({ length: checkpoints }, (_, i) => Math.round(((i + 1) * steps) / checkpoints))
      : checkpoints
  return [...new Set([0, ...wanted, steps])].sort((a, b) => a - b)
}
