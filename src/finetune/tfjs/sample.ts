/**
 * @file Sampling of completions at temperature 1. On the wasm backend keys and values are cached, elsewhere every token
 * recomputes its whole text; both draw the same numbers from the same streams.
 */

import type { Tensor2D } from "@tensorflow/tfjs"
import type { Rng } from "../../random/rng.ts"
import type { Backend } from "./backend.ts"
import { dataInTidy, type RunningModel } from "./gradient.ts"
import { attentionForward, kernelsOf } from "./kernels.ts"
import { type Layout, layOut } from "./layout.ts"
import { type ModelConfig, type Parameters, predictingStates } from "./model.ts"
import type { Ops } from "./ops.ts"
import { END_ID, UNKNOWN_ID } from "./tokenizer.ts"

/** A sampled answer: its tokens, the end-of-text token included when it `ended` within the limit. */
export interface Completion {
  readonly tokens: ReadonlyArray<number>
  readonly ended: boolean
}

/** How completions are drawn. */
export interface SampleSettings {
  /** Most tokens per completion. */
  readonly maxTokens: number
  /** Whether a completion may end at once; if not, the first token is drawn from the others. */
  readonly allowEmpty: boolean
}

/** Probabilities [S, V] of the next token of S unfinished texts. */
type NextToken = (active: ReadonlyArray<number>, newTokens: ReadonlyArray<ReadonlyArray<number>>) => Float32Array

/** Index drawn with probability proportional to `weights[from + i]`, forbidden ids left out. */
const draw = (
  weights: Float32Array,
  from: number,
  size: number,
  forbidden: ReadonlyArray<number>,
  u: number
): number => {
  let total = 0
  for (let i = 0; i < size; i++) total += weights[from + i]!
  for (const id of forbidden) total -= weights[from + id]!
  let rest = u * total
  let last = 0
  for (let i = 0; i < size; i++) {
    const weight = forbidden.includes(i) ? 0 : weights[from + i]!
    if (weight > 0) {
      rest -= weight
      last = i
      if (rest < 0) return i
    }
  }
  return last
}

/** A layout of new tokens of several texts, text s at rows `s * context + position` of the cache. */
const cacheLayout = (
  config: ModelConfig,
  texts: ReadonlyArray<number>,
  starts: ReadonlyArray<number>,
  newTokens: ReadonlyArray<ReadonlyArray<number>>
): Layout & { readonly cacheRows: Int32Array } => {
  const size = newTokens.reduce((sum, tokens) => sum + tokens.length, 0)
  const layout = { tokens: new Int32Array(size), positions: new Int32Array(size), cacheRows: new Int32Array(size) }
  const ranges = new Int32Array(5 * size)
  const targetRows = new Int32Array(texts.length)
  let [n, keys] = [0, 0]
  texts.forEach((text, index) => {
    newTokens[index]!.forEach((token, offset) => {
      const position = starts[index]! + offset
      const base = text * config.context
      layout.tokens[n] = token
      layout.positions[n] = position
      layout.cacheRows[n] = base + position
      ranges.set([base, base + position + 1, 0, 0, keys], 5 * n)
      keys += position + 1
      n += 1
    })
    targetRows[index] = n - 1
  })
  const unused = { targets: new Int32Array(0), targetAnswers: new Int32Array(0), answerLengths: new Int32Array(0) }
  return { ...layout, ...unused, inputs: size, ranges, keys, targetRows, grid: { rows: 1, length: size } }
}

/** Operations whose attention writes its keys and values to a cache of its layer, then looks there. */
const cachedOps = (backend: Backend, ops: Ops, caches: ReadonlyArray<Tensor2D>): Ops => {
  const kernels = kernelsOf(backend)
  let layer = 0
  return {
    ...ops,
    attention: (qkv, heads, layout) => {
      const cache = caches[layer % caches.length]!
      layer += 1
      const width = qkv.shape[1]
      const ranges = backend.tf.tensor1d(layout.ranges, "int32")
      const { cacheRows } = layout as ReturnType<typeof cacheLayout>
      const sizes = { heads, headSize: width / 3 / heads, keys: layout.keys }
      const [from, to] = [kernels.memory.floats(qkv), kernels.memory.floats(cache)]
      cacheRows.forEach((row, n) => {
        to.set(from.subarray(n * width, (n + 1) * width), row * width)
      })
      return attentionForward(kernels, qkv, cache, ranges, sizes).out as Tensor2D
    }
  }
}

