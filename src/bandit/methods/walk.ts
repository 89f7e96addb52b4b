/** Trajectories of methods that move or give a policy without a gradient. Their reported loss is 0: they have none. */
import { averagePolicy } from "../averagePolicy.ts"
import type { Environment } from "../environment.ts"
import { createEvaluator, type StepMetrics } from "../metrics.ts"
import type { PairTable } from "../pairs.ts"
import type { Dynamics } from "./method.ts"

/** Policies on the way with their metrics, and the last one. */
export interface Walk {
  readonly trajectory: ReadonlyArray<StepMetrics>
  /** π, shape [contexts * arms]. */
  readonly policy: Float64Array
}

/**
 * Follows dynamics from the reference. Rows have `averageExploitability` too: of the mean over the policies of all steps so
 * far, the first one included.
 */
export const followDynamics = (
  environment: Environment,
  dynamics: Dynamics,
  table: PairTable,
  checkpoints: ReadonlyArray<number>
): Walk => {
  const evaluator = createEvaluator(environment, table)
  const average = averagePolicy(environment)
  const logp = environment.reference.map(Math.log)
  let done = 0
  const trajectory = checkpoints.map((checkpoint) => {
    for (; done < checkpoint; done++) {
      average.add(logp.map(Math.exp))
      dynamics.stepInPlace(logp)
    }
    const metrics = evaluator.evaluate(done, 0, logp, logp.map(Math.exp))
    return { ...metrics, averageExploitability: average.exploitability() }
  })
  return { trajectory, policy: logp.map(Math.exp) }
}

/** log π, where 0 counts as the smallest positive number: what is never drawn has a log-probability of -744 nats, so that nothing becomes NaN. */
const logOf = (prob: Float64Array): Float64Array => prob.map((p) => Math.log(Math.max(p, Number.MIN_VALUE)))

/** The reference at step 0 and a given policy at the last step. */
export const showPolicy = (environment: Environment, policy: Float64Array, table: PairTable, steps: number): Walk => {
  const evaluator = createEvaluator(environment, table)
  const at = (step: number, prob: Float64Array) => evaluator.evaluate(step, 0, logOf(prob), prob)
  const start = at(0, environment.reference)
  return { trajectory: steps === 0 ? [at(0, policy)] : [start, at(steps, policy)], policy }
}
