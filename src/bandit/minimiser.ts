/**
 * Population minimisers by Newton's method on the logits: exact gradients and Hessians from the loss program (finite
 * differences of the gradients for a family that is no program over pairs), and on demand a certificate of stationarity.
 */
import { stopsGradient } from "../loss/secondDerivatives.ts"
import { fullBatch, type PairBatch } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { symmetricEigensystem } from "./linearAlgebra.ts"
import { createObjective, type Family, type Objective } from "./objective.ts"
import type { PairTable } from "./pairs.ts"
import { certifyStationary, type StationaryCertificate } from "./solvers/certificate.ts"
import { logitHessian } from "./solvers/hessian.ts"

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
   * max |Newton step| in logits at the end, directions without slope and curvature left out: an estimate of the distance
   * to the stationary point. A loss whose infimum is approached only at infinity keeps steps of order 1 however small its
   * gradient gets. Infinity: a direction of descent without curvature was met, or the end of
   * double precision.
   */
  readonly newtonStep: number
  /** newtonStep ≤ 1e-6: the loss has a stationary point, and the search went downhill to it. */
  readonly attained: boolean
  /** The Hessian is positive definite up to a constant per context, so no neighbour is as good. */
  readonly unique: boolean
  readonly iterations: number
  /**
   * Proof that a stationary point is near, see solvers/certificate.ts. Only on demand, and absent where it cannot be given:
   * nothing attained, a flat direction, a kink, a family that is no program over pairs.
   */
  readonly certified?: StationaryCertificate
}

/** Limits of the search. */
export interface MinimiserOptions {
  /** Where to start, logits [contexts * arms]. Default: the reference. */
  readonly start?: Float64Array
  /** Default 200. */
  readonly maxIterations?: number
  /** Certify the result. Default false. */
  readonly certify?: boolean
}

/** Largest move of a logit in one step, nats. */
const maxStep = 4
/** Step of the finite differences, nats: error 1e-14 by truncation and by rounding alike. */
const difference = 1e-3
/** So often a direction of slope without curvature is followed: an inflexion is left behind, an escape is not. */
const maxFlatMoves = 5
/** Curvature below this share of the largest counts as none. */
const flatCurvature = 1e-9
/** Slope below this share of the largest curvature, or of the gradient, counts as none: that is what rounding leaves. */
const flatSlope = { ofCurvature: 1e-13, ofGradient: 1e-9 }

interface Point {
  readonly logits: Float64Array
  readonly gradient: Float64Array
  readonly loss: number
}

type Evaluate = (logits: Float64Array) => Point
/** The Hessian at a point, row-major [n * n]. */
type Hessian = (point: Point) => Float64Array

/** The loss as a function of logits alone, each result in memory of its own. */
const evaluator =
  (objective: Objective, batch: PairBatch): Evaluate =>
  (logits) => {
    const gradient = new Float64Array(logits.length)
    const loss = objective.lossAndGradientInto(batch, logits, gradient)
    return { logits, gradient, loss }
  }

const largest = (values: Float64Array): number => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0)

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)

/** Fourth-order central differences of the gradient, `(8 (g(h) - g(-h)) - (g(2h) - g(-2h))) / 12h`, symmetrised. */
const differences = (evaluate: Evaluate, { logits }: Point): Float64Array => {
  const n = logits.length
  const hessian = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    for (const [shift, factor] of [
      [1, 8],
      [-1, -8],
      [2, -1],
      [-2, 1]
    ] as const) {
      const { gradient } = evaluate(logits.map((z, i) => (i === k ? z + shift * difference : z)))
      for (let i = 0; i < n; i++) {
        const slope = (factor * gradient[i]!) / (24 * difference)
        hessian[i * n + k]! += slope
        hessian[k * n + i]! += slope
      }
    }
  }
  return hessian
}

/** Exact where the family says what its program is; one that stops a gradient has no Hessian, differences stand in. */
const hessianOf = (
  { pairs }: Family,
  batch: PairBatch,
  evaluate: Evaluate,
  contexts: number,
  arms: number
): Hessian => {
  if (pairs === undefined || stopsGradient(pairs.program)) return (point) => differences(evaluate, point)
  const exact = logitHessian(pairs, batch, contexts, arms)
  return ({ logits }) => exact(logits)
}

interface Direction {
  /** Newton step, downhill along every eigenvector: `-Σ (v·g) / |λ| v`; a unit step where there is no curvature. */
  readonly step: Float64Array
  /** Some direction has slope but no curvature: the loss falls towards infinity there. */
  readonly escaping: boolean
  /** Every direction curves upwards. */
  readonly convex: boolean
}

