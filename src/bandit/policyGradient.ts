/**
 * Naive off-policy policy gradient, the comparison of Contrastive Policy Gradient (arXiv 2406.19185, §5.1): the expected
 * direction is `E_{y ~ mu}[(R_beta(y) - b) ∇ log π(y)]`, mu the responses in the data (both of every pair) with no
 * importance weight, `R_beta(y) = R(y) - beta log π(y)/π_ref(y)`.
 *
 * Reported loss: `-E_mu[(R - b) lr - (beta/2) lr²]`, lr = log π/π_ref, whose gradient at fixed b is that direction.
 */
import type { Environment } from "./environment.ts"
import type { Family } from "./objective.ts"

/**
 * - `none`: b = 0.
 * - `value`: b = E_π[R], the published choice; biased off-policy.
 * - `regularised`: b = E_π[R_beta]; has π* as fixed point, since R_beta is constant there.
 */
export const baselines = ["none", "value", "regularised"] as const
export type Baseline = (typeof baselines)[number]

/** Baseline b of every context, written to `baseline` [contexts]. */
const baselineInto = (
  kind: Baseline,
  { contexts, arms, reward, beta }: { contexts: number; arms: number; reward: Float64Array; beta: number },
  logReference: Float64Array,
  logp: Float64Array,
  prob: Float64Array,
  baseline: Float64Array
): void => {
  baseline.fill(0)
  if (kind === "none") return
  for (let c = 0; c < contexts; c++) {
    for (let i = c * arms; i < (c + 1) * arms; i++) {
      const penalty = kind === "regularised" ? beta * (logp[i]! - logReference[i]!) : 0
      baseline[c]! += prob[i]! * (reward[i]! - penalty)
    }
  }
}

/** @param beta weight of the KL term in R_beta, > 0 */
export const policyGradientFamily = (environment: Environment, kind: Baseline, beta: number): Family => {
  if (!(beta > 0)) throw new RangeError(`policyGradientFamily: beta must be positive, got ${beta}`)
  const { contexts, arms, reward } = environment
  const logReference = environment.reference.map(Math.log)
  const baseline = new Float64Array(contexts)
  const addResponse = (i: number, weight: number, logp: Float64Array, gradient: Float64Array): number => {
    const ratio = logp[i]! - logReference[i]!
    const advantage = reward[i]! - baseline[Math.floor(i / arms)]!
    gradient[i]! -= weight * (advantage - beta * ratio)
    return -weight * (advantage - (beta / 2) * ratio) * ratio
  }
  return {
    name: `pg?baseline=${kind}&beta=${beta}`,
    addGradientInto: (batch, logp, prob, gradient) => {
      baselineInto(kind, { contexts, arms, reward, beta }, logReference, logp, prob, baseline)
      let total = 0
      for (let i = 0; i < batch.count; i++) {
        const half = batch.weight[i]! / 2
        total += addResponse(batch.chosen[i]!, half, logp, gradient)
        total += addResponse(batch.rejected[i]!, half, logp, gradient)
      }
      return total
    }
  }
}
