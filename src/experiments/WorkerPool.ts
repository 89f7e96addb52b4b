/** @file A pool of worker threads for cells. Threads start when first needed and end with the scope. */
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Hold, makeHold, whenFree } from "../finetune/threadHold.ts"
import { moduleUrl } from "./sourceVersion.ts"
import type { CellRequest, WorkerMessage } from "./workerProtocol.ts"

/** Why a cell failed on its thread. The stack is for the log. */
export interface CellFailure {
  readonly error: string
  readonly stack?: string
}

/** Runs cells; as many at once as callers ask for, so the caller bounds it by `size`. */
export interface WorkerPool {
  readonly size: number
  readonly run: (
    request: CellRequest,
    onProgress: (fraction: number, text: string | undefined) => void
  ) => Effect.Effect<string, CellFailure>
}

export interface PoolOptions {
  /** Threads at most; default: one per core, at least 1. */
  readonly size?: number
  /** What the threads print, a chunk at a time: stdout belongs to the result of the program. */
  readonly onOutput?: (text: string) => void
}

const workerEntry = new URL(moduleUrl(import.meta.url, "./worker"))

const startWorker = (onOutput: (text: string) => void, hold: Hold): Worker => {
  const worker = new Worker(workerEntry, { stdout: true, stderr: true, execArgv: [], workerData: { hold } })
  worker.stdout.setEncoding("utf8").on("data", onOutput)
  worker.stderr.setEncoding("utf8").on("data", onOutput)
  return worker
}

/** Stops listening to a worker. */
const unheard = (worker: Worker): Worker =>
  worker.removeAllListeners("message").removeAllListeners("error").removeAllListeners("exit")

/** One cell on one worker; `settle` gets the end and whether the thread can be used again. */
const converse = (
  worker: Worker,
  request: CellRequest,
  onProgress: (fraction: number, text: string | undefined) => void,
  settle: (end: Effect.Effect<string, CellFailure>, reusable: boolean) => void
): void => {
  const finish = (end: Effect.Effect<string, CellFailure>, reusable: boolean): void => {
    unheard(worker)
    settle(end, reusable)
  }
  worker.on("message", (message: WorkerMessage) => {
    if (message._tag === "Progress") onProgress(message.fraction, message.text)
    else if (message._tag === "Done") finish(Effect.succeed(message.json), true)
    else
      finish(
        Effect.fail({ error: message.error, ...(message.stack === undefined ? {} : { stack: message.stack }) }),
        true
      )
  })
  worker.on("error", (error: Error) => {
    finish(Effect.fail({ error: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) }), false)
  })
  worker.on("exit", (code) => finish(Effect.fail({ error: `its thread ended with code ${code}` }), false))
  worker.postMessage(request)
}

/** Makes the pool. A cell that is interrupted, or breaks its thread, costs that thread and nothing else. */
export const makeWorkerPool = (options: PoolOptions = {}): Effect.Effect<WorkerPool, never, Scope.Scope> =>
  Effect.gen(function* () {
    const size = Math.max(1, options.size ?? availableParallelism())
    const idle: Array<Worker> = []
    const all = new Map<Worker, Hold>()
    const discard = async (worker: Worker) => {
      const hold = all.get(worker)
      all.delete(worker)
      // Ends it without waiting for its work; an error while ending has nobody left to tell.
      worker.on("error", () => undefined)
      if (hold !== undefined) await whenFree(hold)
      return worker.terminate()
    }
    yield* Effect.addFinalizer(() => Effect.promise(() => Promise.all([...all.keys()].map(discard))))
    const start = (): Worker => {
      const hold = makeHold()
      const worker = startWorker(options.onOutput ?? (() => undefined), hold)
      all.set(worker, hold)
      return worker
    }
    const rest = (worker: Worker): void => {
      idle.push(worker)
      // A thread may still break or end after its cell, in work the cell left behind.
      const leave = () => {
        idle.splice(idle.indexOf(worker), 1)
        void discard(unheard(worker))
      }
      worker.once("error", leave).once("exit", leave)
    }
    const run: WorkerPool["run"] = (request, onProgress) =>
      Effect.callback<string, CellFailure>((resume) => {
        const rested = idle.pop()
        const worker = rested ? unheard(rested) : start()
        let settled = false
        converse(worker, request, onProgress, (end, reusable) => {
          settled = true
          if (reusable) rest(worker)
          else void discard(worker)
          resume(end)
        })
        return Effect.promise(async () => {
          if (!settled) await discard(unheard(worker))
        })
      })
    return { size, run }
  })
