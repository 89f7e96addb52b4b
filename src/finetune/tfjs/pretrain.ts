/**
 * @file Pretraining of the reference model: next-token cross-entropy on sentences, each one begun by the end-of-text
 * token. A sentence that fits is ended by it too; a longer one is cut at the context's end.
 */

import type { Rng } from "../../random/rng.ts"
import type { Backend } from "./backend.ts"
import { lossAndGradients, type RunningModel, runningModel, scoreTokens } from "./gradient.ts"
import { layOut, type PromptRow } from "./layout.ts"
import { disposeParameters, initialParameters, type ModelConfig, type Parameters, uploadParameters } from "./model.ts"
import { adamStep, clipFactor, globalNorm, scheduledRate, startOptimizer } from "./optimizer.ts"
import { END_ID, type Tokenizer } from "./tokenizer.ts"

/** How a model is pretrained. */
export interface PretrainSettings {
  readonly config: ModelConfig
  readonly steps: number
  readonly sentencesPerStep: number
  readonly learningRate: number
  readonly warmup: number
  readonly weightDecay: number
}

/** One report: step (from 1), mean cross-entropy per token since the last report, nats. */
export interface PretrainReport {
  readonly step: number
  readonly loss: number
  readonly tokens: number
}

/** A sentence as a row: begun by the end-of-text token, at most `context` tokens to predict. */
export const sentenceRow = (tokenizer: Tokenizer, sentence: string, context: number): PromptRow => ({
  prompt: [END_ID],
  answers: [[...tokenizer.encode(sentence), END_ID].slice(0, context)]
})

/** Mean cross-entropy per token over rows, in nats; its exponential is the perplexity. */
export const crossEntropy = (
  model: RunningModel,
  parameters: Parameters,
  rows: ReadonlyArray<PromptRow>,
  batch = 64
): number => {
  let sum = 0
  let count = 0
  for (let start = 0; start < rows.length; start += batch) {
    const layout = layOut(rows.slice(start, start + batch), model.config.context)
    for (const logProb of scoreTokens(model, parameters, layout)) sum -= logProb
    count += layout.targets.length
  }
  return sum / count
}

const meanTokenLoss = (tokenLogProbs: Float32Array) => ({
  loss: -tokenLogProbs.reduce((sum, value) => sum + value, 0) / tokenLogProbs.length,
  weights: new Float32Array(tokenLogProbs.length).fill(-1 / tokenLogProbs.length)
})

/** An endless walk over rows: a new shuffle for every pass. */
function* shuffledPasses(rows: ReadonlyArray<PromptRow>, rng: Rng): Generator<PromptRow, never> {
  for (let pass = 0; ; pass++) yield* rng.split(pass).shuffled(rows)
}

/**
 * Trains a model from scratch, Adam (β2 0.99) with cosine schedule to a tenth and clipping at norm 1.
 * @returns the final parameters, the caller's to dispose
 */
export const pretrain = (
  backend: Backend,
  rows: ReadonlyArray<PromptRow>,
  settings: PretrainSettings,
  rng: Rng,
  report: (line: PretrainReport) => void,
  reportEvery = 50
): Parameters => {
  const { config, steps, learningRate: peak, warmup, weightDecay } = settings
  const model = runningModel(backend, config)
  const order = shuffledPasses(rows, rng.split("order"))
  let state = startOptimizer(
    backend,
    uploadParameters(backend.tf, config, initialParameters(config, rng.split("model")))
  )
  let sum = 0
  let tokens = 0
  for (let step = 1; step <= steps; step++) {
    const batch = Array.from({ length: settings.sentencesPerStep }, () => order.next().value)
    const layout = layOut(batch, config.context)
    const { loss, gradients } = lossAndGradients(model, state.parameters, layout, meanTokenLoss)
    const clip = clipFactor(globalNorm(backend, gradients), 1)
    const learningRate = scheduledRate(step, { peak, warmup, steps, floor: 0.1 })
    const adam = { step, learningRate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay }
    state = adamStep(backend, state, gradients, clip, adam)
    disposeParameters(gradients)
    sum += loss
    tokens += layout.targets.length
    if (step % reportEvery === 0 || step === steps) {
      report({ step, loss: sum / (((step - 1) % reportEvery) + 1), tokens })
      sum = 0
    }
  }
  disposeParameters(state.first)
  disposeParameters(state.second)
  return state.parameters
}
