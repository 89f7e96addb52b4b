/** @file Looking at a run from outside: where it stands, its log, and stopping it. */
import { hostname } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { RunQueryError } from "./errors.ts"
import { readIfThere } from "./files.ts"
import { lockHolder } from "./lock.ts"
import { type RunStatus, readManifest, type StageRecord } from "./manifest.ts"

/** Where a run stands. `interrupted` also for a run whose process is gone without a word. */
export interface RunState {
  readonly folder: string
  readonly study: string
  readonly status: RunStatus
  readonly started: string
  readonly finished?: string
  readonly error?: string
  /** The process that is running it. */
  readonly holder?: { readonly pid: number; readonly host: string }
  readonly stages: ReadonlyArray<Pick<StageRecord, "id" | "status" | "seconds" | "cells" | "failures">>
  /** The stage that is going on, and how many of its cells are done. */
  readonly current?: { readonly stage: string; readonly cells: number; readonly done: number }
}

const wrong = (folder: string, reason: string, exitCode: 1 | 2 = 2) => new RunQueryError({ folder, reason, exitCode })

const inFolder = (folder: string) =>
  Effect.mapError((error: { readonly message: string }) => wrong(folder, error.message, 1))

interface Logged {
  readonly event?: unknown
  readonly stage?: unknown
  readonly cells?: unknown
  readonly cached?: unknown
}

/** The last line may be half written. */
const parseLine = (line: string): Logged | undefined =>
  Result.getOrUndefined(Result.try(() => JSON.parse(line) as Logged))

/** The stage that the log says has begun and not ended, since the run last started. */
export const currentStage = (log: string): RunState["current"] => {
  let current: { stage: string; cells: number; done: number } | undefined
  for (const line of log.split("\n")) {
    const entry = parseLine(line)
    if (entry?.event === "run-started" || entry?.event === "stage-ended") current = undefined
    else if (entry?.event === "stage-started") {
      current = { stage: String(entry.stage), cells: Number(entry.cells), done: Number(entry.cached) }
    } else if (current && (entry?.event === "cell-finished" || entry?.event === "cell-failed")) current.done++
  }
  return current
}

const logFile = (folder: string): string => join(folder, "log.jsonl")

/** Reads a run folder. Fails with RunQueryError when it is none. */
export const runStatus = Effect.fn("runStatus")(function* (folder: string) {
  const manifest = yield* inFolder(folder)(readManifest(folder))
  if (manifest === undefined) return yield* wrong(folder, "no run folder, there is no manifest.json in it")
  const holder = yield* inFolder(folder)(lockHolder(folder))
  const log = yield* inFolder(folder)(readIfThere(logFile(folder)))
  const status = manifest.status === "running" && holder === undefined ? "interrupted" : manifest.status
  const current = status === "running" ? currentStage(new TextDecoder().decode(log)) : undefined
  const state: RunState = {
    folder,
    study: manifest.study,
    status,
    started: manifest.started,
    ...(manifest.finished === undefined ? {} : { finished: manifest.finished }),
    ...(manifest.error === undefined ? {} : { error: manifest.error }),
    ...(holder ? { holder: { pid: holder.pid, host: holder.host } } : {}),
    stages: manifest.stages,
    ...(current ? { current } : {})
  }
  return state
})

/**
 * Stops a run on this host as Ctrl-C would, and waits until it let go of its folder (10 s at most). Fails with RunQueryError
 * when nothing runs there, or it runs on another host.
 */
export const cancelRun = Effect.fn("cancelRun")(function* (folder: string) {
  const holder = yield* inFolder(folder)(lockHolder(folder))
  if (holder === undefined) return yield* wrong(folder, "no process is running this study")
  if (holder.host !== hostname()) {
    return yield* wrong(folder, `the study runs on ${holder.host}; cancel it there (process ${holder.pid})`)
  }
  yield* Effect.try({
    try: () => process.kill(holder.pid, "SIGTERM"),
    catch: () => wrong(folder, `process ${holder.pid} cannot be stopped by this user`, 1)
  })
  const gone = Effect.flatMap(inFolder(folder)(lockHolder(folder)), (now) =>
    now?.token === holder.token
      ? Effect.fail(wrong(folder, `process ${holder.pid} has not stopped yet`, 1))
      : Effect.void
  )
  yield* Effect.retry(gone, { schedule: Schedule.spaced("100 millis"), times: 100 })
  return { pid: holder.pid }
})

/** New complete lines of the log after `offset` bytes. */
const linesAfter = Effect.fnUntraced(function* (folder: string, offset: number) {
  const content = (yield* inFolder(folder)(readIfThere(logFile(folder)))) ?? new Uint8Array()
  const end = content.lastIndexOf(10) + 1
  const text = new TextDecoder().decode(content.subarray(offset, Math.max(end, offset)))
  return { lines: text.split("\n").filter((line) => line !== ""), offset: Math.max(end, offset) }
})

/**
 * The lines of a run's log. With `follow` the stream goes on as long as a process holds the run's folder.
 */
export const runLog = (
  folder: string,
  options: { readonly follow: boolean }
): Stream.Stream<string, RunQueryError, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const there = yield* inFolder(folder)(fs.exists(logFile(folder)))
      if (!there) return yield* wrong(folder, "no run folder, there is no log.jsonl in it")
      const step = (offset: number) =>
        Effect.gen(function* () {
          if (offset > 0) yield* Effect.sleep("200 millis")
          // Asked before reading: what is written until the lock is let go is read in the last round.
          const going = options.follow && (yield* inFolder(folder)(lockHolder(folder))) !== undefined
          const next = yield* linesAfter(folder, offset)
          return [next.lines, going ? Option.some(next.offset) : Option.none<number>()] as const
        })
      return Stream.paginate(0, step)
    })
  )
