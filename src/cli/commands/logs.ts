/** @file `losslattice logs`: the run's log, one JSON object a line, or the words of a job's worker. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { runJobLog, runLog } from "../../experiments/monitor.ts"
import { fromStudy } from "../failure.ts"

interface LogsInput {
  readonly run: string
  readonly follow: boolean
  readonly job: Option.Option<string>
}

/** Runs `logs`. */
export const run = ({ run: folder, follow, job }: LogsInput) =>
  Option.isSome(job)
    ? Effect.flatMap(fromStudy(runJobLog(folder, job.value)), (text) => Console.log(text.trimEnd()))
    : fromStudy(Stream.runForEach(runLog(folder, { follow }), (line) => Console.log(line)))
