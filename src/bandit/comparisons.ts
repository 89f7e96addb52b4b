/** Which pairs of responses get compared: the distribution of (y, y') before a label is put on the pair. */
import type { Rng } from "../random/rng.ts"

/**
 * - `product`: y ~ first, y' ~ second, independent, given y ≠ y' unless `identical` (then a response may meet itself,
 *   which moves no loss of the log-ratio gap but does count as a draw);
 * - `table`: `probability[(context * arms + y) * arms + y']`, summing to 1 over (y, y') in every context.
 */
export type Comparisons =
  | {
      readonly kind: "product"
      readonly first: Float64Array
      readonly second: Float64Array
      readonly identical: boolean
    }
  | { readonly kind: "table"; readonly probability: Float64Array }

/** Probability of drawing (y, y') before anything is forbidden or renormalised. */
const pairProbability = (comparisons: Comparisons, offset: number, y: number, other: number, arms: number): number => {
  if (comparisons.kind === "table") return comparisons.probability[(offset + y) * arms + other]!
  if (y === other && !comparisons.identical) return 0
  return comparisons.first[offset + y]! * comparisons.second[offset + other]!
}

/** Unnormalised pairs of one context, and their sum; `covered[context * arms + y]` = 0 forbids a response. */
const allowedPairs = (comparisons: Comparisons, context: number, arms: number, covered: Uint8Array | undefined) => {
  const matrix = new Float64Array(arms * arms)
  const offset = context * arms
  let total = 0
  for (let y = 0; y < arms; y++) {
    if (covered !== undefined && covered[offset + y] === 0) continue
    for (let other = 0; other < arms; other++) {
      if (covered !== undefined && covered[offset + other] === 0) continue
      const p = pairProbability(comparisons, offset, y, other, arms)
      matrix[y * arms + other] = p
      total += p
    }
  }
  return { matrix, total }
}

/**
 * Pairs of one context as a dense matrix [arms * arms] that sums to 1, among the covered responses; undefined when
 * nothing is left to compare.
 */
export const comparisonMatrix = (
  comparisons: Comparisons,
  context: number,
  arms: number,
  covered?: Uint8Array
): Float64Array | undefined => {
  const { matrix, total } = allowedPairs(comparisons, context, arms, covered)
  return total > 0 ? matrix.map((p) => p / total) : undefined
}

/**
 * The comparisons among the covered responses alone, of the same kind; undefined when a context has nothing left to compare.
 * @param covered shape [contexts * arms], 0 forbids a response
 */
export const coveredComparisons = (
  comparisons: Comparisons,
  contexts: number,
  arms: number,
  covered: Uint8Array
): Comparisons | undefined => {
  for (let c = 0; c < contexts; c++) if (pairDraw(comparisons, c, arms, covered) === undefined) return undefined
  if (comparisons.kind === "product") {
    const rows = (table: Float64Array): Float64Array => {
      const kept = table.map((p, i) => (covered[i] === 0 ? 0 : p))
      for (let from = 0; from < kept.length; from += arms) {
        const total = sumOf(kept.subarray(from, from + arms))
        for (let i = from; i < from + arms; i++) kept[i]! /= total
      }
      return kept
    }
    return { ...comparisons, first: rows(comparisons.first), second: rows(comparisons.second) }
  }
  const probability = new Float64Array(comparisons.probability.length)
  for (let c = 0; c < contexts; c++) {
    probability.set(comparisonMatrix(comparisons, c, arms, covered)!, c * arms * arms)
  }
  return { kind: "table", probability }
}

/** Draws from a discrete distribution by bisection on the cumulative sums. */
export interface Draw {
  readonly next: (rng: Rng) => number
}

/**
 * A sampler of index i with probability weights[i] / Σ weights; O(log n) a draw, one uniform number each.
 * @throws RangeError when the weights do not have a positive finite sum
 */
export const drawFrom = (weights: ArrayLike<number>): Draw => {
  const cumulative = new Float64Array(weights.length)
  let total = 0
  let last = -1
  for (let i = 0; i < weights.length; i++) {
    total += weights[i]!
    cumulative[i] = total
    if (weights[i]! > 0) last = i
  }
  if (!(total > 0 && Number.isFinite(total))) throw new RangeError(`drawFrom: weights sum to ${total}`)
  return {
    next: (rng) => {
      const target = rng.uniform() * total
      let low = 0
      let high = last
      while (low < high) {
        const middle = (low + high) >>> 1
        if (cumulative[middle]! > target) high = middle
        else low = middle + 1
      }
      return low
    }
  }
}

/** Draws pairs `arms * y + y'` of one context. */
export type PairDraw = (rng: Rng) => number

/** The behaviour policy of one context without what is forbidden. */
const allowedRow = (
  table: Float64Array,
  context: number,
  arms: number,
  covered: Uint8Array | undefined
): Float64Array =>
  table
    .subarray(context * arms, (context + 1) * arms)
    .map((p, y) => (covered !== undefined && covered[context * arms + y] === 0 ? 0 : p))

const sumOf = (row: Float64Array): number => row.reduce((sum, p) => sum + p, 0)

/**
 * A sampler of the pairs of one context; undefined when nothing is left to compare. A product is drawn response by
 * response, again while both are the same and may not be: O(arms) memory as long as a tenth of the draws stand.
 */
export const pairDraw = (
  comparisons: Comparisons,
  context: number,
  arms: number,
  covered?: Uint8Array
): PairDraw | undefined => {
  if (comparisons.kind === "product") {
    const first = allowedRow(comparisons.first, context, arms, covered)
    const second = allowedRow(comparisons.second, context, arms, covered)
    const [all, same] = [sumOf(first) * sumOf(second), sumOf(first.map((p, y) => p * second[y]!))]
    if (all > 0 && (comparisons.identical || all - same > 0.1 * all)) {
      return productDraw(first, second, arms, comparisons.identical)
    }
  }
  const matrix = comparisonMatrix(comparisons, context, arms, covered)
  return matrix === undefined ? undefined : drawFrom(matrix).next
}

const productDraw = (first: Float64Array, second: Float64Array, arms: number, identical: boolean): PairDraw => {
  const [left, right] = [drawFrom(first), drawFrom(second)]
  return (rng) => {
    let y = left.next(rng)
    let other = right.next(rng)
    while (y === other && !identical) {
      y = left.next(rng)
      other = right.next(rng)
    }
    return y * arms + other
  }
}
