/**
 * @file Where a run begins: anew, from its checkpoint, or not at all because an earlier run finished it.
 */

import { join } from "node:path"
import * as Result from "effect/Result"
import { EVENTS_FILE, type EventLog } from "../EventLog.ts"
import type { TrainEvent } from "../events.ts"
import { CHECKPOINT_FILE, type Progress, readCheckpoint, restoreState } from "./checkpoint.ts"
import { uploadParameters } from "./model.ts"
import { type OptimizerState, startOptimizer } from "./optimizer.ts"
import { type PreparedJob, TrainFailure } from "./prepare.ts"

/** A run's first state, and the events that an earlier run left; the state's tensors are the holder's to dispose. */
export type Beginning =
  | { readonly kind: "new"; readonly state: OptimizerState }
  | {
      readonly kind: "resumed"
      readonly state: OptimizerState
      readonly progress: Progress
      readonly events: ReadonlyArray<TrainEvent>
    }
  | { readonly kind: "finished"; readonly events: ReadonlyArray<TrainEvent> }

const startFresh = (prepared: PreparedJob, log: EventLog): Beginning => {
  log.keep(0)
  const { backend, start } = prepared
  return {
    kind: "new",
    state: startOptimizer(backend, uploadParameters(backend.tf, start.config, start.arrays))
  }
}

/**
 * Finds out where to begin, and cuts the event file back to there. A folder with another job's results is refused. Where the
 * events up to the checkpoint are not all there, the run begins anew: it ends with the same bytes, only later.
 */
export const beginRun = (prepared: PreparedJob, log: EventLog): Result.Result<Beginning, TrainFailure> => {
  const { job, hash, backend, start } = prepared
  const fail = (detail: string) => Result.fail(new TrainFailure({ reason: "invalid-input", detail, step: 0, rows: [] }))
  if (job.output === undefined) return Result.succeed(startFresh(prepared, log))
  const events = log.earlier()
  if (events === undefined)
    return fail(`${job.output}/${EVENTS_FILE} holds no events of this version; it is left alone`)
  const first = events[0]
  const foreign = `${job.output} holds the results of another job; choose another output folder`
  if (first?.event === "started" && first.jobHash !== hash) return fail(foreign)
  if (events.at(-1)?.event === "finished") return Result.succeed({ kind: "finished", events })
  const checkpoint = readCheckpoint(join(job.output, CHECKPOINT_FILE))
  if (Result.isFailure(checkpoint)) return fail(`${job.output}/${CHECKPOINT_FILE}: ${checkpoint.failure.reason}`)
  if (checkpoint.success === undefined) return Result.succeed(startFresh(prepared, log))
  if (checkpoint.success.jobHash !== hash) return fail(foreign)
  const { progress } = checkpoint.success
  const kept = log.keep(progress.eventBytes)
  if (kept === undefined) return Result.succeed(startFresh(prepared, log))
  const state = restoreState(backend, start.config, checkpoint.success)
  return Result.succeed({ kind: "resumed", state, progress, events: kept })
}
