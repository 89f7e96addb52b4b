/**
 * Proof that a loss has a stationary policy near a computed one: Krawczyk's test in interval arithmetic, on the gradient and
 * the Hessian that the loss program gives. Context by context, the logit of the most probable response held fixed.
 */
import {
  addIntervals,
  divideIntervals,
  expInterval,
  type Interval,
  logAddIntervals,
  multiplyIntervals,
  negateInterval,
  pointInterval,
  rangesOf,
  subtractIntervals
} from "../../loss/intervals.ts"
import { type HessianRows, hessianRows, stopsGradient } from "../../loss/secondDerivatives.ts"
import type { PairInput } from "../batch.ts"
import { solveLinear } from "../linearAlgebra.ts"
import type { PairProgram } from "../objective.ts"
import type { PairTable } from "../pairs.ts"

/** What is proved about the computed logits z, each context's logit of its most probable response being held fixed. */
export interface StationaryCertificate {
  /** A stationary point is within this distance of z in every logit, nats. */
  readonly radius: number
  /** It is the only one within this distance, ≥ radius. */
  readonly uniqueWithin: number
  /** It is a strict local minimum: the Hessian is positive definite all over the smallest box that was tested. */
  readonly minimum: boolean
}

type Vector = ReadonlyArray<Interval>
type Matrix = ReadonlyArray<Vector>

/** One context: its pairs by position in the table, and where its logits are. */
interface Problem {
  readonly pairs: PairProgram
  readonly rows: HessianRows
  readonly table: PairTable
  readonly members: ReadonlyArray<number>
  readonly from: number
  readonly arms: number
  /** The response whose logit is held. */
  readonly held: number
}

/** Ranges over a box of logits. */
interface Derivatives {
  /** ∂L/∂z. */
  readonly gradient: Vector
  /** ∂²L/∂z∂z. */
  readonly hessian: Matrix
}

const zero: Interval = [0, 0]
const one: Interval = [1, 1]
const sum = (values: Iterable<Interval>): Interval => {
  let total = zero
  for (const value of values) total = addIntervals(total, value)
  return total
}

/** log softmax of a box: `-log Σ_j exp(z_j - z_i)`, each end reached at a corner. */
const logSoftmax = (box: Vector): Vector =>
  box.map((z, i) => {
    let total = zero
    box.forEach((other, j) => {
      if (j !== i) total = logAddIntervals(total, subtractIntervals(other, z))
    })
    return negateInterval(total)
  })

const columnsOf = (table: PairTable, i: number): Readonly<Record<PairInput, number>> => ({
  lw: 0,
  ll: 0,
  rw: table.rw[i]!,
  rl: table.rl[i]!,
  nw: table.nw[i]!,
  nl: table.nl[i]!,
  s_w: table.sw[i]!,
  s_l: table.sl[i]!
})

/** Value and both second derivatives of a row of the pair's Hessian. */
const rowRanges = (
  program: HessianRows["lw"],
  box: Readonly<Record<string, Interval>>
): ReadonlyArray<Interval> | undefined => {
  const { loss, gradients } = program.outputs
  return rangesOf(program, box, [loss, gradients.lw!, gradients.ll!])
}

/** First and second derivatives by log π, summed over the pairs; undefined at a kink. */
const byLogProbability = ({ pairs, rows, table, members, from, arms }: Problem, logp: Vector) => {
  const slope = logp.map(() => zero)
  const curvature = logp.map(() => logp.map(() => zero))
  for (const i of members) {
    const [w, l] = [table.chosen[i]! - from, table.rejected[i]! - from]
    const weight = pointInterval(table.weight[i]!)
    const fixed = Object.entries(columnsOf(table, i)).map(([name, value]) => [name, pointInterval(value)] as const)
    const box = { ...Object.fromEntries(fixed), lw: logp[w]!, ll: logp[l]! }
    const [byChosen, byRejected] = [rowRanges(rows.lw, box), rowRanges(rows.ll, box)]
    if (byChosen === undefined || byRejected === undefined) return undefined
    const add = (row: number, ranges: ReadonlyArray<Interval>, crossEntropy: number): void => {
      const [first, second, third] = ranges.map((range) => multiplyIntervals(weight, range))
      const ce = multiplyIntervals(weight, pointInterval(crossEntropy))
      slope[row] = addIntervals(slope[row]!, subtractIntervals(first!, ce))
      curvature[row]![w] = addIntervals(curvature[row]![w]!, second!)
      curvature[row]![l] = addIntervals(curvature[row]![l]!, third!)
    }
    add(w, byChosen, pairs.ceWeight)
    add(l, byRejected, 0)
  }
  return { slope, curvature: curvature.slice(0, arms) }
}

