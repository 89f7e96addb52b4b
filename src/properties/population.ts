/** Population losses on small bandits: whether a policy is stationary, and where the minimum is. */
import { fullBatch, type PairBatch, pairInputs } from "../bandit/batch.ts"
import type { Environment } from "../bandit/environment.ts"
import { type Minimiser, populationMinimiser } from "../bandit/minimiser.ts"
import { createObjective } from "../bandit/objective.ts"
import { pairLossFamily } from "../bandit/pairLoss.ts"
import { exactPairs } from "../bandit/pairs.ts"
import { makeStructure, pairPropositions } from "../logic/structure.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import { lossFromStructure } from "../loss/resolve.ts"
import type { LossSubject } from "./subject.ts"

/** The loss as something that can be minimised over pairs. */
export const familyOf = (loss: Loss) => pairLossFamily(loss.spec, compileKernel(loss.program))

/** `appliesTo` of population properties: every input is a column of a bandit pair. */
export const needsPopulation = (subject: LossSubject): true | string => {
  const known: ReadonlyArray<string> = pairInputs
  const missing = subject.loss.inputs.filter((name) => !known.includes(name))
  return missing.length === 0 ? true : `the loss reads ${missing.join(", ")}, which a bandit's pairs do not have`
}

/** Σ weight · max(|dlw|, |dll|) at the batch's last evaluation: the size of the single pairs' gradients, before they cancel. */
const pairScale = ({ count, weight, out }: PairBatch): number => {
  let scale = 0
  for (let i = 0; i < count; i++) scale += weight[i]! * Math.max(Math.abs(out.dlw[i]!), Math.abs(out.dll[i]!))
  return scale
}

// Below this the gradient is rounding, whatever it is compared with.
const negligible = 1e-14

/**
 * Size of the population gradient at a policy relative to the single pairs' gradients, which cancel at a stationary point:
 * `max_k |∂L/∂z_k|` over the largest `Σ weight · max(|dlw|, |dll|)` at this policy, the reference and the uniform policy
 * (a regression like CoPG's has no gradient at all at its optimum). NaN where the loss is not finite, 0 where it is flat.
 * @param policy π > 0, shape [arms]
 */
export const relativeGradient = (loss: Loss, environment: Environment, policy: ReadonlyArray<number>): number => {
  const batch = fullBatch(exactPairs(environment))
  const { arms, reference } = environment
  const objective = createObjective(familyOf(loss), 1, arms)
  const gradient = new Float64Array(arms)
  let scale = 0
  let size = 0
  // The policy comes last, so that the gradient is the one there.
  for (const place of [[...reference], policy.map(() => 1 / arms), policy]) {
    const value = objective.lossAndGradientInto(batch, Float64Array.from(place, Math.log), gradient)
    if (!Number.isFinite(value)) return Number.NaN
    scale = Math.max(scale, pairScale(batch))
    size = gradient.reduce((top, entry) => Math.max(top, Math.abs(entry)), 0)
  }
  return size < negligible ? 0 : size / scale
}

// Newton converges in about ten steps where there is a minimum; where there is none, going on finds nothing.
const iterations = 60

/** The population minimiser over tabular policies, started at the reference. */
export const minimise = (loss: Loss, environment: Environment): Minimiser =>
  populationMinimiser(environment, familyOf(loss), exactPairs(environment), { maxIterations: iterations })

/** The population loss at a policy π > 0, shape [arms]; NaN where it is not finite. */
export const populationLoss = (loss: Loss, environment: Environment, policy: ReadonlyArray<number>): number => {
  const objective = createObjective(familyOf(loss), 1, environment.arms)
  const batch = fullBatch(exactPairs(environment))
  return objective.lossAndGradientInto(batch, Float64Array.from(policy, Math.log), new Float64Array(environment.arms))
}

const pairLogistic = lossFromStructure(makeStructure(pairPropositions, 0b1010n, 0b1100n))

/**
 * Rewards of the Bradley–Terry model closest to an environment's labels, `argmin_r E[-log sigma(r_w - r_l)]`, of mean 0,
 * shape [arms]: with r = log π that is CPO's loss. Undefined where no finite rewards are best (certain wins).
 */
export const bradleyTerryFit = (environment: Environment): ReadonlyArray<number> | undefined => {
  const { attained, logits } = minimise(pairLogistic, environment)
  return attained ? [...logits] : undefined
}
