/**
 * @file The service that trains: a job in, a stream of events out. Engines are its layers; callers never ask which one runs.
 */

import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { TrainEvent } from "./events.ts"
import type { TrainingJob } from "./job.ts"

/** The engine cannot run here: a package, a program or a device is missing. */
export class EngineUnavailable extends Schema.TaggedError<EngineUnavailable>()("EngineUnavailable", {
  message: Schema.String
}) {}

/** The job cannot be run by anyone, or not by this engine: a bad file, missing columns, inputs that the engine lacks. */
export class InvalidJob extends Schema.TaggedError<InvalidJob>()("InvalidJob", { message: Schema.String }) {}

/** Before the first update the training path did not give the loss program's value. */
export class StepZeroMismatch extends Schema.TaggedError<StepZeroMismatch>()("StepZeroMismatch", {
  message: Schema.String,
  rows: Schema.Array(Schema.Int)
}) {}

/** A loss or gradient was not a finite number, at update `step`, with these pairs in hand. */
export class NonFiniteLoss extends Schema.TaggedError<NonFiniteLoss>()("NonFiniteLoss", {
  message: Schema.String,
  step: Schema.Int,
  rows: Schema.Array(Schema.Int)
}) {}

/** The device or the process ran out of memory. */
export class OutOfMemory extends Schema.TaggedError<OutOfMemory>()("OutOfMemory", { message: Schema.String }) {}

/** The engine broke: a defect of ours or of a library, with its message. */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", { message: Schema.String }) {}

/** The process that would train could not be started. */
export class SpawnFailed extends Schema.TaggedError<SpawnFailed>()("SpawnFailed", { message: Schema.String }) {}

/** The process that trains said something that is no event. */
export class BadEvent extends Schema.TaggedError<BadEvent>()("BadEvent", { message: Schema.String }) {}

/** Somebody took the job out of the queue. */
export class JobCancelled extends Schema.TaggedError<JobCancelled>()("JobCancelled", { message: Schema.String }) {}

/** The job reached its time limit without being able to go on later. */
export class JobTimedOut extends Schema.TaggedError<JobTimedOut>()("JobTimedOut", { message: Schema.String }) {}

/** The job broke off without a word, more often than it may: its process was killed, its node failed, or nobody knows it. */
export class JobLost extends Schema.TaggedError<JobLost>()("JobLost", { message: Schema.String }) {}

/** The queue did not take the job: an unknown partition or account, or more than a limit allows. */
export class SubmissionRefused extends Schema.TaggedError<SubmissionRefused>()("SubmissionRefused", {
  message: Schema.String
}) {}

/** Why an engine stopped before the end. */
export const EngineReason = Schema.Union([
  EngineUnavailable,
  InvalidJob,
  StepZeroMismatch,
  NonFiniteLoss,
  OutOfMemory,
  JobFailed,
  SpawnFailed,
  BadEvent,
  JobCancelled,
  JobTimedOut,
  JobLost,
  SubmissionRefused
])
export type EngineReason = typeof EngineReason.Type

/** A job that did not finish. */
export class EngineError extends Schema.TaggedError<EngineError>()("EngineError", {
  engine: Schema.String,
  reason: EngineReason
}) {
  override get message(): string {
    return `engine ${this.engine}: ${this.reason.message}`
  }
}

/**
 * Trains policies. The stream ends after `finished`; after `failed` it fails with the reason as an {@link EngineError}.
 * Interrupting it stops the training, or leaves it to the queue it is in; with an output folder the same job continues later.
 * A second `started` makes void what came before it: a job went on from a checkpoint and did not repeat itself exactly.
 */
export class TrainingEngine extends Context.Service<
  TrainingEngine,
  { readonly train: (job: TrainingJob) => Stream.Stream<TrainEvent, EngineError> }
>()("losslattice/finetune/TrainingEngine") {
  /** An engine that repeats the given events for every job. */
  static readonly layerTest = (events: ReadonlyArray<TrainEvent>): Layer.Layer<TrainingEngine> =>
    Layer.succeed(TrainingEngine, TrainingEngine.of({ train: () => Stream.fromIterable(events) }))
}
