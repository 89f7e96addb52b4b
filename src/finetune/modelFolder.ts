/**
 * @file A model as a folder: `config.json` (GPT-2's keys), `model.safetensors`, `tokenizer.json`. The layout is Hugging
 * Face's, so the same folder loads in other trainers.
 */

import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { writeFileAtomic } from "./atomicFile.ts"
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts"
import { type ArrayData, checkModelConfig, type ModelConfig, parameterShapes } from "./tfjs/model.ts"
import {
  END_ID,
  END_OF_TEXT,
  makeTokenizer,
  type Tokenizer,
  type TokenizerData,
  tokenizerFromJson,
  tokenizerToJson,
  UNKNOWN
} from "./tfjs/tokenizer.ts"

/** A model in memory. `hash` names weights, sizes and tokenizer together (first 16 hex digits of SHA-256). */
export interface LoadedModel {
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly arrays: Readonly<Record<string, ArrayData>>
  readonly hash: string
}

/** A folder that is no usable model: which file, and what is wrong with it. */
export class ModelFolderError extends Data.TaggedError("ModelFolderError")<{
  readonly folder: string
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `model folder ${this.folder}: ${this.file}: ${this.reason}`
  }
}

const WEIGHTS = "model.safetensors"
const CONFIG = "config.json"
const TOKENIZER = "tokenizer.json"

/** The `config.json` of a model, in GPT-2's keys. */
export const configToJson = (config: ModelConfig): object => ({
  architectures: ["GPT2LMHeadModel"],
  model_type: "gpt2",
  vocab_size: config.vocabulary,
  n_positions: config.context,
  n_embd: config.width,
  n_layer: config.layers,
  n_head: config.heads,
  n_inner: 4 * config.width,
  activation_function: "relu",
  layer_norm_epsilon: 1e-5,
  tie_word_embeddings: true,
  ...{ attn_pdrop: 0, embd_pdrop: 0, resid_pdrop: 0 },
  ...{ bos_token_id: END_ID, eos_token_id: END_ID },
  torch_dtype: "float32"
})

const tokenizerConfig = (config: ModelConfig): object => ({
  tokenizer_class: "PreTrainedTokenizerFast",
  ...{ bos_token: END_OF_TEXT, eos_token: END_OF_TEXT, unk_token: UNKNOWN },
  model_max_length: config.context,
  clean_up_tokenization_spaces: false
})

/** Settings of another architecture that this model would silently compute otherwise. */
const required: Readonly<Record<string, unknown>> = {
  model_type: "gpt2",
  activation_function: "relu",
  layer_norm_epsilon: 1e-5,
  tie_word_embeddings: true
}

/** Sizes from a `config.json`, or one sentence on what cannot be run. */
export const configFromJson = (json: unknown): Result.Result<ModelConfig, string> => {
  const found = (json ?? {}) as Readonly<Record<string, unknown>>
  for (const [key, value] of Object.entries(required)) {
    if (found[key] !== value) {
      return Result.fail(`${key} is ${JSON.stringify(found[key])}, this engine runs ${JSON.stringify(value)} only`)
    }
  }
  const config: ModelConfig = {
    vocabulary: Number(found.vocab_size),
    context: Number(found.n_positions),
    width: Number(found.n_embd),
    layers: Number(found.n_layer),
    heads: Number(found.n_head)
  }
  if (found.n_inner !== undefined && found.n_inner !== null && found.n_inner !== 4 * config.width) {
    return Result.fail(`n_inner is ${JSON.stringify(found.n_inner)}, this engine runs 4 × n_embd only`)
  }
  try {
    checkModelConfig(config)
    return Result.succeed(config)
  } catch (cause) {
    return Result.fail((cause as Error).message)
  }
}

