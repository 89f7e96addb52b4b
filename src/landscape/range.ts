/**
 * The range of rho: its least upper and greatest lower bound over all positive odds, exactly, and where it escapes to.
 *
 * Without copies the counts N, D are linear in each odds, so with the others fixed `N/D = (A + B o)/(C + E o)` is monotone in o
 * and its supremum is the larger of the limits at 0 and at infinity; each limit is a ratio of the same kind in the other
 * odds. Taken for one odds after the other, the supremum is the largest of finitely many quotients of row weights, reached
 * along `o_k = t^(±2^j)`, earlier odds faster. It is attained inside only by a constant rho: through a point where the maximum
 * is attained rho is constant along each axis, hence everywhere. For plain rows every quotient is 0, 1 or infinite, so
 * `sup rho` is 0 or infinite and `inf rho` is 0 or minus infinity: a bounded margin is never above log 1.
 *
 * With copies (higher degrees) N/D is unbounded iff N has a monomial outside the Newton polytope of D; else the supremum is
 * the largest limit along a direction when `c D - N >= 0` is proved for it, and left open otherwise.
 */
import {
  compareRational,
  divideRational,
  logRational,
  type Rational,
  rational,
  rationalText,
  zero
} from "../logic/rational.ts"
import type { Certificate } from "./certificate.ts"
import type { OddsCounts } from "./odds.ts"
import { type OddsPolynomial, type OddsTerm, scale, subtract, termsOf } from "./oddsPolynomial.ts"
import { decideSign } from "./sign.ts"
import { certificateOf } from "./verdict.ts"

/** A bound of `N/D`: a positive rational, 0 or infinity. */
export type Bound = Rational | "infinite"

/** Exponents m_k of a path `o_k = t^m_k`, t growing, in the order of the variables; 0 where the odds does not matter. */
export type EscapePath = ReadonlyArray<number>

/** The least upper bound of `N/D` with the path along which it is approached. */
export interface Supremum {
  readonly bound: Bound
  readonly path: EscapePath
  /** Only when rho is constant is the bound attained. */
  readonly attained: boolean
  /** That `bound D - N >= 0`; absent for an infinite bound, where the path is the evidence. */
  readonly certificate?: ReadonlyArray<Certificate>
}

const isLarger = (a: Bound, b: Bound): boolean =>
  a === "infinite" ? b !== "infinite" : b !== "infinite" && compareRational(a, b) > 0

const exponentAt = (terms: ReadonlyArray<OddsTerm>, k: number, end: 1 | -1): number =>
  terms.reduce((best, { exponents }) => Math.max(best, end * exponents[k]!), -Infinity)

/** The terms that lead as the k-th odds goes to its end (0 for -1, infinity for 1). */
const leading = (terms: ReadonlyArray<OddsTerm>, k: number, end: 1 | -1, most: number): ReadonlyArray<OddsTerm> =>
  terms.filter(({ exponents }) => end * exponents[k]! === most)

interface Limit {
  readonly bound: Bound
  /** Ends in the order in which they are taken. */
  readonly ends: ReadonlyArray<readonly [number, 1 | -1]>
}

const total = (terms: ReadonlyArray<OddsTerm>): bigint => terms.reduce((sum, { coefficient }) => sum + coefficient, 0n)

/** Whether the quotient no longer depends on any odds: the same monomials, coefficients in one ratio. */
const isConstantQuotient = (n: ReadonlyArray<OddsTerm>, d: ReadonlyArray<OddsTerm>): boolean => {
  if (n.length !== d.length) return false
  const [a, b] = [total(n), total(d)]
  const places = new Map(d.map((term) => [term.exponents.join(), term.coefficient]))
  return n.every(({ exponents, coefficient }) => coefficient * b === (places.get(exponents.join()) ?? 0n) * a)
}

/** The largest iterated limit of the quotient over the odds `left`, the one with the fewest ends among equals. */
const largestLimit = (n: ReadonlyArray<OddsTerm>, d: ReadonlyArray<OddsTerm>, left: ReadonlyArray<number>): Limit => {
  if (isConstantQuotient(n, d)) return { bound: rational(total(n), total(d)), ends: [] }
  let best: Limit | undefined
  const consider = (next: Limit): void => {
    if (
      best === undefined ||
      isLarger(next.bound, best.bound) ||
      (!isLarger(best.bound, next.bound) && next.ends.length < best.ends.length)
    )
      best = next
  }
  for (const k of left) {
    for (const end of [1, -1] as const) {
      const [top, bottom] = [exponentAt(n, k, end), exponentAt(d, k, end)]
      if (top > bottom) consider({ bound: "infinite", ends: [[k, end]] })
      if (top !== bottom) continue
      const rest = largestLimit(
        leading(n, k, end, top),
        leading(d, k, end, bottom),
        left.filter((other) => other !== k)
      )
      consider({ bound: rest.bound, ends: [[k, end], ...rest.ends] })
    }
    // Any order of the odds gives the supremum; the others are tried for a shorter path.
    if (best !== undefined && best.bound === "infinite" && best.ends.length === 1) break
  }
  return best ?? { bound: zero, ends: [] }
}

