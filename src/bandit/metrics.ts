/** Outcomes of a policy in an environment. Logs are natural, so KL, entropy and drifts are in nats. */
import type { Environment } from "./environment.ts"
import { type Measure, makeWorld, type View, type WorldOptions } from "./metrics/metric.ts"
import {
  type MetricId,
  metrics,
  type PartialMetricId,
  partialMetrics,
  type ScopedMetricId,
  scopedMetrics
} from "./metrics/registry.ts"
import type { PairTable } from "./pairs.ts"

export { rankingAccuracy } from "./metrics/ranking.ts"
export { policyWinRate } from "./metrics/winning.ts"

interface StepColumns {
  /** Updates made so far; 0 is the policy at the start. */
  readonly step: number
  /** Loss over all training pairs (also when training in minibatches). */
  readonly loss: number
  /** π(y) of every response, context by context, where they are few enough to look at one by one; absent elsewhere. */
  readonly armProbabilities?: ReadonlyArray<number>
}

/**
 * One row of a trajectory: plain JSON, a column per metric (metrics/registry.ts; each has its unit and definition there).
 * Some environments lack some: a column is then absent, never NaN or 0.
 */
export type StepMetrics = StepColumns & { readonly [K in MetricId]: number } & {
  readonly [K in PartialMetricId | `${ScopedMetricId}.${string}`]?: number
}

/** Policies of at most so many responses are kept at every checkpoint: a curve each, and little to store. */
const fewResponses = 6

/** Computes {@link StepMetrics} from a loss and log π, given what does not change during training. */
export interface Evaluator {
  readonly evaluate: (step: number, loss: number, logp: Float64Array, prob: Float64Array) => StepMetrics
}

/**
 * What measures policies of an environment: each metric of a policy at a step of training.
 * @param table the training pairs: what "data" and "unseen" mean
 */
export const createEvaluator = (environment: Environment, table: PairTable, options: WorldOptions = {}): Evaluator => {
  const world = makeWorld(environment, table, options)
  const columns: ReadonlyArray<readonly [string, Measure]> = [
    ...metrics.map(({ id, prepare }) => [id, prepare(world)] as const),
    ...partialMetrics.flatMap(({ id, prepare }) => {
      const measure = prepare(world)
      return measure === undefined ? [] : [[id, measure] as const]
    }),
    ...scopedMetrics.flatMap(({ id, prepare }) =>
      prepare(world).map(([scope, measure]) => [`${id}.${scope}`, measure] as const)
    )
  ]
  return {
    evaluate: (step, loss, logp, prob) => {
      const view: View = { logp, prob, drift: logp.map((value, i) => value - world.logReference[i]!) }
      const measured = Object.fromEntries(columns.map(([id, measure]) => [id, measure(view)]))
      return {
        step,
        loss,
        ...(measured as Omit<StepMetrics, keyof StepColumns>),
        ...(prob.length <= fewResponses ? { armProbabilities: [...prob] } : {})
      }
    }
  }
}

/** Gold reward where a trajectory first reaches a KL level. */
export interface MatchedValue {
  /** KL(π ‖ π_ref) in nats. */
  readonly kl: number
  /** Step at which the level is reached, between checkpoints; null when never. */
  readonly step: number | null
  /** Gold reward there, linear in KL between the two checkpoints; null when never. */
  readonly expectedReward: number | null
}

/**
 * Compares trajectories at equal distance from the reference rather than at equal time: for each level, the first pair
 * of neighbouring checkpoints whose KLs enclose it, interpolated linearly in KL.
 */
export const valueAtMatchedKl = (
  trajectory: ReadonlyArray<Pick<StepMetrics, "step" | "klToReference" | "expectedReward">>,
  levels: ReadonlyArray<number>
): ReadonlyArray<MatchedValue> =>
  levels.map((kl) => {
    for (let i = 1; i < trajectory.length; i++) {
      const before = trajectory[i - 1]!
      const after = trajectory[i]!
      if (!(before.klToReference <= kl && kl <= after.klToReference)) continue
      const rise = after.klToReference - before.klToReference
      const share = rise > 0 ? (kl - before.klToReference) / rise : 0
      return {
        kl,
        step: before.step + share * (after.step - before.step),
        expectedReward: before.expectedReward + share * (after.expectedReward - before.expectedReward)
      }
    }
    return { kl, step: null, expectedReward: null }
  })
