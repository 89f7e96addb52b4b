/**
 * When two structures are one loss, `N_1 D_2 = N_2 D_1` (docs/theory.md §7), and the canonical one of each class: fewest
 * rows in both sides together, then the smaller tick mask, then the smaller cross mask.
 */
import { rowSetOf, rowsOf } from "../logic/rows.ts"
import { type AnyStructure, isDegenerate, makeStructure, type Structure } from "../logic/structure.ts"
import { canonicalOnDiagonal } from "./diagonal.ts"
import { commonCounts, difference, hasCopies } from "./odds.ts"
import { isZero } from "./oddsPolynomial.ts"

/**
 * Whether both have the same rho at every weighting; propositions that one side lacks are free there, copies share odds.
 * Weighted structures may differ by a constant: this asks for rho itself.
 * @throws RangeError when one is degenerate
 */
export const sameLoss = (a: AnyStructure, b: AnyStructure): boolean => {
  const [first, second] = commonCounts(a, b)
  return isZero(difference(first, second))
}

/** The patterns of the propositions in `within` for each setting of the others, when all settings that occur agree. */
const commonPattern = (rows: ReadonlyArray<number>, within: number): bigint | undefined => {
  const patterns = new Map<number, bigint>()
  for (const row of rows) {
    const rest = row & ~within
    patterns.set(rest, (patterns.get(rest) ?? 0n) | (1n << BigInt(row & within)))
  }
  const [first, ...others] = patterns.values()
  return others.every((pattern) => pattern === first) ? first : undefined
}

/** Number and sum of the patterns of `within` that occur together with the first row's setting of the others. */
const firstPatterns = (rows: ReadonlyArray<number>, within: number): number => {
  const rest = rows[0]! & ~within
  let total = 0
  for (const row of rows) if ((row & ~within) === rest) total += 4096 + (row & within)
  return total
}

/**
 * The propositions of the common factor of both counts, as a bit mask. Counts with 0/1 coefficients, each odds at most
 * once, factor over disjoint sets of propositions; V carries a common factor iff both row sets are products of one and the
 * same set of patterns of V with a set of patterns of the others. Two such V have such a union, so all are joined.
 */
const cancelling = (structure: Structure): number => {
  const [ticks, crosses] = [rowsOf(structure.ticks), rowsOf(structure.crosses)]
  let joined = 0
  for (let within = 1; within < 1 << structure.propositions.length; within++) {
    if ((within & ~joined) === 0) continue
    // A common factor has the same patterns on both sides: for most sets one sum tells that there is none.
    if (firstPatterns(ticks, within) !== firstPatterns(crosses, within)) continue
    const pattern = commonPattern(ticks, within)
    if (pattern !== undefined && commonPattern(crosses, within) === pattern) joined |= within
  }
  return joined
}

/**
 * The canonical structure of the same loss over the same propositions: common factors cancelled, and every proposition that
 * is then free set to false (a monomial is the cheapest common factor, 1 the smallest mask). With copies the class is that of
 * the diagonal, and the search of diagonal.ts finds its canonical member.
 * @throws RangeError when the structure is degenerate
 */
export const canonicalStructure = (structure: Structure): Structure => {
  if (isDegenerate(structure)) throw new RangeError("canonicalStructure: degenerate structure")
  if (hasCopies(structure.propositions)) return canonicalOnDiagonal(structure)
  const cancelled = cancelling(structure)
  const reduced = (set: bigint): bigint => rowSetOf(rowsOf(set).map((row) => row & ~cancelled))
  return makeStructure(structure.propositions, reduced(structure.ticks), reduced(structure.crosses))
}

/**
 * The number of structures over the same propositions with the same rho: `2^(2^m) - 1` for m cancelled propositions; undefined
 * with copies, where no such form is known.
 */
export const classSize = (structure: Structure): bigint | undefined => {
  if (hasCopies(structure.propositions)) return undefined
  let cancelled = 0
  for (let mask = cancelling(structure); mask !== 0; mask &= mask - 1) cancelled++
  return (1n << (1n << BigInt(cancelled))) - 1n
}
