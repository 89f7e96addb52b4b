/** @file Tidy rows as JSON lines and as Parquet: the same rows give the same bytes. */
import { parquetWriteBuffer } from "hyparquet-writer"
import type { Json } from "./canonical.ts"

/** One observation. Numbers that are not finite are held as NaN and ±Infinity here, as the strings of their names in JSON. */
export type Row = Readonly<Record<string, unknown>>

const notFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY
}

/** JSON text in which NaN and the infinities are the strings "NaN", "Infinity", "-Infinity" instead of null. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? String(item) : item
  )

/** One row a line, keys in the order the rows have them. No rows: no bytes. */
export const rowsToJsonLines = (rows: ReadonlyArray<Row>): string => rows.map((row) => `${jsonText(row)}\n`).join("")

/** Reads back {@link rowsToJsonLines}. @throws SyntaxError for a line that is not JSON */
export const rowsFromJsonLines = (text: string): ReadonlyArray<Readonly<Record<string, Json>>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, Json>>)

type ColumnType = "DOUBLE" | "BOOLEAN" | "STRING"

/** A number, where a column of numbers may hold the name of one that is not finite. */
const asNumber = (value: unknown): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" ? notFinite[value] : undefined

const columnType = (values: ReadonlyArray<unknown>): ColumnType => {
  const present = values.filter((value) => value !== null && value !== undefined)
  if (present.length > 0 && present.every((value) => typeof value === "boolean")) return "BOOLEAN"
  const numeric =
    present.every((value) => asNumber(value) !== undefined) && present.some((value) => typeof value === "number")
  return numeric ? "DOUBLE" : "STRING"
}

const cell = (value: unknown, type: ColumnType): number | boolean | string | null => {
  if (value === null || value === undefined) return null
  if (type === "DOUBLE") return asNumber(value)!
  if (type === "BOOLEAN") return value as boolean
  return typeof value === "string" ? value : jsonText(value)
}

/**
 * The rows as a Parquet file. Columns are all keys in order of first appearance; numbers are DOUBLE, truth values BOOLEAN,
 * everything else text, lists and maps as JSON; a key that a row lacks is null.
 */
export const rowsToParquet = (rows: ReadonlyArray<Row>): Uint8Array => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const columnData = names.map((name) => {
    const values = rows.map((row) => row[name])
    const type = columnType(values)
    return { name, type, data: values.map((value) => cell(value, type)) }
  })
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: "losslattice" }))
}
