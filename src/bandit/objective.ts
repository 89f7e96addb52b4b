/**
 * What is minimised: a family maps a batch of pairs and the current policy to a loss and its gradient by log π; the
 * objective carries that through the softmax to the logits.
 */
import type { Program } from "../loss/program.ts"
import type { PairBatch } from "./batch.ts"
import { softmaxInto, softmaxPullbackInPlace } from "./softmax.ts"

/** A loss that is a program over the log-probabilities of single pairs and nothing else that moves. */
export interface PairProgram {
  readonly program: Program
  /** Weight of -log π(chosen). */
  readonly ceWeight: number
}

/** A loss over batches of examples. */
export interface Family {
  readonly name: string
  /** Where the loss is no more than this: then its second derivatives are known, see solvers/hessian.ts. */
  readonly pairs?: PairProgram
  /** Called once before every training step: running means of the batches move here and nowhere else. */
  readonly observe?: (batch: PairBatch, logp: Float64Array) => void
  /** The gradient of {@link addGradientInto} without the loss, where that is cheaper; training steps use it. */
  readonly addSlopeInto?: (batch: PairBatch, logp: Float64Array, prob: Float64Array, gradient: Float64Array) => void
  /**
   * Returns Σ_pairs weight · loss and adds ∂/∂log π to `gradient`.
   * @param logp, prob, gradient shape [contexts * arms]; `gradient` is all zero on entry
   */
  readonly addGradientInto: (batch: PairBatch, logp: Float64Array, prob: Float64Array, gradient: Float64Array) => number
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
  /** The gradient alone, of a training step: what the family observes, it observes here. */
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
      family.observe?.(batch, logp)
      addSlopeInto(batch, logp, prob, gradient)
      softmaxPullbackInPlace(prob, contexts, arms, gradient)
    }
  }
}
