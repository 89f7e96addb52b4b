/**
 * @file Gradient flow over the policies of a bandit with one context, in two metrics. With g = ∂L/∂log π and
 * u = ∂L/∂logits = g - π Σ g:
 *
 * - `softmax`: steepest descent on the logits, `dz/dt = -u`; the policy then moves by `dπ/dt = -F u`, F = diag(π) - π πᵀ, and an
 *   arm near 0 hardly moves;
 * - `natural`: steepest descent in the Fisher metric, `dz/dt = -F⁺ u`, which is `d log π_i/dt = -(g_i/π_i - Σ g)`: the replicator
 *   equation `dπ_i/dt = π_i (f_i - f̄)` with fitness `f_i = -g_i/π_i`; an arm can be gone after finite time.
 */
import { fullBatch } from "../bandit/batch.ts"
import type { Environment } from "../bandit/environment.ts"
import { exactPairs, type PairTable } from "../bandit/pairs.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Program } from "../loss/program.ts"
import {
  alongLogits,
  type LogProbCurvature,
  logitGradient,
  logitHessianProduct,
  logProbCurvature,
  pairCurvature
} from "./curvature.ts"

/** In which metric descent is steepest. */
export const metrics = ["softmax", "natural"] as const
export type Metric = (typeof metrics)[number]

/** The field at one policy. */
export interface Velocity {
  /** dz/dt, shape [arms]; nats per unit of time. */
  readonly value: Float64Array
  /** What rounding may have added to each entry of `value`: near a minimum nothing else is left. */
  readonly noise: Float64Array
  /** Directional derivative of the field along a move of the logits. */
  readonly along: (direction: Float64Array) => Float64Array
}

/** A loss on the simplex: its values, and its descent in a metric. */
export interface FlowField {
  readonly arms: number
  readonly metric: Metric
  readonly lossAt: (logits: Float64Array) => number
  readonly velocityAt: (logits: Float64Array) => Velocity
}

/** Sums of a few terms, each good to some units in the last place. */
const precision = 32 * Number.EPSILON

/**
 * The velocities sum to 0 but for rounding, which sits in the probable arms: taken off there, it does not drown the slow decay
 * of an arm near 0.
 */
const balanced = (value: Float64Array, prob: Float64Array): Float64Array => {
  const residue = sum(value)
  return value.map((v, i) => v - prob[i]! * residue)
}

const softmaxVelocity = (at: LogProbCurvature, arms: number): Velocity => ({
  value: balanced(
    logitGradient(at, arms).map((slope) => -slope),
    at.prob
  ),
  noise: at.size.map((size, i) => precision * (size + at.prob[i]! * sum(at.size))),
  along: (direction) => logitHessianProduct(at, direction, arms).map((product) => -product)
})

const sum = (values: Float64Array): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

const naturalVelocity = (at: LogProbCurvature, arms: number): Velocity => {
  const { slope, prob } = at
  const total = sum(slope)
  return {
    value: slope.map((g, i) => total - g / prob[i]!),
    noise: at.size.map((size, i) => precision * (sum(at.size) + size / prob[i]!)),
    along: (direction) => {
      const change = alongLogits(at, direction, arms)
      const moved = sum(change.slope)
      return change.slope.map((g, i) => moved - (g - slope[i]! * change.logp[i]!) / prob[i]!)
    }
  }
}

/** What a flow is taken over. */
export interface FieldOptions {
  readonly metric: Metric
  /** Default: the environment's population. */
  readonly table?: PairTable
}

/**
 * The flow of a loss program. A program with kinks should be rounded first (rounded.ts).
 * @throws RangeError for an environment with more than one context: its policies are no one simplex
 */
export const flowField = (program: Program, environment: Environment, options: FieldOptions): FlowField => {
  const { contexts, arms } = environment
  if (contexts !== 1) throw new RangeError(`flowField: ${environment.id} has ${contexts} contexts, one is needed`)
  const batch = fullBatch(options.table ?? exactPairs(environment))
  const curvature = pairCurvature(program)
  const velocity = options.metric === "softmax" ? softmaxVelocity : naturalVelocity
  const kernel = compileKernel(program)
  return {
    arms,
    metric: options.metric,
    lossAt: (logits) => {
      logProbCurvature(curvature, batch, logits, 1, arms)
      kernel.run(batch.columns, batch.out, batch.count)
      let total = 0
      for (let i = 0; i < batch.count; i++) total += batch.weight[i]! * batch.out.loss[i]!
      return total
    },
    velocityAt: (logits) => velocity(logProbCurvature(curvature, batch, logits, 1, arms), arms)
  }
}
