/**
 * @file What commands print: one JSON document, or text for people. Colour only where a terminal shows it.
 */
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

const colourful = process.stdout.isTTY === true && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb"

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

/**
 * Lines of a table whose columns are as wide as their widest cell.
 * @param rows first row is the head; ragged rows are filled with empty cells
 */
export const tableLines = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? "")].length))
  )
  return rows.map((row, index) => {
    const line = widths.map((width, column) => {
      const cell = row[column] ?? ""
      return cell + " ".repeat(width - [...cell].length)
    })
    const text = line.join("  ").trimEnd()
    return index === 0 ? style.bold(text) : text
  })
}
