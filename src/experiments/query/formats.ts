/** @file A query's result as a file: CSV, JSON, Parquet. The same result gives the same bytes. */
import { parquetWriteBuffer } from "hyparquet-writer"
import { jsonText } from "../records.ts"
import { csvField } from "../tables/table.ts"
import type { QueryResult } from "./database.ts"
import type { QueryValue } from "./values.ts"

const plainJson = (value: unknown): string => jsonText(typeof value === "bigint" ? value.toString() : value)

/** A value as the text of a cell: nothing for null, lists and structures as JSON, numbers in full. */
export const cellText = (value: QueryValue): string =>
  value === null ? "" : typeof value === "object" ? plainJson(withoutBig(value)) : String(value)

/** Big integers as decimal text, in whatever they stand. */
const withoutBig = (value: QueryValue): QueryValue => {
  if (typeof value === "bigint") return value.toString()
  if (Array.isArray(value)) return (value as ReadonlyArray<QueryValue>).map(withoutBig)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBig(item)]))
}

/** RFC 4180 with a header line; lines end in a line feed. */
export const resultCsv = ({ columns, rows }: QueryResult): string =>
  [columns.map(({ name }) => name), ...rows.map((row) => row.map(cellText))]
    .map((fields) => `${fields.map(csvField).join(",")}\n`)
    .join("")

/** The rows as objects, for a JSON document in the form of docs/contract.md. */
export const resultObjects = ({ columns, rows }: QueryResult): ReadonlyArray<Readonly<Record<string, QueryValue>>> =>
  rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index]!.name, withoutBig(value)])))

const integers = new Set(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"])

/** Whole numbers up to 64 bits stay whole, wider ones and decimals are DOUBLE; what is no number or truth value is text. */
const parquetColumn = (type: string): "BOOLEAN" | "INT64" | "DOUBLE" | "STRING" => {
  if (type === "BOOLEAN") return "BOOLEAN"
  if (integers.has(type)) return "INT64"
  return /^(DOUBLE|FLOAT|UBIGINT|HUGEINT|UHUGEINT|DECIMAL)/.test(type) && !type.endsWith("]") ? "DOUBLE" : "STRING"
}

const parquetCell = (value: QueryValue, type: ReturnType<typeof parquetColumn>): unknown => {
  if (value === null) return null
  if (type === "INT64") return BigInt(value as number | bigint)
  if (type === "DOUBLE") return Number(value)
  return type === "BOOLEAN" ? value : cellText(value)
}

/** The result as a Parquet file. */
export const resultParquet = ({ columns, rows }: QueryResult): Uint8Array => {
  const columnData = columns.map(({ name, type }, index) => {
    const kind = parquetColumn(type)
    return { name, type: kind, data: rows.map((row) => parquetCell(row[index]!, kind)) }
  })
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: "losslattice" }))
}
