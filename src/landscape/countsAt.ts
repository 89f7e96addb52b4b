/**
 * The counts of a structure and their derivatives at one point of rational odds, exactly and in integers: all values share
 * one positive factor, which no sign, no ratio and no zero depends on. What refutes by example starts here.
 */
import { gcdInteger, type Rational } from "../logic/rational.ts"
import type { OddsCounts } from "./odds.ts"
import { type OddsTerm, termsOf } from "./oddsPolynomial.ts"

/** Exact values at a point, up to one positive factor that all products of a tick and a cross value share. */
export interface CountsAt {
  readonly ticks: bigint
  readonly crosses: bigint
  /** `N D · d rho / d log o_k` of each odds. */
  readonly growths: ReadonlyArray<bigint>
  /** `N D · d rho / d log p_k` in the absolute reading, `(1 + o_k)` times the growth, and N D itself: one factor for all. */
  readonly weights: ReadonlyArray<bigint>
  readonly product: bigint
}

interface Terms {
  readonly ticks: ReadonlyArray<OddsTerm>
  readonly crosses: ReadonlyArray<OddsTerm>
  /** The larger degree of both counts in each odds. */
  readonly degrees: ReadonlyArray<number>
}

const kept = new WeakMap<OddsCounts, Terms>()

const termsOfCounts = (counts: OddsCounts): Terms => {
  const { ticks, crosses } = counts
  const found = kept.get(counts) ?? {
    ticks: termsOf(ticks),
    crosses: termsOf(crosses),
    degrees: ticks.degrees.map((degree, k) => Math.max(degree, crosses.degrees[k]!))
  }
  kept.set(counts, found)
  return found
}

/** The value of a count, then `o_k d/d o_k` of it for every k. */
const logDerivatives = (
  terms: ReadonlyArray<OddsTerm>,
  powers: ReadonlyArray<ReadonlyArray<bigint>>
): Array<bigint> => {
  const values = new Array<bigint>(powers.length + 1).fill(0n)
  for (const { exponents, coefficient } of terms) {
    let product = coefficient
    for (let k = 0; k < powers.length; k++) product *= powers[k]![exponents[k]!]!
    values[0]! += product
    for (let k = 0; k < powers.length; k++) {
      const e = exponents[k]!
      if (e > 0) values[k + 1]! += e === 1 ? product : BigInt(e) * product
    }
  }
  return values
}

/** The values at positive rational odds, one for each variable of the counts. */
export const countsAt = (counts: OddsCounts, odds: ReadonlyArray<Rational>): CountsAt => {
  const { ticks, crosses, degrees } = termsOfCounts(counts)
  const powers = odds.map(({ num, den }, k) =>
    Array.from({ length: degrees[k]! + 1 }, (_, e) => num ** BigInt(e) * den ** BigInt(degrees[k]! - e))
  )
  const [n, d] = [logDerivatives(ticks, powers), logDerivatives(crosses, powers)]
  const growths = odds.map((_, k) => n[k + 1]! * d[0]! - n[0]! * d[k + 1]!)
  const common = odds.reduce((multiple, { den }) => (multiple / gcdInteger(multiple, den)) * den, 1n)
  return {
    ticks: n[0]!,
    crosses: d[0]!,
    growths,
    weights: odds.map(({ num, den }, k) => growths[k]! * (num + den) * (common / den)),
    product: n[0]! * d[0]! * common
  }
}

const keptAt = new WeakMap<OddsCounts, Map<ReadonlyArray<Rational>, CountsAt>>()

/** The same, kept with the counts under the point itself: for points of a list that many questions go through. */
export const keptCountsAt = (counts: OddsCounts, odds: ReadonlyArray<Rational>): CountsAt => {
  const known = keptAt.get(counts) ?? new Map<ReadonlyArray<Rational>, CountsAt>()
  keptAt.set(counts, known)
  const found = known.get(odds) ?? countsAt(counts, odds)
  known.set(odds, found)
  return found
}
