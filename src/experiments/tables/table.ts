/**
 * @file A table as data, and as CSV: full precision, one column per number. LaTeX is in latex.ts, HTML in html.ts; what a
 * column holds decides how its cells are written in each.
 */
import { number as shownNumber } from "../figures/drawing/notation.ts"
import { rounding } from "../statistics.ts"

/**
 * A mean with its 95 % interval (of one run without one: low = high = mean) and the number of runs; `resolved` false: a
 * difference whose interval covers zero.
 */
export interface IntervalCell {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly seeds: number
  readonly resolved?: boolean
}

/** A cell's value; absent values are empty in every form. */
export type Cell = string | number | boolean | IntervalCell | undefined

/**
 * A column: `text` is prose, `code` a name to type, `codes` several of them with spaces between, `formula` a logical formula of the records, `ratio` one side of a core
 * ratio, `number` a number, `interval` an {@link IntervalCell} (three columns more in CSV), `mark` a letter in a matrix,
 * `arxiv` an identifier of arXiv.
 */
export interface Column {
  readonly key: string
  readonly title: string
  readonly kind: "text" | "code" | "codes" | "formula" | "ratio" | "number" | "interval" | "mark" | "arxiv"
  /** `page`: left out of LaTeX, where a page is narrow; `file`: in CSV only; default: everywhere. */
  readonly only?: "page" | "file"
}

/** A table as data; `name` is its file name without extension. */
export interface Table {
  readonly name: string
  readonly title: string
  /** What is in it, with seeds and intervals; plain text. */
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** What stands below, a line each; not in CSV. */
  readonly notes?: readonly string[]
  /** Too long to read: written to its files, left out of the report. */
  readonly filesOnly?: boolean
}

/** A column to show and its place in the rows. */
export type Kept = { readonly column: Column; readonly index: number }

/** Columns to show in LaTeX or HTML: those meant for it that have a value in some row. */
export const shownColumns = (table: Table, hidden: readonly Column["only"][]): readonly Kept[] =>
  table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.only === undefined || !hidden.includes(column.only))
    .filter(({ index }) => table.rows.some((row) => row[index] !== undefined && row[index] !== ""))

/** Whether a cell is a mean with its interval. */
export const isInterval = (cell: Cell): cell is IntervalCell => typeof cell === "object"

/** Whole numbers as they are, others with three significant digits, minus sign U+2212, 0 for what is rounding: for people; CSV keeps all digits. */
export const significant = (value: number): string => {
  if (Math.abs(value) < rounding) return "0"
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e6)) {
    return String(value).replace("-", "−")
  }
  const size = Math.floor(Math.log10(Math.abs(value)))
  if (size >= 5 || size < -4) return value.toExponential(2).replaceAll("-", "−")
  return shownNumber(value, Math.min(6, Math.max(0, 2 - size)))
}

/** An interval for people: mean, interval, and whether it leaves zero out. */
export const intervalText = (cell: IntervalCell): string => {
  const bounded = cell.seeds > 1 || cell.low !== cell.high
  const bounds = bounded ? ` [${significant(cell.low)}, ${significant(cell.high)}]` : " (one run)"
  return `${significant(cell.mean)}${bounds}${cell.resolved === false ? ", not resolved" : ""}`
}

/** One field of RFC 4180: quoted when it has a comma, a quote or a line break, quotes doubled. */
export const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

const csvCells = (column: Column, cell: Cell): readonly string[] => {
  if (column.kind === "interval") {
    return isInterval(cell) ? [cell.mean, cell.low, cell.high, cell.seeds].map(String) : ["", "", "", ""]
  }
  return [cell === undefined ? "" : String(cell)]
}

const csvHeader = (column: Column): readonly string[] =>
  column.kind === "interval"
    ? [`${column.key}_mean`, `${column.key}_low`, `${column.key}_high`, `${column.key}_seeds`]
    : [column.key]

/** The table as CSV with a header line; lines end in a line feed. */
export const tableCsv = (table: Table): string =>
  [
    table.columns.flatMap(csvHeader),
    ...table.rows.map((row) => table.columns.flatMap((column, index) => csvCells(column, row[index])))
  ]
    .map((fields) => `${fields.map(csvField).join(",")}\n`)
    .join("")
