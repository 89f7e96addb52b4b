/** @file Plots that lie on their side: names at the left, values with whiskers to the right, as points or bars. Pure. */
import { textWidth } from "../drawing/fonts.ts"
import { type ChartPart, panelTitle, vegaLite } from "../drawing/lineChart.ts"
import { fontSize, ink, type SeriesLook, seriesLook } from "../drawing/theme.ts"
import type { FigureSpec } from "../figure.ts"
import type { Records } from "../records.ts"
import { type AxisScale, axisScale, channelOf, placeOn, showable } from "./axes.ts"
import { gridOf, type Key, keyLayers, keyWidth, type Panel } from "./grid.ts"
import { extentOf, measureOf, referenceLayers } from "./layers.ts"
import { seriesLooks } from "./looks.ts"
import { channelTitle } from "./numeric.ts"
import { headingLayers, headingRoom, type Place } from "./place.ts"
import type { Plot } from "./plot.ts"
import { type ChannelValue, channelValues, type PlotPoint, plotPoints } from "./points.ts"

/** Height of a name's row, and of one series in it. */
const rowHeight = 24
const perSeries = 11

interface Lying {
  readonly plot: Plot
  readonly names: readonly ChannelValue[]
  readonly series: readonly ChannelValue[]
  readonly looks: ReadonlyMap<string, SeriesLook>
  readonly band: number
  readonly width: number
}

/** Middle of a point's place, pixels from the top. */
const placeOf = ({ names, series, band }: Lying, point: PlotPoint): number => {
  const row = names.findIndex(({ key }) => key === point.category.key)
  const own = series.findIndex(({ key }) => key === point.series.key)
  const inner = Math.min(perSeries, (band - 4) / series.length)
  return band * (row + 0.5) + inner * (own - (series.length - 1) / 2)
}

const rectangle = (
  left: number,
  right: number,
  top: number,
  height: number,
  colour: string,
  opacity: number
): ChartPart => ({
  data: { values: [{}] },
  mark: { type: "rect", color: colour, opacity },
  encoding: { x: { value: left }, x2: { value: right }, y: { value: top }, y2: { value: top + height } }
})

/** Every second name has a stripe behind it, so that the eye keeps its row. */
const stripes = ({ names, band, width }: Lying): readonly ChartPart[] =>
  names.flatMap((_, i) => (i % 2 === 1 ? [rectangle(0, width, i * band, band, "#f4f4f4", 1)] : []))

const nameLayers = ({ names, band }: Lying): readonly ChartPart[] =>
  names.map(({ label }, i) => ({
    data: { values: [{}] },
    mark: { type: "text", text: label, align: "right", baseline: "middle", fontSize: fontSize.small },
    encoding: { x: { value: -6 }, y: { value: band * (i + 0.5) } }
  }))

const pointLayer = (lying: Lying, axis: AxisScale, point: PlotPoint): readonly ChartPart[] => {
  const { width, plot, looks } = lying
  const look = looks.get(point.series.key) ?? seriesLook(0)
  const y = placeOf(lying, point)
  const at = (value: number) => width * Math.min(1, Math.max(0, showable(axis.type, value) ? placeOn(axis, value) : 0))
  const bar = plot.mark === "bars"
  const zero = at(axis.type === "log" ? axis.domain[0] : 0)
  const whisker: ChartPart = {
    data: { values: [{}] },
    mark: { type: "rule", color: bar ? ink.text : look.colour, strokeWidth: 1.5 },
    encoding: { x: { value: at(point.low) }, x2: { value: at(point.high) }, y: { value: y } }
  }
  const size = Math.min(perSeries - 2, 9)
  return [
    ...(bar ? [rectangle(zero, at(point.mean), y - size / 2, size, look.colour, 0.85)] : []),
    ...(point.high > point.low ? [whisker] : []),
    ...(bar
      ? []
      : [
          {
            data: { values: [{}] },
            mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 52, opacity: 1 },
            encoding: { x: { value: at(point.mean) }, y: { value: y } }
          }
        ])
  ]
}

/** The axis under the panel: marks that are drawn by no point carry it. */
const axisLayer = (axis: AxisScale, titled: boolean): ChartPart => ({
  data: { values: axis.domain.map((value) => ({ value })) },
  mark: { type: "point", opacity: 0 },
  encoding: { x: channelOf(axis, "value", { titled, labels: true, ticks: 4 }) }
})

const panelView = (panel: Panel, lying: Lying, axis: AxisScale, beside: readonly ChartPart[]): ChartPart => {
  const { plot, names, band, width, looks } = lying
  const height = names.length * band
  const frame = {
    plot,
    width,
    height,
    x: axis,
    y: { title: "", type: "linear", domain: [0, 1] },
    channels: { x: {}, y: {} },
    groups: [],
    look: (series: string) => looks.get(series) ?? seriesLook(0)
  } as const
  return {
    width,
    height,
    layer: [
      ...panelTitle(panel.title),
      axisLayer(axis, panel.lastRow),
      ...stripes(lying),
      ...referenceLayers(frame, panel.points),
      ...panel.points.flatMap((point) => pointLayer(lying, axis, point)),
      ...(panel.firstColumn ? nameLayers(lying) : []),
      ...beside
    ]
  }
}

/** Draws the plot. */
export const lyingSpec = (plot: Plot, records: Records, place: Place): FigureSpec => {
  const points = plotPoints(plot, records, undefined)
  const series = channelValues(points.map((point) => point.series))
  const looks = seriesLooks(series)
  const names = channelValues(points.map(({ category }) => category))
  const key: Key = {
    title: channelTitle(plot.colour),
    entries: series.filter((one) => one.key !== "").map((one) => ({ label: one.label, look: looks.get(one.key)! })),
    lines: false,
    symbols: plot.mark !== "bars"
  }
  const grid = gridOf(points, plot.row === undefined || plot.row === "measure")
  const left = Math.ceil(Math.max(...names.map(({ label }) => textWidth(label, fontSize.small)))) + 10
  const gap = 22
  const width = Math.floor(
    Math.min(380, (place.width - left - keyWidth(key) - gap * (grid.columns - 1)) / grid.columns)
  )
  const lying: Lying = { plot, names, series, looks, band: Math.max(rowHeight, perSeries * series.length + 8), width }
  const axisFor = (panel: Panel): AxisScale => {
    const measure = panel.points[0]?.measure
    const shared = plot.sharedAxes ? points.filter((point) => point.measure === measure) : panel.points
    if (plot.mark !== "bars") return axisScale(measureOf(plot, shared), extentOf(shared), 0.05)
    // Bars stand on 0, and on the axis where none is negative.
    const values = [...extentOf(shared), 0]
    const axis = axisScale(measureOf(plot, shared), values, 0.05)
    return Math.min(...values) < 0 || axis.type === "log" ? axis : { ...axis, domain: [0, axis.domain[1]] }
  }
  return vegaLite({
    spacing: 26,
    vconcat: grid.rows.map((row, r) => ({
      bounds: "flush",
      spacing: gap,
      hconcat: row.map((panel, c) =>
        panelView(panel, lying, axisFor(panel), [
          ...(r === 0 && c === 0 ? headingLayers(place, headingRoom(panel)) : []),
          ...(r === 0 && c === row.length - 1 ? keyLayers(key, width) : [])
        ])
      )
    }))
  })
}
