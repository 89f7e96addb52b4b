/**
 * Exact polynomials in pairs of literal weights (u_g, v_g), homogeneous in every pair: the term with exponents e stands for
 * `coefficient · Π_g u_g^e_g · v_g^(degree_g - e_g)`. Counts of rows are such polynomials (copies of one proposition raise
 * the degree of its pair), and so are the numerators of derivatives, in which like terms must cancel before any rounding.
 */
import { gcdInteger } from "../logic/rational.ts"
import type { WeightTable } from "./diagram.ts"

/** Degree per pair, and the non-zero coefficients by exponents joined with commas. */
export interface PairPolynomial {
  readonly degrees: ReadonlyArray<number>
  readonly terms: ReadonlyMap<string, bigint>
}

const exponentsOf = (key: string): ReadonlyArray<number> => (key === "" ? [] : key.split(",").map(Number))

const collect = (
  degrees: ReadonlyArray<number>,
  terms: Iterable<readonly [ReadonlyArray<number>, bigint]>
): PairPolynomial => {
  const sum = new Map<string, bigint>()
  for (const [exponents, coefficient] of terms) {
    const key = exponents.join()
    const total = (sum.get(key) ?? 0n) + coefficient
    if (total === 0n) sum.delete(key)
    else sum.set(key, total)
  }
  return { degrees, terms: sum }
}

const entriesOf = (a: PairPolynomial): ReadonlyArray<readonly [ReadonlyArray<number>, bigint]> =>
  Array.from(a.terms, ([key, coefficient]) => [exponentsOf(key), coefficient] as const)

/**
 * The weighted count of a table: one term per row.
 * @param pairOf pair of each proposition; propositions with the same pair are copies
 * @param keep   propositions that count; the others must not influence the table (their pair sums to 1)
 */
export const countPolynomial = (
  table: WeightTable,
  pairOf: ReadonlyArray<number>,
  pairs: number,
  keep: ReadonlyArray<number>
): PairPolynomial => {
  const degrees = Array.from({ length: pairs }, (_, g) => keep.filter((k) => pairOf[k] === g).length)
  const terms: Array<readonly [ReadonlyArray<number>, bigint]> = []
  for (let chosen = 0; chosen < 2 ** keep.length; chosen++) {
    const exponents = degrees.map(() => 0)
    let row = 0
    for (const [i, k] of keep.entries()) {
      if (((chosen >> i) & 1) === 0) continue
      row |= 1 << k
      exponents[pairOf[k]!]!++
    }
    terms.push([exponents, table[row]!])
  }
  return collect(degrees, terms)
}

export const multiplyPairs = (a: PairPolynomial, b: PairPolynomial): PairPolynomial =>
  collect(
    a.degrees.map((degree, g) => degree + b.degrees[g]!),
    entriesOf(a).flatMap(([x, c]) => entriesOf(b).map(([y, d]) => [x.map((e, g) => e + y[g]!), c * d] as const))
  )

/** `a - b`. @throws RangeError when the degrees differ */
export const subtractPairs = (a: PairPolynomial, b: PairPolynomial): PairPolynomial => {
  if (a.degrees.join() !== b.degrees.join()) throw new RangeError("subtractPairs: different degrees")
  return collect(a.degrees, [...entriesOf(a), ...entriesOf(b).map(([e, c]) => [e, -c] as const)])
}

/** `u_g ∂/∂u_g`: every term times its exponent in pair g. */
export const thetaPairs = (a: PairPolynomial, g: number): PairPolynomial =>
  collect(
    a.degrees,
    entriesOf(a).map(([exponents, c]) => [exponents, c * BigInt(exponents[g]!)] as const)
  )

/** The terms of positive coefficient, or those of negative coefficient with their sign changed. */
export const partPairs = (a: PairPolynomial, sign: 1 | -1): PairPolynomial => ({
  degrees: a.degrees,
  terms: new Map([...a.terms].filter(([, c]) => c > 0n === sign > 0).map(([key, c]) => [key, sign > 0 ? c : -c]))
})

export const isZeroPairs = (a: PairPolynomial): boolean => a.terms.size === 0

/** The greatest common divisor of the coefficients, and the polynomial divided by it. */
export const primitivePairs = (a: PairPolynomial): { readonly content: bigint; readonly primitive: PairPolynomial } => {
  let content = 0n
  for (const c of a.terms.values()) content = gcdInteger(content, c)
  if (content === 0n) return { content: 1n, primitive: a }
  return { content, primitive: { ...a, terms: new Map([...a.terms].map(([key, c]) => [key, c / content])) } }
}

/** The coefficients of a polynomial by the exponent of pair g, from 0 to its degree: polynomials of degree 0 in pair g. */
export const slicePairs = (a: PairPolynomial, g: number): ReadonlyArray<PairPolynomial> => {
  const degrees = a.degrees.with(g, 0)
  return Array.from({ length: a.degrees[g]! + 1 }, (_, e) =>
    collect(
      degrees,
      entriesOf(a)
        .filter(([exponents]) => exponents[g] === e)
        .map(([exponents, c]) => [exponents.with(g, 0), c] as const)
    )
  )
}

/**
 * Divides slices by `u + v` (which is 1) as often as that leaves coefficients ≥ 0: the shortest list with the same value.
 * A proposition on which nothing depends disappears this way, `u² + 2uv + v² → 1`.
 */
export const dividePairSum = (slices: ReadonlyArray<PairPolynomial>): ReadonlyArray<PairPolynomial> => {
  const quotient: Array<PairPolynomial> = []
  for (const slice of slices.slice(0, -1)) {
    const previous = quotient.at(-1)
    quotient.push(previous === undefined ? slice : subtractPairs(slice, previous))
  }
  const last = quotient.at(-1)
  const exact = last !== undefined && isZeroPairs(subtractPairs(slices.at(-1)!, last))
  if (!exact || quotient.some((slice) => [...slice.terms.values()].some((c) => c < 0n))) return slices
  return dividePairSum(quotient)
}
