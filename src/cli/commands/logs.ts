/** @file `losslattice logs`: the run's log, one JSON object a line. */
import * as Console from "effect/Console"
import * as Stream from "effect/Stream"
import { runLog } from "../../experiments/monitor.ts"
import { fromStudy } from "../failure.ts"

/** Runs `logs`. */
export const run = ({ run: folder, follow }: { readonly run: string; readonly follow: boolean }) =>
  fromStudy(Stream.runForEach(runLog(folder, { follow }), (line) => Console.log(line)))
