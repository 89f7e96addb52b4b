/**
 * @file What a study runs to finetune a model with one loss: on a worker thread, which has its own tfjs, or by an engine with
 * processes of its own. Plain JSON in, plain JSON out.
 */

import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { encodeProgram } from "../loss/codec.ts"
import { withInputGradients } from "../loss/inputGradients.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { runnability } from "../loss/runnable.ts"
import { FinetuneSpecError, orThrow } from "./cellSpec.ts"
import { trainingEngine, trainingEngineIds } from "./engines.ts"
import type { FailedEvent, FailureReason, Metrics, SampleText, TrainEvent } from "./events.ts"
import { decodeJob, type TrainingJob } from "./job.ts"
import { TrainingEngine } from "./TrainingEngine.ts"
import { encodeTorchSettings, TorchStudySettings } from "./torchSettings.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))

/** One finetuning run. */
export const FinetuneCellSpec = Schema.Struct({
  /** Any LOSS whose inputs the engine has: see engineInputs in src/loss/runnable.ts. */
  loss: Schema.NonEmptyString,
  seed: Schema.Int,
  steps: Count,
  batchSize: Count,
  learningRate: Schema.Finite,
  warmup: Schema.optionalKey(Schema.Int),
  /** Final over peak learning rate; default 0.1, a cosine. */
  finalRate: Schema.optionalKey(Schema.Finite),
  clip: Schema.optionalKey(Schema.Finite),
  ceWeight: Schema.optionalKey(Schema.Finite),
  /** Updates between evaluations. */
  evalEvery: Count,
  samplesPerPrompt: Schema.optionalKey(Count),
  maxTokens: Schema.optionalKey(Count),
  /** Seed of evaluation sampling, shared by the losses of a study; default 0. */
  evalSeed: Schema.optionalKey(Schema.Int),
  modelDir: Schema.NonEmptyString,
  pairsFile: Schema.NonEmptyString,
  heldOutFile: Schema.optionalKey(Schema.NonEmptyString),
  /** JSON array of prompts. */
  promptsFile: Schema.optionalKey(Schema.NonEmptyString),
  /** Folder for events and checkpoints: with it an interrupted run continues. */
  workDir: Schema.optionalKey(Schema.NonEmptyString),
  checkpointEvery: Schema.optionalKey(Count),
  referenceCache: Schema.optionalKey(Schema.NonEmptyString),
  engine: Schema.optionalKey(Schema.Literals(trainingEngineIds)),
  /** Settings of PyTorch, for the engines that have it. */
  torch: Schema.optionalKey(TorchStudySettings)
})
export type FinetuneCellSpec = typeof FinetuneCellSpec.Type

/** One row of `finetune.jsonl`: metrics of an update (its loss as `loss/train`) or of an evaluation (`loss/heldout`). */
export type FinetuneRow = {
  readonly loss: string
  readonly seed: number
  readonly step: number
  readonly kind: "step" | "evaluation"
} & Readonly<Record<string, number | string>>

/**
 * What a run gives: rows, of the last evaluation sample texts and the gold rewards of all samples (prompt by prompt, those of a
 * prompt side by side), and the failure if training broke off on its own.
 */
export interface FinetuneCellResult {
  readonly rows: ReadonlyArray<FinetuneRow>
  readonly samples: ReadonlyArray<SampleText>
  readonly rewards: ReadonlyArray<number>
  readonly failure?: { readonly reason: FailureReason; readonly message: string; readonly step: number }
}

const decodeFinetune = Schema.decodeUnknownResult(FinetuneCellSpec, { errors: "all", onExcessProperty: "error" })

const readPrompts = (file: string | undefined): { readonly prompts?: ReadonlyArray<string> } => {
  if (file === undefined) return {}
  try {
    return { prompts: JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<string> }
  } catch {
    throw new FinetuneSpecError(`${file}: no JSON array of prompts can be read there`)
  }
}

const given = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: V })

