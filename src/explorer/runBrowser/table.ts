/** A table in the page's memory, column by column; which of its rows are shown in which order; and as a file. */
import type { JsonValue, TableChunk } from "../../rundata/format.ts"

/** Rows are positions 0..rows-1 of every column. */
export interface LoadedTable {
  rows: number
  readonly columns: Map<string, Array<JsonValue>>
}

export const emptyTable = (): LoadedTable => ({ rows: 0, columns: new Map() })

/** Texts come again and again in records; one copy of each is kept. */
const interned = new Map<string, string>()

/** Longer texts are hardly repeated. */
const mostInterned = 100

const kept = (value: JsonValue): JsonValue => {
  if (typeof value !== "string" || value.length > mostInterned) return value
  const known = interned.get(value)
  if (known !== undefined) return known
  if (interned.size < 50_000) interned.set(value, value)
  return value
}

/** Appends the rows of a chunk; what a row lacks is null. */
export const addChunk = (table: LoadedTable, chunk: TableChunk): void => {
  for (const { name, values } of chunk.columns) {
    const column = table.columns.get(name) ?? new Array<JsonValue>(table.rows).fill(null)
    table.columns.set(name, column)
    for (const value of values) column.push(kept(value))
  }
  table.rows += chunk.rows
  for (const column of table.columns.values()) while (column.length < table.rows) column.push(null)
}

const notFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY
}

/** The number that a value is; records have those that are not finite by name. */
export const numberOf = (value: JsonValue): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" ? notFinite[value] : undefined

/** Whether a column holds numbers and nothing else. */
export const isNumeric = (values: ReadonlyArray<JsonValue>): boolean =>
  values.some((value) => typeof value === "number") &&
  values.every((value) => value === null || numberOf(value) !== undefined)

/** The value as text with all its digits; null is empty, lists and maps are JSON. */
export const cellText = (value: JsonValue): string =>
  value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value)

/** The value as a table shows it: numbers with six digits that count. */
export const shownText = (value: JsonValue): string =>
  typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : cellText(value)

/** Says of a value whether it passes. */
type Test = (value: JsonValue) => boolean

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b
}

/** The test that a filter's text stands for: `>0.5`, `<=3` of numbers, `=dpo` the whole text, else a part of it in any case. */
export const filterTest = (text: string): Test => {
  const [, sign = "", rest = ""] = /^\s*(>=|<=|>|<|=)\s*(.*?)\s*$/s.exec(text) ?? []
  if (sign === "=") return (value) => cellText(value) === rest
  const bound = rest === "" ? Number.NaN : Number(rest)
  const compare = comparisons[sign]
  if (compare !== undefined && !Number.isNaN(bound)) {
    return (value) => {
      const number = numberOf(value)
      return number !== undefined && compare(number, bound)
    }
  }
  const part = text.trim().toLowerCase()
  return (value) => cellText(value).toLowerCase().includes(part)
}

/** Which rows, and in which order. */
export interface Selection {
  /** Filters by column; one of a column that is not there is passed by. */
  readonly filters: Readonly<Record<string, string>>
  /** Column to order by, `-` before it for the largest first; undefined: as recorded. */
  readonly sort?: string
}

/** Orders values: numbers before texts, nothing and NaN last whichever way. */
const comparator = (values: ReadonlyArray<JsonValue>, descending: boolean) => {
  const sign = descending ? -1 : 1
  const numbers = values.map(numberOf)
  const rank = (row: number): number => {
    const number = numbers[row]
    if (values[row] === null || Number.isNaN(number)) return 2
    return number === undefined ? 1 : 0
  }
  return (a: number, b: number): number => {
    const [first, second] = [rank(a), rank(b)]
    if (first !== second) return first - second
    if (first === 2) return a - b
    const [x, y] = first === 0 ? [numbers[a]!, numbers[b]!] : [cellText(values[a]!), cellText(values[b]!)]
    return x < y ? -sign : x > y ? sign : a - b
  }
}

/** The rows that pass every filter, in order. */
export const selectRows = (table: LoadedTable, { filters, sort }: Selection): ReadonlyArray<number> => {
  const tests = Object.entries(filters).flatMap(([name, text]) => {
    const column = table.columns.get(name)
    return column === undefined || text.trim() === "" ? [] : [{ column, passes: filterTest(text) }]
  })
  const rows: Array<number> = []
  for (let i = 0; i < table.rows; i++) if (tests.every(({ column, passes }) => passes(column[i]!))) rows.push(i)
  const name = sort?.replace(/^-/, "")
  const column = name === undefined ? undefined : table.columns.get(name)
  return column === undefined ? rows : rows.sort(comparator(column, sort!.startsWith("-")))
}

const csvText = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Some rows and columns as CSV, with all digits. */
export const selectionCsv = (
  table: LoadedTable,
  rows: ReadonlyArray<number>,
  columns: ReadonlyArray<string>
): string => {
  const chosen = columns.map((name) => table.columns.get(name) ?? [])
  const lines = rows.map((row) => chosen.map((column) => csvText(cellText(column[row] ?? null))).join(","))
  return `${[columns.map(csvText).join(","), ...lines].join("\n")}\n`
}
