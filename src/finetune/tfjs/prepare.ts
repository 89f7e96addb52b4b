/**
 * @file From a job to everything its training loop needs, every problem of its files found before the backend starts.
 */

import { createHash } from "node:crypto"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { compileKernel, type Kernel } from "../../loss/kernel.ts"
import { encodePairs, type PreferencePair, pairsToJsonLines, readPairs, type TokenPair } from "../data.ts"
import type { FailureReason } from "../events.ts"
import { jobHash, programOf, type TrainingJob } from "../job.ts"
import { type LoadedModel, readModelFolder } from "../modelFolder.ts"
import { type Backend, type EngineId, type ModuleLoader, startBackend } from "./backend.ts"
import { type RunningModel, runningModel } from "./gradient.ts"
import type { RewardReading } from "./metrics.ts"
import { disposeParameters, type Parameters, uploadParameters } from "./model.ts"
import { type FixedColumns, missingInputs } from "./objective.ts"
import { cachedReferenceScores, fixedColumns, referenceKey, scorePairs } from "./scoring.ts"
import type { Tokenizer } from "./tokenizer.ts"

/** Why a job stops: where, and the pairs in hand. */
export class TrainFailure extends Data.TaggedError("TrainFailure")<{
  readonly reason: FailureReason
  readonly detail: string
  readonly step: number
  readonly rows: ReadonlyArray<number>
}> {
  override get message(): string {
    return this.detail
  }
}

/** Pairs as tokens and the columns that stay fixed. */
export interface PreparedPairs {
  readonly pairs: ReadonlyArray<TokenPair>
  readonly fixed: FixedColumns
}

/** A job ready to train. The reference's tensors are the holder's to dispose. */
export interface PreparedJob {
  readonly job: TrainingJob
  readonly hash: string
  readonly backend: Backend
  readonly model: RunningModel & { readonly tokenizer: Tokenizer }
  readonly start: LoadedModel
  readonly reference: Parameters
  readonly training: PreparedPairs
  readonly heldOut?: PreparedPairs
  readonly kernel: Kernel
  readonly reading: RewardReading
}

const failure = (reason: FailureReason, detail: string) => new TrainFailure({ reason, detail, step: 0, rows: [] })

type Prepared<A> = Result.Result<A, TrainFailure>

const invalid = (error: { readonly message: string }) => failure("invalid-input", error.message)

const loadPairs = (source: string | ReadonlyArray<PreferencePair>): Prepared<ReadonlyArray<PreferencePair>> =>
  typeof source === "string" ? Result.mapError(readPairs(source), invalid) : Result.succeed(source)

const kernelOf = (job: TrainingJob): Prepared<Kernel> => {
  const kernel = compileKernel(programOf(job))
  const missing = missingInputs(kernel)
  return missing.length === 0
    ? Result.succeed(kernel)
    : Result.fail(
        failure(
          "unsupported-loss",
          `${job.loss.spec} needs ${missing.join(", ")}, which pairs in this engine do not have`
        )
      )
}

/** Both models; the reference must cut text into the same tokens. */
const loadModels = (job: TrainingJob): Prepared<{ start: LoadedModel; reference: LoadedModel }> => {
  const start = readModelFolder(job.model)
  if (Result.isFailure(start)) return Result.fail(invalid(start.failure))
  if (job.reference === undefined) return Result.succeed({ start: start.success, reference: start.success })
  const reference = readModelFolder(job.reference)
  if (Result.isFailure(reference)) return Result.fail(invalid(reference.failure))
  const sizes = (model: LoadedModel) => JSON.stringify([model.config, model.tokenizer.data])
  return sizes(start.success) === sizes(reference.success)
    ? Result.succeed({ start: start.success, reference: reference.success })
    : Result.fail(
        failure("invalid-input", `model ${job.model} and reference ${job.reference} differ in sizes or tokenizer`)
      )
}

