/**
 * @file A training job: everything an engine needs to train one policy with one loss, as JSON. The loss comes as its
 * program, so that no engine holds a loss formula. JSON keys are snake_case, the form that the engines share.
 *
 * What every engine makes of a job:
 * - tokens: the prompt is the end-of-text token and the prompt's text, an answer is its text, cut on its own, and the
 *   end-of-text token if it is complete. An answer's log-probability (nats) is the sum over all its tokens, `nw` and `nl`
 *   are their numbers; nothing is truncated.
 * - loss of a batch: the mean over pairs of the program's value at (lw, ll, rw, rl, nw, nl, s_w, s_l), plus `ce_weight`
 *   times the mean over pairs of `-lw / nw`.
 * - batches: update n takes the n-th `batch_size` pairs of shuffled passes over the data, one after the other. The order is
 *   the engine's own function of `seed` and n, so that a run can continue from a checkpoint.
 * - update: gradients scaled to a global norm of at most `clip`, then Adam (beta1 0.9, beta2 0.999, epsilon 1e-8, bias
 *   correction, decoupled weight decay times the learning rate). The rate rises linearly to `learning_rate` at update
 *   `warmup`, then falls by half a cosine to `final_rate` times that at the last one.
 * - before the first update the policy is the reference, so the loss must be the program's value at lw = rw, ll = rl, within
 *   rounding; a job for which it is not ends with `failed`, reason `step-zero`.
 */

import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeProgram, ProgramJson } from "../loss/codec.ts"
import type { Program } from "../loss/program.ts"
import { PreferencePair } from "./data.ts"
import { TorchSettings } from "./torchSettings.ts"

/** Version of the job format. */
export const JOB_VERSION = 1

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000_000 }))
const NonNegativeInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const withDefault = <S extends Schema.Top>(value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))

/** A loss program whose graph is sound, see {@link decodeProgram}. */
const LossProgram = ProgramJson.check(
  Schema.makeFilter((json) => {
    const decoded = decodeProgram(json)
    return Result.isFailure(decoded) ? `a loss program: ${decoded.failure.reason}` : undefined
  })
)

/** A loss as engines see it. */
export const LossSource = Schema.Struct({
  /** The text that names the loss, for people. */
  spec: Schema.NonEmptyString,
  program: LossProgram,
  /** Whether the loss reads per-token probabilities: implicit rewards are then reported per token. */
  lengthNormalised: Schema.Boolean.pipe(withDefault<typeof Schema.Boolean>(false)),
  /** Factor of the implicit rewards that are reported (the loss's beta). */
  rewardScale: Positive.pipe(withDefault<typeof Positive>(1))
}).pipe(Schema.encodeKeys({ lengthNormalised: "length_normalised", rewardScale: "reward_scale" }))

/** Pairs inline or as the path of a file of JSON lines. */
const Pairs = Schema.Union([Schema.NonEmptyString, Schema.NonEmptyArray(PreferencePair)])

/** Training pairs, and what evaluation uses. */
const DataSource = Schema.Struct({
  pairs: Pairs,
  heldOutPairs: Schema.optionalKey(Pairs),
  /** Prompts whose sampled completions are judged. */
  prompts: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString))
}).pipe(Schema.encodeKeys({ heldOutPairs: "held_out_pairs" }))

/** When and how the policy is evaluated: at step 0, every `every` steps and at the end. */
const Evaluation = Schema.Struct({
  every: Count,
  samplesPerPrompt: Count.pipe(withDefault<typeof Count>(1)),
  maxTokens: Count.pipe(withDefault<typeof Count>(24)),
  /** Who judges completions. */
  judge: Schema.Literal("afinn-165").pipe(withDefault<Schema.Literal<"afinn-165">>("afinn-165")),
  /** Seed of the sampling; equal seeds give every job the same random numbers. */
  seed: NonNegativeInt.pipe(withDefault<typeof NonNegativeInt>(0))
}).pipe(Schema.encodeKeys({ samplesPerPrompt: "samples_per_prompt", maxTokens: "max_tokens" }))

/** One training run. */
export const TrainingJob = Schema.Struct({
  version: Schema.Literal(JOB_VERSION),
  id: Schema.NonEmptyString,
  loss: LossSource,
  /**
   * What training starts from: a model folder, and for PyTorch also the id of a model of the Hugging Face hub or a `.gguf`
   * file.
   */
  model: Schema.NonEmptyString,
  /** The reference, in the same forms; the starting model if missing. */
  reference: Schema.optionalKey(Schema.NonEmptyString),
  data: DataSource,
  /** Updates. */
  steps: Count,
  /** Pairs per update. */
  batchSize: Count,
  learningRate: Positive,
  /** Updates over which the learning rate rises from 0. */
  warmup: NonNegativeInt.pipe(withDefault<typeof NonNegativeInt>(0)),
  /** Learning rate at the end over that after warm-up; 1 keeps it constant, less makes a cosine. */
  finalRate: NonNegative.pipe(withDefault<typeof NonNegative>(1)),
  /** Largest global gradient norm. */
  clip: Positive.pipe(withDefault<typeof Positive>(1)),
  weightDecay: NonNegative.pipe(withDefault<typeof NonNegative>(0)),
  /** Weight of the cross-entropy term: minus the chosen answer's log-probability per token. */
  ceWeight: NonNegative.pipe(withDefault<typeof NonNegative>(0)),
  /** Seed of the order of the data. */
  seed: NonNegativeInt,
  evaluation: Schema.optionalKey(Evaluation),
  /** Updates between checkpoints; only the end if missing. Needs `output`. */
  checkpointEvery: Schema.optionalKey(Count),
  /** Folder of events and checkpoints; without it nothing is written and nothing can be resumed. */
  output: Schema.optionalKey(Schema.NonEmptyString),
  /** Folder where reference log-probabilities are shared between jobs. */
  referenceCache: Schema.optionalKey(Schema.NonEmptyString),
  /** Settings of PyTorch; engines without it refuse them. */
  torch: Schema.optionalKey(TorchSettings)
}).pipe(
  Schema.encodeKeys({
    batchSize: "batch_size",
    learningRate: "learning_rate",
    finalRate: "final_rate",
    weightDecay: "weight_decay",
    ceWeight: "ce_weight",
    checkpointEvery: "checkpoint_every",
    referenceCache: "reference_cache"
  })
)
export type TrainingJob = typeof TrainingJob.Type

/** The program of a job: the graph was checked when the job was decoded. */
export const programOf = (job: TrainingJob): Program => job.loss.program as Program

/** Reads a job from JSON values of unknown origin, all problems at once, unknown keys refused. */
export const decodeJob = Schema.decodeUnknownResult(TrainingJob, { errors: "all", onExcessProperty: "error" })

/** The job as JSON values. */
export const encodeJob = Schema.encodeSync(TrainingJob)

/**
 * Names what the events of a job depend on (24 hex digits of SHA-256): the job without its folders, and the hashes of the
 * model and of the data they stand for.
 */
export const jobHash = (job: TrainingJob, inputs: ReadonlyArray<string>): string => {
  const { output: _output, referenceCache: _cache, model: _model, reference: _reference, ...rest } = job
  const { data, ...settings } = rest
  const text = JSON.stringify([settings, data.prompts ?? [], inputs])
  return createHash("sha256").update(text).digest("hex").slice(0, 24)
}
