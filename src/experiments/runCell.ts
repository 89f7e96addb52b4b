/** @file One cell, from its request to the JSON text of its result: on a worker thread, or in this process when it only waits. */
import * as Effect from "effect/Effect"
import type { Json } from "./canonical.ts"
import { jsonText } from "./records.ts"
import type { CellModule } from "./Stage.ts"
import type { CellFailure } from "./WorkerPool.ts"
import type { CellRequest } from "./workerProtocol.ts"

type Report = (fraction: number, text?: string) => void

/**
 * Loads the request's module and runs the cell.
 * @param signal tells the cell to stop; a cell on a thread has none, its thread is ended
 */
export const runCellRequest = async (request: CellRequest, report: Report, signal?: AbortSignal): Promise<string> => {
  const module = (await import(request.module)) as CellModule
  const value = await module.runCell(request.spec, {
    report,
    workFolder: request.workFolder,
    ...(request.sharedFolder === undefined ? {} : { sharedFolder: request.sharedFolder }),
    ...(signal === undefined ? {} : { signal }),
    result: (id) => {
      const text = request.needs[id]
      if (text === undefined) throw new RangeError(`cell ${request.id} reads ${id} without naming it in needs`)
      return JSON.parse(text) as Json
    },
    resources: request.resources
  })
  return jsonText(value)
}

/** What a cell threw, for its record and for the log. */
export const cellFailure = (error: unknown): CellFailure => ({
  error: error instanceof Error ? error.message : String(error),
  ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {})
})

/** Runs a cell in this process. When interrupted it tells the cell to stop, and waits until it has. */
export const runCellHere = (request: CellRequest, report: Report): Effect.Effect<string, CellFailure> =>
  Effect.callback<string, CellFailure>((resume) => {
    const stop = new AbortController()
    const work = runCellRequest(request, report, stop.signal)
    work.then(
      (text) => resume(Effect.succeed(text)),
      (error) => resume(Effect.fail(cellFailure(error)))
    )
    return Effect.promise(async () => {
      stop.abort()
      await work.catch(() => undefined)
    })
  })
