/** @file Plots with two numeric axes: lines and points in panels. Pure. */

import { formulaTitle } from "../../quantities/columns.ts"
import { formTexts } from "../../quantities/fits.ts"
import { groupsOf } from "../../quantities/runs.ts"
import { type ChartPart, panelTitle, vegaLite } from "../drawing/lineChart.ts"
import { seriesLook } from "../drawing/theme.ts"
import type { FigureSpec } from "../figure.ts"
import type { Records } from "../records.ts"
import { type AxisScale, axisScale, channelOf, placeOn } from "./axes.ts"
import { endLayers, type Grid, gridOf, type Key, keyLayers, keyWidth, type Panel } from "./grid.ts"
import { extentOf, fitLook, measureOf, type PanelFrame, panelLayers } from "./layers.ts"
import { seriesLooks } from "./looks.ts"
import { headingLayers, headingRoom, type Place } from "./place.ts"
import { axisOf, fitFormsOf, isCategory, type Plot } from "./plot.ts"
import { channelValues, type PlotPoint, plotPoints, throughCheckpoints } from "./points.ts"
import { aspectOf, plainChannel, triangleLayers, triangleScales } from "./triangle.ts"

/** Room for an axis with title and numbers, and for one with numbers alone. */
const room = { titled: 60, numbers: 42, bare: 26 } as const

/** What a channel is called over its key; names speak for themselves. */
export const channelTitle = (channel: string | undefined): string | undefined =>
  channel === undefined || isCategory(channel) ? undefined : formulaTitle(channel)

/** One fitted form is told by the caption, of several each by the key. */
const fitEntries = (plot: Plot): Key["entries"] => {
  const forms = fitFormsOf(plot)
  return forms.length < 2 ? [] : forms.map((form, i) => ({ label: formTexts[form], look: fitLook(i) }))
}

const keyOf = (plot: Plot, points: readonly PlotPoint[], looks: ReturnType<typeof seriesLooks>): Key => ({
  title: channelTitle(plot.colour),
  entries: [
    ...channelValues(points.map(({ series }) => series))
      .filter(({ key }) => key !== "")
      .map(({ key, label }) => ({ label, look: looks.get(key)! })),
    ...fitEntries(plot)
  ],
  lines: plot.mark === "line",
  symbols: plot.mark !== "line" || !throughCheckpoints(plot) || plot.triangle !== undefined
})

const noKey: Key = { title: undefined, entries: [], lines: false, symbols: false }

/** Points whose vertical axis a panel shares. */
const sharing = (plot: Plot, grid: Grid, panel: Panel): readonly PlotPoint[] => {
  if (!plot.sharedAxes) return panel.points
  const measure = panel.points[0]?.measure
  return grid.rows.flat().flatMap(({ points }) => points.filter((point) => point.measure === measure))
}

const pad = 0.05

const verticalScale = (plot: Plot, grid: Grid, panel: Panel): AxisScale => {
  const points = sharing(plot, grid, panel)
  const lines = plot.references.flatMap(({ y, of }) => (typeof y === "number" && of === undefined ? [y] : []))
  return axisScale(measureOf(plot, points), [...extentOf(points), ...lines], pad)
}

const horizontalScale = (plot: Plot, points: readonly PlotPoint[]): AxisScale => {
  const every = throughCheckpoints(plot)
  const values = points.map(({ x }) => x)
  return axisScale(axisOf(plot.x), values, every ? 0.01 : pad, every ? [] : values)
}

/** The ends of the only panel's lines, when each series is one line. */
const endsOf = (panel: Panel, frame: PanelFrame) => {
  const ends = channelValues(panel.points.map(({ series }) => series)).map(({ key, label }) => {
    const own = panel.points.filter(({ series }) => series.key === key).toSorted((a, b) => a.order - b.order)
    const last = own.at(-1)!
    return { label, look: frame.look(key), x: last.x, y: frame.height * (1 - placeOn(frame.y, last.mean)) }
  })
  const right = frame.x.domain[1]
  // Where lines end somewhere inside, a label at the right border would be far from its line.
  const near = ends.every(({ x }) => placeOn(frame.x, x) > 0.85 && x <= right)
  return near && ends.every(({ label }) => label !== "") ? ends : undefined
}

