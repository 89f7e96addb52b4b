/** Population losses on small bandits: whether a policy is stationary, and where the minimum is. */
import { fullBatch, pairInputs } from "../bandit/batch.ts"
import type { Environment } from "../bandit/environment.ts"
import { type Minimiser, populationMinimiser } from "../bandit/minimiser.ts"
import { createObjective, pairLossFamily } from "../bandit/objective.ts"
import { exactPairs } from "../bandit/pairs.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Loss } from "../loss/loss.ts"
import type { LossSubject } from "./subject.ts"

const familyOf = (loss: Loss) => pairLossFamily(loss.spec, compileKernel(loss.program))

/** `appliesTo` of population properties: every input is a column of a bandit pair. */
export const needsPopulation = (subject: LossSubject): true | string => {
  const known: ReadonlyArray<string> = pairInputs
  const missing = subject.loss.inputs.filter((name) => !known.includes(name))
  return missing.length === 0 ? true : `the loss reads ${missing.join(", ")}, which a bandit's pairs do not have`
}

/**
 * Size of the population gradient at a policy, relative to the gradients of the single pairs, which cancel at a stationary
 * point: max_k |∂L/∂z_k| over Σ weight · max(|dlw|, |dll|). NaN where the loss is not finite, 0 where it is flat.
 * @param policy π > 0, shape [arms]
 */
export const relativeGradient = (loss: Loss, environment: Environment, policy: ReadonlyArray<number>): number => {
  const batch = fullBatch(exactPairs(environment))
  const objective = createObjective(familyOf(loss), 1, environment.arms)
  const gradient = new Float64Array(environment.arms)
  const value = objective.lossAndGradientInto(batch, Float64Array.from(policy, Math.log), gradient)
  if (!Number.isFinite(value)) return Number.NaN
  let scale = 0
  for (let i = 0; i < batch.count; i++) {
    scale += batch.weight[i]! * Math.max(Math.abs(batch.out.dlw[i]!), Math.abs(batch.out.dll[i]!))
  }
  const size = gradient.reduce((top, entry) => Math.max(top, Math.abs(entry)), 0)
  return scale === 0 ? 0 : size / scale
}

/** The population minimiser over tabular policies, started at the reference. */
export const minimise = (loss: Loss, environment: Environment): Minimiser =>
  populationMinimiser(environment, familyOf(loss), exactPairs(environment))
