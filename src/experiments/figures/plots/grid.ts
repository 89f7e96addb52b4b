/** @file Panels of a plot in rows and columns, and the key of its series. Pure. */
import { spread } from "../drawing/curves.ts"
import { textWidth } from "../drawing/fonts.ts"
import { type ChartPart, keyEntry, keySample } from "../drawing/lineChart.ts"
import { fontSize, type SeriesLook } from "../drawing/theme.ts"
import { type ChannelValue, channelValues, type PlotPoint } from "./points.ts"

/** One panel of the grid. */
export interface Panel {
  readonly title: string | undefined
  readonly points: readonly PlotPoint[]
  readonly firstColumn: boolean
  readonly lastRow: boolean
}

/** The grid: all rows have all columns, some may be without points. */
export interface Grid {
  readonly rows: readonly (readonly Panel[])[]
  readonly columns: number
}

const titleOf = (row: ChannelValue, column: ChannelValue, ofMeasure: boolean): string | undefined => {
  const parts = [column.label, ...(ofMeasure ? [] : [row.label])].filter((part) => part !== "")
  return parts.length === 0 ? undefined : parts.join(", ")
}

/** Columns beyond this many go on in a further row, when there are no rows of their own. */
const mostColumns = 4

/** Rows of panels. @param ofMeasure whether a row is told by its axis, so that no title has to */
export const gridOf = (points: readonly PlotPoint[], ofMeasure: boolean): Grid => {
  const rows = channelValues(points.map(({ row }) => row))
  const columns = channelValues(points.map(({ column }) => column))
  // Rows that their axes tell apart need the names of the columns once.
  const panel = (row: ChannelValue, column: ChannelValue, firstColumn: boolean, lastRow: boolean): Panel => ({
    title: ofMeasure && row.key !== rows[0]?.key ? undefined : titleOf(row, column, ofMeasure),
    points: points.filter((point) => point.row.key === row.key && point.column.key === column.key),
    firstColumn,
    lastRow
  })
  if (rows.length > 1 || columns.length <= mostColumns) {
    return {
      columns: columns.length,
      rows: rows.map((row, r) => columns.map((column, c) => panel(row, column, c === 0, r === rows.length - 1)))
    }
  }
  const width = Math.ceil(columns.length / Math.ceil(columns.length / mostColumns))
  return {
    columns: width,
    rows: Array.from({ length: Math.ceil(columns.length / width) }, (_, r) =>
      columns
        .slice(r * width, (r + 1) * width)
        .map((column, c) => panel(rows[0]!, column, c === 0, r * width + c + width >= columns.length))
    )
  }
}

/** A key: the series with their looks, under the channel's title. */
export interface Key {
  readonly title: string | undefined
  readonly entries: readonly { readonly label: string; readonly look: SeriesLook }[]
  readonly lines: boolean
  readonly symbols: boolean
}

const entryHeight = 17

/** Room that a key needs beside the panels. */
export const keyWidth = ({ entries, title }: Key): number =>
  entries.length === 0
    ? 0
    : Math.ceil(
        Math.max(
          textWidth(title ?? "", fontSize.small, "bold") + 5,
          ...entries.map(({ label }) => keySample + textWidth(label, fontSize.small, "bold") + 4)
        )
      )

const keyTitle = (title: string | undefined, x: number): readonly ChartPart[] =>
  title === undefined
    ? []
    : [
        {
          data: { values: [{}] },
          mark: { type: "text", text: title, align: "left", baseline: "middle", fontSize: fontSize.small },
          encoding: { x: { value: x + 5 }, y: { value: 6 } }
        }
      ]

/** The key as layers of the panel at the right end of the first row, whose width is given. */
export const keyLayers = (key: Key, width: number): readonly ChartPart[] => [
  ...keyTitle(key.title, width),
  ...key.entries.flatMap(({ label, look }, i) =>
    keyEntry({
      name: label,
      look: key.lines ? look : { ...look, dash: [] },
      x: width,
      y: 6 + entryHeight * (i + (key.title === undefined ? 0 : 1)),
      sample: true,
      symbol: key.symbols
    })
  )
]

/** Labels at the ends of the lines of the only panel. @param ends label, look and wanted place of each */
export const endLayers = (
  ends: readonly { readonly label: string; readonly look: SeriesLook; readonly y: number }[],
  width: number,
  height: number
): readonly ChartPart[] => {
  const places = spread(
    ends.map(({ y }) => y),
    fontSize.small + 3,
    4,
    height - 4
  )
  return ends.flatMap(({ label, look }, i) =>
    keyEntry({ name: label, look, x: width, y: places[i] ?? 0, sample: true })
  )
}
