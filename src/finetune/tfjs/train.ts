/**
 * @file Preference training of one policy by one loss program: an async generator of events, plain code. The n-th update is
 * a function of the job alone, so a run that is killed and started again in the same folder ends with the same bytes.
 */

import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import * as Result from "effect/Result"
import { EventLog } from "../EventLog.ts"
import type { TrainEvent } from "../events.ts"
import type { TrainingJob } from "../job.ts"
import type { EngineId, ModuleLoader } from "./backend.ts"
import { CHECKPOINT_FILE, type Progress, writeCheckpoint } from "./checkpoint.ts"
import { parameterCount } from "./model.ts"
import { disposeOptimizer, type OptimizerState } from "./optimizer.ts"
import { disposePrepared, type PreparedJob, prepareJob, TrainFailure } from "./prepare.ts"
import { beginRun } from "./resume.ts"
import { checkStepZero } from "./stepZero.ts"
import { evaluationEvent, eventHead, jobBatches, nonFinitePolicy, updateOnce } from "./update.ts"

/** Options of an engine that are not the job's. */
export interface RunOptions {
  /** Default `tfjs-wasm`. */
  readonly engine?: EngineId
  /** How tfjs is loaded. */
  readonly load?: ModuleLoader
}

const failedEvent = (job: TrainingJob, { reason, detail, step, rows }: TrainFailure): TrainEvent => ({
  ...eventHead(job),
  event: "failed",
  step,
  reason,
  message: detail,
  rows: [...rows]
})

const isOutOfMemory = (cause: unknown): cause is Error =>
  cause instanceof Error && /out of memory|OOM|memory access/i.test(cause.message)

/** What a run holds: its state, for its holder to dispose, and how far it is. */
interface Held {
  state: OptimizerState
  progress: Progress
}

/** What follows an update: its evaluation and its checkpoint, where they are due. Returns whether training may go on. */
function* afterUpdate(prepared: PreparedJob, log: EventLog, held: Held): Generator<TrainEvent, boolean> {
  const { job, hash } = prepared
  const { state, progress } = held
  const { step } = progress
  const isDue = (every: number | undefined) => step === job.steps || (every !== undefined && step % every === 0)
  if (job.evaluation !== undefined && isDue(job.evaluation.every)) {
    if (!(yield* evaluated(prepared, log, state, step))) return false
  }
  if (job.output !== undefined && isDue(job.checkpointEvery)) {
    const broken = nonFinitePolicy(prepared, state, step)
    if (broken !== undefined) {
      yield log.append(failedEvent(job, broken))
      return false
    }
    const event = log.append({ ...eventHead(job), event: "checkpoint", step, file: CHECKPOINT_FILE })
    writeCheckpoint(join(job.output, CHECKPOINT_FILE), hash, state, { ...progress, eventBytes: log.bytes })
    yield event
  }
  return true
}

/** An evaluation's event, or its failure. Returns whether training may go on. */
function* evaluated(
  prepared: PreparedJob,
  log: EventLog,
  state: OptimizerState,
  step: number
): Generator<TrainEvent, boolean> {
  const outcome = evaluationEvent(prepared, state, step)
  yield log.append(Result.isSuccess(outcome) ? outcome.success : failedEvent(prepared.job, outcome.failure))
  return Result.isSuccess(outcome)
}

/** The training loop after the beginning is known; yields new events only. */
async function* trainFrom(prepared: PreparedJob, log: EventLog, held: Held): AsyncGenerator<TrainEvent, void> {
  const { job } = prepared
  const order = jobBatches(prepared)
  while (held.progress.step < job.steps) {
    const step = held.progress.step + 1
    const updated = updateOnce(prepared, held.state, order(step), held.progress)
    if (Result.isFailure(updated)) {
      yield log.append(failedEvent(job, updated.failure))
      return
    }
    const { state, metrics, tokens } = updated.success
    held.state = state
    held.progress = { ...held.progress, step, tokens }
    yield log.append({ ...eventHead(job), event: "step", step, metrics })
    if (!(yield* afterUpdate(prepared, log, held))) return
    await setImmediate()
  }
  yield log.append({ ...eventHead(job), event: "finished", step: job.steps })
}

/** The events before the first update: the step-0 check's outcome and the first evaluation. */
function* opening(prepared: PreparedJob, log: EventLog, state: OptimizerState): Generator<TrainEvent, boolean> {
  const { job, training, start, hash, heldOut } = prepared
  const order = jobBatches(prepared)
  const check = checkStepZero(prepared, state.parameters, order(1))
  if (Result.isFailure(check)) {
    yield log.append(failedEvent(job, check.failure))
    return false
  }
  yield log.append({
    ...eventHead(job),
    event: "started",
    jobHash: hash,
    loss: job.loss.spec,
    parameters: parameterCount(start.config),
    pairs: training.pairs.length,
    heldOutPairs: heldOut?.pairs.length ?? 0,
    modelHash: start.hash,
    stepZeroLoss: check.success.loss,
    stepZeroExpected: check.success.expected
  })
  return job.evaluation === undefined || (yield* evaluated(prepared, log, state, 0))
}

const openLog = (job: TrainingJob): Result.Result<EventLog, TrainFailure> => {
  try {
    return Result.succeed(new EventLog(job.output))
  } catch (cause) {
    const detail = `output folder ${job.output} cannot be made: ${(cause as Error).message}`
    return Result.fail(new TrainFailure({ reason: "invalid-input", detail, step: 0, rows: [] }))
  }
}

async function* runPrepared(prepared: PreparedJob, log: EventLog): AsyncGenerator<TrainEvent, void> {
  const { job } = prepared
  const beginning = beginRun(prepared, log)
  if (Result.isFailure(beginning)) {
    yield failedEvent(job, beginning.failure)
    return
  }
  const start = beginning.success
  if (start.kind !== "new") yield* start.events
  if (start.kind === "finished") return
  const none: Progress = { step: 0, eventBytes: 0, tokens: 0 }
  const held: Held = { state: start.state, progress: start.kind === "new" ? none : start.progress }
  try {
    if (start.kind === "new" && !(yield* opening(prepared, log, held.state))) return
    yield* trainFrom(prepared, log, held)
  } catch (cause) {
    if (!isOutOfMemory(cause)) throw cause
    const detail = `the engine ran out of memory: ${cause.message}`
    const step = held.progress.step + 1
    yield log.append(failedEvent(job, new TrainFailure({ reason: "out-of-memory", detail, step, rows: [] })))
  } finally {
    disposeOptimizer(held.state)
  }
}

/**
 * Trains a job and yields its events; the last one is `finished` or `failed`. With an output folder every event is on disk
 * before it is yielded, and the same job in the same folder continues after the last checkpoint, earlier events first.
 * All tensors are freed when the generator ends or is closed.
 */
export async function* runTfjsJob(job: TrainingJob, options: RunOptions = {}): AsyncGenerator<TrainEvent, void> {
  const log = openLog(job)
  if (Result.isFailure(log)) {
    yield failedEvent(job, log.failure)
    return
  }
  const prepared = await prepareJob(job, options.engine ?? "tfjs-wasm", options.load)
  if (Result.isFailure(prepared)) {
    yield failedEvent(job, prepared.failure)
    return
  }
  try {
    yield* runPrepared(prepared.success, log.success)
  } finally {
    disposePrepared(prepared.success)
  }
}
