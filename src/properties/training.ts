/** Training on sampled data sets, for properties that are statements about an average over them. */
import { fullBatch } from "../bandit/batch.ts"
import type { Environment } from "../bandit/environment.ts"
import { createObjective } from "../bandit/objective.ts"
import { adam } from "../bandit/optimizer.ts"
import type { PairTable } from "../bandit/pairs.ts"
import type { Loss } from "../loss/loss.ts"
import { familyOf } from "./population.ts"

/** log π and π, shape [arms]. */
export interface Trained {
  readonly logp: Float64Array
  readonly prob: Float64Array
}

/**
 * Full-batch Adam on a tabular policy from the reference on.
 * @param checkpoints ascending numbers of steps
 * @returns the policy at each; undefined when a gradient stops being finite
 */
export const trainedAt = (
  loss: Loss,
  environment: Environment,
  table: PairTable,
  rate: number,
  checkpoints: ReadonlyArray<number>
): ReadonlyArray<Trained> | undefined => {
  const { arms, reference } = environment
  const objective = createObjective(familyOf(loss), 1, arms)
  const batch = fullBatch(table)
  const logits = reference.map(Math.log)
  const gradient = new Float64Array(arms)
  const optimizer = adam(rate, arms)
  const found: Array<Trained> = []
  for (let step = 0; ; step++) {
    objective.gradientInto(batch, logits, gradient)
    if (step === checkpoints[found.length]) {
      found.push({ logp: objective.logp.slice(), prob: objective.prob.slice() })
      if (found.length === checkpoints.length) return found
    }
    if (!gradient.every(Number.isFinite)) return undefined
    optimizer.stepInPlace(logits, gradient)
  }
}
