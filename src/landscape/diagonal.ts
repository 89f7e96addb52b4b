/**
 * The canonical structure of a class on the diagonal (docs/theory.md §6, §7), where copies of a proposition share one odds. A
 * monomial with exponents e is then the weight of `Π_k C(copies_k, e_k)` rows, and a side is told by how many of them it has.
 *
 * With N/D = A/B in lowest terms, A and B without a common integer factor, every member of the class has the counts `A H` and
 * `B H` for one integer polynomial H (Gauss's lemma), which may have negative coefficients: `(1 + o^3)/(1 + o)` does not lift
 * to rows, times `1 + o` it does. All rows together are `(A(1) + B(1)) H(1)`, so the fewest rows are the least `H(1)`. Each
 * coefficient of H is bounded by those of `A H` and `B H` that it is the last to enter, so the search is finite.
 */
import { ratioName } from "../logic/proposition.ts"
import { gcdInteger } from "../logic/rational.ts"
import { rowSetOf } from "../logic/rows.ts"
import { makeStructure, type Structure } from "../logic/structure.ts"
import { commonFactor, degreeIn, divideExactly } from "./factor.ts"
import { oddsCounts } from "./odds.ts"
import { type OddsPolynomial, stridesOf, termsOf } from "./oddsPolynomial.ts"

/** The rows of every monomial, smallest first, monomials as places of an array with the copies as degrees. */
interface Diagonal {
  readonly degrees: ReadonlyArray<number>
  readonly strides: ReadonlyArray<number>
  readonly rows: ReadonlyArray<ReadonlyArray<number>>
}

const diagonalOf = (propositions: ReadonlyArray<string>, variables: ReadonlyArray<string>): Diagonal => {
  const names = propositions.map(ratioName)
  const degrees = variables.map((name) => names.filter((other) => other === name).length)
  const strides = stridesOf(degrees)
  const rows: Array<Array<number>> = Array.from({ length: strides.at(-1)! }, () => [])
  for (let row = 0; row < 2 ** propositions.length; row++) {
    const place = names.reduce((sum, name, k) => ((row >> k) & 1 ? sum + strides[variables.indexOf(name)]! : sum), 0)
    rows[place]!.push(row)
  }
  return { degrees, strides, rows }
}

const contentOf = (a: OddsPolynomial): bigint => a.coefficients.reduce((sum, c) => gcdInteger(sum, c), 0n)
const total = (a: OddsPolynomial): bigint => a.coefficients.reduce((sum, c) => sum + c, 0n)

/** A and B: the counts in lowest terms, both positive at odds 1. */
const lowestTerms = (n: OddsPolynomial, d: OddsPolynomial): readonly [OddsPolynomial, OddsPolynomial] => {
  const common = commonFactor(n, d)
  const [a, b] = [divideExactly(n, common)!, divideExactly(d, common)!]
  const content = gcdInteger(contentOf(a), contentOf(b)) * (total(a) < 0n ? -1n : 1n)
  const reduced = (side: OddsPolynomial): OddsPolynomial => ({
    ...side,
    coefficients: side.coefficients.map((c) => c / content)
  })
  return [reduced(a), reduced(b)]
}

/** One side of the search: the coefficients of `A H` so far, and which places the k-th coefficient of H enters, and ends. */
interface Side {
  readonly sum: number
  readonly room: ReadonlyArray<number>
  readonly product: Array<number>
  readonly enters: ReadonlyArray<ReadonlyArray<readonly [place: number, coefficient: number]>>
  readonly ends: ReadonlyArray<ReadonlyArray<readonly [place: number, coefficient: number]>>
}

/** Places of the coefficients of H, lowest first: what keeps both products within the copies. */
const placesOf = (
  a: OddsPolynomial,
  b: OddsPolynomial,
  { degrees, strides, rows }: Diagonal
): ReadonlyArray<number> => {
  const most = degrees.map((degree, k) => degree - Math.max(degreeIn(a, k), degreeIn(b, k)))
  return rows.flatMap((_, place) =>
    most.every((limit, k) => Math.floor(place / strides[k]!) % (degrees[k]! + 1) <= limit) ? [place] : []
  )
}