/** Carries derivatives by log π to the logits: `g - π Σ g` and `Jᵀ G J - (Σ g)(diag π - π πᵀ)`, J = I - 1 πᵀ. */
const derivativesOn = (problem: Problem, box: Vector): Derivatives | undefined => {
  const logp = logSoftmax(box)
  const found = byLogProbability(problem, logp)
  if (found === undefined) return undefined
  const prob = logp.map(expInterval)
  const { slope, curvature } = found
  const total = sum(slope)
  const right = curvature.map((row) => {
    const rowSum = sum(row)
    return row.map((value, j) => subtractIntervals(value, multiplyIntervals(rowSum, prob[j]!)))
  })
  const columnSums = prob.map((_, j) => sum(right.map((row) => row[j]!)))
  const hessian = right.map((row, i) =>
    row.map((value, j) => {
      const covariance = multiplyIntervals(prob[i]!, subtractIntervals(i === j ? one : zero, prob[j]!))
      const moved = subtractIntervals(value, multiplyIntervals(prob[i]!, columnSums[j]!))
      return subtractIntervals(moved, multiplyIntervals(total, covariance))
    })
  )
  return { gradient: slope.map((g, i) => subtractIntervals(g, multiplyIntervals(prob[i]!, total))), hessian }
}

/** The free logits: all but the held one. */
const free = <A>(values: ReadonlyArray<A>, held: number): ReadonlyArray<A> => values.filter((_, k) => k !== held)
const reduced = (hessian: Matrix, held: number): Matrix => free(hessian, held).map((row) => free(row, held))

const boxAround = (logits: Float64Array, held: number, radius: number): Vector =>
  Array.from(logits, (z, k) => (k === held ? pointInterval(z) : addIntervals([z, z], [-radius, radius])))

const middle = ([low, high]: Interval): number => low / 2 + high / 2
const magnitude = ([low, high]: Interval): number => Math.max(Math.abs(low), Math.abs(high))

/** Rows of an approximate inverse of the middle of an interval matrix; undefined when it is singular. */
const approximateInverse = (matrix: Matrix): ReadonlyArray<Float64Array> | undefined => {
  const n = matrix.length
  const flat = Float64Array.from(matrix.flat(), middle)
  if (!flat.every(Number.isFinite)) return undefined
  const columns: Array<Float64Array> = []
  for (let k = 0; k < n; k++) {
    const column = solveLinear(
      flat,
      Float64Array.from({ length: n }, (_, i) => (i === k ? 1 : 0))
    )
    if (column === undefined) return undefined
    columns.push(column)
  }
  return Array.from({ length: n }, (_, i) => Float64Array.from(columns, (column) => column[i]!))
}

const product = (row: Float64Array, vector: Vector): Interval =>
  sum(vector.map((value, j) => multiplyIntervals(pointInterval(row[j]!), value)))

/**
 * Krawczyk's operator about z on the box z ± radius, as the largest distance from z: `|C F(z)| + |I - C H(box)| · radius`.
 * Below the radius, the box has exactly one zero of F, and it is within that distance.
 */
