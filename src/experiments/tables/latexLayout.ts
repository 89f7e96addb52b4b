/**
 * @file How a table lies on paper: in which type, upright or turned, on one page or over several, and where its columns break.
 * Made for a text area of 5.5 × 9 inches, as conferences have; paragraphs are shares of the line, so they follow a wider one.
 */
import { cellWidth, textWidth, titleLines } from "./latexWidths.ts"
import type { Cell, Column, Kept, Table } from "./table.ts"

/** A type of the class article at 10 pt: command, em and line in points, half the space between columns in points. */
interface Type {
  readonly command: "footnotesize" | "scriptsize"
  readonly em: number
  readonly line: number
  readonly gap: number
}

const small: Type = { command: "footnotesize", em: 8.5, line: 9.5, gap: 4 }
const tiny: Type = { command: "scriptsize", em: 7.97, line: 8, gap: 3 }

/** Width and height of the text area, points. */
const page = { width: 397, height: 650 } as const

/** What is tried, in this order, with the lines that a row may have; the last is taken if none does. */
const attempts = [
  { type: small, turned: false, lines: 5 },
  { type: tiny, turned: false, lines: 7 },
  { type: small, turned: true, lines: 6 },
  { type: tiny, turned: true, lines: Number.POSITIVE_INFINITY }
] as const

/** A smaller type is taken for its own sake where the table comes down to this share of its height. */
const worthwhile = 0.7

/** A column as it is set. */
export interface SetColumn extends Kept {
  /** Its letter or paragraph in the preamble of tabular. */
  readonly spec: string
  readonly isParagraph: boolean
  readonly title: readonly string[]
}

/** A table as it is set. */
export interface Layout {
  readonly type: Type
  /** On pages of their own, turned by a quarter. */
  readonly turned: boolean
  /** Over pages. */
  readonly long: boolean
  readonly columns: readonly SetColumn[]
}

interface Measure {
  readonly kept: Kept
  readonly natural: number
  readonly least: number
  /** Natural width of every row's cell. */
  readonly cells: readonly number[]
}

const isRigid = ({ kind }: Column): boolean => kind === "number" || kind === "mark" || kind === "arxiv"

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** The largest of any number of numbers, none below 0. */
const largest = (numbers: readonly number[]): number => numbers.reduce((most, one) => Math.max(most, one), 0)

const measureOf = (rows: readonly (readonly Cell[])[], kept: Kept): Measure => {
  const { column, index } = kept
  const cells = rows.map((row) => cellWidth(column, row[index]))
  // Titles of marks stand upright and take no width.
  const word = column.kind === "mark" ? 1 : largest(column.title.split(" ").map(textWidth))
  const natural = largest([word, ...cells.map((cell) => cell.natural)])
  const least = isRigid(column) ? natural : largest([word, ...cells.map((cell) => cell.least)])
  return { kept, natural, least, cells: cells.map((cell) => cell.natural) }
}

/** Widths that sum to `room`, em: columns broader than a common cap come down to it, none below its widest part. */
const shared = (measures: readonly Measure[], room: number): readonly number[] | undefined => {
  const at = (cap: number) => measures.map(({ natural, least }) => Math.min(natural, Math.max(least, cap)))
  if (sum(at(0)) > room) return undefined
  let [low, high] = [0, largest(measures.map(({ natural }) => natural))]
  if (sum(at(high)) <= room) return at(high)
  for (let step = 0; step < 30; step++) {
    const cap = (low + high) / 2
    if (sum(at(cap)) <= room) low = cap
    else high = cap
  }
  return settled(measures, at(low))
}

/** Words rarely fill a line to its end. */
const raggedness = 1.12

/** Lines of every row. */
const linesOf = (measures: readonly Measure[], widths: readonly number[]): readonly number[] =>
  (measures[0]?.cells ?? []).map((_, row) =>
    largest(
      measures.map(({ cells }, k) => {
        const [natural, width] = [cells[row] ?? 0, widths[k] ?? 1]
        return natural <= width ? 1 : Math.ceil((raggedness * natural) / width)
      })
    )
  )

/** Widths among which room, in em, passes from column to column as long as the table gets shorter by it. */
const settled = (measures: readonly Measure[], start: readonly number[]): readonly number[] => {
  let widths = start
  let height = sum(linesOf(measures, widths))
  for (const step of [4, 2, 1, 0.5]) {
    for (let from = 0; from < widths.length; from++) {
      for (let to = 0; to < widths.length; to++) {
        const tried = widths.map((width, k) => (k === from ? width - step : k === to ? width + step : width))
        const isAllowed =
          from !== to &&
          (tried[from] ?? 0) >= (measures[from]?.least ?? 0) &&
          (widths[to] ?? 0) < (measures[to]?.natural ?? 0)
        const shorter = isAllowed ? sum(linesOf(measures, tried)) : height
        if (shorter < height) [widths, height] = [tried, shorter]
      }
    }
  }
  return widths
}

const alignment: Partial<Record<Column["kind"], string>> = { number: "r", mark: "c" }

const setColumn = (measure: Measure, width: number, line: number): SetColumn => {
  const { kept, natural } = measure
  const isParagraph = !isRigid(kept.column) && width < natural
  return {
    ...kept,
    isParagraph,
    spec: isParagraph
      ? `>{\\raggedright\\arraybackslash}p{${(Math.floor((1000 * width) / line) / 1000).toFixed(3)}\\linewidth}`
      : (alignment[kept.column.kind] ?? "l"),
    title: titleLines(kept.column.title, width)
  }
}

/** The layout of the columns of a table that are shown. */
export const layoutOf = (table: Table, kept: readonly Kept[]): Layout => {
  const measures = kept.map((one) => measureOf(table.rows, one))
  const layouts = attempts.flatMap(({ type, turned, lines }) => {
    const line = (turned ? page.height : page.width) / type.em
    const gaps = (2 * type.gap * (kept.length - 1)) / type.em
    const widths = shared(measures, line - gaps)
    if (widths === undefined) return []
    const rows = linesOf(measures, widths)
    const height = sum(rows) * type.line
    return largest(rows) > lines
      ? []
      : [
          {
            ...{ type, turned, height, long: turned || height > 0.72 * page.height },
            columns: measures.map((measure, k) => setColumn(measure, widths[k] ?? 1, line))
          }
        ]
  })
  const [first, second] = layouts
  const isWorth = first !== undefined && second?.turned === false && second.height < worthwhile * first.height
  return (isWorth ? second : first) ?? crowded(measures)
}

/** Wider than a turned page: every column at its least, and the rest over the margin. */
const crowded = (measures: readonly Measure[]): Layout => ({
  ...{ type: tiny, turned: true, long: true },
  columns: measures.map((measure) => setColumn(measure, measure.least, page.height / tiny.em))
})
