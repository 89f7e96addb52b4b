/** @file DuckDB's values as plain ones: what JSON, CSV and tables print. */
import type { DuckDBValue } from "@duckdb/node-api"

/** A value of a result. Whole numbers beyond 2^53 are big integers; dates, times and the like are text. */
export type QueryValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | ReadonlyArray<QueryValue>
  | { readonly [key: string]: QueryValue }

type Duck = typeof import("@duckdb/node-api")

const wholeNumber = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value

/** A converter of values, for the DuckDB that is loaded. */
export const plainValues = (duck: Duck): ((value: DuckDBValue) => QueryValue) => {
  const plain = (value: DuckDBValue): QueryValue => {
    if (value === null || typeof value === "boolean" || typeof value === "number") return value
    if (typeof value === "string") return value
    if (typeof value === "bigint") return wholeNumber(value)
    if (value instanceof duck.DuckDBDecimalValue) return value.toDouble()
    if (value instanceof duck.DuckDBListValue || value instanceof duck.DuckDBArrayValue) return value.items.map(plain)
    if (value instanceof duck.DuckDBStructValue) {
      return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, plain(item)]))
    }
    if (value instanceof duck.DuckDBMapValue) {
      return value.entries.map(({ key, value: item }) => ({ key: plain(key), value: plain(item) }))
    }
    return String(value)
  }
  return plain
}