const frameLayers = ({ plot, x, y, channels }: PanelFrame): readonly ChartPart[] =>
  plot.triangle === undefined
    ? [
        // A panel without points keeps its place and its axes.
        {
          data: { values: [{ x: x.domain[0], mean: y.domain[0] }] },
          mark: { type: "point", opacity: 0 },
          encoding: channels
        }
      ]
    : triangleLayers(plot.triangle, { x, y, channels })

const panelView = (panel: Panel, frame: PanelFrame, beside: readonly ChartPart[]): ChartPart => ({
  width: frame.width,
  height: frame.height,
  layer: [...panelTitle(panel.title), ...frameLayers(frame), ...panelLayers(frame, panel.points), ...beside]
})

const sizes = (plot: Plot, whole: number, columns: number, rows: number, beside: number) => {
  const gap = plot.sharedAxes ? room.bare : room.numbers
  const triangle = plot.triangle !== undefined
  const free = whole - (triangle ? 8 : room.titled) - beside - gap * (columns - 1)
  const width = Math.floor(Math.min(triangle ? 260 : 420, free / columns))
  const usual = Math.min(rows > 2 ? 130 : 200, Math.max(110, 0.75 * width))
  return { width, gap, height: Math.round(triangle ? width * aspectOf(triangleScales(plot)) : (plot.height ?? usual)) }
}

/** Draws the plot. */
export const numericSpec = (plot: Plot, records: Records, place: Place): FigureSpec => {
  const points = plotPoints(plot, records, axisOf(plot.x).value)
  const looks = seriesLooks(channelValues(points.map(({ series }) => series)))
  const key = plot.key ? keyOf(plot, points, looks) : noKey
  const byMeasure = plot.row === undefined || plot.row === "measure"
  const grid = gridOf(points, byMeasure)
  const x = plot.triangle === undefined ? horizontalScale(plot, points) : triangleScales(plot).x
  const groups = groupsOf(records.bandit)
  const single = grid.rows.length === 1 && grid.columns === 1
  const { width, height, gap } = sizes(plot, place.width, grid.columns, grid.rows.length, keyWidth(key))
  const view = (panel: Panel, r: number, c: number): ChartPart => {
    const y = plot.triangle === undefined ? verticalScale(plot, grid, panel) : triangleScales(plot).y
    const frame: PanelFrame = {
      plot,
      width,
      height,
      x,
      y,
      groups,
      channels: plot.triangle
        ? { x: plainChannel(x, "x"), y: plainChannel(y, "mean") }
        : {
            x: channelOf(x, "x", { titled: panel.lastRow, labels: true, ticks: width < 150 ? 3 : 5 }),
            y: channelOf(y, "mean", {
              titled: panel.firstColumn,
              labels: panel.firstColumn || !plot.sharedAxes,
              ticks: height < 150 ? 4 : 5
            })
          },
      look: (series) => looks.get(series) ?? seriesLook(0)
    }
    const ends =
      single && plot.key && plot.mark === "line" && plot.triangle === undefined ? endsOf(panel, frame) : undefined
    const last = r === 0 && c === grid.rows[0]!.length - 1
    const beside = ends ? endLayers(ends, width, height) : last ? keyLayers(key, width) : []
    const over = r === 0 && c === 0 ? headingLayers(place, headingRoom(panel)) : []
    return panelView(panel, frame, [...over, ...beside])
  }
  const between = grid.rows.flat().some(({ title }) => title !== undefined) ? 30 : 22
  return vegaLite({
    spacing: between,
    vconcat: grid.rows.map((row, r) => ({
      bounds: "flush",
      spacing: gap,
      hconcat: row.map((panel, c) => view(panel, r, c))
    }))
  })
}
