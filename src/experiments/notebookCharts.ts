/** @file The charts that notebooks draw from rows, as Vega-Lite specifications: curves, and points with names. Pure. */
import type { TopLevelSpec } from "vega-lite"
import { textWidth } from "./figures/drawing/fonts.ts"
import type { ChartPart } from "./figures/drawing/lineChart.ts"
import { placeLabels } from "./figures/drawing/placeLabels.ts"
import { fontSize, ink, seriesLook } from "./figures/drawing/theme.ts"

/** Rows of a chart: a value for each column. */
export type ChartRows = ReadonlyArray<Readonly<Record<string, string | number>>>

/** What every chart needs to know; names are those of the rows' columns. */
interface ChartOptions {
  readonly x: string
  readonly y: string
  /** The column that tells curves or points apart; one look for each of its values, in the order of their first rows. */
  readonly series: string
  /** Titles of the axes; default: the columns' names. */
  readonly titles?: { readonly x?: string; readonly y?: string }
}

/** Curves. */
export interface CurvesOptions extends ChartOptions {
  /** The column with a panel of its own for each value, side by side. */
  readonly panel?: string
  /** Columns with the ends of a band around the curve, say of a 95 % interval. */
  readonly band?: readonly [low: string, high: string]
  readonly yDomain?: readonly [number, number]
  /** Width of a panel, pixels. Default 520, with panels 250. */
  readonly width?: number
}

/** Points with names. */
export interface PointsOptions extends ChartOptions {
  /** The column with the points' names. */
  readonly name: string
  /** Whether the horizontal axis is logarithmic; its values are positive then. */
  readonly logarithmic?: boolean
}

const seriesOf = (rows: ChartRows, column: string): ReadonlyArray<string> => [
  ...new Set(rows.map((row) => String(row[column])))
]

/** A channel that shows the series by a range of looks. */
const scaled = (field: string, domain: ReadonlyArray<string>, range: ReadonlyArray<unknown>): ChartPart => ({
  field,
  type: "nominal",
  scale: { domain, range }
})

/** The series' colours and dashes, with one legend for both. */
const lineChannels = (rows: ChartRows, series: string) => {
  const domain = seriesOf(rows, series)
  const looks = domain.map((_, i) => seriesLook(i))
  // A band's own sign, a filled square, would hide the dashes.
  const legend = { symbolType: "stroke", symbolStrokeWidth: 1.8, symbolOpacity: 1, symbolSize: 240 }
  const colours = looks.map(({ colour }) => colour)
  const dashes = looks.map(({ dash }) => (dash.length === 0 ? [1, 0] : dash))
  return {
    color: { ...scaled(series, domain, colours), legend },
    strokeDash: { ...scaled(series, domain, dashes), legend }
  }
}

/** The curves, a layer for their bands. */
export const curvesSpec = (rows: ChartRows, options: CurvesOptions): TopLevelSpec => {
  const { x, y, series, panel, band, titles = {}, yDomain } = options
  const { color, strokeDash } = lineChannels(rows, series)
  const scale = { zero: false, nice: false, ...(yDomain === undefined ? {} : { domain: yDomain }) }
  const across = { field: x, type: "quantitative", title: titles.x ?? x, scale: { nice: false, zero: false } }
  const up = (field: string): ChartPart => ({ field, type: "quantitative", title: titles.y ?? y, scale })
  const area = {
    mark: { type: "area", opacity: 0.16, clip: true },
    encoding: { x: across, y: up(band?.[0] ?? y), y2: { field: band?.[1] ?? y }, color }
  }
  const line = { mark: { type: "line", clip: true }, encoding: { x: across, y: up(y), color, strokeDash } }
  const width = options.width ?? (panel === undefined ? 520 : 250)
  const layers = { width, height: 220, layer: band === undefined ? [line] : [area, line] }
  const facet = { column: { field: panel, type: "nominal", title: null, sort: null } }
  const view = panel === undefined ? layers : { facet, spec: layers }
  return { data: { values: rows }, ...view } as unknown as TopLevelSpec
}

const pointsSize = { width: 560, height: 320 } as const

/** A domain with room around the values, and places on it from 0 to 1. */
const axisOf = (values: ReadonlyArray<number>, logarithmic: boolean) => {
  const at = logarithmic ? Math.log : (value: number) => value
  const back = logarithmic ? Math.exp : (value: number) => value
  const [low, high] = [Math.min(...values.map(at)), Math.max(...values.map(at))]
  const room = 0.06 * (high - low || 1)
  const place = (value: number): number => (at(value) - low + room) / (high - low + 2 * room)
  return { domain: [back(low - room), back(high + room)], place }
}

/** Names beside their points, with lines to those that had to go far. */
const nameLayers = (spots: ReadonlyArray<{ readonly x: number; readonly y: number; readonly name: string }>) => {
  const sized = spots.map((spot) => ({
    ...spot,
    width: textWidth(spot.name, fontSize.tiny),
    height: fontSize.tiny + 2
  }))
  const at = (x: number, y: number): ChartPart => ({ x: { value: x }, y: { value: y } })
  return placeLabels(sized, pointsSize).flatMap(({ x, y, leader }, i): ReadonlyArray<ChartPart> => {
    const { name, x: px, y: py } = sized[i]!
    const text = { type: "text", text: name, align: "center", baseline: "middle", fontSize: fontSize.tiny }
    const label = { data: { values: [{}] }, mark: text, encoding: at(x, y) }
    if (leader === undefined) return [label]
    const line = { type: "rule", color: ink.axis, strokeWidth: 0.7 }
    const ends = { ...at(px, py), x2: { value: leader.x }, y2: { value: leader.y } }
    return [{ data: { values: [{}] }, mark: line, encoding: ends }, label]
  })
}

/** The points, their names, and a legend of their series by colour and shape. */
export const pointsSpec = (rows: ChartRows, options: PointsOptions): TopLevelSpec => {
  const { x, y, series, name, titles = {}, logarithmic = false } = options
  const { width, height } = pointsSize
  const across = axisOf(
    rows.map((row) => Number(row[x])),
    logarithmic
  )
  const up = axisOf(
    rows.map((row) => Number(row[y])),
    false
  )
  const domain = seriesOf(rows, series)
  const looks = domain.map((_, i) => seriesLook(i))
  const scale = { domain: across.domain, nice: false, type: logarithmic ? "log" : "linear" }
  const encoding = {
    x: { field: x, type: "quantitative", title: titles.x ?? x, scale },
    y: { field: y, type: "quantitative", title: titles.y ?? y, scale: { domain: up.domain, nice: false } },
    color: scaled(
      series,
      domain,
      looks.map(({ colour }) => colour)
    ),
    shape: scaled(
      series,
      domain,
      looks.map(({ shape }) => shape)
    )
  }
  const marks = { data: { values: rows }, mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding }
  const spots = rows.map((row) => ({
    x: width * across.place(Number(row[x])),
    y: height * (1 - up.place(Number(row[y]))),
    name: String(row[name])
  }))
  return { width, height, layer: [...nameLayers(spots), marks] } as unknown as TopLevelSpec
}
