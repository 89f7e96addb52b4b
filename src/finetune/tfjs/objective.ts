/**
 * @file From token log-probabilities to a preference loss: sums per answer, the loss program on every pair by the Float64
 * kernel, the mean over pairs, and what each token weighs in its gradient. Any loss program; the optional cross-entropy
 * term is `ceWeight` times the mean over pairs of the chosen answer's negative log-probability per token.
 */

import type { Kernel, KernelOutput } from "../../loss/kernel.ts"
import { type Layout, sumPerAnswer } from "./layout.ts"

/** Columns of a batch that do not depend on the policy, one entry per pair: `rw`, `rl`, `nw`, `nl`, `s_w`, `s_l`. */
export type FixedColumns = Readonly<Record<string, Float64Array>>

/** Inputs of a loss program that this engine can provide. */
export const providedInputs: ReadonlyArray<string> = ["lw", "ll", "rw", "rl", "nw", "nl", "s_w", "s_l"]

/** Inputs of a program that this engine cannot provide, such as batch statistics or further responses. */
export const missingInputs = (kernel: Kernel): ReadonlyArray<string> =>
  kernel.inputs.filter((name) => !providedInputs.includes(name))

/** A batch's loss, pair by pair. */
export interface PairLosses {
  /** Mean over pairs, cross-entropy term included. */
  readonly loss: number
  /** Loss of each pair without the cross-entropy term. */
  readonly losses: Float64Array
  /** Derivative of `loss` by the log-probability of each answer: chosen at 2i, rejected at 2i + 1. */
  readonly answerWeights: Float64Array
}

/**
 * Losses of pairs from the policy's answer log-probabilities (nats, summed over tokens).
 * @param answers chosen at 2i, rejected at 2i + 1
 * @returns values that may be non-finite: the caller checks with {@link nonFinitePairs}
 */
export const pairLosses = (
  kernel: Kernel,
  fixed: FixedColumns,
  answers: Float64Array,
  ceWeight: number
): PairLosses => {
  const count = answers.length / 2
  const lw = Float64Array.from({ length: count }, (_, i) => answers[2 * i]!)
  const ll = Float64Array.from({ length: count }, (_, i) => answers[2 * i + 1]!)
  const out: KernelOutput = {
    loss: new Float64Array(count),
    dlw: new Float64Array(count),
    dll: new Float64Array(count)
  }
  kernel.run({ ...fixed, lw, ll }, out, count)
  const answerWeights = new Float64Array(2 * count)
  let loss = 0
  for (let i = 0; i < count; i++) {
    const length = fixed.nw![i]!
    loss += (out.loss[i]! - (ceWeight * lw[i]!) / length) / count
    answerWeights[2 * i] = (out.dlw[i]! - ceWeight / length) / count
    answerWeights[2 * i + 1] = out.dll[i]! / count
  }
  return { loss, losses: out.loss, answerWeights }
}

/** Pairs of the batch (from 0) whose loss or derivative is not a finite number. */
export const nonFinitePairs = ({ losses, answerWeights }: PairLosses): ReadonlyArray<number> =>
  [...losses.keys()].filter(
    (i) =>
      !(
        Number.isFinite(losses[i]) &&
        Number.isFinite(answerWeights[2 * i]) &&
        Number.isFinite(answerWeights[2 * i + 1])
      )
  )

/** The objective of one batch, and the details of its last evaluation. */
export const pairObjective = (kernel: Kernel, fixed: FixedColumns, layout: Layout, ceWeight: number) => {
  let last: (PairLosses & { readonly answers: Float64Array }) | undefined
  const objective = (tokenLogProbs: Float32Array) => {
    const answers = sumPerAnswer(layout, tokenLogProbs)
    last = { ...pairLosses(kernel, fixed, answers, ceWeight), answers }
    const { loss, answerWeights } = last
    return { loss, weights: Float32Array.from(layout.targetAnswers, (answer) => answerWeights[answer]!) }
  }
  return { objective, details: () => last! }
}