const cutPairs = (
  job: TrainingJob,
  model: LoadedModel,
  kernel: Kernel,
  source: string | ReadonlyArray<PreferencePair>,
  name: string
): Prepared<{ tokens: ReadonlyArray<TokenPair>; digest: string }> => {
  const pairs = loadPairs(source)
  if (Result.isFailure(pairs)) return Result.fail(pairs.failure)
  const needsScores = kernel.inputs.includes("s_w") || kernel.inputs.includes("s_l")
  const limits = { context: model.config.context, needsScores }
  const file = typeof source === "string" ? source : `${job.id}: ${name}`
  const tokens = encodePairs(model.tokenizer, pairs.success, limits, file)
  if (Result.isFailure(tokens)) return Result.fail(invalid(tokens.failure))
  const digest = createHash("sha256").update(pairsToJsonLines(pairs.success)).digest("hex")
  return Result.succeed({ tokens: tokens.success, digest })
}

const checkPrompts = (job: TrainingJob, model: LoadedModel): Prepared<void> => {
  const room = model.config.context + 1 - (job.evaluation?.maxTokens ?? 1)
  const long = (job.data.prompts ?? []).find((prompt) => 1 + model.tokenizer.encode(prompt).length > room)
  return long === undefined
    ? Result.succeed(undefined)
    : Result.fail(
        failure("invalid-input", `prompt ${JSON.stringify(long)} leaves no room for max_tokens in the context`)
      )
}

/** Settings that this engine would ignore. */
const checkSettings = (job: TrainingJob): Prepared<void> =>
  job.torch === undefined
    ? Result.succeed(undefined)
    : Result.fail(failure("invalid-input", `${job.id}: "torch" holds settings of the engine torch, which tfjs has not`))

/** Reads, checks and scores everything. Starts the backend of this thread. */
export const prepareJob = async (
  job: TrainingJob,
  engine: EngineId,
  load?: ModuleLoader
): Promise<Prepared<PreparedJob>> => {
  const settings = checkSettings(job)
  if (Result.isFailure(settings)) return Result.fail(settings.failure)
  const kernel = kernelOf(job)
  if (Result.isFailure(kernel)) return Result.fail(kernel.failure)
  const models = loadModels(job)
  if (Result.isFailure(models)) return Result.fail(models.failure)
  const { start } = models.success
  const training = cutPairs(job, start, kernel.success, job.data.pairs, "pairs")
  if (Result.isFailure(training)) return Result.fail(training.failure)
  const heldOutSource = job.data.heldOutPairs
  const heldOut =
    heldOutSource === undefined ? undefined : cutPairs(job, start, kernel.success, heldOutSource, "held-out pairs")
  if (heldOut !== undefined && Result.isFailure(heldOut)) return Result.fail(heldOut.failure)
  const prompts = checkPrompts(job, start)
  if (Result.isFailure(prompts)) return Result.fail(prompts.failure)
  const backend = await startBackend(engine, load)
  if (Result.isFailure(backend)) return Result.fail(failure("engine-unavailable", backend.failure.message))
  return Result.succeed(
    assemble(job, backend.success, models.success, kernel.success, training.success, heldOut?.success)
  )
}

const assemble = (
  job: TrainingJob,
  backend: Backend,
  models: { readonly start: LoadedModel; readonly reference: LoadedModel },
  kernel: Kernel,
  training: { readonly tokens: ReadonlyArray<TokenPair>; readonly digest: string },
  heldOut: { readonly tokens: ReadonlyArray<TokenPair>; readonly digest: string } | undefined
): PreparedJob => {
  const { start } = models
  const model = { ...runningModel(backend, start.config), tokenizer: start.tokenizer }
  const reference = uploadParameters(backend.tf, start.config, models.reference.arrays)
  const score = (pairs: ReadonlyArray<TokenPair>): PreparedPairs => {
    const key = referenceKey(models.reference.hash, backend.id, pairs)
    const scores = cachedReferenceScores(job.referenceCache, key, pairs, () => scorePairs(model, reference, pairs))
    return { pairs, fixed: fixedColumns(pairs, scores) }
  }
  const inputs = [start.hash, models.reference.hash, training.digest, heldOut?.digest ?? "", backend.id]
  return {
    ...{ job, backend, model, start, reference, kernel },
    hash: jobHash(job, inputs),
    training: score(training.tokens),
    ...(heldOut === undefined ? {} : { heldOut: score(heldOut.tokens) }),
    reading: { scale: job.loss.rewardScale, perToken: job.loss.lengthNormalised }
  }
}

/** Disposes what {@link prepareJob} put on the backend. */
export const disposePrepared = (prepared: PreparedJob): void => disposeParameters(prepared.reference)
