/**
 * Which truth tables have names: the sixteen, and every published loss that one structure expresses. Losses are compared by
 * a key of rho; structures with copies, which have none, by exact polynomials.
 */
import * as Result from "effect/Result"
import { canonicalStructure, sameLoss } from "../landscape/equality.ts"
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
  const canonical = canonicalStructure(structure)
  if (canonical === undefined) return undefined
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

/** A published truth table: the LOSS text that names it, and whether it is one of the sixteen (or one with a reference). */
export interface PublishedTable {
  readonly id: string
  readonly structure: Structure
  readonly key: string | undefined
  readonly named: boolean
}

/** The sixteen, and the catalogue's structures in the given reading, parameters at their defaults; equal ones under one id. */
const collect = (semantics: Semantics): ReadonlyArray<PublishedTable> => {
  const tables: Array<PublishedTable> = NAMED.map(({ id, structure }) => ({
    id: semantics === "absolute" ? id : `${id}?semantics=relative`,
    structure,
    key: lossKey(structure),
    named: true
  }))
  for (const id of catalogueIds) {
    const loss = resolveLoss(id)
    if (Result.isFailure(loss)) throw new RangeError(`the catalogue's ${id}: ${loss.failure.message}`)
    const { structure, semantics: own } = loss.success
    if (structure === undefined || own !== semantics || tables.some((t) => equalStructures(t.structure, structure)))
      continue
    tables.push({ id, structure, key: lossKey(structure), named: false })
  }
  if (semantics === "relative") return tables
  // The published figure with a reference model: those of its sixteen that have no id of their own.
  for (const { id, structure } of NAMED) {
    const referred = withReference(structure)
    if (tables.some((t) => equalStructures(t.structure, referred))) continue
    tables.push({ id: `${id}?reference=true`, structure: referred, key: lossKey(referred), named: true })
  }
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
