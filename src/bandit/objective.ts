/**
 * What is minimised: a family maps a batch of pairs and the current policy to a loss and its gradient by log π; the
 * objective carries that through the softmax to the logits.
 */
import type { PairBatch, PairInput } from "./batch.ts"
import { softmaxInto, softmaxPullbackInPlace } from "./softmax.ts"

/** The part of a compiled loss program that a bandit uses. */
export interface PairKernel {
  readonly inputs: ReadonlyArray<string>
  readonly run: (columns: Readonly<Record<string, Float64Array>>, out: PairBatch["out"], count: number) => void
}

/** A loss over batches of pairs. */
export interface Family {
  readonly name: string
  /**
   * Returns Σ_pairs weight · loss and adds ∂/∂log π to `gradient`.
   * @param logp, prob, gradient shape [contexts * arms]; `gradient` is all zero on entry
   */
  readonly addGradientInto: (batch: PairBatch, logp: Float64Array, prob: Float64Array, gradient: Float64Array) => number
}

/**
 * A loss program over pairs, plus `-ceWeight · log π(chosen)` (the cross-entropy term of preference trainers).
 * `∂/∂log π(w) = weight (dlw - ceWeight)`, `∂/∂log π(l) = weight · dll`.
 */
export const pairLossFamily = (name: string, kernel: PairKernel, ceWeight = 0): Family => ({
  name,
  addGradientInto: (batch, logp, _prob, gradient) => {
    const { count, chosen, rejected, weight, columns, out } = batch
    const { lw, ll } = columns
    for (let i = 0; i < count; i++) {
      lw[i] = logp[chosen[i]!]!
      ll[i] = logp[rejected[i]!]!
    }
    kernel.run(columns, out, count)
    const { loss, dlw, dll } = out
    let total = 0
    for (let i = 0; i < count; i++) {
      const share = weight[i]!
      total += share * (loss[i]! - ceWeight * lw[i]!)
      gradient[chosen[i]!]! += share * (dlw[i]! - ceWeight)
      gradient[rejected[i]!]! += share * dll[i]!
    }
    return total
  }
})

/** Inputs of a kernel that a bandit pair does not have. */
export const missingInputs = (kernel: PairKernel, available: ReadonlyArray<PairInput>): ReadonlyArray<string> =>
  kernel.inputs.filter((input) => !(available as ReadonlyArray<string>).includes(input))

/** A family bound to the shape of an environment, with scratch space; `logp` and `prob` are those of the last call. */
export interface Objective {
  readonly family: Family
  readonly logp: Float64Array
  readonly prob: Float64Array
  /**
   * Returns the loss at `logits` and overwrites `gradient` with its derivative by the logits.
   * Both shape [contexts * arms]; the gradient of every context sums to 0.
   */
  readonly lossAndGradientInto: (batch: PairBatch, logits: Float64Array, gradient: Float64Array) => number
}

/** @param contexts, arms shape of the logits */
export const createObjective = (family: Family, contexts: number, arms: number): Objective => {
  const logp = new Float64Array(contexts * arms)
  const prob = new Float64Array(contexts * arms)
  return {
    family,
    logp,
    prob,
    lossAndGradientInto: (batch, logits, gradient) => {
      softmaxInto(logits, contexts, arms, logp, prob)
      gradient.fill(0)
      const loss = family.addGradientInto(batch, logp, prob, gradient)
      softmaxPullbackInPlace(prob, contexts, arms, gradient)
      return loss
    }
  }
}
