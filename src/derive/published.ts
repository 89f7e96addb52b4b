/**
 * Which truth tables have names: the sixteen, and every published loss that one structure expresses. Losses are compared by
 * a key of rho; structures with copies, whose canonical one depends on how many are declared, by exact polynomials.
 */
import * as Result from "effect/Result"
import { canonicalStructure, sameLoss } from "../landscape/equality.ts"
import { hasCopies } from "../landscape/odds.ts"
import { relativeTwin } from "../logic/decompile/relative.ts"
import {
  equalStructures,
  NAMED,
  propositionParts,
  type RowSet,
  rowsOf,
  type Semantics,
  type Structure,
  structureSpec,
  withReference
} from "../logic/index.ts"
import { type AnyStructure, isWeighted, type WeightedStructure } from "../logic/structure.ts"
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
export const isSameLoss = (a: AnyStructure, b: AnyStructure): boolean => {
  if (isWeighted(a) || isWeighted(b)) return sameLoss(a, b)
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

const relativeTables = new Map<string, Structure | undefined>()

/** The table over p/r of an absolute structure whose rho depends on that alone, DPO's for instance; undefined for others. */
const relativeTable = (absolute: Structure): Structure | undefined => {
  if (!absolute.propositions.some((p) => propositionParts(p).model === "Ref")) return undefined
  const key = structureSpec(absolute)
  if (relativeTables.has(key)) return relativeTables.get(key)
  const twin = Result.getOrUndefined(relativeTwin(absolute))
  const table = twin === undefined || isWeighted(twin) ? undefined : twin
  relativeTables.set(key, table)
  return table
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
    if (structure === undefined) continue
    if (own === semantics) add(id, structure, lengthNormalised)
    else if (semantics === "relative") {
      const twin = relativeTable(structure)
      if (twin !== undefined) add(id, twin, lengthNormalised)
    }
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

interface PublishedWeighted {
  readonly id: string
  readonly structure: WeightedStructure
  readonly lengthNormalised: boolean
}

const weightedCache = new Map<Semantics, ReadonlyArray<PublishedWeighted>>()

/** The catalogue's losses that only rows with weights express, in one reading. */
const publishedWeighted = (semantics: Semantics): ReadonlyArray<PublishedWeighted> => {
  const known = weightedCache.get(semantics)
  if (known !== undefined) return known
  const found = catalogueIds.flatMap((id) => {
    const loss = resolveLoss(id)
    if (Result.isFailure(loss)) throw new RangeError(`the catalogue's ${id}: ${loss.failure.message}`)
    const { weighted, semantics: own, lengthNormalised } = loss.success
    return weighted !== undefined && own === semantics ? [{ id, structure: weighted, lengthNormalised }] : []
  })
  weightedCache.set(semantics, found)
  return found
}

/** A relative twin of the sixteen is a truth table of the landscape, not a published loss. */
const isTwinOnly = (id: string): boolean => /\?semantics=relative$/.test(id)

/**
 * Every published name of the structure's rho, plain and weighted, per sequence and per token: the catalogue, and the sixteen
 * with or without a reference; read relatively the catalogue alone.
 */
export const publishedNames = (structure: AnyStructure, semantics: Semantics): ReadonlyArray<string> => [
  ...publishedTwins(structure, semantics).flatMap(({ id, perSequence, perToken }) =>
    [...new Set([id, ...perSequence, ...perToken])].filter((name) => !isTwinOnly(name))
  ),
  ...publishedWeighted(semantics)
    .filter((known) => sameLoss(known.structure, structure))
    .map(({ id }) => id)
]

/** The published tables with the same rho as the structure. */
export const publishedTwins = (structure: AnyStructure, semantics: Semantics): ReadonlyArray<PublishedTable> => {
  if (isWeighted(structure)) return publishedTables(semantics).filter((table) => sameLoss(table.structure, structure))
  const key = lossKey(structure)
  return publishedTables(semantics).filter((table) =>
    key !== undefined && table.key !== undefined ? table.key === key : sameLoss(table.structure, structure)
  )
}
