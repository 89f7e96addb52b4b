/**
 * Admissible losses: a row where the chosen response is valid and the rejected one is not is a tick only, a row with the reverse is
 * a cross only, whatever the other propositions say (docs/experiments.md 1.5, for the pair). Marks of the other rows are free, so
 * the admissible structures are an interval of codes, a face of the cube.
 *
 * All of them are preference-monotone. With x, z the odds of w and l and E the count of all patterns of the others,
 * `N = x E + n0 + x z n1` and `D = z E + d0 + x z d1`, where n0, n1, d0, d1 are parts of E; so the slope in x,
 * `N' D - N D' = z (E² - n0 d1) + E d0 + z² E n1 + z n1 d0`, has no negative coefficient, nor has that in z by symmetry. It vanishes
 * only for n0 = d1 = E and d0 = n1 = 0, where rho is -log z: all but two, that one and log x, are strictly monotone.
 */
import { codeOf, fromCode } from "../../logic/order.ts"
import type { Proposition } from "../../logic/proposition.ts"
import { allRows, count, rowCount, rowSetOf, rowsOf, rowsWhere } from "../../logic/rows.ts"
import { makeStructure, type Structure } from "../../logic/structure.ts"
import { canonicalStructure } from "../equality.ts"
import { between, type SearchSpace, wholeSpace } from "./space.ts"

/** The space of all admissible structures; undefined unless M(w) and M(l) are both declared. */
export const admissibleSpace = (propositions: ReadonlyArray<Proposition>): SearchSpace | undefined => {
  const n = propositions.length
  const [w, l] = [propositions.indexOf("M(w)"), propositions.indexOf("M(l)")]
  if (w < 0 || l < 0) return undefined
  const [won, lost] = [rowsWhere(w, n) & ~rowsWhere(l, n), rowsWhere(l, n) & ~rowsWhere(w, n)]
  const all = allRows(n)
  return between(wholeSpace(propositions), {
    lower: makeStructure(propositions, won, all & ~won),
    upper: makeStructure(propositions, all & ~lost, lost)
  })
}

/** The nearest structures and the number of row marks that differ from it. */
export interface Nearest {
  readonly structures: ReadonlyArray<Structure>
  readonly distance: number
}

const projected = (code: bigint, { low, high }: SearchSpace): bigint => (code & high) | low

/**
 * The nearest admissible structure, by row marks: every mark that admissibility asks for set to it, the others kept. It is the only
 * one at that distance, for any other differs in one of those others or in more. Undefined without M(w) and M(l).
 */
export const nearestAdmissible = (structure: Structure): Nearest | undefined => {
  const space = admissibleSpace(structure.propositions)
  if (space === undefined) return undefined
  const code = codeOf(structure)
  const near = projected(code, space)
  return { structures: [fromCode(near, structure.propositions)], distance: count(code ^ near) }
}

/** The codes reached at the least cost by some choice of patterns, and whether a pattern has been chosen yet. */
interface Choice {
  readonly cost: number
  readonly codes: ReadonlySet<bigint>
}

/** The most ties that are listed. */
const mostTies = 2 ** 16

const cheaper = (first: Choice | undefined, second: Choice | undefined): Choice | undefined => {
  if (first === undefined || second === undefined) return first ?? second
  if (first.cost !== second.cost) return first.cost < second.cost ? first : second
  return { cost: first.cost, codes: new Set([...first.codes, ...second.codes]) }
}

const extended = (choice: Choice | undefined, cost: number, code: bigint): Choice | undefined => {
  if (choice === undefined) return undefined
  if (choice.codes.size > mostTies) throw new RangeError(`nearestAdmissibleLosses: more than ${mostTies} ties`)
  return { cost: choice.cost + cost, codes: new Set([...choice.codes].map((known) => known | code)) }
}

/** The changes that admissibility asks of some rows with the given marks, and their code afterwards. */
const forced = (code: bigint, rows: bigint, space: SearchSpace) => {
  const near = projected(code, space) & rows
  return { cost: count((code ^ near) & rows), code: near }
}

/**
 * The admissible structures nearest to the loss rather than to one structure of it: least changed marks over all structures with
 * the same rho, ties listed by ascending code. Those structures are the canonical one times any non-empty set G of patterns of the
 * propositions that it does not use. A pattern v in G has the canonical marks on its rows (u, v), any other has none, so the
 * changes add up pattern by pattern, and the best choice is found for each in turn.
 * @returns undefined without M(w) and M(l), or with copies
 * @throws RangeError when the structure is degenerate, or more than 65,536 are tied
 */
export const nearestAdmissibleLosses = (structure: Structure): Nearest | undefined => {
  const { propositions } = structure
  const space = admissibleSpace(propositions)
  const canonical = canonicalStructure(structure)
  if (space === undefined || canonical === undefined) return undefined
  const rows = rowCount(propositions.length)
  const bothSides = (set: bigint): bigint => set | (set << BigInt(rows))
  const used = rowsOf(canonical.ticks | canonical.crosses).reduce((set, row) => set | row, 0)
  const patterns = Array.from({ length: rows }, (_, row) => row).filter((row) => (row & used) === 0)
  const none = codeOf(makeStructure(propositions, 0n, 0n))
  let [without, chosen]: [Choice | undefined, Choice | undefined] = [{ cost: 0, codes: new Set([0n]) }, undefined]
  for (const pattern of patterns) {
    const moved = (set: bigint): bigint => rowSetOf(rowsOf(set).map((row) => row | pattern))
    const own = rowSetOf(Array.from({ length: rows }, (_, row) => row).filter((row) => (row & ~used) === pattern))
    const marked = codeOf(makeStructure(propositions, moved(canonical.ticks), moved(canonical.crosses)))
    const [taken, left] = [forced(marked, bothSides(own), space), forced(none, bothSides(own), space)]
    chosen = cheaper(
      cheaper(extended(without, taken.cost, taken.code), extended(chosen, taken.cost, taken.code)),
      extended(chosen, left.cost, left.code)
    )
    without = extended(without, left.cost, left.code)
  }
  const ascending = [...chosen!.codes].sort((a, b) => (a < b ? -1 : 1))
  return { structures: ascending.map((code) => fromCode(code, propositions)), distance: chosen!.cost }
}