const sideOf = (a: OddsPolynomial, places: ReadonlyArray<number>, { strides, rows }: Diagonal): Side => {
  const terms = termsOf(a).map(({ exponents, coefficient }) => ({
    offset: exponents.reduce((sum, e, k) => sum + e * strides[k]!, 0),
    coefficient: Number(coefficient)
  }))
  const enters = places.map((place) => terms.map(({ offset, coefficient }) => [place + offset, coefficient] as const))
  const last = new Map(enters.flatMap((list, i) => list.map(([place]) => [place, i] as const)))
  return {
    sum: Number(total(a)),
    room: rows.map((list) => list.length),
    product: rows.map(() => 0),
    enters,
    ends: enters.map((list, i) => list.filter(([place]) => last.get(place) === i))
  }
}

/** The integers h with `0 <= product + coefficient h <= room` wherever the coefficient is the last to enter. */
const rangeOf = (sides: ReadonlyArray<Side>, i: number): readonly [number, number] => {
  let [low, high] = [-Infinity, Infinity]
  for (const { ends, product, room } of sides) {
    for (const [place, coefficient] of ends[i]!) {
      const [x, y] = [-product[place]! / coefficient, (room[place]! - product[place]!) / coefficient]
      low = Math.max(low, Math.ceil(Math.min(x, y)))
      high = Math.min(high, Math.floor(Math.max(x, y)))
    }
  }
  return [low, high]
}

const enter = ({ enters, product }: Side, i: number, h: number): void => {
  for (const [place, coefficient] of enters[i]!) product[place]! += coefficient * h
}

/** Calls `found` for every H with `H(1) = target` whose products fit the rows; the sides hold the products then. */
const search = (sides: ReadonlyArray<Side>, target: number, found: () => void): void => {
  const count = sides[0]!.enters.length
  const visit = (i: number, sum: number, settled: ReadonlyArray<number>): void => {
    if (i === count) {
      if (sum === target) found()
      return
    }
    const [low, high] = rangeOf(sides, i)
    for (let h = low; h <= high; h++) {
      for (const side of sides) enter(side, i, h)
      // What no later coefficient enters is settled and ≥ 0: more than the whole is too much.
      const now = sides.map(({ ends, product }, s) =>
        ends[i]!.reduce((all, [place]) => all + product[place]!, settled[s]!)
      )
      if (sides.every(({ sum: own }, s) => now[s]! <= own * target)) visit(i + 1, sum + h, now)
      for (const side of sides) enter(side, i, -h)
    }
  }
  visit(
    0,
    0,
    sides.map(() => 0)
  )
}

const maskOf = (product: ReadonlyArray<number>, { rows }: Diagonal): bigint =>
  rows.reduce((mask, list, place) => mask | rowSetOf(list.slice(0, product[place])), 0n)

/**
 * The canonical structure of the class of one with copies: fewest rows together, then the smaller ticks, then the smaller
 * crosses, over the same propositions. @throws RangeError when it is degenerate
 */
export const canonicalOnDiagonal = (structure: Structure): Structure => {
  const { propositions } = structure
  const { variables, ticks, crosses } = oddsCounts(structure)
  const diagonal = diagonalOf(propositions, variables)
  const [a, b] = lowestTerms(ticks, crosses)
  const places = placesOf(a, b, diagonal)
  const sides = [a, b].map((side) => sideOf(side, places, diagonal))
  let best: Structure | undefined
  const consider = (): void => {
    const [w, l] = sides.map(({ product }) => maskOf(product, diagonal))
    const better = best === undefined || w! < best.ticks || (w === best.ticks && l! < best.crosses)
    if (better) best = makeStructure(propositions, w!, l!)
  }
  // The structure itself is a member, so the search ends at its own H(1) at the latest.
  for (let target = 1; best === undefined; target++) search(sides, target, consider)
  return best
}