/** Gives the directions "same constant on all logits of a context", which change nothing, a curvature of their own. */
const fillGaugeInPlace = (hessian: Float64Array, n: number, arms: number): void => {
  const scale = largest(hessian)
  for (let i = 0; i < n; i++) {
    const from = Math.floor(i / arms) * arms
    for (let j = from; j < from + arms; j++) hessian[i * n + j]! += scale / arms
  }
}

const newtonDirection = (hessianAt: Hessian, point: Point, arms: number): Direction => {
  const n = point.logits.length
  const hessian = hessianAt(point)
  // Probabilities have rounded to 0 or 1 and the loss is past its last number: the search ran off.
  if (!hessian.every(Number.isFinite)) return { step: new Float64Array(n), escaping: true, convex: false }
  fillGaugeInPlace(hessian, n, arms)
  const { values, vectors } = symmetricEigensystem(hessian, n)
  const scale = largest(values)
  const noSlope = Math.max(flatSlope.ofCurvature * scale, flatSlope.ofGradient * largest(point.gradient))
  const step = new Float64Array(n)
  let escaping = false
  let convex = true
  values.forEach((value, k) => {
    const slope = dot(vectors[k]!, point.gradient)
    if (Math.abs(value) <= flatCurvature * scale) {
      convex = false
      if (Math.abs(slope) <= noSlope) return
      escaping = true
      for (let i = 0; i < n; i++) step[i]! -= Math.sign(slope) * vectors[k]![i]!
      return
    }
    convex &&= value > 0
    for (let i = 0; i < n; i++) step[i]! -= (slope / Math.abs(value)) * vectors[k]![i]!
  })
  return { step, escaping, convex }
}

/** Armijo's condition; where the loss no longer resolves, a smaller gradient. */
const improves = (from: Point, to: Point, slope: number): boolean => {
  if (!Number.isFinite(to.loss) || !to.gradient.every(Number.isFinite)) return false
  if (to.loss < from.loss + 1e-4 * slope) return true
  return to.loss <= from.loss + 1e-14 * Math.abs(from.loss) && largest(to.gradient) < largest(from.gradient)
}

/** The first of the steps 1, 1/2, 1/4, … that makes the loss smaller, or undefined. */
const descend = (evaluate: Evaluate, from: Point, step: Float64Array, arms: number): Point | undefined => {
  const slope = dot(step, from.gradient)
  for (let share = Math.min(1, maxStep / largest(step)); share > 1e-12; share /= 2) {
    const to = evaluate(centred(from.logits, step, share, arms))
    if (improves(from, to, share * slope)) return to
  }
  return undefined
}

/** logits + share · step, each context's mean taken off. */
const centred = (logits: Float64Array, step: Float64Array, share: number, arms: number): Float64Array => {
  const out = logits.map((z, i) => z + share * step[i]!)
  for (let from = 0; from < out.length; from += arms) {
    const row = out.subarray(from, from + arms)
    const mean = row.reduce((sum, z) => sum + z, 0) / arms
    for (let i = 0; i < arms; i++) row[i]! -= mean
  }
  return out
}

/**
 * Minimises a family's loss over the pairs of a table, over all tabular policies. O(n³) work an iteration
 * for n = contexts * arms logits: meant for small bandits. The result says whether the minimum exists (`attained`), not
 * only where the search stopped; a loss that is not convex may have others.
 */
export const populationMinimiser = (
  environment: Environment,
  family: Family,
  table: PairTable,
  options: MinimiserOptions = {}
): Minimiser => {
  const { arms, contexts, reference } = environment
  const objective = createObjective(family, contexts, arms)
  const batch = fullBatch(table)
  const evaluate = evaluator(objective, batch)
  const hessianAt = hessianOf(family, batch, evaluate, contexts, arms)
  const start = options.start ?? reference.map(Math.log)
  let point = evaluate(centred(start, start, 0, arms))
  let direction = newtonDirection(hessianAt, point, arms)
  let iterations = 0
  let flatMoves = 0
  for (; iterations < (options.maxIterations ?? 200); iterations++) {
    if (direction.escaping && flatMoves++ === maxFlatMoves) break
    if (largest(direction.step) === 0) break
    const next = descend(evaluate, point, direction.step, arms)
    if (next === undefined) break
    const done = largest(direction.step) < 1e-10
    point = next
    direction = newtonDirection(hessianAt, point, arms)
    if (done) break
  }
  evaluate(point.logits)
  const newtonStep = direction.escaping ? Number.POSITIVE_INFINITY : largest(direction.step)
  const attained = newtonStep <= 1e-6
  const certified =
    options.certify === true && attained && family.pairs !== undefined
      ? certifyStationary(family.pairs, table, contexts, arms, point.logits)
      : undefined
  return {
    policy: Float64Array.from(objective.prob),
    logits: point.logits,
    loss: point.loss,
    gradientNorm: largest(point.gradient),
    newtonStep,
    attained,
    unique: direction.convex,
    iterations,
    ...(certified === undefined ? {} : { certified })
  }
}