/** The job of a spec. @throws FinetuneSpecError on a loss or a setting that cannot be used */
export const jobOfCell = (spec: FinetuneCellSpec): TrainingJob => {
  const loss = orThrow(resolveLoss(spec.loss, (path) => readFileSync(path, "utf8")))
  const { separate } = trainingEngine(spec.engine)
  const runnable = runnability(loss, separate ? "torch" : "finetune")
  if (Result.isFailure(runnable)) throw new FinetuneSpecError(`${spec.loss} cannot be finetuned: ${runnable.failure}`)
  // Inputs that the worker computes from the policy: their derivatives count too.
  const moving = loss.entry?.movingInputs ?? []
  const beta = loss.params.beta
  return orThrow(
    decodeJob({
      version: 1,
      id: `finetune/${spec.loss}/seed=${spec.seed}`,
      loss: {
        spec: spec.loss,
        program: encodeProgram(separate ? withInputGradients(loss.program, moving) : loss.program),
        length_normalised: loss.lengthNormalised,
        reward_scale: beta !== undefined && beta > 0 ? beta : 1
      },
      model: spec.modelDir,
      data: {
        pairs: spec.pairsFile,
        ...given("held_out_pairs", spec.heldOutFile),
        ...readPrompts(spec.promptsFile)
      },
      steps: spec.steps,
      batch_size: spec.batchSize,
      learning_rate: spec.learningRate,
      final_rate: spec.finalRate ?? 0.1,
      ...given("warmup", spec.warmup),
      ...given("clip", spec.clip),
      ...given("ce_weight", spec.ceWeight),
      seed: spec.seed,
      evaluation: {
        every: spec.evalEvery,
        ...given("samples_per_prompt", spec.samplesPerPrompt),
        ...given("max_tokens", spec.maxTokens),
        ...given("seed", spec.evalSeed)
      },
      ...given("checkpoint_every", spec.checkpointEvery),
      ...given("output", spec.workDir),
      ...given("reference_cache", spec.referenceCache),
      ...given("torch", spec.torch && encodeTorchSettings(spec.torch))
    })
  )
}

const rowOf = (
  spec: FinetuneCellSpec,
  kind: "step" | "evaluation",
  step: number,
  { loss: value, ...metrics }: Metrics
): FinetuneRow => ({
  ...metrics,
  ...given(kind === "step" ? "loss/train" : "loss/heldout", value),
  loss: spec.loss,
  seed: spec.seed,
  step,
  kind
})

/** Failures of the input or of the machine rather than of the training. */
const outsideFailures: ReadonlySet<FailureReason> = new Set([
  "invalid-input",
  "engine-unavailable",
  "unsupported-loss",
  "step-zero",
  "out-of-memory",
  "engine-failed"
])

/**
 * Finetunes one model with one loss. A loss that stops being finite is a result, with its rows so far; a job that could not
 * begin is an error.
 * @param report called after every update with the fraction done
 * @param engine what trains; by default the engine that the spec names
 * @param signal stops the training; the promise is rejected when it has stopped
 * @throws FinetuneSpecError when the spec, a file or the engine cannot be used, or the step-0 check fails; EngineError when
 * the engine itself breaks
 */
export const runFinetuneCell = async (
  input: unknown,
  report: (fraction: number) => void = () => undefined,
  engine?: Layer.Layer<TrainingEngine>,
  signal?: AbortSignal
): Promise<FinetuneCellResult> => {
  const spec = orThrow(decodeFinetune(input))
  const job = jobOfCell(spec)
  const rows: Array<FinetuneRow> = []
  let samples: ReadonlyArray<SampleText> = []
  let rewards: ReadonlyArray<number> = []
  let failed: FailedEvent | undefined
  const take = (event: TrainEvent): void => {
    // Told again: what came before is void.
    if (event.event === "started") rows.length = 0
    if (event.event === "step" || event.event === "evaluation") {
      rows.push(rowOf(spec, event.event, event.step, event.metrics))
      report(event.step / spec.steps)
    }
    if (event.event === "evaluation") {
      samples = event.samples
      rewards = event.rewards ?? []
    }
    if (event.event === "failed") failed = event
  }
  const end = await TrainingEngine.pipe(
    Effect.flatMap(({ train }) => Stream.runForEach(train(job), (event) => Effect.sync(() => take(event)))),
    Effect.provide(engine ?? trainingEngine(spec.engine).layer()),
    Effect.result,
    (effect) => Effect.runPromise(effect, signal === undefined ? {} : { signal })
  )
  if (Result.isSuccess(end)) return { rows, samples, rewards }
  if (failed === undefined) throw end.failure
  if (outsideFailures.has(failed.reason)) throw new FinetuneSpecError(failed.message)
  return { rows, samples, rewards, failure: { reason: failed.reason, message: failed.message, step: failed.step } }
}
