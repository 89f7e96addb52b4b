/**
 * Search for a point of the positive orthant at which a polynomial is negative: a grid of readable probabilities first, then
 * directions to the boundary, then descent from the best grid points. Doubles only propose; every answer is confirmed exactly.
 */
import { type Rational, rational, rationalToNumber } from "../logic/rational.ts"
import { type OddsPolynomial, type OddsTerm, signAt, stridesOf, termsOf } from "./oddsPolynomial.ts"

// Odds p/(1-p) of probabilities that read well: 1/2, 1/3, 2/3, 1/4, …, 1/1000. Fewer when there are many variables.
const readable: ReadonlyArray<readonly [number, number]> = [
  [1, 2], [1, 3], [2, 3], [1, 4], [3, 4], [1, 10], [9, 10], [1, 100], [99, 100], [1, 5], [4, 5], [2, 5], [3, 5],
  [1, 20], [19, 20], [1, 1000], [999, 1000]
] // biome-ignore format: a table
const sizes: ReadonlyArray<number> = [17, 17, 17, 17, 9, 7, 5]

/** The odds of the grid for n variables, most readable first. */
export const gridOdds = (n: number): ReadonlyArray<Rational> =>
  readable.slice(0, sizes[n] ?? 3).map(([num, den]) => rational(num, den - num))

/** Values of a polynomial on the grid `points^n`, index `Σ_k i_k points^k`; with `absolute`, of its terms' absolute values. */
const gridValues = (a: OddsPolynomial, points: ReadonlyArray<number>, absolute: boolean): Float64Array => {
  let data = Float64Array.from(a.coefficients, (c) => (absolute ? Math.abs(Number(c)) : Number(c)))
  // Contracting the slowest axis first appends the grid axes in front: after n steps the order is that of the variables.
  for (let k = a.degrees.length - 1; k >= 0; k--) {
    const degree = a.degrees[k]!
    const block = stridesOf(a.degrees)[k]!
    const outer = data.length / (block * (degree + 1))
    const next = new Float64Array(block * outer * points.length)
    for (let o = 0; o < outer; o++) {
      for (let g = 0; g < points.length; g++) {
        for (let i = 0; i < block; i++) {
          let sum = 0
          for (let e = degree; e >= 0; e--) sum = sum * points[g]! + data[i + block * (e + (degree + 1) * o)]!
          next[i + block * (g + points.length * o)] = sum
        }
      }
    }
    data = next
  }
  return data
}

/** A point of positive odds, one for each variable, and what a search prefers: true for points worth more than others. */
export type Preference = (odds: ReadonlyArray<number>) => boolean

/** The grid of n variables: exact odds along each axis, the same as doubles, and the points, most readable first. */
interface Grid {
  readonly exact: ReadonlyArray<Rational>
  readonly odds: ReadonlyArray<number>
  readonly order: Uint32Array
}

const grids = new Map<number, Grid>()

/** Position along each axis of the grid point with the given index. */
const digitsOf = (index: number, size: number, n: number): Array<number> =>
  Array.from({ length: n }, (_, k) => Math.floor(index / size ** k) % size)

/** Grid indices by the sum of their digits, equals in order: a counting sort, for 17^4 points are too many to compare. */
const orderOf = (size: number, n: number): Uint32Array => {
  const rank = new Uint16Array(size ** n)
  const starts = new Uint32Array(n * (size - 1) + 2)
  for (let index = 0; index < rank.length; index++) {
    rank[index] = rank[Math.floor(index / size)]! + (index % size)
    starts[rank[index]! + 1]!++
  }
  for (let r = 1; r < starts.length; r++) starts[r]! += starts[r - 1]!
  const order = new Uint32Array(rank.length)
  for (let index = 0; index < rank.length; index++) order[starts[rank[index]!]!++] = index
  return order
}

/** A table, computed once for each n: the points by how far along the list of readable odds they lie. */
const gridOf = (n: number): Grid => {
  const known = grids.get(n)
  if (known !== undefined) return known
  const exact = gridOdds(n)
  const grid = { exact, odds: exact.map(rationalToNumber), order: orderOf(exact.length, n) }
  grids.set(n, grid)
  return grid
}