const krawczyk = (inverse: ReadonlyArray<Float64Array>, residual: Vector, hessian: Matrix, radius: number): number => {
  let worst = 0
  inverse.forEach((row, i) => {
    const defect = hessian.map((_, j) =>
      subtractIntervals(
        i === j ? one : zero,
        product(
          row,
          hessian.map((line) => line[j]!)
        )
      )
    )
    const spread = sum(defect.map((value) => multiplyIntervals([0, magnitude(value)], [0, radius])))
    worst = Math.max(worst, addIntervals([0, magnitude(product(row, residual))], spread)[1])
  })
  return worst
}

/** Whether every symmetric matrix within the intervals is positive definite: the pivots of elimination stay positive. */
const isPositiveDefinite = (matrix: Matrix): boolean => {
  const rows = matrix.map((row) => [...row])
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k]![k]!
    if (!(pivot[0] > 0)) return false
    for (let i = k + 1; i < rows.length; i++) {
      const factor = divideIntervals(rows[i]![k]!, pivot)
      for (let j = k + 1; j < rows.length; j++) {
        rows[i]![j] = subtractIntervals(rows[i]![j]!, multiplyIntervals(factor, rows[k]![j]!))
      }
    }
  }
  return true
}

/** Boxes are tried from the size of the residual up to this, nats. */
const widest = 1
const growth = 4

const certifyContext = (problem: Problem, logits: Float64Array): StationaryCertificate | undefined => {
  const { held } = problem
  const here = derivativesOn(problem, boxAround(logits, held, 0))
  if (here === undefined) return undefined
  const inverse = approximateInverse(reduced(here.hessian, held))
  if (inverse === undefined) return undefined
  const residual = free(here.gradient, held)
  const start = inverse.reduce((top, row) => Math.max(top, magnitude(product(row, residual))), Number.MIN_VALUE)
  let found: StationaryCertificate | undefined
  for (let radius = 2 * start; radius <= widest; radius *= growth) {
    const over = derivativesOn(problem, boxAround(logits, held, radius))
    const hessian = over === undefined ? undefined : reduced(over.hessian, held)
    const reach = hessian === undefined ? Infinity : krawczyk(inverse, residual, hessian, radius)
    if (!(reach < radius)) {
      if (found !== undefined) break
      continue
    }
    found =
      found === undefined
        ? { radius: reach, uniqueWithin: radius, minimum: isPositiveDefinite(hessian!) }
        : { ...found, uniqueWithin: radius }
  }
  return found
}

/**
 * Certifies that the loss `Σ_pairs weight · loss - ceWeight log π(chosen)`, taken as its table's doubles state it, has a
 * stationary policy near the softmax of `logits`. Undefined when that cannot be shown: no stationary point there, a flat
 * direction (a response in no pair), a kink within reach, an accuracy that doubles do not resolve, a stopped gradient.
 * Interval arithmetic over every node of the program, pair by pair: meant for small bandits.
 * @param logits [contexts * arms]
 * @see Krawczyk 1969, Computing 4; Rump 2010, Acta Numerica 19, §13
 */
export const certifyStationary = (
  pairs: PairProgram,
  table: PairTable,
  contexts: number,
  arms: number,
  logits: Float64Array
): StationaryCertificate | undefined => {
  if (stopsGradient(pairs.program)) return undefined
  const rows = hessianRows(pairs.program)
  let whole: StationaryCertificate | undefined
  for (let c = 0; c < contexts; c++) {
    const from = c * arms
    const row = logits.subarray(from, from + arms)
    const members = [...table.chosen.keys()].filter((i) => Math.floor(table.chosen[i]! / arms) === c)
    const held = row.indexOf(row.reduce((a, b) => Math.max(a, b)))
    const part = certifyContext({ pairs, rows, table, members, from, arms, held }, row)
    if (part === undefined) return undefined
    whole = {
      radius: Math.max(part.radius, whole?.radius ?? 0),
      uniqueWithin: Math.min(part.uniqueWithin, whole?.uniqueWithin ?? Infinity),
      minimum: part.minimum && (whole?.minimum ?? true)
    }
  }
  // One context's point may lie farther off than another's is known to be alone: then no one radius says both.
  return whole !== undefined && whole.radius < whole.uniqueWithin ? whole : undefined
}
