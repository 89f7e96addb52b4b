/** Losses over what is bad alone: they read the rejected response of an example, and nothing of the chosen one. */
import * as Result from "effect/Result"
import type { PairBatch } from "../batch.ts"
import type { World } from "../inputs/filler.ts"
import type { Family } from "../objective.ts"
import { sigmoid } from "../preferences.ts"
import type { MethodDefinition } from "./method.ts"

/** `log π(rejected)`, to be minimised: gradient ascent on the likelihood of what is bad, without end. */
export const ascentFamily = (): Family => ({
  name: "ascent",
  addGradientInto: (batch, logp, _prob, gradient) => {
    let total = 0
    for (let i = 0; i < batch.count; i++) {
      gradient[batch.rejected[i]!]! += batch.weight[i]!
      total += batch.weight[i]! * logp[batch.rejected[i]!]!
    }
    return total
  }
})

/** Weight of each context in a batch, by its rejected responses. */
const contextSharesInto = (batch: PairBatch, arms: number, shares: Float64Array): void => {
  shares.fill(0)
  for (let i = 0; i < batch.count; i++) shares[Math.floor(batch.rejected[i]! / arms)]! += batch.weight[i]!
}

/**
 * D2O with all self-samples at once: the mean of log π/π_ref over samples of π_ref is `-KL(π_ref ‖ π)`, so the loss is
 * `-log σ(-beta KL(π_ref ‖ π) - alpha log π(rejected)/π_ref(rejected))`, the KL in the response's context.
 * @see Duan et al. 2024, arXiv 2403.03419; the limit of K samples to their expectation is ours
 */
export const d2oFamily = ({ environment, logReference }: World, beta: number, alpha: number): Family => {
  const { arms, contexts, reference } = environment
  const divergence = new Float64Array(contexts)
  const pull = new Float64Array(contexts)
  const shares = new Float64Array(contexts)
  return {
    name: `d2o-expected?beta=${beta}&alpha=${alpha}`,
    addGradientInto: (batch, logp, _prob, gradient) => {
      contextSharesInto(batch, arms, shares)
      divergence.fill(0)
      pull.fill(0)
      for (let y = 0; y < reference.length; y++) {
        const c = Math.floor(y / arms)
        if (shares[c]! > 0) divergence[c]! += reference[y]! * (logReference[y]! - logp[y]!)
      }
      let total = 0
      for (let i = 0; i < batch.count; i++) {
        const y = batch.rejected[i]!
        const c = Math.floor(y / arms)
        const margin = -beta * divergence[c]! - alpha * (logp[y]! - logReference[y]!)
        const slope = batch.weight[i]! * sigmoid(-margin)
        total += batch.weight[i]! * (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))))
        gradient[y]! += alpha * slope
        pull[c]! += beta * slope
      }
      for (let y = 0; y < reference.length; y++) gradient[y]! -= pull[Math.floor(y / arms)]! * reference[y]!
      return total
    }
  }
}

/** `ascent` */
export const ascent: MethodDefinition = {
  name: "ascent",
  title: "Gradient ascent on what is bad",
  settings: {},
  make: () => Result.succeed({ kind: "family", family: ascentFamily() })
}

/** `d2o-expected?beta=…&alpha=…`, defaults as published. */
export const d2oExpected: MethodDefinition = {
  name: "d2o-expected",
  title: "D2O, self-samples in expectation",
  settings: { beta: { above: 0, default: 0.1 }, alpha: { atLeast: 0, default: 0.1 } },
  make: (settings, { world }) =>
    Result.succeed({
      kind: "family",
      family: d2oFamily(world, settings.number("beta")!, settings.number("alpha")!)
    })
}
