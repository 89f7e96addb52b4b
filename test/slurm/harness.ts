/** What the tests on a cluster share: the cluster, jobs of the stand-in worker, and running a driver to its end. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { type SlurmCluster, startCluster } from "../../scripts/slurmCluster.ts"
import type { TrainEvent } from "../../src/finetune/events.ts"
import type { TrainingJob } from "../../src/finetune/job.ts"
import { layer } from "../../src/finetune/SlurmEngine.ts"
import type { SlurmOptions } from "../../src/finetune/slurm/host.ts"
import { readRecord } from "../../src/finetune/slurm/record.ts"
import { decodeSlurmSettings, type SlurmSettings } from "../../src/finetune/slurm/settings.ts"
import { type EngineError, TrainingEngine } from "../../src/finetune/TrainingEngine.ts"
import { tinyJob } from "../finetune/tiny.ts"

/** Seconds between looks: the tests' own time is mostly this. */
const poll = { poll: 0.2, pollMost: 0.5, grace: 3 }

/** The stand-in's package. */
export const standIn = join(import.meta.dirname, "standIn")

/** A cluster, and a folder for a file's jobs. `SLURM_CONF` of this process leads to it. */
export interface TestCluster {
  readonly cluster: SlurmCluster
  readonly folder: string
  readonly end: () => Promise<void>
}

/** Starts the cluster of a test file. */
export const testCluster = async (): Promise<TestCluster> => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-slurm-"))
  const cluster = await startCluster(join(folder, "cluster"))
  Object.assign(process.env, cluster.env)
  return {
    cluster,
    folder,
    end: async () => {
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Settings with the tests' short times. */
export const settingsOf = (changes: Record<string, unknown> = {}): SlurmSettings =>
  Result.getOrThrow(decodeSlurmSettings({ ...poll, time: "5", signalBefore: 60, ...changes }))

/** Options of an engine whose worker is the stand-in. */
export const standInOptions = (scripts: string | undefined, changes: Record<string, unknown> = {}): SlurmOptions => ({
  settings: settingsOf(changes),
  ...(scripts === undefined ? {} : { scripts }),
  python: "python3",
  packages: standIn
})

/** A job of the stand-in in a folder of its own. */
export const standInJob = (
  folder: string,
  behaviour: Record<string, unknown> = {},
  changes: Record<string, unknown> = {}
): TrainingJob => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "stand-in.json"), JSON.stringify(behaviour))
  return tinyJob(folder, { output: folder, steps: 40, checkpoint_every: 10, ...changes })
}

/** What a driver saw: the events in order, and the error if it ended with one. */
export interface Driven {
  readonly events: ReadonlyArray<TrainEvent>
  readonly error?: EngineError
}

/** Trains a job to its end. */
export const drive = async (options: SlurmOptions, job: TrainingJob): Promise<Driven> => {
  const events: Array<TrainEvent> = []
  const end = await TrainingEngine.pipe(
    Effect.flatMap(({ train }) => Stream.runForEach(train(job), (event) => Effect.sync(() => events.push(event)))),
    Effect.provide(layer(options)),
    Effect.result,
    Effect.runPromise
  )
  return Result.isSuccess(end) ? { events } : { events, error: end.failure }
}

/** Text of a file in a job's folder; empty without it. */
export const textOf = (job: TrainingJob, name: string): string => {
  try {
    return readFileSync(join(job.output!, name), "utf8")
  } catch {
    return ""
  }
}

/** Starts of the worker: Slurm's number, node and rank of each. */
export const startsOf = (job: TrainingJob): ReadonlyArray<{ id: string; node: string; rank: string }> =>
  textOf(job, "starts")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id, node, rank] = line.split(" ")
      return { id: id!, node: node!, rank: rank! }
    })

/** Waits for a condition, a minute at most. */
export const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (const end = Date.now() + 60_000; !holds(); await sleep(50)) {
    if (Date.now() > end) throw new Error(`${what}: not so after a minute`)
  }
}

/** The number in the queue of a job's last submission, once it is known. */
export const numberOf = async (job: TrainingJob): Promise<string> => {
  const id = () => readRecord(job.output!)?.attempts.at(-1)?.id
  await until(`a number for ${job.output}`, () => id() !== undefined)
  return id()!
}

/** Waits until the worker has made so many updates. */
export const untilStep = (job: TrainingJob, step: number): Promise<void> =>
  until(`update ${step} of ${job.output}`, () => textOf(job, "events.jsonl").includes(`"step":${step},`))

/** Calls a Slurm command; its output. */
export const slurm = (command: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(command, args, { encoding: "utf8" })

/** How many jobs the controller remembers; tasks of arrays count each. */
export const jobsKnown = (): number =>
  slurm("squeue", "-h", "-r", "-t", "all", "-o", "%A")
    .split("\n")
    .filter((line) => line !== "").length
