/** @file The worker thread: one cell at a time, each from a module named by URL. */
import { parentPort } from "node:worker_threads"
import { cellFailure, runCellRequest } from "./runCell.ts"
import type { CellRequest, WorkerMessage } from "./workerProtocol.ts"

const port = parentPort
if (port === null) throw new RangeError("worker.ts runs on a worker thread only")

const say = (message: WorkerMessage): void => port.postMessage(message)

port.on("message", (request: CellRequest) => {
  const report = (fraction: number, text?: string): void =>
    say({ _tag: "Progress", fraction, ...(text === undefined ? {} : { text }) })
  runCellRequest(request, report).then(
    (json) => say({ _tag: "Done", json }),
    (error: unknown) => say({ _tag: "Failed", ...cellFailure(error) })
  )
})
