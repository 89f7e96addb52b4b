/**
 * The true order on thousands of losses (docs/theory.md §8), counted: the strictly monotone ones of three propositions. All
 * arithmetic is on integers small enough to be exact in doubles. The coefficients of `N_b D_a - N_a D_b` settle most pairs that are
 * ordered, a few hundred fixed points most that are not; the rest is decided one by one.
 */
import type { Proposition } from "../logic/index.ts"
import type { CountProgress, LossClass, Masks } from "./classes.ts"
import { signMemo } from "./counts.ts"
import { difference, hasCopies } from "./odds.ts"
import { scale } from "./oddsPolynomial.ts"

/** Ordered pairs (a, b), a ≠ b, of the losses by what became of them; `dominance + refuted + undecided` is all of them. */
export interface ManyPairs {
  /** rho_a <= rho_b on the whole open cube. */
  readonly dominance: number
  /** rho_a > rho_b at some point of it. */
  readonly refuted: number
  /** Neither, at the budget of the sign decisions. */
  readonly undecided: number
  /** Pairs that neither the coefficients nor the fixed points settle, so that a proof had to be searched for. */
  readonly asked: number
}

type Odds = readonly [numerator: number, denominator: number]

// A count over three propositions stays below 8 * 64^3 = 2^21, a product of two counts below 2^42.
const oddsGrid: ReadonlyArray<Odds> = [
  [1, 1],
  [1, 64],
  [64, 1],
  [1, 6],
  [6, 1],
  [2, 3],
  [3, 2]
]

const gridPoints = (n: number): ReadonlyArray<ReadonlyArray<Odds>> =>
  n === 0 ? [[]] : gridPoints(n - 1).flatMap((point) => oddsGrid.map((odds) => [...point, odds]))

const rowsIn = (set: number): ReadonlyArray<number> =>
  Array.from({ length: 32 - Math.clz32(set) }, (_, row) => row).filter((row) => (set >> row) & 1)

/** Value of every row set at the point, times the denominators of the odds. */
const setValues = (point: ReadonlyArray<Odds>): Float64Array => {
  const weights = Array.from({ length: 2 ** point.length }, (_, row) =>
    point.reduce((product, odds, k) => product * odds[(row >> k) & 1 ? 0 : 1], 1)
  )
  return Float64Array.from({ length: 2 ** weights.length }, (_, set) =>
    rowsIn(set).reduce((sum, row) => sum + weights[row]!, 0)
  )
}

/** Products of the counts of any two row sets: `products[(a << rows | b) * terms + monomial]`, exponents as ternary digits. */
const setProducts = (n: number) => {
  const [rows, terms] = [2 ** n, 3 ** n]
  const exponents = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: n }, (_, k) => ((row >> k) & 1) * 3 ** k).reduce((sum, digit) => sum + digit, 0)
  )
  const products = new Uint8Array(2 ** (2 * rows) * terms)
  const lists = Array.from({ length: 2 ** rows }, (_, set) => rowsIn(set).map((row) => exponents[row]!))
  for (const [a, left] of lists.entries()) {
    for (const [b, right] of lists.entries()) {
      const start = ((a << rows) | b) * terms
      for (const x of left) for (const y of right) products[start + x + y]!++
    }
  }
  return { rows, terms, products }
}

/** Bit 0: something shows that `N_b D_a - N_a D_b` is negative somewhere; bit 1: positive somewhere. */
type Seen = number

/** Signs of the coefficients of `N_b D_a - N_a D_b`: where all agree they are the polynomial's on all positive odds. */
const coefficientSigns = ({ rows, terms, products }: ReturnType<typeof setProducts>, a: Masks, b: Masks): Seen => {
  const rise = ((b.ticks << rows) | a.crosses) * terms
  const fall = ((a.ticks << rows) | b.crosses) * terms
  let seen = 0
  for (let k = 0; k < terms && seen !== 3; k++) {
    const coefficient = products[rise + k]! - products[fall + k]!
    if (coefficient < 0) seen |= 1
    if (coefficient > 0) seen |= 2
  }
  return seen
}

const pointSigns = (points: ReadonlyArray<Float64Array>, a: Masks, b: Masks): Seen => {
  let seen = 0
  for (let k = 0; k < points.length && seen !== 3; k++) {
    const values = points[k]!
    const rise = values[b.ticks]! * values[a.crosses]! - values[a.ticks]! * values[b.crosses]!
    if (rise < 0) seen |= 1
    if (rise > 0) seen |= 2
  }
  return seen
}

/**
 * Counts the ordered pairs of distinct losses over at most three propositions without copies.
 * @throws RangeError for more propositions, or copies
 */
export const countManyPairs = (
  propositions: ReadonlyArray<Proposition>,
  losses: ReadonlyArray<LossClass>,
  progress?: CountProgress
): ManyPairs => {
  if (propositions.length > 3 || hasCopies(propositions))
    throw new RangeError(`countManyPairs: ${propositions.join(", ")}: at most three propositions, no copies`)
  const products = setProducts(propositions.length)
  const points = gridPoints(propositions.length).map(setValues)
  const total = { holds: 0, fails: 0, undecided: 0 }
  const sign = signMemo()
  let asked = 0
  const settle = (a: LossClass, b: LossClass): void => {
    const [low, high] = [a.members[0]!, b.members[0]!]
    const signs = coefficientSigns(products, low, high)
    const seen = signs === 3 ? pointSigns(points, low, high) : signs
    for (const [bit, factor] of [
      [1, 1n],
      [2, -1n]
    ] as const) {
      if (seen & bit) total.fails++
      else if (signs !== 3) total.holds++
      else {
        asked++
        total[sign(scale(difference(a.counts, b.counts), factor))]++
      }
    }
  }
  const all = (losses.length * (losses.length - 1)) / 2
  for (const [j, b] of losses.entries()) {
    progress?.("pairs compared", (j * Math.max(0, j - 1)) / 2, all)
    for (let i = 0; i < j; i++) settle(losses[i]!, b)
  }
  return { dominance: total.holds, refuted: total.fails, undecided: total.undecided, asked }
}