/** How many grid points are tried one by one before the values on the whole grid are computed. */
const triedFirst = 100

/** The value in doubles at a point. */
const valueAt = (terms: ReadonlyArray<OddsTerm>, odds: ReadonlyArray<number>): number => {
  let sum = 0
  for (const { exponents, coefficient } of terms) {
    let product = Number(coefficient)
    for (let k = 0; k < exponents.length; k++) for (let e = exponents[k]!; e > 0; e--) product *= odds[k]!
    sum += product
  }
  return sum
}

/** The first (most readable) grid point with a negative value, a preferred one if there is one; undefined when none is. */
const onGrid = (a: OddsPolynomial, prefer: Preference): Array<Rational> | undefined => {
  const n = a.variables.length
  const { exact, odds, order } = gridOf(n)
  const terms = termsOf(a)
  let values: Float64Array | undefined
  let fallback: Array<Rational> | undefined
  for (let place = 0; place < order.length; place++) {
    const index = order[place]!
    if (place === triedFirst) values = gridValues(a, odds, false)
    if (values !== undefined && values[index]! >= 0) continue
    const digits = digitsOf(index, odds.length, n)
    const point = digits.map((digit) => odds[digit]!)
    if (values === undefined && valueAt(terms, point) >= 0) continue
    const preferred = prefer(point)
    if (!preferred && fallback !== undefined) continue
    const found = digits.map((digit) => exact[digit]!)
    if (signAt(a, found) >= 0) continue
    if (preferred) return found
    fallback = found
  }
  return fallback
}

const mostReadable = new Map<number, ReadonlyArray<ReadonlyArray<Rational>>>()

/** The first points of the grid of n variables, most readable first: always the same arrays. */
export const readablePoints = (n: number): ReadonlyArray<ReadonlyArray<Rational>> => {
  const known = mostReadable.get(n)
  if (known !== undefined) return known
  const { exact, order } = gridOf(n)
  const points = Array.from(order.subarray(0, triedFirst), (index) =>
    digitsOf(index, exact.length, n).map((digit) => exact[digit]!)
  )
  mostReadable.set(n, points)
  return points
}

/** The first grid point at which the polynomial, not the zero one, does not vanish; a preferred one if there is one. */
export const findNonZero = (a: OddsPolynomial, prefer: Preference): Array<Rational> | undefined => {
  const { exact, odds, order } = gridOf(a.variables.length)
  let fallback: Array<Rational> | undefined
  for (const index of order) {
    const digits = digitsOf(index, odds.length, a.variables.length)
    const preferred = prefer(digits.map((digit) => odds[digit]!))
    if (!preferred && fallback !== undefined) continue
    const point = digits.map((digit) => exact[digit]!)
    if (signAt(a, point) === 0) continue
    if (preferred) return point
    fallback = point
  }
  return fallback
}

/** All vectors of the given length with entries from the list. */
const vectors = (entries: ReadonlyArray<number>, length: number): Array<Array<number>> =>
  length === 0 ? [[]] : vectors(entries, length - 1).flatMap((head) => entries.map((entry) => [...head, entry]))

/**
 * A point far out in a direction d where the terms that dominate, those with the largest `d · exponents`, have a negative
 * sum: `o_k = 2^(m d_k)` with m doubling until the value is negative.
 */
const inDirections = (a: OddsPolynomial): Array<Rational> | undefined => {
  const terms = termsOf(a)
  for (const d of vectors(a.variables.length <= 4 ? [0, 1, -1, 2, -2] : [0, 1, -1], a.variables.length)) {
    const weights = terms.map((term) => term.exponents.reduce((sum, e, k) => sum + e * d[k]!, 0))
    const most = Math.max(...weights)
    const face = terms.reduce((sum, term, i) => (weights[i] === most ? sum + term.coefficient : sum), 0n)
    for (let m = 1; face < 0n && m <= 64; m *= 2) {
      const point = d.map((entry) =>
        entry >= 0 ? rational(2n ** BigInt(m * entry)) : rational(1n, 2n ** BigInt(-m * entry))
      )
      if (signAt(a, point) < 0) return point
    }
  }
  return undefined
}

