/** Trajectories of methods that move or give a policy without a gradient. Their reported loss is 0: they have none. */
import * as Result from "effect/Result"
import { averagePolicy } from "../averagePolicy.ts"
import { createEvaluator } from "../metrics.ts"
import type { PairTable } from "../pairs.ts"
import type { TrainingRun, Trajectory } from "../train.ts"
import type { Dynamics } from "./method.ts"

/** Where the policies are measured, and on what. */
export interface Walk extends Pick<TrainingRun, "environment" | "steps" | "checkpoints" | "onCheckpoint"> {
  readonly table: PairTable
}

/**
 * Follows dynamics from the reference. Rows have `averageExploitability` too: of the mean over the policies of all steps so
 * far, the first one included.
 */
export function* followDynamics(walk: Walk, dynamics: Dynamics): Trajectory {
  const { environment, table, checkpoints, onCheckpoint } = walk
  const evaluator = createEvaluator(environment, table)
  const average = averagePolicy(environment)
  const logp = environment.reference.map(Math.log)
  let done = 0
  for (const checkpoint of checkpoints) {
    for (; done < checkpoint; done++) {
      average.add(logp.map(Math.exp))
      dynamics.stepInPlace(logp)
    }
    const policy = logp.map(Math.exp)
    onCheckpoint?.(policy)
    const row = { ...evaluator.evaluate(done, 0, logp, policy), averageExploitability: average.exploitability() }
    yield row
  }
  return Result.succeed({ policy: logp.map(Math.exp) })
}

/** log π, where 0 counts as the smallest positive number: what is never drawn has a log-probability of -744 nats, so that nothing becomes NaN. */
const logOf = (prob: Float64Array): Float64Array => prob.map((p) => Math.log(Math.max(p, Number.MIN_VALUE)))

/** The reference at step 0 and a given policy at the last step. */
export function* showPolicy({ environment, table, steps, onCheckpoint }: Walk, policy: Float64Array): Trajectory {
  const evaluator = createEvaluator(environment, table)
  const shown: ReadonlyArray<readonly [number, Float64Array]> = [
    ...(steps === 0 ? [] : [[0, environment.reference] as const]),
    [steps, policy]
  ]
  for (const [step, prob] of shown) {
    onCheckpoint?.(prob)
    yield evaluator.evaluate(step, 0, logOf(prob), prob)
  }
  return Result.succeed({ policy })
}
