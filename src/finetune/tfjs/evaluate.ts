/**
 * @file Evaluation of a policy: what it writes after held-out prompts (gold reward, KL to the reference, entropy, length,
 * diversity) and how it ranks held-out pairs.
 */

import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs"
import type { Kernel } from "../../loss/kernel.ts"
import type { Rng } from "../../random/rng.ts"
import type { TokenPair } from "../data.ts"
import type { Metrics, SampleText } from "../events.ts"
import { goldReward, promptTokens } from "../sentiment.ts"
import type { Backend } from "./backend.ts"
import { dataInTidy, type RunningModel } from "./gradient.ts"
import { type Layout, layOut, sumPerAnswer } from "./layout.ts"
import { pairMetrics, type RewardReading, withError } from "./metrics.ts"
import { type Parameters, predictingStates } from "./model.ts"
import { type FixedColumns, nonFinitePairs, pairLosses } from "./objective.ts"
import { type Completion, sampleCompletions } from "./sample.ts"
import { scorePairs } from "./scoring.ts"
import type { Tokenizer } from "./tokenizer.ts"

/** Texts scored in one pass. */
const BATCH = 64
/** Samples shown in the event. */
const SHOWN = 4

/** What a policy is compared with, and on which prompts. */
export interface SamplingTask {
  readonly backend: Backend
  readonly model: RunningModel & { readonly tokenizer: Tokenizer }
  readonly reference: Parameters
  readonly prompts: ReadonlyArray<string>
  readonly samplesPerPrompt: number
  readonly maxTokens: number
  /** Prompt i, sample k draws from `rng.split(i).split(k)`, the same at every evaluation: common random numbers. */
  readonly rng: Rng
}

/** Per target: `KL(π ‖ π_ref)` of the next-token distributions, the policy's entropy, `log π - log π_ref` of the token. */
interface TokenStatistics {
  readonly kl: Float32Array
  readonly entropy: Float32Array
  readonly logRatio: Float32Array
}

const tokenStatistics = (
  model: RunningModel,
  policy: Parameters,
  reference: Parameters,
  layout: Layout
): TokenStatistics => {
  const { tf, ops, config } = model
  return dataInTidy(tf, () => {
    const logProbs = (parameters: Parameters): Tensor2D => {
      const states = predictingStates(ops, config, parameters, layout)
      return tf.logSoftmax(ops.logits(states, parameters["transformer.wte.weight"] as Tensor2D))
    }
    const p = logProbs(policy)
    const q = logProbs(reference)
    const mass = tf.exp(p)
    const values = (tensor: Tensor1D) => Float32Array.from(tensor.dataSync())
    const [pValues, qValues] = [p.dataSync(), q.dataSync()]
    return {
      kl: values(tf.sum(tf.mul(mass, tf.sub(p, q)), 1)),
      entropy: values(tf.neg(tf.sum(tf.mul(mass, p), 1))),
      logRatio: Float32Array.from(layout.targets, (target, m) => {
        const at = m * config.vocabulary + target
        return pValues[at]! - qValues[at]!
      })
    }
  })
}

/** Distinct n-grams over all n-grams of completions; 1 when there are none. */
export const distinctShare = (completions: ReadonlyArray<ReadonlyArray<number>>, n: number): number => {
  const grams = completions.flatMap((tokens) =>
    tokens.slice(0, Math.max(0, tokens.length - n + 1)).map((_, i) => tokens.slice(i, i + n).join())
  )
  return grams.length === 0 ? 1 : new Set(grams).size / grams.length
}

const drawAll = (task: SamplingTask, policy: Parameters) => {
  const { backend, model, prompts, samplesPerPrompt, rng, maxTokens } = task
  const jobs = prompts.flatMap((prompt, i) => Array.from({ length: samplesPerPrompt }, (_, k) => ({ prompt, i, k })))
  const completions: Array<Completion> = []
  for (let start = 0; start < jobs.length; start += BATCH) {
    const group = jobs.slice(start, start + BATCH)
    const ids = group.map(({ prompt }) => promptTokens(model.tokenizer, prompt))
    const streams = group.map(({ i, k }) => rng.split(i).split(k))
    completions.push(...sampleCompletions(backend, model, policy, ids, streams, { maxTokens, allowEmpty: true }))
  }
  return { prompts: jobs.map(({ prompt }) => prompt), completions }
}

