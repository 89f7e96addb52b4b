/**
 * @file What a training engine reports, one JSON line per event, the same from every engine. Events hold no clock times,
 * hosts or paths: an interrupted and resumed run writes the same bytes as one that was not. Metric names are TRL's where
 * TRL has the quantity. JSON keys are snake_case.
 */

import * as Schema from "effect/Schema"

/** Version of the event format. */
export const EVENT_VERSION = 1

/** Numbers by name; a metric that does not apply is left out, never null. All log-probabilities in nats. */
export const Metrics = Schema.Record(Schema.String, Schema.Finite)
export type Metrics = typeof Metrics.Type

/** Why training stopped early; `engine-failed` is a defect of the engine or of a library. */
export const failureReasons = [
  "invalid-input",
  "engine-unavailable",
  "unsupported-loss",
  "step-zero",
  "non-finite-loss",
  "non-finite-gradient",
  "out-of-memory",
  "engine-failed"
] as const
export type FailureReason = (typeof failureReasons)[number]

const common = { version: Schema.Literal(EVENT_VERSION), job: Schema.String }
const Step = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** The first event: what is trained on what. Hashes are hex digests. */
const Started = Schema.Struct({
  ...common,
  event: Schema.Literal("started"),
  jobHash: Schema.String,
  loss: Schema.String,
  parameters: Schema.Int,
  pairs: Schema.Int,
  heldOutPairs: Schema.Int,
  modelHash: Schema.String,
  /** The step-0 check: loss of the first batch, and the loss program's value with the policy equal to the reference. */
  stepZeroLoss: Schema.Finite,
  stepZeroExpected: Schema.Finite
}).pipe(
  Schema.encodeKeys({
    jobHash: "job_hash",
    heldOutPairs: "held_out_pairs",
    modelHash: "model_hash",
    stepZeroLoss: "step_zero_loss",
    stepZeroExpected: "step_zero_expected"
  })
)

/** One update, counted from 1: metrics of its batch before the update. */
const StepEvent = Schema.Struct({ ...common, event: Schema.Literal("step"), step: Step, metrics: Metrics })

/** A sampled completion, for readers. */
export const SampleText = Schema.Struct({ prompt: Schema.String, completion: Schema.String, reward: Schema.Finite })
export type SampleText = typeof SampleText.Type

/**
 * Metrics on held-out prompts and pairs after `step` updates. `samples` are a few for readers; `rewards` the gold rewards of
 * all sampled completions, those of a prompt side by side, so that two runs can be compared prompt by prompt.
 */
const Evaluation = Schema.Struct({
  ...common,
  event: Schema.Literal("evaluation"),
  step: Step,
  metrics: Metrics,
  samples: Schema.Array(SampleText),
  rewards: Schema.optionalKey(Schema.Array(Schema.Finite))
})

/** A checkpoint of `step` updates was written; `file` is relative to the job's output folder. */
const Checkpoint = Schema.Struct({ ...common, event: Schema.Literal("checkpoint"), step: Step, file: Schema.String })

/** The last event of a run that did all its updates. */
const Finished = Schema.Struct({ ...common, event: Schema.Literal("finished"), step: Step })

/** The last event of a run that stopped: at which update (0: before the first), why, and which pairs (from 0) were in hand. */
const Failed = Schema.Struct({
  ...common,
  event: Schema.Literal("failed"),
  step: Step,
  reason: Schema.Literals(failureReasons),
  message: Schema.String,
  rows: Schema.Array(Schema.Int)
})

/** Any event; `event` tells which. */
export const TrainEvent = Schema.Union([Started, StepEvent, Evaluation, Checkpoint, Finished, Failed])
export type TrainEvent = typeof TrainEvent.Type

/** The failure event's content. */
export type FailedEvent = typeof Failed.Type

const encodeEvent = Schema.encodeSync(TrainEvent)

/** One event as a line of JSON, newline included. */
export const eventLine = (event: TrainEvent): string => `${JSON.stringify(encodeEvent(event))}\n`

/** Reads one line; the failure's message names the key. */
export const decodeEvent = Schema.decodeUnknownResult(Schema.fromJsonString(TrainEvent), { errors: "all" })
