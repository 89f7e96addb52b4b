/**
 * Admissible losses: a row where the chosen response is valid and the rejected one is not is a tick only, a row with the reverse is
 * a cross only, whatever the other propositions say (docs/experiments.md 1.5, for the pair). Marks of the other rows are free, so
 * the admissible structures are an interval of codes, a face of the cube.
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

/** A nearest structure and the number of row marks that differ from it. */
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

/** All structures of the loss: the canonical one times any non-empty set of patterns of the propositions it does not use. */
const membersOf = (canonical: Structure): ReadonlyArray<Structure> => {
  const { propositions, ticks, crosses } = canonical
  const [tickRows, crossRows] = [rowsOf(ticks), rowsOf(crosses)]
  const used = [...tickRows, ...crossRows].reduce((set, row) => set | row, 0)
  const free = Array.from({ length: rowCount(propositions.length) }, (_, row) => row).filter(
    (row) => (row & used) === 0
  )
  if (free.length > 16) throw new RangeError(`nearestAdmissibleLosses: one loss with 2^${free.length} - 1 structures`)
  return Array.from({ length: 2 ** free.length - 1 }, (_, chosen) => {
    const patterns = free.filter((_, i) => ((chosen + 1) >> i) & 1)
    const times = (rows: ReadonlyArray<number>) =>
      rowSetOf(patterns.flatMap((pattern) => rows.map((row) => row | pattern)))
    return makeStructure(propositions, times(tickRows), times(crossRows))
  })
}

/**
 * The admissible structures nearest to the loss rather than to one structure of it: least changed marks over all structures with
 * the same rho, ties listed by ascending code. Undefined without M(w) and M(l), or with copies.
 * @throws RangeError when the structure is degenerate, or leaves more than four propositions unused (2^32 structures of one loss)
 */
export const nearestAdmissibleLosses = (structure: Structure): Nearest | undefined => {
  const { propositions } = structure
  const space = admissibleSpace(propositions)
  const canonical = canonicalStructure(structure)
  if (space === undefined || canonical === undefined) return undefined
  let distance = 2 * rowCount(propositions.length) + 1
  let nearest = new Set<bigint>()
  for (const member of membersOf(canonical)) {
    const code = codeOf(member)
    const near = projected(code, space)
    const changed = count(code ^ near)
    if (changed > distance) continue
    if (changed < distance) nearest = new Set()
    distance = changed
    nearest.add(near)
  }
  const ascending = [...nearest].sort((a, b) => (a < b ? -1 : 1))
  return { structures: ascending.map((code) => fromCode(code, propositions)), distance }
}
