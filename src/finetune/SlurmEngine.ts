/**
 * @file The engine that trains on a Slurm cluster: the PyTorch worker as batch jobs. The driver puts them into the queue, follows
 * their files, and may die and come back; what Slurm or a node breaks off is continued from its checkpoint.
 */

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { reasonOf } from "./engineReason.ts"
import type { TrainEvent } from "./events.ts"
import type { TrainingJob } from "./job.ts"
import { submitGathered } from "./slurm/gather.ts"
import { NoPython, type SlurmOptions, scriptsFolder, slurmHost } from "./slurm/host.ts"
import { placeJob, UnfitJob } from "./slurm/place.ts"
import { FolderTaken, SubmissionRefused as Refusal } from "./slurm/submit.ts"
import { type JobEnd, type Look, SlurmWatch } from "./slurm/watch.ts"
import {
  EngineError,
  type EngineReason,
  EngineUnavailable,
  InvalidJob,
  JobCancelled,
  JobFailed,
  JobLost,
  JobTimedOut,
  OutOfMemory,
  SubmissionRefused,
  TrainingEngine
} from "./TrainingEngine.ts"

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
  if (cause instanceof NoPython) return new EngineUnavailable({ message })
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

const begin = async (options: SlurmOptions, job: TrainingJob): Promise<SlurmWatch> => {
  const host = slurmHost(options)
  const placed = placeJob(job, host.settings)
  const scripts = scriptsFolder(options, placed.folder)
  await submitGathered(host, placed, scripts, options.gather ?? 200)
  return new SlurmWatch(host, placed, scripts)
}

const train =
  (options: SlurmOptions) =>
  (job: TrainingJob): Stream.Stream<TrainEvent, EngineError> =>
    Stream.unwrap(
      Effect.map(
        attempt(() => begin(options, job)),
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
 * Slurm as an engine. Jobs that are trained at once and keep their scripts in one folder go into the queue together, as one array
 * for each number of processes; those that are there already, or have been, are left alone. Interrupting a stream leaves its job
 * in the queue: the same job, trained again, takes up where it is.
 */
export const layer = (options: SlurmOptions = {}): Layer.Layer<TrainingEngine> =>
  Layer.succeed(TrainingEngine, TrainingEngine.of({ train: train(options) }))
