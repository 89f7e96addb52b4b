/**
 * Which truth tables have names: the sixteen, and every published loss that one structure expresses. Losses are compared by
 * a key of rho; structures with copies, whose canonical one depends on how many are declared, by exact polynomials.
 */
import * as Result from "effect/Result"
import { canonicalStructure, sameLoss } from "../landscape/equality.ts"
import { hasCopies } from "../landscape/odds.ts"
import {
  equalStructures,
  NAMED,
  type RowSet,
  rowsOf,
  type Semantics,
  type Structure,
  withReference
} from "../logic/index.ts"
import { catalogueIds } from "../loss/catalogue/index.ts"
import { resolveLoss } from "../loss/resolve.ts"

/**
 * A text that two structures share iff they have the same rho (docs/theory.md §7), whatever propositions they declare: the
 * rows of the canonical structure, each as the set of its true propositions. Undefined with copies.
 */
export const lossKey = (structure: Structure): string | undefined => {
  if (hasCopies(structure.propositions)) return undefined
  const canonical = canonicalStructure(structure)
  const side = (set: RowSet): string =>
    rowsOf(set)
      .map((row) =>
        canonical.propositions
          .filter((_, k) => ((row >> k) & 1) === 1)
          .sort()
          .join("&")
      )
      .sort()
      .join(",")
  return `${side(canonical.ticks)}/${side(canonical.crosses)}`
}

/** Whether two structures are one loss, by keys where both have one. */
export const isSameLoss = (a: Structure, b: Structure): boolean => {
  const [first, second] = [lossKey(a), lossKey(b)]
  return first !== undefined && second !== undefined ? first === second : sameLoss(a, b)
}

/** A published truth table: a LOSS text that names it, its rows, and a key of its rho. */
export interface PublishedTable {
  readonly id: string
  readonly structure: Structure
  readonly key: string | undefined
  /** Every catalogue loss with these rows, by whether its probabilities are whole sequences' or per token. */
  readonly perSequence: ReadonlyArray<string>
  readonly perToken: ReadonlyArray<string>
}

/** The sixteen, and the catalogue's structures in the given reading, parameters at their defaults; equal rows once. */
const collect = (semantics: Semantics): ReadonlyArray<PublishedTable> => {
  const tables: Array<PublishedTable & { perSequence: Array<string>; perToken: Array<string> }> = []
  const add = (id: string, structure: Structure, lengthNormalised: boolean): void => {
    let table = tables.find((other) => equalStructures(other.structure, structure))
    if (table === undefined) {
      table = { id, structure, key: lossKey(structure), perSequence: [], perToken: [] }
      tables.push(table)
    }
    const ids = lengthNormalised ? table.perToken : table.perSequence
    if (!ids.includes(id)) ids.push(id)
  }
  for (const { id, structure } of NAMED)
    add(semantics === "absolute" ? id : `${id}?semantics=relative`, structure, false)
  for (const id of catalogueIds) {
    const loss = resolveLoss(id)
    if (Result.isFailure(loss)) throw new RangeError(`the catalogue's ${id}: ${loss.failure.message}`)
    const { structure, semantics: own, lengthNormalised } = loss.success
    if (structure !== undefined && own === semantics) add(id, structure, lengthNormalised)
  }
  // The published figure with a reference model.
  if (semantics === "absolute")
    for (const { id, structure } of NAMED) add(`${id}?reference=true`, withReference(structure), false)
  return tables
}

const cache = new Map<Semantics, ReadonlyArray<PublishedTable>>()

/** All published truth tables in one reading, read once. */
export const publishedTables = (semantics: Semantics): ReadonlyArray<PublishedTable> => {
  const known = cache.get(semantics)
  if (known !== undefined) return known
  const tables = collect(semantics)
  cache.set(semantics, tables)
  return tables
}

/** The published tables with the same rho as the structure. */
export const publishedTwins = (structure: Structure, semantics: Semantics): ReadonlyArray<PublishedTable> => {
  const key = lossKey(structure)
  return publishedTables(semantics).filter((table) =>
    key !== undefined && table.key !== undefined ? table.key === key : sameLoss(table.structure, structure)
  )
}