/** Weights of a model as safetensors bytes. */
export const encodeWeights = (config: ModelConfig, arrays: Readonly<Record<string, ArrayData>>): Uint8Array =>
  encodeSafetensors({
    metadata: { format: "pt" },
    tensors: Object.fromEntries(
      parameterShapes(config).map(([name, shape]) => [name, { dtype: "F32", shape, values: arrays[name]!.values }])
    )
  })

/** Writes a model folder; the weights go last, so that a folder with weights is complete. */
export const writeModelFolder = (
  folder: string,
  model: {
    readonly config: ModelConfig
    readonly tokenizer: TokenizerData
    readonly arrays: Readonly<Record<string, ArrayData>>
  }
): void => {
  const json = (value: object) => `${JSON.stringify(value, null, 1)}\n`
  writeFileAtomic(join(folder, TOKENIZER), json(tokenizerToJson(model.tokenizer)))
  writeFileAtomic(join(folder, "tokenizer_config.json"), json(tokenizerConfig(model.config)))
  writeFileAtomic(join(folder, CONFIG), json(configToJson(model.config)))
  writeFileAtomic(join(folder, WEIGHTS), encodeWeights(model.config, model.arrays))
}

/** The weights of a file as arrays, each with the shape that the configuration asks for; or what is wrong. */
const readWeights = (bytes: Uint8Array, config: ModelConfig): Result.Result<Record<string, ArrayData>, string> => {
  const file = decodeSafetensors(bytes)
  if (Result.isFailure(file)) return Result.fail(file.failure.reason)
  const arrays: Record<string, ArrayData> = {}
  for (const [name, shape] of parameterShapes(config)) {
    const tensor = file.success.tensors[name]
    if (tensor?.dtype !== "F32" || tensor.shape.join() !== shape.join()) {
      return Result.fail(
        `tensor ${name} should be F32 [${shape}], found ${tensor ? `${tensor.dtype} [${tensor.shape}]` : "none"}`
      )
    }
    // The fused ReLU of the wasm backend makes 0 of NaN: a bad weight would go unnoticed.
    const bad = tensor.values.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0)
      return Result.fail(`tensor ${name} has ${tensor.values[bad]} at entry ${bad}, finite numbers are needed`)
    arrays[name] = { shape, values: tensor.values }
  }
  return Result.succeed(arrays)
}

/** Reads a model folder. */
export const readModelFolder = (folder: string): Result.Result<LoadedModel, ModelFolderError> => {
  const fail = (file: string, reason: string) => Result.fail(new ModelFolderError({ folder, file, reason }))
  const bytes: Record<string, Uint8Array> = {}
  const parsed: Record<string, unknown> = {}
  for (const file of [CONFIG, TOKENIZER, WEIGHTS]) {
    try {
      bytes[file] = readFileSync(join(folder, file))
      if (file !== WEIGHTS) parsed[file] = JSON.parse(new TextDecoder().decode(bytes[file]))
    } catch (cause) {
      return fail(file, cause instanceof SyntaxError ? "is not JSON" : "cannot be read")
    }
  }
  const config = configFromJson(parsed[CONFIG])
  if (Result.isFailure(config)) return fail(CONFIG, config.failure)
  const tokenizer = tokenizerFromJson(parsed[TOKENIZER])
  if (Result.isFailure(tokenizer)) return fail(TOKENIZER, tokenizer.failure.reason)
  if (tokenizer.success.vocabulary.length > config.success.vocabulary) {
    return fail(TOKENIZER, `has ${tokenizer.success.vocabulary.length} tokens, the model ${config.success.vocabulary}`)
  }
  const arrays = readWeights(bytes[WEIGHTS]!, config.success)
  if (Result.isFailure(arrays)) return fail(WEIGHTS, arrays.failure)
  const hash = createHash("sha256")
  for (const file of [CONFIG, TOKENIZER, WEIGHTS]) hash.update(bytes[file]!)
  return Result.succeed({
    config: config.success,
    tokenizer: makeTokenizer(tokenizer.success),
    arrays: arrays.success,
    hash: hash.digest("hex").slice(0, 16)
  })
}