const pathOf = (ends: Limit["ends"], count: number): EscapePath => {
  const path = new Array<number>(count).fill(0)
  ends.forEach(([k, end], i) => {
    path[k] = end * 2 ** (ends.length - 1 - i)
  })
  return path
}

/** That `bound D - N >= 0`, with its certificate; undefined when it is not proved. */
const certified = (n: OddsPolynomial, d: OddsPolynomial, bound: Rational): ReadonlyArray<Certificate> | undefined => {
  const slack = subtract(scale(d, bound.num), scale(n, bound.den))
  const sign = decideSign(slack)
  const claim = `${bound.num === 1n ? "" : `${bound.num} `}D - ${bound.den === 1n ? "" : `${bound.den} `}N >= 0`
  return sign.verdict === "holds" ? [certificateOf(claim, slack, sign)] : undefined
}

const isLinear = (a: OddsPolynomial): boolean => a.degrees.every((degree) => degree <= 1)

/** Integer directions with entries to ±2: where odds of higher degree are sent. */
const directions = (n: number): Array<Array<number>> =>
  n === 0 ? [[]] : directions(n - 1).flatMap((head) => [0, 1, -1, 2, -2].map((entry) => [...head, entry]))

/** The largest exponent of t among the terms along `o_k = t^direction_k`, and the terms that have it. */
export const leadingAlong = (
  terms: ReadonlyArray<OddsTerm>,
  direction: EscapePath
): { most: number; face: Array<OddsTerm> } => {
  const weights = terms.map(({ exponents }) => exponents.reduce((sum, e, k) => sum + e * direction[k]!, 0))
  const most = Math.max(...weights)
  return { most, face: terms.filter((_, i) => weights[i] === most) }
}

const supremumOnDirections = (n: OddsPolynomial, d: OddsPolynomial): Supremum | undefined => {
  const [top, bottom] = [termsOf(n), termsOf(d)]
  let best: Supremum | undefined
  for (const path of directions(n.variables.length)) {
    const [a, b] = [leadingAlong(top, path), leadingAlong(bottom, path)]
    if (a.most > b.most) return { bound: "infinite", path, attained: false }
    if (a.most < b.most || !isConstantQuotient(a.face, b.face)) continue
    const bound = rational(total(a.face), total(b.face))
    if (best === undefined || isLarger(bound, best.bound)) best = { bound, path, attained: path.every((m) => m === 0) }
  }
  if (best === undefined || best.bound === "infinite") return best
  const certificate = certified(n, d, best.bound)
  return certificate && { ...best, certificate }
}

/**
 * The supremum of `N/D` over positive odds, for N, D ≠ 0 with coefficients ≥ 0.
 * @returns undefined when it is left open: degrees above 1 (copies, or coordinates of a simplex) and no bound proved
 */
export const supremum = (n: OddsPolynomial, d: OddsPolynomial): Supremum | undefined => {
  if (!isLinear(n) || !isLinear(d)) return supremumOnDirections(n, d)
  const count = n.variables.length
  const { bound, ends } = largestLimit(
    termsOf(n),
    termsOf(d),
    n.variables.map((_, k) => k)
  )
  const path = pathOf(ends, count)
  if (bound === "infinite") return { bound, path, attained: false }
  const certificate = certified(n, d, bound)
  return { bound, path, attained: ends.length === 0, ...(certificate === undefined ? {} : { certificate }) }
}

/** Both ends of the range of rho; an end is undefined where it is left open. */
export interface RhoRange {
  readonly upper: Supremum | undefined
  /** As the supremum of `D/N`: rho is at least minus the logarithm of its bound. */
  readonly lower: Supremum | undefined
}

const known = new WeakMap<OddsCounts, RhoRange>()

/** The range of rho over all positive odds; kept with the counts. */
export const rhoRange = (counts: OddsCounts): RhoRange => {
  const { ticks, crosses } = counts
  const range = known.get(counts) ?? { upper: supremum(ticks, crosses), lower: supremum(crosses, ticks) }
  known.set(counts, range)
  return range
}

/** The logarithm of a bound in nats: infinite for an infinite one. */
export const logBound = (bound: Bound): number => (bound === "infinite" ? Infinity : logRational(bound))

/** `log 3/2`, `0` or `infinity`; negated: `-log 3/2`. */
export const boundText = (bound: Bound, sign: 1 | -1 = 1): string => {
  if (bound === "infinite") return sign > 0 ? "infinity" : "-infinity"
  if (bound.num === bound.den) return "0"
  return sign > 0 ? `log ${rationalText(bound)}` : `log ${rationalText(divideRational(rational(1), bound))}`
}

/** `odds(p_w) = t^2, odds(p_l) = 1/t`; "anywhere" for a constant rho. */
export const pathText = (variables: ReadonlyArray<string>, path: EscapePath): string => {
  const power = (m: number): string => (m === 1 ? "t" : m === -1 ? "1/t" : m > 0 ? `t^${m}` : `1/t^${-m}`)
  const parts = variables.flatMap((name, k) => (path[k] === 0 ? [] : [`odds(${name}) = ${power(path[k]!)}`]))
  return parts.length === 0 ? "anywhere" : parts.join(", ")
}
