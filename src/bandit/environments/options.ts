/** Option fields that several environments share, and how they become flat tables. */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"

/** Number of responses per context. */
export const Arms = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 10_000 }))
/** Number of contexts. */
export const Contexts = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }))
/** A number above 0. */
export const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
/** A number of at least 0. */
export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
/** A probability. */
export const Fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** One row for all contexts, or one row per context. */
export const Table = Schema.Union([Schema.Array(Schema.Finite), Schema.Array(Schema.Array(Schema.Finite))])
export type Table = typeof Table.Type

/** As {@link Table}, entries positive; a row is normalised to sum 1. */
export const Distribution = Schema.Union([Schema.Array(Positive), Schema.Array(Schema.Array(Positive))])
export type Distribution = typeof Distribution.Type

const isRow = (table: Table): table is ReadonlyArray<number> => table.length === 0 || typeof table[0] === "number"

/** The rows of a table. */
export const rowsOfTable = (table: Table): ReadonlyArray<ReadonlyArray<number>> => (isRow(table) ? [table] : table)

/** What a schema filter reports; empty when the table has 1 or `contexts` rows, each of `arms` entries. */
export const shapeIssues = (name: string, table: Table, contexts: number, arms: number) => {
  const rows = rowsOfTable(table)
  const issues: Array<{ path: ReadonlyArray<PropertyKey>; issue: string }> = []
  if (rows.length !== 1 && rows.length !== contexts) {
    issues.push({ path: [name], issue: `${name} has ${rows.length} rows for ${contexts} contexts` })
  }
  rows.forEach((row, i) => {
    if (row.length !== arms)
      issues.push({ path: [name], issue: `row ${i} of ${name} has ${row.length} of ${arms} entries` })
  })
  return issues
}

/** The table as [contexts * arms]; a single row serves every context. @throws RangeError on another shape */
export const flatTable = (table: Table, contexts: number, arms: number): Float64Array => {
  const rows = rowsOfTable(table)
  const flat = new Float64Array(contexts * arms)
  for (let c = 0; c < contexts; c++) {
    const row = rows.length === 1 ? rows[0]! : rows[c]
    if (row?.length !== arms) throw new RangeError(`flatTable: row ${c} needs ${arms} entries, got ${row?.length}`)
    flat.set(row, c * arms)
  }
  return flat
}

/** Divides every row of [contexts * arms] by its sum, in place. */
export const normaliseRowsInPlace = (table: Float64Array, arms: number): Float64Array => {
  for (let from = 0; from < table.length; from += arms) {
    let total = 0
    for (let i = from; i < from + arms; i++) total += table[i]!
    for (let i = from; i < from + arms; i++) table[i]! /= total
  }
  return table
}

/** 1 / arms everywhere. */
export const uniform = (contexts: number, arms: number): Float64Array =>
  new Float64Array(contexts * arms).fill(1 / arms)

/** Independent N(0, scale²) entries. */
export const normals = (size: number, scale: number, rng: Rng): Float64Array =>
  Float64Array.from({ length: size }, () => scale * rng.normal())

/** softmax of N(0, scale²) logits, row per context. */
export const randomPolicy = (contexts: number, arms: number, scale: number, rng: Rng): Float64Array =>
  normaliseRowsInPlace(normals(contexts * arms, scale, rng).map(Math.exp), arms)
