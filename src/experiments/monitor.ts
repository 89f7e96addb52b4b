/** @file Looking at a run from outside: where it stands, its log, and stopping it. */
import { hostname } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { anyJobLog, anyJobState, type JobState, stopAnyJob } from "../finetune/jobStates.ts"
import { JOB_FOLDER } from "../finetune/workerFolder.ts"
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
  /** Cells that other processes work on, and have not ended: also when the run itself is not going on. */
  readonly jobs?: ReadonlyArray<RunJob>
}

/** A cell whose work is another process's job. */
export interface RunJob extends JobState {
  readonly cell: string
}

const wrong = (folder: string, reason: string, exitCode: 1 | 2 = 2) => new RunQueryError({ folder, reason, exitCode })

const inFolder = (folder: string) =>
  Effect.mapError((error: { readonly message: string }) => wrong(folder, error.message, 1))

interface Logged {
  readonly cell?: unknown
  readonly folder?: unknown
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

/** Folders of the jobs that the log tells of and whose cells are not finished, by cell. */
export const openJobs = (log: string): ReadonlyMap<string, string> => {
  const open = new Map<string, string>()
  for (const line of log.split("\n")) {
    const entry = parseLine(line)
    if (entry?.event === "cell-waits") open.set(String(entry.cell), join(String(entry.folder), JOB_FOLDER))
    else if (entry?.event === "cell-finished") open.delete(String(entry.cell))
  }
  return open
}

/** The jobs of a run that have not ended, with what their workers say. */
const jobsOf = (log: string): Effect.Effect<ReadonlyArray<RunJob>> =>
  Effect.promise(() =>
    Promise.all([...openJobs(log)].map(async ([cell, folder]) => ({ cell, ...(await anyJobState(folder)) })))
  )

const logFile = (folder: string): string => join(folder, "log.jsonl")

/** Reads a run folder. Fails with RunQueryError when it is none. */
export const runStatus = Effect.fn("runStatus")(function* (folder: string) {
  const manifest = yield* inFolder(folder)(readManifest(folder))
  if (manifest === undefined) return yield* wrong(folder, "no run folder, there is no manifest.json in it")
  const holder = yield* inFolder(folder)(lockHolder(folder))
  const log = yield* inFolder(folder)(readIfThere(logFile(folder)))
  const status = manifest.status === "running" && holder === undefined ? "interrupted" : manifest.status
  const text = new TextDecoder().decode(log)
  const current = status === "running" ? currentStage(text) : undefined
  const jobs = yield* jobsOf(text)
  const state: RunState = {
    folder,
    study: manifest.study,
    status,
    started: manifest.started,
    ...(manifest.finished === undefined ? {} : { finished: manifest.finished }),
    ...(manifest.error === undefined ? {} : { error: manifest.error }),
    ...(holder ? { holder: { pid: holder.pid, host: holder.host } } : {}),
    stages: manifest.stages,
    ...(current ? { current } : {}),
    ...(jobs.length > 0 ? { jobs } : {})
  }
  return state
})

/** Stops the jobs of a run whose driver is gone. Returns how many were at work or in a queue. */
const cancelJobs = Effect.fnUntraced(function* (folder: string) {
  const log = new TextDecoder().decode(yield* inFolder(folder)(readIfThere(logFile(folder))))
  const stopped = yield* Effect.tryPromise({
    try: () => Promise.all([...openJobs(log).values()].map(stopAnyJob)),
    catch: (error) => wrong(folder, (error as Error).message, 1)
  })
  return stopped.filter(Boolean).length
})

/**
 * Stops a run on this host as Ctrl-C would, and waits until it and its jobs, which write a checkpoint, have ended (40 s at most);
 * jobs in a cluster's queue, which Ctrl-C leaves there, are taken out of it.
 * Where the run's process is gone but jobs of its are at work, those are stopped. Fails with RunQueryError when nothing runs
 * there, or it runs on another host.
 */
export const cancelRun = Effect.fn("cancelRun")(function* (folder: string) {
  const holder = yield* inFolder(folder)(lockHolder(folder))
  if (holder === undefined) {
    const jobs = yield* cancelJobs(folder)
    return jobs > 0 ? { pid: undefined, jobs } : yield* wrong(folder, "no process is running this study")
  }
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
  yield* Effect.retry(gone, { schedule: Schedule.spaced("100 millis"), times: 400 })
  return { pid: holder.pid, jobs: yield* cancelJobs(folder) }
})

/** What the worker of a job that has not ended wrote on its standard error. Fails with RunQueryError for other names. */
export const runJobLog = Effect.fn("runJobLog")(function* (folder: string, cell: string) {
  const log = yield* inFolder(folder)(readIfThere(logFile(folder)))
  if (log === undefined) return yield* wrong(folder, "no run folder, there is no log.jsonl in it")
  const jobs = openJobs(new TextDecoder().decode(log))
  const job = jobs.get(cell)
  if (job !== undefined) return anyJobLog(job)
  const names = [...jobs.keys()]
  const known = names.length === 0 ? "no job of this run is open" : `open jobs: ${names.join(", ")}`
  return yield* wrong(folder, `no open job is called ${JSON.stringify(cell)}; ${known}`)
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
