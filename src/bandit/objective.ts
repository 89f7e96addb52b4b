/**
 * What is minimised: a family maps a batch of pairs and the current policy to a loss and its gradient by log π; the
 * objective carries that through the softmax to the logits.
 */
import type { PairBatch } from "./batch.ts"
import type { GradientRun } from "./gradientKernel.ts"
import { softmaxInto, softmaxPullbackInPlace } from "./softmax.ts"

/** The part of a compiled loss program that a bandit uses. */
export interface PairKernel {
  readonly run: (columns: Readonly<Record<string, Float64Array>>, out: PairBatch["out"], count: number) => void
}

/** A loss over batches of pairs. */
export interface Family {
  readonly name: string
  /** The gradient of {@link addGradientInto} without the loss, where that is cheaper; training steps use it. */
  readonly addSlopeInto?: (batch: PairBatch, logp: Float64Array, prob: Float64Array, gradient: Float64Array) => void
  /**
   * Returns Σ_pairs weight · loss and adds ∂/∂log π to `gradient`.
   * @param logp, prob, gradient shape [contexts * arms]; `gradient` is all zero on entry
   */
  readonly addGradientInto: (batch: PairBatch, logp: Float64Array, prob: Float64Array, gradient: Float64Array) => number
}

/** Fills the columns lw and ll of a batch. */
const readLogps = ({ count, chosen, rejected, columns }: PairBatch, logp: Float64Array): void => {
  const { lw, ll } = columns
  for (let i = 0; i < count; i++) {
    lw[i] = logp[chosen[i]!]!
    ll[i] = logp[rejected[i]!]!
  }
}

/** `∂/∂log π(w) += weight (dlw - ceWeight)`, `∂/∂log π(l) += weight · dll`. */
const scatter = (batch: PairBatch, ceWeight: number, gradient: Float64Array): void => {
  const { count, chosen, rejected, weight } = batch
  const { dlw, dll } = batch.out
  for (let i = 0; i < count; i++) {
    const share = weight[i]!
    gradient[chosen[i]!]! += share * (dlw[i]! - ceWeight)
    gradient[rejected[i]!]! += share * dll[i]!
  }
}

/**
 * A loss program over pairs, plus `-ceWeight · log π(chosen)` (the cross-entropy term of preference trainers).
 * @param slopes the same derivatives without the loss, see gradientKernel.ts; used where pairs outnumber responses
 */
export const pairLossFamily = (name: string, kernel: PairKernel, ceWeight = 0, slopes?: GradientRun): Family => {
  const addGradientInto: Family["addGradientInto"] = (batch, logp, _prob, gradient) => {
    readLogps(batch, logp)
    kernel.run(batch.columns, batch.out, batch.count)
    scatter(batch, ceWeight, gradient)
    const { loss } = batch.out
    let total = 0
    for (let i = 0; i < batch.count; i++) total += batch.weight[i]! * (loss[i]! - ceWeight * batch.columns.lw[i]!)
    return total
  }
  if (slopes === undefined) return { name, addGradientInto }
  return {
    name,
    addGradientInto,
    addSlopeInto: (batch, logp, prob, gradient) => {
      if (batch.count < logp.length) {
        addGradientInto(batch, logp, prob, gradient)
        return
      }
      readLogps(batch, logp)
      slopes(batch, logp)
      scatter(batch, ceWeight, gradient)
    }
  }
}

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
  /** The gradient alone. */
  readonly gradientInto: (batch: PairBatch, logits: Float64Array, gradient: Float64Array) => void
}

/** @param contexts, arms shape of the logits */
export const createObjective = (family: Family, contexts: number, arms: number): Objective => {
  const logp = new Float64Array(contexts * arms)
  const prob = new Float64Array(contexts * arms)
  const addSlopeInto = family.addSlopeInto ?? family.addGradientInto
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
    },
    gradientInto: (batch, logits, gradient) => {
      softmaxInto(logits, contexts, arms, logp, prob)
      gradient.fill(0)
      addSlopeInto(batch, logp, prob, gradient)
      softmaxPullbackInPlace(prob, contexts, arms, gradient)
    }
  }
}
