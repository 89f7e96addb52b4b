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
).annotate({ identifier: "ModelName" })

/** How the preference data is drawn from the model. */
export const DataConfig = Schema.Struct({
  prompts: Schema.optionalKey(Schema.Literals(promptSetNames)).annotateKey({
    description: "`speeches`, which the reference models know; `reviews`, for models that know the web."
  }),
  trainingPrompts: Count.annotateKey({ description: "Prompts whose completions are the training pairs." }),
  heldOutPrompts: Count.annotateKey({ description: "Further prompts, for evaluation only." }),
  evaluationPrompts: Count.annotateKey({
    description: "Of the held-out prompts, those on which sampled completions are judged."
  }),
  completionsPerPrompt: defaulted(Even, 4).annotateKey({
    description: "Completions sampled for each prompt, an even number: each two are a pair."
  }),
  maxTokens: defaulted(Count, 20).annotateKey({ description: "Most tokens of a completion in the data." }),
  seed: defaulted(Index, 0).annotateKey({ description: "Seed of the sampling of data, the same for every loss." })
})
  .check(
    Schema.makeFilter(({ evaluationPrompts, heldOutPrompts }) =>
      evaluationPrompts <= heldOutPrompts
        ? undefined
        : {
            path: ["evaluationPrompts"],
            issue: `${evaluationPrompts} of ${heldOutPrompts} held-out prompts cannot be judged`
          }
    )
  )
  .annotate({ identifier: "FinetuneData" })

/** The finetune section. Losses are those that the select stage lets pass. */
export const FinetuneConfig = Schema.Struct({
  model: defaulted(ModelName, "sotu-0.2m").annotateKey({
    description:
      "A reference model of the package, or with PyTorch any model that the worker opens, see finetune/modelSource.ts."
  }),
  data: DataConfig.annotateKey({ description: "How the preference data is drawn from the model." }),
  engine: Schema.optionalKey(Schema.Literals(trainingEngineIds)).annotateKey({
    description:
      "Default tfjs-wasm. Asked for by name, never chosen by what is installed: another engine rounds otherwise."
  }),
  torch: Schema.optionalKey(TorchStudySettings).annotateKey({
    description: "Settings of PyTorch, for the engines that have it."
  }),
  slurm: Schema.optionalKey(SlurmSettings).annotateKey({
    description: "The cluster, for engine slurm; changes no result."
  }),
  jobsAtOnce: Schema.optionalKey(Count).annotateKey({
    description: "Jobs going on at once, for engines that train in processes of their own; changes no result."
  }),
  lengthNormalised: defaulted(Schema.Boolean, true).annotateKey({
    description: "Whether losses of the lattice, `rows:`, `logic:` and `ratio:` read per-token probabilities."
  }),
  steps: Count.annotateKey({ description: "Updates." }),
  batchSize: Count.annotateKey({ description: "Pairs of an update." }),
  learningRate: Positive.annotateKey({ description: "Learning rate at its height, of Adam." }),
  warmup: defaulted(Index, 10).annotateKey({ description: "Updates over which the learning rate rises from 0." }),
  finalRate: defaulted(NonNegative, 0.1).annotateKey({
    description: "Learning rate at the end over that at its height."
  }),
  clip: defaulted(Positive, 1).annotateKey({
    description: "Largest norm of a gradient; a longer one is scaled down to it."
  }),
  ceWeight: defaulted(swept(NonNegative), 0).annotateKey({
    description: "Weight of the cross-entropy term beside the loss; several: each loss is trained with each."
  }),
  evalEvery: Count.annotateKey({ description: "Updates between evaluations." }),
  samplesPerPrompt: defaulted(Count, 1).annotateKey({
    description: "Completions sampled for each evaluation prompt at every evaluation."
  }),
  maxTokens: defaulted(Count, 20).annotateKey({ description: "Most tokens of a completion sampled at evaluations." }),
  evalSeed: defaulted(Index, 0).annotateKey({ description: "Seed of the sampling at evaluations." }),
  checkpointEvery: defaulted(Count, 50).annotateKey({
    description: "Updates between checkpoints, from which a job that was cut goes on; changes no result."
  }),
  seeds: Schema.optionalKey(Seeds).annotateKey({ description: "Default: the study's seeds." })
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
