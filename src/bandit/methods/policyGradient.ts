/**
 * Policy gradients on the responses of a batch, whoever drew them: in the regime `online` this is REINFORCE (baseline none,
 * value, regularised) and RLOO (leave-one-out); on fixed data it is the naive off-policy gradient that Contrastive Policy
 * Gradient is compared with (arXiv 2406.19185, section 5.1), with no importance weight.
 *
 * The direction is `E_y[(R_beta(y) - b) ∇ log π(y)]` over all responses of the examples, `R_beta(y) = R(y) - beta log
 * π(y)/π_ref(y)`. Reported loss: `-E[(R - b) lr - (beta/2) lr²]`, lr = log π/π_ref, whose gradient at fixed b is that
 * direction.
 */
import * as Result from "effect/Result"
import { membersOf } from "../batch.ts"
import type { World } from "../inputs/filler.ts"
import type { Family } from "../objective.ts"
import type { MethodDefinition } from "./method.ts"

/**
 * - `none`: b = 0.
 * - `value`: b = E_π[R], the published choice; biased off-policy.
 * - `regularised`: b = E_π[R_beta]; has π* as fixed point, since R_beta is constant there.
 * - `leave-one-out`: b = the mean R_beta of the example's other responses (RLOO, arXiv 2402.14740).
 */
export const baselines = ["value", "none", "regularised", "leave-one-out"] as const
export type Baseline = (typeof baselines)[number]

/** Baseline of every context, written to `baseline` [contexts]; 0 for those that are per example. */
const contextBaselines = (
  kind: Baseline,
  beta: number,
  { environment: { contexts, arms }, scores, logReference }: World,
  logp: Float64Array,
  prob: Float64Array,
  baseline: Float64Array
): void => {
  baseline.fill(0)
  if (kind === "none" || kind === "leave-one-out") return
  for (let c = 0; c < contexts; c++) {
    for (let i = c * arms; i < (c + 1) * arms; i++) {
      const penalty = kind === "regularised" ? beta * (logp[i]! - logReference[i]!) : 0
      baseline[c]! += prob[i]! * (scores[i]! - penalty)
    }
  }
}

/** @param beta weight of the KL term in R_beta, > 0 */
export const policyGradientFamily = (world: World, kind: Baseline, beta: number): Family => {
  if (!(beta > 0)) throw new RangeError(`policyGradientFamily: beta must be positive, got ${beta}`)
  const { environment, scores, logReference } = world
  const { arms, contexts } = environment
  const baseline = new Float64Array(contexts)
  const regularised = (i: number, logp: Float64Array): number => scores[i]! - beta * (logp[i]! - logReference[i]!)
  const othersMean = (members: ReadonlyArray<Int32Array>, row: number, own: number, logp: Float64Array): number => {
    let total = 0
    for (let m = 0; m < members.length; m++) if (m !== own) total += regularised(members[m]![row]!, logp)
    return total / (members.length - 1)
  }
  return {
    name: `pg?baseline=${kind}&beta=${beta}`,
    addGradientInto: (batch, logp, prob, gradient) => {
      contextBaselines(kind, beta, world, logp, prob, baseline)
      const members = membersOf(batch)
      let total = 0
      for (let row = 0; row < batch.count; row++) {
        const share = batch.weight[row]! / members.length
        for (let m = 0; m < members.length; m++) {
          const i = members[m]![row]!
          const b = kind === "leave-one-out" ? othersMean(members, row, m, logp) : baseline[Math.floor(i / arms)]!
          const ratio = logp[i]! - logReference[i]!
          const advantage = scores[i]! - b
          gradient[i]! -= share * (advantage - beta * ratio)
          total -= share * (advantage - (beta / 2) * ratio) * ratio
        }
      }
      return total
    }
  }
}

const positive = { above: 0 } as const

const definition = (name: string, title: string, kinds: ReadonlyArray<Baseline>): MethodDefinition => ({
  name,
  title,
  settings: { ...(kinds.length > 1 ? { baseline: kinds } : {}), beta: positive },
  make: (settings, { world }) => {
    const baseline = kinds.length > 1 ? (settings.word("baseline") as Baseline) : kinds[0]!
    const family = policyGradientFamily(world, baseline, settings.number("beta") ?? world.environment.beta)
    return Result.succeed({ kind: "family", family })
  }
})

/** `pg?baseline=…&beta=…`; beta defaults to the environment's. */
export const policyGradient = definition("pg", "Policy gradient with a baseline", baselines)

/** `rloo?beta=…`: REINFORCE with the leave-one-out baseline. */
export const rloo = definition("rloo", "REINFORCE, leave-one-out baseline", ["leave-one-out"])
