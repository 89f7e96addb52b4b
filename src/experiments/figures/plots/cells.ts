/** @file Tables of coloured means: two channels, a number in every cell. Pure. */
import { textWidth } from "../drawing/fonts.ts"
import { type ChartPart, panelTitle, vegaLite } from "../drawing/lineChart.ts"
import { fontSize, ink } from "../drawing/theme.ts"
import type { FigureSpec } from "../figure.ts"
import type { Records } from "../records.ts"
import { axisScale, placeOn } from "./axes.ts"
import { gridOf, type Panel } from "./grid.ts"
import { extentOf } from "./layers.ts"
import { divergingColour, rampColour } from "./looks.ts"
import { channelTitle } from "./numeric.ts"
import { headingLayers, type Place } from "./place.ts"
import { axisOf, measuresOf, type Plot } from "./plot.ts"
import { type ChannelValue, channelValues, type PlotPoint, plotPoints } from "./points.ts"

const cell = { width: 62, height: 26 } as const

/** Contrast decides the colour of letters: relative luminance as in WCAG. */
const isDark = (colour: string): boolean => {
  const [r, g, b] = [1, 3, 5].map((from) => {
    const value = Number.parseInt(colour.slice(from, from + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! < 0.19
}

/** Two decimals where they say something. */
const shown = (value: number, range: number): string => {
  const digits = range >= 100 ? 0 : range >= 10 ? 1 : 2
  const text = value.toFixed(digits)
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−")
}

const mark = (x: number, y: number, kind: ChartPart, more: ChartPart = {}): ChartPart => ({
  data: { values: [{}] },
  mark: kind,
  encoding: { x: { value: x }, y: { value: y }, ...more }
})

const label = (
  text: string | readonly string[],
  x: number,
  y: number,
  align: "left" | "center" | "right",
  more: ChartPart = {}
): ChartPart => mark(x, y, { type: "text", text, align, baseline: "middle", fontSize: fontSize.small, ...more })

const lineHeight = 12

/** Over its column; with `broken` in two lines: `DPO` and `β = 0.1`. */
const columnLabel = (name: string, x: number, broken: boolean): ChartPart => {
  const cut = broken ? name.indexOf(" (") : -1
  if (cut < 0) return label(name, x, -9, "center")
  const lines = [name.slice(0, cut), name.slice(cut + 1).replace(/^\((.*)\)$/, "$1")]
  return label(lines, x, -9 - lineHeight, "center", { lineHeight })
}

/** Draws the plot. */
export const cellsSpec = (plot: Plot, records: Records, place: Place): FigureSpec => {
  const points = plotPoints(plot, records, undefined)
  const columns = channelValues(points.map(({ category }) => category))
  const rows = channelValues(points.map(({ series }) => series))
  const fill = { ...plot.fill!, value: String(plot.fill!.value) }
  const axis = axisScale(fill, extentOf(points.map((point) => ({ ...point, low: point.mean, high: point.mean }))), 0)
  const range = axis.domain[1] - axis.domain[0]
  const colour = (value: number) =>
    (plot.fill!.scheme === "diverging" ? divergingColour : rampColour)(Math.min(1, Math.max(0, placeOn(axis, value))))
  const left = Math.ceil(Math.max(...rows.map((row) => textWidth(row.label, fontSize.small)))) + 10
  const grid = gridOf(points, false)
  const space = Math.floor((place.width - left - 24 * (grid.columns - 1)) / grid.columns / columns.length)
  const width = Math.min(cell.width, space)
  const broken = columns.some((column) => textWidth(column.label, fontSize.small) > width - 4)
  const title = axisOf(plot.x).title ?? channelTitle(axisOf(plot.x).value)
  const ofRows = measuresOf(plot)[0]!.title ?? channelTitle(measuresOf(plot)[0]!.value)
  const one = (point: PlotPoint, column: number, row: number): readonly ChartPart[] => {
    const back = colour(point.mean)
    const [x, y] = [column * width, row * cell.height]
    return [
      mark(
        x,
        y,
        { type: "rect", color: back, stroke: ink.paper, strokeWidth: 1.5 },
        {
          x2: { value: x + width },
          y2: { value: y + cell.height }
        }
      ),
      label(shown(point.mean, range), x + width / 2, y + cell.height / 2, "center", {
        color: isDark(back) ? "#ffffff" : ink.text
      })
    ]
  }
  const at = (values: readonly ChannelValue[], key: string) => values.findIndex((value) => value.key === key)
  const view = (panel: Panel): ChartPart => ({
    width: width * columns.length,
    height: cell.height * rows.length,
    layer: [
      ...(panel === grid.rows[0]![0] ? headingLayers(place, panel.title === undefined ? 34 : 56) : []),
      ...panelTitle(panel.title).map((part) => ({ ...part, encoding: { x: { value: 0 }, y: { value: -34 } } })),
      ...panel.points.flatMap((point) => one(point, at(columns, point.category.key), at(rows, point.series.key))),
      ...columns.map(({ label: name }, i) => columnLabel(name, (i + 0.5) * width, broken)),
      ...(title === undefined
        ? []
        : [label(title, (columns.length * width) / 2, cell.height * rows.length + 12, "center", { color: ink.soft })]),
      ...(panel.firstColumn
        ? [
            ...rows.map(({ label: name }, i) => label(name, -6, (i + 0.5) * cell.height, "right")),
            ...(ofRows === undefined ? [] : [label(ofRows, -6, -9, "right", { color: ink.soft })])
          ]
        : [])
    ]
  })
  return vegaLite({
    spacing: 44,
    vconcat: grid.rows.map((row) => ({ bounds: "flush", spacing: 24, hconcat: row.map(view) }))
  })
}
