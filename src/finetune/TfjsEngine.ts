/**
 * @file The embedded engine as a layer: tfjs in this process, on the wasm backend or on `@tensorflow/tfjs-node-gpu`.
 */

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { FailedEvent, FailureReason, TrainEvent } from "./events.ts"
import type { TrainingJob } from "./job.ts"
import {
  EngineError,
  type EngineReason,
  EngineUnavailable,
  InvalidJob,
  JobFailed,
  NonFiniteLoss,
  OutOfMemory,
  StepZeroMismatch,
  TrainingEngine
} from "./TrainingEngine.ts"
import type { EngineId } from "./tfjs/backend.ts"
import { type RunOptions, runTfjsJob } from "./tfjs/train.ts"

/** The typed reason of each kind of failure event: total, so that a new kind must be given one. */
const reasons = {
  "invalid-input": ({ message }) => new InvalidJob({ message }),
  "unsupported-loss": ({ message }) => new InvalidJob({ message }),
  "engine-unavailable": ({ message }) => new EngineUnavailable({ message }),
  "step-zero": ({ message, rows }) => new StepZeroMismatch({ message, rows }),
  "non-finite-loss": ({ message, step, rows }) => new NonFiniteLoss({ message, step, rows }),
  "non-finite-gradient": ({ message, step, rows }) => new NonFiniteLoss({ message, step, rows }),
  "out-of-memory": ({ message }) => new OutOfMemory({ message }),
  "engine-failed": ({ message }) => new JobFailed({ message })
} satisfies Record<FailureReason, (event: FailedEvent) => EngineReason>

/** The reason that a failure event stands for. */
export const reasonOf = (event: FailedEvent): EngineReason => reasons[event.reason](event)

/** The event itself, and after `failed` the error. */
const checked = (engine: string, event: TrainEvent): Stream.Stream<TrainEvent, EngineError> =>
  event.event === "failed"
    ? Stream.concat(Stream.succeed(event), Stream.fail(new EngineError({ engine, reason: reasonOf(event) })))
    : Stream.succeed(event)

const train =
  (engine: EngineId, options: Omit<RunOptions, "engine">) =>
  (job: TrainingJob): Stream.Stream<TrainEvent, EngineError> =>
    Stream.suspend(() =>
      Stream.fromAsyncIterable(runTfjsJob(job, { ...options, engine }), (cause) => {
        const message = cause instanceof Error ? cause.message : String(cause)
        return new EngineError({ engine, reason: new JobFailed({ message }) })
      })
    ).pipe(Stream.flatMap((event) => checked(engine, event)))

/** The embedded engine; nothing starts before the first job. */
export const layer = (
  engine: EngineId = "tfjs-wasm",
  options: Omit<RunOptions, "engine"> = {}
): Layer.Layer<TrainingEngine> =>
  Layer.effect(TrainingEngine, Effect.succeed(TrainingEngine.of({ train: train(engine, options) })))
