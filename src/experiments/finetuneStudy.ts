/** @file Finetuning as a study file has it, and the losses as finetuning reads them. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { promptSetNames } from "../finetune/dataCell.ts"
import { standardEngine, trainingEngine, trainingEngineIds } from "../finetune/engines.ts"
import { isReferenceModel, isWorkerModel, packagedModel } from "../finetune/modelSource.ts"
import { referenceModels } from "../finetune/referenceModels.ts"
import { SlurmSettings } from "../finetune/slurm/settings.ts"
import { TorchStudySettings } from "../finetune/torchSettings.ts"
import { NAMED } from "../logic/lattice.ts"
import { nearest } from "../loss/nearest.ts"
import { resolveLoss } from "../loss/resolve.ts"
import { defaulted, NonNegative, Seeds, swept } from "./fields.ts"
import { withParameter } from "./lossName.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const Index = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Even = Count.check(Schema.makeFilter((n) => (n % 2 === 0 ? undefined : `expected an even number, found ${n}`)))

const ModelName = Schema.NonEmptyString.check(
  Schema.makeFilter((model) => {
    if (isReferenceModel(model) || isWorkerModel(model)) return undefined
    const known = [...referenceModels, packagedModel]
    return `unknown model ${JSON.stringify(model)}; ${nearest(model, known)}; a folder, owner/name of the hub or a .gguf file has a / or .gguf in it`
  })
)

/** How the preference data is drawn from the model. */
export const DataConfig = Schema.Struct({
  /** `speeches`, which the reference models know; `reviews`, for models that know the web. */
  prompts: Schema.optionalKey(Schema.Literals(promptSetNames)),
  trainingPrompts: Count,
  heldOutPrompts: Count,
  /** Of the held-out prompts, those on which sampled completions are judged. */
  evaluationPrompts: Count,
  completionsPerPrompt: defaulted(Even, 4),
  maxTokens: defaulted(Count, 20),
  seed: defaulted(Index, 0)
}).check(
  Schema.makeFilter(({ evaluationPrompts, heldOutPrompts }) =>
    evaluationPrompts <= heldOutPrompts
      ? undefined
      : {
          path: ["evaluationPrompts"],
          issue: `${evaluationPrompts} of ${heldOutPrompts} held-out prompts cannot be judged`
        }
  )
)

/** The finetune section. Losses are those that the select stage lets pass. */
export const FinetuneConfig = Schema.Struct({
  /** A reference model of the package, or with PyTorch any model that the worker opens, see finetune/modelSource.ts. */
  model: defaulted(ModelName, "sotu-0.2m"),
  data: DataConfig,
  /** Default tfjs-wasm. Asked for by name, never chosen by what is installed: another engine rounds otherwise. */
  engine: Schema.optionalKey(Schema.Literals(trainingEngineIds)),
  /** Settings of PyTorch, for the engines that have it. */
  torch: Schema.optionalKey(TorchStudySettings),
  /** The cluster, for engine slurm; changes no result. */
  slurm: Schema.optionalKey(SlurmSettings),
  /** Jobs going on at once, for engines that train in processes of their own; changes no result. */
  jobsAtOnce: Schema.optionalKey(Count),
  /** Whether losses of the lattice, `rows:`, `logic:` and `ratio:` read per-token probabilities. */
  lengthNormalised: defaulted(Schema.Boolean, true),
  steps: Count,
  batchSize: Count,
  learningRate: Positive,
  warmup: defaulted(Index, 10),
  /** Learning rate at the end over that at its height. */
  finalRate: defaulted(NonNegative, 0.1),
  clip: defaulted(Positive, 1),
  /** Weight of the cross-entropy term beside the loss; several: each loss is trained with each. */
  ceWeight: defaulted(swept(NonNegative), 0),
  evalEvery: Count,
  samplesPerPrompt: defaulted(Count, 1),
  maxTokens: defaulted(Count, 20),
  evalSeed: defaulted(Index, 0),
  checkpointEvery: defaulted(Count, 50),
  /** Default: the study's seeds. */
  seeds: Schema.optionalKey(Seeds)
}).check(
  Schema.makeFilter(({ engine, model, torch, slurm, jobsAtOnce }) => {
    if (slurm !== undefined && engine !== "slurm") {
      return { path: ["slurm"], issue: `does nothing with engine ${engine ?? standardEngine}; engine slurm reads it` }
    }
    if (trainingEngine(engine).separate) return undefined
    if (!isReferenceModel(model)) {
      const issue = `engine ${engine ?? standardEngine} runs ${referenceModels.join(" and ")} only; ${model} needs engine torch or slurm`
      return { path: ["model"], issue }
    }
    const key = torch !== undefined ? "torch" : jobsAtOnce !== undefined ? "jobsAtOnce" : undefined
    const issue = `does nothing with engine ${engine ?? standardEngine}, which trains in this process`
    return key === undefined ? undefined : { path: [key], issue }
  })
)
export type FinetuneConfig = typeof FinetuneConfig.Type

const latticeIds: ReadonlySet<string> = new Set(NAMED.map(({ id }) => id))

/**
 * The LOSS that finetuning uses for a selected one: with `lengthNormalised`, a bare structure reads geometric means per
 * token, because whole answers have probabilities of which `1 - p` is 1 in any number format. Published losses, and those
 * that say it themselves or read log-ratios (relative semantics), stay as they are.
 */
export const finetuneLoss = (loss: string, lengthNormalised: boolean): string => {
  const resolved = resolveLoss(loss)
  if (!lengthNormalised || Result.isFailure(resolved)) return loss
  const base = loss.replace(/\?.*$/, "")
  const bare = latticeIds.has(base) || /^(rows|logic|ratio):/.test(loss)
  const settled = resolved.success.lengthNormalised || resolved.success.semantics === "relative"
  return bare && !settled ? withParameter(loss, "lengthNormalised", true) : loss
}
