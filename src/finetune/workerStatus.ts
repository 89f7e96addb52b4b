/** @file What a worker says of itself: `status.json` in its job's folder, written by python/losslattice_worker/status.py. */

import { join } from "node:path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { textIfThere, workerFiles } from "./workerFolder.ts"

/** The file. `updated`: an ISO time, by the clock of the worker's machine, seconds old at most while it runs. */
export const JobStatus = Schema.Struct({
  version: Schema.Literal(1),
  job: Schema.String,
  state: Schema.Literals(["starting", "running", "finished", "failed", "cancelled"]),
  step: Schema.Int,
  steps: Schema.Int,
  pid: Schema.Int,
  host: Schema.String,
  world_size: Schema.Int,
  updated: Schema.String,
  restart: Schema.Int,
  message: Schema.optionalKey(Schema.String)
})
export type JobStatus = typeof JobStatus.Type

const decodeStatus = Schema.decodeUnknownResult(Schema.fromJsonString(JobStatus))

/** The status in a job's folder; undefined when the worker has said nothing yet, or nothing that can be read. */
export const readStatus = (folder: string): JobStatus | undefined =>
  Result.getOrUndefined(decodeStatus(textIfThere(join(folder, workerFiles.status)) ?? ""))