/** The simplest rational within a relative distance of a positive double, by continued fractions. */
const simplest = (value: number, tolerance: number): Rational => {
  let [n0, d0, n1, d1] = [0n, 1n, 1n, 0n]
  let rest = value
  for (let step = 0; step < 40; step++) {
    const whole = BigInt(Math.floor(rest))
    ;[n0, d0, n1, d1] = [n1, d1, whole * n1 + n0, whole * d1 + d0]
    if (n1 > 0n && Math.abs(Number(n1) / Number(d1) - value) <= tolerance * value) break
    const fraction = rest - Math.floor(rest)
    if (fraction === 0) break
    rest = 1 / fraction
  }
  return rational(n1 === 0n ? 1n : n1, d1)
}

/** Pattern search on log2 odds for the least `Q / Σ|terms|`; stops at once where it is negative beyond rounding. */
const descend = (a: OddsPolynomial, start: ReadonlyArray<number>): Array<number> | undefined => {
  const terms = termsOf(a).map((term) => ({ exponents: term.exponents, coefficient: Number(term.coefficient) }))
  const objective = (x: ReadonlyArray<number>): number => {
    let [value, size] = [0, 0]
    for (const { exponents, coefficient } of terms) {
      const term = coefficient * 2 ** exponents.reduce((sum, e, k) => sum + e * x[k]!, 0)
      value += term
      size += Math.abs(term)
    }
    return value / size
  }
  let x = [...start]
  let least = objective(x)
  // An infimum of 0 far out would be followed for ever: a bounded number of rounds, within 2^±40.
  let step = 1
  for (let round = 0; round < 120 && step > 1e-6 && least > -1e-12; round++) {
    const moves = x.flatMap((_, k) =>
      [step, -step].map((move) => x.map((value, i) => (i === k ? value + move : value)))
    )
    const better = moves.map((move) => ({ move, value: objective(move) })).sort((p, q) => p.value - q.value)[0]
    if (better !== undefined && better.value < least && better.move.every((value) => Math.abs(value) <= 40)) {
      x = better.move
      least = better.value
    } else step /= 2
  }
  return least < -1e-13 ? x.map((value) => 2 ** value) : undefined
}

const fromGridMinima = (
  a: OddsPolynomial,
  values: Float64Array,
  sizesAt: Float64Array
): Array<Rational> | undefined => {
  const points = gridOf(a.variables.length).odds
  const ranked = Array.from(values, (value, index) => ({ index, ratio: value / sizesAt[index]! }))
  ranked.sort((p, q) => p.ratio - q.ratio)
  for (const { index } of ranked.slice(0, 3)) {
    const start = digitsOf(index, points.length, a.variables.length).map((digit) => Math.log2(points[digit]!))
    const odds = descend(a, start)
    if (odds === undefined) continue
    for (const tolerance of [1e-1, 1e-2, 1e-4, 1e-7, 1e-12]) {
      const point = odds.map((value) => simplest(value, tolerance))
      if (point.every((value) => value.num > 0n) && signAt(a, point) < 0) return point
    }
  }
  return undefined
}

/**
 * A point of positive rational odds where the polynomial is negative, from the grid (a preferred one if there is one) or far
 * out in some direction; undefined when the search finds none, which proves nothing.
 */
export const findNegative = (a: OddsPolynomial, prefer: Preference = () => true): Array<Rational> | undefined =>
  onGrid(a, prefer) ?? inDirections(a)

/** The same by descent from the best grid points: finds what is too small for the grid, at a higher price. */
export const findNegativeByDescent = (a: OddsPolynomial): Array<Rational> | undefined => {
  const points = gridOf(a.variables.length).odds
  return fromGridMinima(a, gridValues(a, points, false), gridValues(a, points, true))
}
