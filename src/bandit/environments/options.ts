/** Option fields that several environments share. */
import * as Schema from "effect/Schema"
import { type RowTable, rowsOfTable } from "./tables.ts"

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

/** Which arms may occur: a list of arms, or a fraction of each context's arms, drawn from the seed. */
export const Coverage = Schema.Union([
  Schema.NonEmptyArray(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  Fraction.check(Schema.isGreaterThan(0))
])
export type Coverage = typeof Coverage.Type

/** One row for all contexts, or one row per context. */
export const Table = Schema.Union([Schema.Array(Schema.Finite), Schema.Array(Schema.Array(Schema.Finite))])
export type Table = typeof Table.Type

/** As {@link Table}, entries positive; a row is normalised to sum 1. */
export const Distribution = Schema.Union([Schema.Array(Positive), Schema.Array(Schema.Array(Positive))])
export type Distribution = typeof Distribution.Type

/** What a schema filter reports; empty when the table has 1 or `contexts` rows, each of `arms` entries. */
export const shapeIssues = (name: string, table: RowTable, contexts: number, arms: number) => {
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

/** π_ref where an environment draws it: {@link drawnPolicy}. */
export const referenceFields = {
  reference: Schema.optionalKey(Schema.Literals(["uniform", "normal", "zipf"])).annotateKey({
    description: "Default: said by the environment."
  }),
  referenceScale: Schema.optionalKey(NonNegative).annotateKey({
    description: "Standard deviation of the normal logits, exponent of Zipf's law. Default 1."
  })
}
