/**
 * Population minimisers by damped Newton steps on the logits: exact gradients from the loss program, their central
 * differences as Hessian, and at the end a certificate of stationarity.
 */
import { fullBatch, type PairBatch } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { solveLinear, symmetricEigenvalues } from "./linearAlgebra.ts"
import { createObjective, type Family, type Objective } from "./objective.ts"
import type { PairTable } from "./pairs.ts"

/** Where Newton's method ended. */
export interface Minimiser {
  /** π, shape [contexts * arms]. */
  readonly policy: Float64Array
  /** Logits of π, each context's of mean 0. */
  readonly logits: Float64Array
  readonly loss: number
  /** max |∂ loss / ∂ logit|. */
  readonly gradientNorm: number
  /**
   * max |Newton step| in logits at the end: an estimate of the distance to the stationary point. A loss whose infimum is
   * approached only at infinity keeps steps of order 1 however small its gradient gets.
   */
  readonly newtonStep: number
  /** newtonStep and the last step taken are ≤ 1e-6: the loss has a minimum, and this is it. */
  readonly attained: boolean
  /** The Hessian is positive definite (up to a constant per context), so no neighbour is as good. */
  readonly unique: boolean
  readonly iterations: number
}

/** Limits of the search. */
export interface MinimiserOptions {
  /** Where to start, logits [contexts * arms]. Default: the reference. */
  readonly start?: Float64Array
  /** Default 200. */
  readonly maxIterations?: number
}

/** Largest move of a logit in one step, nats. */
const maxStep = 4
const attainedStep = 1e-6
const difference = 1e-4

interface Point {
  readonly logits: Float64Array
  readonly gradient: Float64Array
  readonly loss: number
}

/** The loss as a function of logits alone, each result in memory of its own. */
const evaluator =
  (objective: Objective, batch: PairBatch) =>
  (logits: Float64Array): Point => {
    const gradient = new Float64Array(logits.length)
    const loss = objective.lossAndGradientInto(batch, logits, gradient)
    return { logits, gradient, loss }
  }

const largest = (values: Float64Array): number => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0)

/** Central differences of the gradient, symmetrised; [n * n]. */
const hessianAt = (evaluate: (logits: Float64Array) => Point, { logits }: Point): Float64Array => {
  const n = logits.length
  const hessian = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    const [up, down] = [difference, -difference].map((h) => evaluate(logits.map((z, i) => (i === k ? z + h : z)))) as [
      Point,
      Point
    ]
    for (let i = 0; i < n; i++) {
      const slope = (up.gradient[i]! - down.gradient[i]!) / (2 * difference)
      hessian[i * n + k]! += slope / 2
      hessian[k * n + i]! += slope / 2
    }
  }
  return hessian
}

/** Mean size of the diagonal: the unit in which damping and gauge are measured, so that scale does not matter. */
const diagonalScale = (hessian: Float64Array, n: number): number => {
  let total = 0
  for (let i = 0; i < n; i++) total += Math.abs(hessian[i * n + i]!)
  return total / n
}

/** H + damping I + gauge, the gauge filling the direction "same constant on all logits of a context". */
const regularised = (hessian: Float64Array, arms: number, n: number, scale: number, damping: number): Float64Array => {
  const matrix = Float64Array.from(hessian)
  for (let i = 0; i < n; i++) {
    matrix[i * n + i]! += damping * scale
    const from = Math.floor(i / arms) * arms
    for (let j = from; j < from + arms; j++) matrix[i * n + j]! += scale / arms
  }
  return matrix
}

const clipped = (step: Float64Array): Float64Array => {
  const size = largest(step)
  return size > maxStep ? step.map((v) => (v * maxStep) / size) : step
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)

/** Armijo's condition; where the loss no longer resolves, a smaller gradient. */
const improves = (from: Point, to: Point, slope: number): boolean => {
  if (!Number.isFinite(to.loss) || !to.gradient.every(Number.isFinite)) return false
  if (to.loss <= from.loss + 1e-4 * slope) return true
  return to.loss <= from.loss + 1e-14 * Math.abs(from.loss) && largest(to.gradient) < largest(from.gradient)
}

/** One damped step, or undefined when no damping makes the loss smaller. */
const descend = (evaluate: (logits: Float64Array) => Point, from: Point, hessian: Float64Array, arms: number) => {
  const n = from.logits.length
  const scale = diagonalScale(hessian, n)
  if (scale === 0) return undefined
  const right = from.gradient.map((g) => -g)
  for (let damping = 1e-12; damping < 1e12; damping *= damping < 1e-4 ? 1e4 : 4) {
    const step = solveLinear(regularised(hessian, arms, n, scale, damping), right)
    const slope = dot(step, from.gradient)
    if (!(slope < 0)) continue
    const moved = clipped(step)
    const to = evaluate(from.logits.map((z, i) => z + moved[i]!))
    if (improves(from, to, dot(moved, from.gradient))) return { to, step: largest(step) }
  }
  return undefined
}

const centred = (logits: Float64Array, arms: number): Float64Array => {
  const out = Float64Array.from(logits)
  for (let from = 0; from < out.length; from += arms) {
    const row = out.subarray(from, from + arms)
    const mean = row.reduce((sum, z) => sum + z, 0) / arms
    for (let i = 0; i < arms; i++) row[i]! -= mean
  }
  return out
}

/** Newton step with the least damping that makes the matrix solvable: the distance estimate of the certificate. */
const newtonStepAt = (point: Point, hessian: Float64Array, arms: number): number => {
  const n = point.logits.length
  const scale = diagonalScale(hessian, n)
  if (scale === 0) return largest(point.gradient) === 0 ? 0 : Infinity
  return largest(solveLinear(regularised(hessian, arms, n, scale, 1e-12), point.gradient))
}

const isUnique = (hessian: Float64Array, arms: number, n: number): boolean => {
  const scale = diagonalScale(hessian, n)
  if (scale === 0) return false
  const eigenvalues = symmetricEigenvalues(regularised(hessian, arms, n, scale, 0), n)
  return eigenvalues[0]! > 1e-8 * eigenvalues[n - 1]!
}

/**
 * Minimises a family's loss over the pairs of a table, over all tabular policies. O(n) gradients and O(n³) work an
 * iteration for n = contexts * arms logits: meant for small bandits. The result says whether the minimum exists
 * (`attained`), not only where the search stopped; a loss that is not convex may have others.
 */
export const populationMinimiser = (
  environment: Environment,
  family: Family,
  table: PairTable,
  options: MinimiserOptions = {}
): Minimiser => {
  const { contexts, arms, reference } = environment
  const objective = createObjective(family, contexts, arms)
  const evaluate = evaluator(objective, fullBatch(table))
  let point = evaluate(options.start ?? reference.map(Math.log))
  let iterations = 0
  let hessian = hessianAt(evaluate, point)
  let lastStep = 0
  for (; iterations < (options.maxIterations ?? 200); iterations++) {
    const next = descend(evaluate, point, hessian, arms)
    if (next === undefined) break
    point = { ...next.to, logits: centred(next.to.logits, arms) }
    hessian = hessianAt(evaluate, point)
    lastStep = next.step
    if (lastStep < 1e-10) break
  }
  const newtonStep = newtonStepAt(point, hessian, arms)
  evaluate(point.logits)
  return {
    policy: Float64Array.from(objective.prob),
    logits: point.logits,
    loss: point.loss,
    gradientNorm: largest(point.gradient),
    newtonStep,
    attained: Math.max(newtonStep, lastStep) <= attainedStep,
    unique: isUnique(hessian, arms, point.logits.length),
    iterations
  }
}
