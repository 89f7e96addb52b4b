/** @file The worker thread: one cell at a time, each from a module named by URL. */
import { parentPort } from "node:worker_threads"
import type { Json } from "./canonical.ts"
import { jsonText } from "./records.ts"
import type { CellModule } from "./Stage.ts"
import type { CellRequest, WorkerMessage } from "./workerProtocol.ts"

const port = parentPort
if (port === null) throw new RangeError("worker.ts runs on a worker thread only")

const say = (message: WorkerMessage): void => port.postMessage(message)

const runRequest = async (request: CellRequest): Promise<string> => {
  const module = (await import(request.module)) as CellModule
  const value = await module.runCell(request.spec, {
    report: (fraction, text) => say({ _tag: "Progress", fraction, ...(text === undefined ? {} : { text }) }),
    workFolder: request.workFolder,
    result: (id) => {
      const text = request.needs[id]
      if (text === undefined) throw new RangeError(`cell ${request.id} reads ${id} without naming it in needs`)
      return JSON.parse(text) as Json
    },
    resources: request.resources
  })
  return jsonText(value)
}

port.on("message", (request: CellRequest) => {
  runRequest(request).then(
    (json) => say({ _tag: "Done", json }),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      const stack = error instanceof Error ? error.stack : undefined
      say({ _tag: "Failed", error: message, ...(stack === undefined ? {} : { stack }) })
    }
  )
})
