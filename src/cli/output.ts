/**
 * @file What commands print: one JSON document, or text for people. Colour only where a terminal shows it.
 */
import { stripVTControlCharacters } from "node:util"
import * as Console from "effect/Console"

/**
 * A JSON document in the form of docs/contract.md: numbers with full Float64 precision, the non-finite ones as the strings
 * "Infinity", "-Infinity" and "NaN", big integers as decimal text.
 */
export const jsonText = (value: unknown): string =>
  JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item === "number" && !Number.isFinite(item)) return String(item)
      if (typeof item === "bigint") return item.toString()
      return item
    },
    2
  )

/** Prints a value as JSON on stdout. */
export const printJson = (value: unknown) => Console.log(jsonText(value))

// no-color.org: any value but the empty one.
const colourful = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb"

const paint = (code: string) => (text: string) => (colourful ? `\u001b[${code}m${text}\u001b[0m` : text)

/** Emphasis for terminals; plain text elsewhere. */
export const style = {
  bold: paint("1"),
  dim: paint("2"),
  good: paint("32"),
  bad: paint("31"),
  open: paint("33"),
  accent: paint("36")
} as const

/** Columns of text for people: the terminal's up to 100, 80 where there is none. */
export const textWidth = Math.min(process.stdout.columns || 80, 100)

/** Words in lines of at most `width` columns; a longer word has a line of its own. */
export const wrap = (text: string, width = textWidth): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const last = lines.at(-1)
    if (last !== undefined && [...last].length + 1 + [...word].length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/**
 * A labelled text, wrapped under itself: `label         text …`.
 * @param column where the text starts; the label ends before it
 * @param indent what the line as a whole will be indented by
 */
export const labelled = (
  label: string,
  text: string,
  { column = 14, indent = 0, paint: painted = (line: string) => line } = {}
): ReadonlyArray<string> =>
  wrap(text, textWidth - column - indent).map((line, i) => (i === 0 ? label : "").padEnd(column) + painted(line))

/** Columns that a text takes on a terminal: colour codes take none. */
const columnsOf = (text: string): number => [...stripVTControlCharacters(text)].length

/**
 * Lines of a table whose columns are as wide as their widest cell.
 * @param rows first row is the head; ragged rows are filled with empty cells
 */
export const tableLines = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => columnsOf(row[column] ?? "")))
  )
  return rows.map((row, index) => {
    const line = widths.map((width, column) => {
      const cell = row[column] ?? ""
      return cell + " ".repeat(width - columnsOf(cell))
    })
    const text = line.join("  ").trimEnd()
    return index === 0 ? style.bold(text) : text
  })
}
