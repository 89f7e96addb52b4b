/**
 * @file Starts the worker's process for a job's folder, or finds the one that is at work there already. The process is the head
 * of a group of its own and writes to files, so that it outlives its driver; who comes next reads on.
 */

import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdirSync, rmSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as Result from "effect/Result"
import { writeFileAtomic } from "./atomicFile.ts"
import { workerEnvironment } from "./python.ts"
import { type EngineReason, InvalidJob, JobFailed, OutOfMemory, SpawnFailed } from "./TrainingEngine.ts"
import { currentWorker, isAlive, lastWords, lastWorker, textIfThere, type Who, workerFiles } from "./workerFolder.ts"

/** Exit codes of the worker: see python/losslattice_worker/errors.py and hold.py. */
const EXIT_BAD_JOB = 2
const EXIT_TAKEN = 75
const EXIT_STOPPED = 143
const EXIT_KILLED = 137

/** How a process ended; a shell counts a signal as 128 and its number. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A worker in its folder. */
export interface Worker {
  readonly folder: string
  readonly who: Who
  /** Whether it has ended. */
  readonly ended: () => boolean
  /** How it ended, once it has; undefined for one that another driver started: nobody is told then. */
  readonly exit: () => Exit | undefined
}

/** What to start. */
export interface Start {
  /** Python's command. */
  readonly command: string
  readonly folder: string
  /** Text of the job file. */
  readonly job: string
  /** Whether the worker ends with the process that started it, because nobody will look for it later. */
  readonly withParent: boolean
  readonly environment?: NodeJS.ProcessEnv
}

type Opened = Result.Result<Worker, EngineReason>

/** The worker that is at work in a folder, if it has this very job; refused if it has another, or is on another machine. */
const attach = async (folder: string, job: string): Promise<Opened | undefined> => {
  const who = await currentWorker(folder)
  if (who === undefined) return undefined
  if (who.host !== hostname()) {
    return Result.fail(new InvalidJob({ message: `${folder}: a worker on ${who.host} is at work there` }))
  }
  if (textIfThere(join(folder, workerFiles.job)) !== job) {
    return Result.fail(new InvalidJob({ message: `${folder}: process ${who.pid} trains another job there` }))
  }
  return Result.succeed({ folder, who, ended: () => !isAlive(who), exit: () => undefined })
}

/** Waits until the child says in the folder that it is at work, or has ended before; its exit then. */
const settled = async (child: ChildProcess, folder: string, exit: () => Exit | undefined): Promise<Who | Exit> => {
  for (;;) {
    const end = exit()
    const who = lastWorker(folder)
    if (who !== undefined && who.pid === child.pid && who.host === hostname()) return who
    if (end !== undefined) return end
    await sleep(20)
  }
}

const launch = async ({ command, folder, job, withParent, environment }: Start): Promise<Opened | "taken"> => {
  const written = join(folder, `job.${randomUUID()}.json`)
  writeFileAtomic(written, job)
  const args = ["-m", "losslattice_worker.hold", folder, written, "train", ...(withParent ? ["--with-parent"] : [])]
  // The first words, before the worker sends them to its own file: Python's, when it cannot find the worker.
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...workerEnvironment(), ...environment }
  })
  let [exit, words]: [Exit | undefined, string] = [undefined, ""]
  child.stderr.setEncoding("utf8").on("data", (text) => (words += text))
  child.on("exit", (code, signal) => (exit = { code, signal }))
  const failed = await new Promise<Error | undefined>((resolve) => {
    child.on("error", resolve)
    child.on("spawn", () => resolve(undefined))
  })
  if (failed !== undefined) {
    rmSync(written, { force: true })
    return Result.fail(new SpawnFailed({ message: `${command} cannot be started: ${failed.message}` }))
  }
  child.unref()
  const who = await settled(child, folder, () => exit)
  if ("pid" in who) return Result.succeed({ folder, who, ended: () => exit !== undefined, exit: () => exit })
  rmSync(written, { force: true })
  if (who.code === EXIT_TAKEN) return "taken"
  return Result.fail(
    new SpawnFailed({ message: `${command} could not start the worker: ${words.trim().slice(-2000)}` })
  )
}

/** Starts a worker, or attaches to the one that is at work in the folder on the same job. */
export const openWorker = async (start: Start): Promise<Opened> => {
  mkdirSync(start.folder, { recursive: true })
  for (let tries = 0; tries < 50; tries++) {
    const there = await attach(start.folder, start.job)
    if (there !== undefined) return there
    const launched = await launch(start)
    if (launched !== "taken") return launched
    // Somebody else was faster, and has not said yet who it is.
    await sleep(100)
  }
  return Result.fail(new JobFailed({ message: `${start.folder}: a process holds it that does not say who it is` }))
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/** Milliseconds that a worker has to finish its update and write a checkpoint. */
export const GRACE = 20_000

/** Stops a worker and its group: gently, and after `grace` milliseconds for good. Returns when it is gone. */
export const stopWorker = async ({ who, ended }: Worker, grace: number = GRACE): Promise<void> => {
  if (ended()) return
  signalGroup(who.pid, "SIGTERM")
  for (const end = Date.now() + grace; Date.now() < end && !ended(); ) await sleep(50)
  if (ended()) return
  signalGroup(who.pid, "SIGKILL")
  while (!ended()) await sleep(20)
}

const isCode = (exit: Exit | undefined, code: number, signal?: NodeJS.Signals): boolean =>
  exit !== undefined && (exit.code === code || (signal !== undefined && exit.signal === signal))

/** Why a worker ended without a last event, as far as its exit and its last words tell. */
export const reasonOfExit = (folder: string, exit: Exit | undefined): EngineReason => {
  const words = lastWords(folder)
  const said = words === "" ? "" : `; its last words: ${words}`
  if (isCode(exit, EXIT_BAD_JOB)) return new InvalidJob({ message: words === "" ? "the job was refused" : words })
  if (isCode(exit, EXIT_KILLED, "SIGKILL") || /exitcode\s*:\s*-9\b/.test(words)) {
    const message = `the worker was killed, as the system does when memory runs out; the same job goes on later${said}`
    return new OutOfMemory({ message })
  }
  if (isCode(exit, EXIT_STOPPED, "SIGTERM")) {
    return new JobFailed({ message: "the worker was stopped; the same job goes on from its last checkpoint" })
  }
  const how = exit === undefined ? "" : ` (${exit.signal ?? `exit code ${exit.code}`})`
  return new JobFailed({ message: `the worker ended before its job was done${how}${said}` })
}
