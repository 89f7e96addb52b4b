/**
 * @file A loss as a function of a policy's parameters: value, gradient, and the Hessian as an operator. What slices, paths and
 * eigenvalues are computed from, whatever the policy: a table of logits, a linear policy, a language model.
 */
import * as Result from "effect/Result"
import { fullBatch } from "../bandit/batch.ts"
import type { Environment } from "../bandit/environment.ts"
import { BanditSpecError } from "../bandit/errors.ts"
import { pairProgram, withReference } from "../bandit/families.ts"
import { createObjective } from "../bandit/objective.ts"
import { pairLossFamily } from "../bandit/pairLoss.ts"
import { exactPairs, type PairTable } from "../bandit/pairs.ts"
import type { Policy } from "../bandit/policy.ts"
import { compileKernel } from "../loss/kernel.ts"
import type { Program } from "../loss/program.ts"
import { stopsGradient } from "../loss/secondDerivatives.ts"
import { logitGradient, logitHessianProduct, logProbCurvature, pairCurvature } from "./curvature.ts"
import { differenceOperator } from "./differences.ts"
import { rounded } from "./rounded.ts"

/** Writes the product of a symmetric matrix [n, n] with a vector [n]. */
export type Operator = (direction: Float64Array, product: Float64Array) => void

/** A loss over parameter vectors of one length. */
export interface Surface {
  /** Number of parameters, n. */
  readonly size: number
  /** Loss in nats. */
  readonly lossAt: (parameters: Float64Array) => number
  /** Overwrites `gradient` [n] and returns the loss. */
  readonly gradientInto: (parameters: Float64Array, gradient: Float64Array) => number
  /** The Hessian at a point as an operator; it stays that of this point whatever is evaluated later. */
  readonly hessianAt: (parameters: Float64Array) => Operator
}

/** A surface over the policies of a bandit. */
export interface PolicySurface extends Surface {
  /** π, shape [contexts * arms]. */
  readonly policyAt: (parameters: Float64Array) => Float64Array
}

/** What a surface is taken over. */
export interface SurfaceSetting {
  readonly environment: Environment
  readonly policy: Policy
  /** Pairs whose mean loss is taken; default: the environment's population. */
  readonly table?: PairTable
  readonly ceWeight?: number
}

const half = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => (value - b[i]!) / 2)

const shifted = (at: Float64Array, direction: Float64Array, share: number): Float64Array =>
  at.map((value, i) => value + share * direction[i]!)

/** Policies whose logits are polynomials of degree at most two in the parameters: a central difference of any step is exact. */
const polynomial: ReadonlySet<Policy["kind"]> = new Set<Policy["kind"]>(["tabular", "linear"])

/** Step of the differences for other policies, in parameters: error about 1e-9 by truncation and 1e-11 by rounding. */
const step = 3e-5

/**
 * The surface of a loss program over a policy. For tabular and linear ones Hessian-vector products are exact: the pair's second
 * derivatives come from the gradient graph, and so do the policy's, whose logits are of degree at most two. For others they are
 * central differences of the exact gradient.
 */
export const programSurface = (program: Program, setting: SurfaceSetting): PolicySurface => {
  const { environment, policy, ceWeight = 0 } = setting
  const { contexts, arms } = environment
  const n = contexts * arms
  const batch = fullBatch(setting.table ?? exactPairs(environment))
  const objective = createObjective(pairLossFamily("surface", compileKernel(program), { ceWeight }), contexts, arms)
  const logits = new Float64Array(n)
  const gradient = new Float64Array(n)
  const logitsAt = (parameters: Float64Array): Float64Array => {
    const out = new Float64Array(n)
    policy.logitsInto(parameters, out)
    return out
  }
  const pullback = (parameters: Float64Array, byLogits: Float64Array): Float64Array => {
    const out = new Float64Array(parameters.length)
    policy.pullbackInto(parameters, byLogits, out)
    return out
  }
  const size = policy.initial().length
  const lossAt = (parameters: Float64Array): number => {
    policy.logitsInto(parameters, logits)
    return objective.lossAndGradientInto(batch, logits, gradient)
  }
  const gradientInto = (parameters: Float64Array, out: Float64Array): number => {
    const loss = lossAt(parameters)
    policy.pullbackInto(parameters, gradient, out)
    return loss
  }
  return {
    size,
    lossAt,
    gradientInto,
    hessianAt: (parameters) => {
      const point = Float64Array.from(parameters)
      if (!polynomial.has(policy.kind)) return differenceOperator(gradientInto, point, step)
      const at = logProbCurvature(pairCurvature(program, ceWeight), batch, logitsAt(point), contexts, arms)
      const byLogits = logitGradient(at, arms)
      return (direction, product) => {
        const [ahead, behind] = [shifted(point, direction, 1), shifted(point, direction, -1)]
        const move = half(logitsAt(ahead), logitsAt(behind))
        const turned = half(pullback(ahead, byLogits), pullback(behind, byLogits))
        const moved = pullback(point, logitHessianProduct(at, move, arms))
        for (let i = 0; i < size; i++) product[i] = moved[i]! + turned[i]!
      }
    },
    policyAt: (parameters) => {
      lossAt(parameters)
      return Float64Array.from(objective.prob)
    }
  }
}

/** How a LOSS is taken. */
export interface LossOptions {
  /** Adds the reference, as a cell's `reference` does. */
  readonly reference?: boolean
  /** Rounds kinks over so many nats. */
  readonly rounding?: number
}

/** The program of a LOSS on a bandit's pairs; fails for what has no Hessian, besides what has no value. */
export const surfaceProgram = (loss: string, options: LossOptions = {}): Result.Result<Program, BanditSpecError> => {
  const name = options.reference === true ? withReference(loss) : loss
  return Result.flatMap(pairProgram(name), (program) =>
    stopsGradient(program)
      ? Result.fail(new BanditSpecError({ issues: [`loss "${name}": it stops a gradient, so it has no surface`] }))
      : Result.succeed(options.rounding === undefined ? program : rounded(program, options.rounding))
  )
}