/** Means over the samples of each prompt. */
const perPrompt = (values: ReadonlyArray<number>, samples: number): ReadonlyArray<number> =>
  Array.from({ length: values.length / samples }, (_, i) =>
    values.slice(i * samples, (i + 1) * samples).reduce((sum, value) => sum + value / samples, 0)
  )

/**
 * Samples completions and measures, each as a mean over prompts with its standard error `_se`:
 * `gold/reward`; `kl`, the sum over a completion's tokens of the exact KL of the two next-token distributions (its
 * expectation is KL(π ‖ π_ref), with less noise than the log-ratio); `kl/sampled`, the log-ratio itself;
 * and `entropy` (nats per token), `length/mean` (tokens), `length/ended` (share ended within the limit), `distinct/tokens`
 * and `distinct/bigrams` (distinct over all).
 */
export const evaluateSamples = (task: SamplingTask, policy: Parameters) => {
  const { model, reference, samplesPerPrompt } = task
  const { prompts, completions } = drawAll(task, policy)
  const sums = { kl: [] as Array<number>, entropy: [] as Array<number>, logRatio: [] as Array<number> }
  for (let start = 0; start < completions.length; start += BATCH) {
    const rows = completions.slice(start, start + BATCH).map(({ tokens }, i) => ({
      prompt: promptTokens(model.tokenizer, prompts[start + i]!),
      answers: [tokens]
    }))
    const layout = layOut(rows, model.config.context, model.ops.padded)
    const statistics = tokenStatistics(model, policy, reference, layout)
    for (const key of ["kl", "entropy", "logRatio"] as const) sums[key].push(...sumPerAnswer(layout, statistics[key]))
  }
  const texts = completions.map(({ tokens }) => model.tokenizer.decode(tokens))
  const rewards = texts.map(goldReward)
  const lengths = completions.map(({ tokens }) => tokens.length)
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const metrics: Metrics = {
    ...withError("gold/reward", perPrompt(rewards, samplesPerPrompt)),
    ...withError("kl", perPrompt(sums.kl, samplesPerPrompt)),
    ...withError("kl/sampled", perPrompt(sums.logRatio, samplesPerPrompt)),
    entropy: sums.entropy.reduce((sum, value) => sum + value, 0) / tokens,
    "length/mean": tokens / lengths.length,
    "length/ended": completions.filter(({ ended }) => ended).length / completions.length,
    "distinct/tokens": distinctShare(
      completions.map((completion) => completion.tokens),
      1
    ),
    "distinct/bigrams": distinctShare(
      completions.map((completion) => completion.tokens),
      2
    )
  }
  const samples: ReadonlyArray<SampleText> = texts
    .slice(0, SHOWN * samplesPerPrompt)
    .flatMap((completion, i) =>
      i % samplesPerPrompt === 0 ? [{ prompt: prompts[i]!, completion, reward: rewards[i]! }] : []
    )
  return { metrics, samples, rewards }
}

/**
 * Loss and pair metrics of a policy on held-out pairs, under the names of training steps. Where the loss of some pairs is not
 * finite, their number is given as `non_finite_pairs` in place of the mean.
 */
export const evaluatePairs = (
  model: RunningModel,
  policy: Parameters,
  pairs: ReadonlyArray<TokenPair>,
  fixed: FixedColumns,
  loss: { readonly kernel: Kernel; readonly ceWeight: number; readonly reading: RewardReading }
): Metrics => {
  const answers = scorePairs(model, policy, pairs)
  const result = pairLosses(loss.kernel, fixed, answers, loss.ceWeight)
  const bad = nonFinitePairs(result).length
  return {
    ...(bad === 0 ? { loss: result.loss } : { non_finite_pairs: bad }),
    ...pairMetrics(answers, fixed, loss.reading)
  }
}
