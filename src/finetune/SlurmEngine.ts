/**
 * @file The engine that trains on a Slurm cluster: the PyTorch worker as batch jobs. The driver puts them into the queue, follows
 * their files, and may die and come back; what Slurm or a node breaks off is continued from its checkpoint.
 */

import { setTimeout as wait } from "node:timers/promises"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { reasonOf } from "./engineReason.ts"
import type { TrainEvent } from "./events.ts"
import type { TrainingJob } from "./job.ts"
import { pythonFolder } from "./python.ts"
import { makeSlurm, type Slurm } from "./slurm/commands.ts"
import { placeJob, UnfitJob } from "./slurm/place.ts"
import { slurmScript } from "./slurm/script.ts"
import type { SlurmSettings } from "./slurm/settings.ts"
import { ensureSubmitted, FolderTaken, SubmissionRefused as Refusal, type SlurmHost } from "./slurm/submit.ts"
import { type JobEnd, type Look, SlurmWatch } from "./slurm/watch.ts"
import {
  EngineError,
  type EngineReason,
  InvalidJob,
  JobCancelled,
  JobFailed,
  JobLost,
  JobTimedOut,
  OutOfMemory,
  SubmissionRefused,
  TrainingEngine
} from "./TrainingEngine.ts"

/** Where and how jobs are submitted. */
export interface SlurmOptions {
  readonly settings: SlurmSettings
  /** Folder, on the cluster's shared file system, for the scripts of arrays. */
  readonly scripts: string
  /** Python on the cluster's machines, where the settings name none. */
  readonly python: string
  /** Folder that holds the worker's package; default: this package's own. */
  readonly packages?: string
  /** Default: the commands on this machine's path. */
  readonly slurm?: Slurm
  /** Gets what is no event: numbers of jobs, waiting reasons, submissions that are made again. Default: nobody. */
  readonly say?: (message: string) => void
}

const hostOf = ({ settings, python, packages, slurm, say }: SlurmOptions): SlurmHost => ({
  slurm: slurm ?? makeSlurm(),
  settings,
  python,
  packages: packages ?? pythonFolder,
  now: Date.now,
  sleep: wait,
  say: say ?? (() => undefined)
})

const brokenReasons = {
  failed: (message) => new JobFailed({ message }),
  invalid: (message) => new InvalidJob({ message }),
  cancelled: (message) => new JobCancelled({ message }),
  "timed-out": (message) => new JobTimedOut({ message }),
  "out-of-memory": (message) => new OutOfMemory({ message }),
  interrupted: (message) => new JobLost({ message }),
  lost: (message) => new JobLost({ message })
} satisfies Record<Extract<JobEnd, { _tag: "Broken" }>["outcome"], (message: string) => EngineReason>

const reasonOfEnd = (end: Exclude<JobEnd, { _tag: "Finished" }>): EngineReason =>
  end._tag === "Failed" ? reasonOf(end.event) : brokenReasons[end.outcome](end.message)

const reasonOfCause = (cause: unknown): EngineReason => {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof UnfitJob || cause instanceof FolderTaken) return new InvalidJob({ message })
  return cause instanceof Refusal ? new SubmissionRefused({ message }) : new JobFailed({ message })
}

const failure = (reason: EngineReason): EngineError => new EngineError({ engine: "slurm", reason })

const attempt = <A>(work: () => A | Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: async () => work(), catch: (cause) => failure(reasonOfCause(cause)) })

const told = ({ events, end }: Look): Stream.Stream<TrainEvent, EngineError> => {
  const stream = Stream.fromIterable(events)
  return end === undefined || end._tag === "Finished"
    ? stream
    : Stream.concat(stream, Stream.fail(failure(reasonOfEnd(end))))
}

const train =
  (options: SlurmOptions) =>
  (job: TrainingJob): Stream.Stream<TrainEvent, EngineError> =>
    Stream.unwrap(
      Effect.map(
        attempt(() => new SlurmWatch(hostOf(options), placeJob(job, options.settings), options.scripts)),
        (watch) => {
          const look = (first: boolean) =>
            Effect.gen(function* () {
              if (!first) yield* Effect.sleep(watch.pause)
              const found = yield* attempt(() => watch.look())
              return [[found], found.end === undefined ? Option.some(false) : Option.none<boolean>()] as const
            })
          return Stream.paginate(true, look).pipe(Stream.flatMap(told))
        }
      )
    )

/**
 * Slurm as an engine. Interrupting a stream leaves the job in the queue: the same job, trained again, takes up where it is.
 */
export const layer = (options: SlurmOptions): Layer.Layer<TrainingEngine> =>
  Layer.succeed(TrainingEngine, TrainingEngine.of({ train: train(options) }))

/**
 * Puts all jobs of a sweep into the queue at once, as one array for each number of processes; those that are there already,
 * or have been, are left alone, so that it may be called again after any death of the driver. Their streams are then had from
 * the engine, one by one.
 */
export const dispatch = (options: SlurmOptions, jobs: ReadonlyArray<TrainingJob>): Effect.Effect<void, EngineError> =>
  attempt(() =>
    ensureSubmitted(
      hostOf(options),
      jobs.map((job) => placeJob(job, options.settings)),
      options.scripts
    )
  )

/** The script of jobs that share their number of processes, as it would be submitted, under the name `dry-run`. */
export const dryScript = (
  options: Pick<SlurmOptions, "settings" | "scripts" | "python" | "packages">,
  jobs: ReadonlyArray<{ readonly folder: string }>,
  processes: number
): string =>
  slurmScript({
    name: "dry-run",
    tasks: jobs.map(({ folder }) => ({ folder, attempt: 1 })),
    folder: options.scripts,
    settings: options.settings,
    processes,
    python: options.python,
    packages: options.packages ?? pythonFolder
  })
