/**
 * @file What happens between two events: one update of the policy, one evaluation, and which pairs come when.
 */

import * as Result from "effect/Result"
import { Rng } from "../../random/rng.ts"
import { EVENT_VERSION, type Metrics, type TrainEvent } from "../events.ts"
import type { TrainingJob } from "../job.ts"
import type { Progress } from "./checkpoint.ts"
import { evaluatePairs, evaluateSamples } from "./evaluate.ts"
import { lossAndGradients } from "./gradient.ts"
import { layOut } from "./layout.ts"
import { pairMetrics } from "./metrics.ts"
import { disposeParameters } from "./model.ts"
import { nonFinitePairs, pairObjective } from "./objective.ts"
import { adamStep, clipFactor, defaultOptimizer, globalNorm, type OptimizerState, scheduledRate } from "./optimizer.ts"
import { type PreparedJob, TrainFailure } from "./prepare.ts"
import { pairRow, selectColumns } from "./scoring.ts"

/**
 * Numbers of the pairs of update `step` (from 1): shuffled passes over the data, one after the other, cut into batches.
 * @param size pairs in the data
 */
export const batchOrder = (size: number, batchSize: number, rng: Rng): ((step: number) => ReadonlyArray<number>) => {
  const indices = Array.from({ length: size }, (_, i) => i)
  const passes = new Map<number, ReadonlyArray<number>>()
  const pass = (number: number): ReadonlyArray<number> => {
    const known = passes.get(number) ?? rng.split(number).shuffled(indices)
    passes.clear()
    passes.set(number, known)
    return known
  }
  return (step) =>
    Array.from({ length: batchSize }, (_, i) => {
      const at = (step - 1) * batchSize + i
      return pass(Math.floor(at / size))[at % size]!
    })
}

/** The batches of a job. */
export const jobBatches = ({ job, training }: PreparedJob): ((step: number) => ReadonlyArray<number>) =>
  batchOrder(training.pairs.length, job.batchSize, Rng.fromSeed(job.seed).split("batches"))

/** The fields that every event of a job has. */
export const eventHead = (job: TrainingJob) => ({ version: EVENT_VERSION, job: job.id }) as const

/** One update. On failure the state is as before. */
export const updateOnce = (
  prepared: PreparedJob,
  state: OptimizerState,
  rows: ReadonlyArray<number>,
  progress: Progress
): Result.Result<{ state: OptimizerState; metrics: Metrics; tokens: number }, TrainFailure> => {
  const { job, backend, model, training, kernel, reading } = prepared
  const step = progress.step + 1
  const layout = layOut(
    rows.map((row) => pairRow(training.pairs[row]!)),
    model.config.context,
    model.ops.padded
  )
  const fixed = selectColumns(training.fixed, rows)
  const { objective, details } = pairObjective(kernel, fixed, layout, job.ceWeight)
  const { loss, gradients } = lossAndGradients(model, state.parameters, layout, objective)
  try {
    const bad = nonFinitePairs(details())
    if (bad.length > 0) {
      const detail = `the loss of ${job.loss.spec} is not finite at update ${step}`
      return Result.fail(new TrainFailure({ reason: "non-finite-loss", detail, step, rows: bad.map((i) => rows[i]!) }))
    }
    const norm = globalNorm(backend, gradients)
    if (!Number.isFinite(norm)) {
      const detail = `the gradient of ${job.loss.spec} is not finite at update ${step}`
      return Result.fail(new TrainFailure({ reason: "non-finite-gradient", detail, step, rows }))
    }
    const schedule = { peak: job.learningRate, warmup: job.warmup, steps: job.steps, floor: job.finalRate }
    const learningRate = scheduledRate(step, schedule)
    const settings = { ...defaultOptimizer, weightDecay: job.weightDecay, step, learningRate }
    const tokens = progress.tokens + layout.inputs
    const metrics = {
      loss,
      ...pairMetrics(details().answers, fixed, reading),
      grad_norm: norm,
      learning_rate: learningRate,
      num_tokens: tokens
    }
    return Result.succeed({
      state: adamStep(backend, state, gradients, clipFactor(norm, job.clip), settings),
      metrics,
      tokens
    })
  } finally {
    disposeParameters(gradients)
  }
}

/** Metrics of the policy after `step` updates, as an event; a failure when one of them is no finite number. */
export const evaluationEvent = (
  prepared: PreparedJob,
  state: OptimizerState,
  step: number
): Result.Result<TrainEvent, TrainFailure> => {
  const { job, backend, model, heldOut, reference, kernel, reading } = prepared
  const { samplesPerPrompt = 1, maxTokens = 24, seed = 0 } = job.evaluation ?? {}
  const prompts = job.data.prompts ?? []
  const rng = Rng.fromSeed(seed).split("evaluation")
  const task = { backend, model, reference, prompts, samplesPerPrompt, maxTokens, rng }
  const sampled = prompts.length === 0 ? undefined : evaluateSamples(task, state.parameters)
  const loss = { kernel, ceWeight: job.ceWeight, reading }
  const ranked = heldOut === undefined ? {} : evaluatePairs(model, state.parameters, heldOut.pairs, heldOut.fixed, loss)
  const metrics: Metrics = { ...sampled?.metrics, ...ranked }
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value))
  if (bad !== undefined) {
    const detail = `the policy that ${job.loss.spec} trains is not finite after update ${step}: ${bad[0]} is ${bad[1]}`
    return Result.fail(new TrainFailure({ reason: "non-finite-loss", detail, step, rows: [] }))
  }
  return Result.succeed({
    ...eventHead(job),
    event: "evaluation",
    step,
    metrics,
    samples: [...(sampled?.samples ?? [])],
    ...(sampled === undefined ? {} : { rewards: sampled.rewards })
  })
}

/** The failure of a policy whose parameters are not finite numbers: no checkpoint may hold them. */
export const nonFinitePolicy = (
  { job, backend }: PreparedJob,
  { parameters }: OptimizerState,
  step: number
): TrainFailure | undefined => {
  if (Number.isFinite(globalNorm(backend, parameters))) return undefined
  const detail = `the parameters that ${job.loss.spec} trains are not finite after update ${step}`
  return new TrainFailure({ reason: "non-finite-loss", detail, step, rows: [] })
}