/** Next-token probabilities with cached keys and values. `dispose` frees the caches. */
const cachedNextToken = (backend: Backend, model: RunningModel, parameters: Parameters, texts: number) => {
  const { tf, config } = model
  const caches = Array.from({ length: config.layers }, () =>
    tf.keep(tf.zeros([texts * config.context, 3 * config.width]) as Tensor2D)
  )
  const lengths = new Array<number>(texts).fill(0)
  const next: NextToken = (active, newTokens) => {
    const starts = active.map((text) => lengths[text]!)
    active.forEach((text, index) => {
      lengths[text] = lengths[text]! + newTokens[index]!.length
    })
    const layout = cacheLayout(config, active, starts, newTokens)
    return dataInTidy(tf, () => {
      const states = predictingStates(cachedOps(backend, model.ops, caches), config, parameters, layout)
      const logits = model.ops.logits(states, parameters["transformer.wte.weight"] as Tensor2D)
      return tf.softmax(logits).dataSync() as Float32Array
    })
  }
  return { next, dispose: () => tf.dispose(caches) }
}

/** Next-token probabilities by computing every text anew. */
const recomputedNextToken = (model: RunningModel, parameters: Parameters, count: number) => {
  const texts: Array<Array<number>> = Array.from({ length: count }, () => [])
  const next: NextToken = (active, newTokens) => {
    active.forEach((text, index) => {
      texts[text]!.push(...newTokens[index]!)
    })
    // One dummy answer token stands for the token to come.
    const rows = active.map((text) => ({ prompt: texts[text]!, answers: [[0]] }))
    const layout = layOut(rows, model.config.context, true)
    return dataInTidy(model.tf, () => {
      const states = predictingStates(model.ops, model.config, parameters, layout)
      const logits = model.ops.logits(states, parameters["transformer.wte.weight"] as Tensor2D)
      return model.tf.softmax(logits).dataSync() as Float32Array
    })
  }
  return { next, dispose: () => undefined }
}

/**
 * Draws one completion per prompt from the model at temperature 1; unknown-byte tokens are never drawn.
 * @param prompts token ids, the end-of-text token first
 * @param streams one stream per prompt: equal streams give common random numbers across models
 * @throws RangeError when a prompt is empty or leaves no room in the context
 */
export const sampleCompletions = (
  backend: Backend,
  model: RunningModel,
  parameters: Parameters,
  prompts: ReadonlyArray<ReadonlyArray<number>>,
  streams: ReadonlyArray<Rng>,
  settings: SampleSettings
): ReadonlyArray<Completion> => {
  const { context, vocabulary } = model.config
  const longest = Math.max(...prompts.map((prompt) => prompt.length))
  if (prompts.some((prompt) => prompt.length === 0) || longest + settings.maxTokens - 1 > context) {
    throw new RangeError(`sampleCompletions: prompts of 1 to ${context + 1 - settings.maxTokens} tokens are needed`)
  }
  const answers: Array<Array<number>> = prompts.map(() => [])
  const decoder =
    backend.memory === undefined
      ? recomputedNextToken(model, parameters, prompts.length)
      : cachedNextToken(backend, model, parameters, prompts.length)
  let active = prompts.map((_, text) => text)
  let fresh = prompts
  for (let round = 0; round < settings.maxTokens && active.length > 0; round++) {
    const probabilities = decoder.next(active, fresh)
    const forbidden = round === 0 && !settings.allowEmpty ? [UNKNOWN_ID, END_ID] : [UNKNOWN_ID]
    active.forEach((text, index) => {
      answers[text]!.push(draw(probabilities, index * vocabulary, vocabulary, forbidden, streams[text]!.uniform()))
    })
    active = active.filter((text) => answers[text]!.at(-1) !== END_ID)
    fresh = active.map((text) => [answers[text]!.at(-1)!])
  }
  decoder.dispose()
  return answers.map((tokens) => ({ tokens, ended: tokens.at(-1) === END_ID }))
}
