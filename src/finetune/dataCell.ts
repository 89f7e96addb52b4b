/**
 * @file The preference data of a study: completions of a model, paired by gold reward, in training and held-out pairs of
 * disjoint prompts. The embedded engine draws from a reference model, the PyTorch worker from any other.
 */

import { join } from "node:path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Rng } from "../random/rng.ts"
import { writeFileAtomic } from "./atomicFile.ts"
import { FinetuneSpecError, orThrow } from "./cellSpec.ts"
import { writePairs } from "./data.ts"
import { readModelFolder } from "./modelFolder.ts"
import { type PromptSplit, splitPrompts } from "./prompts.ts"
import { referencePrompts } from "./referenceModels.ts"
import { reviewPrompts } from "./reviewPrompts.ts"
import { type DrawnText, pairsByReward, promptTokens, type SentimentPairs, sentimentPairs } from "./sentiment.ts"
import { startBackend } from "./tfjs/backend.ts"
import { runningModel } from "./tfjs/gradient.ts"
import { disposeParameters, uploadParameters } from "./tfjs/model.ts"
import { torchDtypes } from "./torchSettings.ts"
import { runWorkerCommand } from "./workerCommand.ts"

/** Prompts by name: beginnings of sentences of presidential addresses, which the reference models know, and of reviews. */
export const promptSets = { speeches: referencePrompts, reviews: reviewPrompts } as const
export const promptSetNames = Object.keys(promptSets) as ["speeches", "reviews"]

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))

/** Preference data to make. */
export const SentimentCellSpec = Schema.Struct({
  /** Model folder that completions are drawn from, or what the worker takes for one. */
  modelDir: Schema.NonEmptyString,
  /** Folder for pairs.jsonl, heldout.jsonl and prompts.json. */
  outDir: Schema.NonEmptyString,
  /** Default: the prompts of the reference models. */
  prompts: Schema.optionalKey(Schema.Literals(promptSetNames)),
  trainingPrompts: Count,
  heldOutPrompts: Count,
  /** Prompts, of the held-out ones, on which sampled completions are judged. */
  evaluationPrompts: Count,
  /** Even. */
  completionsPerPrompt: Count,
  maxTokens: Count,
  seed: Schema.Int,
  /** Present: the PyTorch worker draws, with weights in this format on this device. */
  worker: Schema.optionalKey(
    Schema.Struct({ dtype: Schema.Literals(torchDtypes), device: Schema.Literals(["auto", "cpu", "cuda"]) })
  )
})
export type SentimentCellSpec = typeof SentimentCellSpec.Type

/** Counts of both sides, and the files written. */
export interface SentimentCellResult {
  readonly training: Omit<SentimentPairs, "pairs"> & { readonly pairs: number }
  readonly heldOut: Omit<SentimentPairs, "pairs"> & { readonly pairs: number }
  readonly files: { readonly pairs: string; readonly heldOut: string; readonly prompts: string }
}

const decodeSentiment = Schema.decodeUnknownResult(SentimentCellSpec, { errors: "all", onExcessProperty: "error" })

/** Number of the pairs in place of the pairs. */
const summary = ({ pairs, counts, meanReward }: SentimentPairs) => ({ pairs: pairs.length, counts, meanReward })

/** Training and held-out prompts of those that leave room for a completion. */
const dividePrompts = (spec: SentimentCellSpec, leavesRoom: (prompt: string) => boolean): PromptSplit => {
  const prompts = promptSets[spec.prompts ?? "speeches"]().filter(leavesRoom)
  const needed = spec.trainingPrompts + spec.heldOutPrompts
  if (prompts.length < needed) {
    throw new FinetuneSpecError(
      `${needed} prompts are asked for, ${prompts.length} leave room for ${spec.maxTokens} tokens`
    )
  }
  const sizes = { training: spec.trainingPrompts, heldOut: spec.heldOutPrompts }
  return splitPrompts(prompts, sizes, Rng.fromSeed(spec.seed).split("sentiment").split("prompts"))
}

interface Made {
  readonly split: PromptSplit
  readonly training: SentimentPairs
  readonly heldOut: SentimentPairs
}

const drawEmbedded = async (spec: SentimentCellSpec): Promise<Made> => {
  const loaded = orThrow(readModelFolder(spec.modelDir))
  const { tokenizer, config } = loaded
  const room = config.context + 1 - spec.maxTokens
  const split = dividePrompts(spec, (prompt) => promptTokens(tokenizer, prompt).length <= room)
  const backend = orThrow(await startBackend("tfjs-wasm"))
  const model = { ...runningModel(backend, config), tokenizer }
  const parameters = uploadParameters(backend.tf, config, loaded.arrays)
  const rng = Rng.fromSeed(spec.seed).split("sentiment").split("completions")
  const make = (list: ReadonlyArray<string>) => sentimentPairs(backend, model, parameters, list, spec, rng)
  const [training, heldOut] = [make(split.training), make(split.heldOut)]
  disposeParameters(parameters)
  return { split, training, heldOut }
}

/** A line of the worker's `sample`. */
const SampleLine = Schema.Struct({ prompt: Schema.Int, completion: Schema.String, complete: Schema.Boolean })
const decodeSamples = Schema.decodeUnknownResult(Schema.Array(SampleLine))

/** Completions by the worker, from the streams that the embedded engine draws from; blank ones make no pair. */
const drawWithWorker = async (spec: SentimentCellSpec): Promise<Made> => {
  const { modelDir, completionsPerPrompt, maxTokens, seed, worker } = spec
  const split = dividePrompts(spec, () => true)
  const prompts = [...split.training, ...split.heldOut]
  const sampling = { prompts, per_prompt: completionsPerPrompt, max_tokens: maxTokens, seed }
  const lines = orThrow(await runWorkerCommand("sample", { model: modelDir, ...worker, ...sampling }))
  const samples = orThrow(Result.mapError(decodeSamples(lines), () => new Error("the worker's samples cannot be read")))
  const texts = samples.map(({ prompt, completion, complete }): DrawnText => {
    return { prompt: prompts[prompt]!, text: completion, complete, usable: completion.trim() !== "" }
  })
  const ofTraining = split.training.length * completionsPerPrompt
  return {
    split,
    training: pairsByReward(split.training.length, texts.slice(0, ofTraining)),
    heldOut: pairsByReward(split.heldOut.length, texts.slice(ofTraining))
  }
}

/**
 * Makes training and held-out pairs from disjoint prompts; a function of the model and the spec.
 * @throws FinetuneSpecError on a bad spec or model, too few prompts, or a worker that cannot draw
 */
export const runSentimentCell = async (input: unknown): Promise<SentimentCellResult> => {
  const spec = orThrow(decodeSentiment(input))
  const { split, training, heldOut } = await (spec.worker === undefined ? drawEmbedded(spec) : drawWithWorker(spec))
  const files = {
    pairs: join(spec.outDir, "pairs.jsonl"),
    heldOut: join(spec.outDir, "heldout.jsonl"),
    prompts: join(spec.outDir, "prompts.json")
  }
  writePairs(files.pairs, training.pairs)
  writePairs(files.heldOut, heldOut.pairs)
  writeFileAtomic(files.prompts, `${JSON.stringify(split.heldOut.slice(0, spec.evaluationPrompts), null, 1)}\n`)
  return { training: summary(training), heldOut: summary(heldOut), files }
}
