/** @file From failure events to the typed reasons of engine errors, for every engine alike. */

import * as Stream from "effect/Stream"
import type { FailedEvent, FailureReason, TrainEvent } from "./events.ts"
import {
  EngineError,
  type EngineReason,
  EngineUnavailable,
  InvalidJob,
  JobFailed,
  NonFiniteLoss,
  OutOfMemory,
  StepZeroMismatch
} from "./TrainingEngine.ts"

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
export const orFailure = (engine: string, event: TrainEvent): Stream.Stream<TrainEvent, EngineError> =>
  event.event === "failed"
    ? Stream.concat(Stream.succeed(event), Stream.fail(new EngineError({ engine, reason: reasonOf(event) })))
    : Stream.succeed(event)
