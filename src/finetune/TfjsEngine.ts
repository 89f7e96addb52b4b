/**
 * @file The embedded engine as a layer: tfjs in this process, on the wasm backend or on `@tensorflow/tfjs-node-gpu`.
 */

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { orFailure } from "./engineReason.ts"
import type { TrainEvent } from "./events.ts"
import type { TrainingJob } from "./job.ts"
import { EngineError, JobFailed, TrainingEngine } from "./TrainingEngine.ts"
import type { EngineId } from "./tfjs/backend.ts"
import { type RunOptions, runTfjsJob } from "./tfjs/train.ts"

const train =
  (engine: EngineId, options: Omit<RunOptions, "engine">) =>
  (job: TrainingJob): Stream.Stream<TrainEvent, EngineError> =>
    Stream.suspend(() =>
      Stream.fromAsyncIterable(runTfjsJob(job, { ...options, engine }), (cause) => {
        const message = cause instanceof Error ? cause.message : String(cause)
        return new EngineError({ engine, reason: new JobFailed({ message }) })
      })
    ).pipe(Stream.flatMap((event) => orFailure(engine, event)))

/** The embedded engine; nothing starts before the first job. */
export const layer = (
  engine: EngineId = "tfjs-wasm",
  options: Omit<RunOptions, "engine"> = {}
): Layer.Layer<TrainingEngine> =>
  Layer.effect(TrainingEngine, Effect.succeed(TrainingEngine.of({ train: train(engine, options) })))
