/** @file A panel of curves with 95 % bands, each curve labelled at its end: the building block of all figures over steps. */
import type { TopLevelSpec } from "vega-lite"
import type { FigureSpec } from "../figure.ts"
import { type CurvePoint, ends, spread } from "./curves.ts"
import { textWidth } from "./fonts.ts"
import { fontSize, type SeriesLook, textColour } from "./theme.ts"

/** A part of a Vega-Lite specification. Its own types do not name the parts; the renderer refuses what Vega-Lite warns of. */
export type ChartPart = Readonly<Record<string, unknown>>

/** A whole Vega-Lite specification as a figure's picture. */
export const vegaLite = (spec: ChartPart): FigureSpec => ({ kind: "vega-lite", spec: spec as unknown as TopLevelSpec })

/** Domain and title of an axis; `format` is d3's. */
export interface AxisLook {
  readonly title: string
  readonly domain: readonly [number, number]
  readonly format?: string
  readonly ticks?: number
}

/** One panel of curves over steps. */
export interface LinePanel {
  readonly title?: string
  readonly width: number
  readonly height: number
  readonly x: AxisLook
  readonly y: AxisLook
  readonly points: readonly CurvePoint[]
  readonly look: (series: string) => SeriesLook
  /** Text at the end of a curve; undefined: none. */
  readonly endLabel: (series: string) => string | undefined
  /** Whether a piece of the curve's line stands before its label. */
  readonly sampled?: boolean
  /** Whether the y axis has its title and numbers (`full`), numbers alone (`numbers`) or neither, beside one that has. */
  readonly yAxis: "full" | "numbers" | "bare"
  readonly showXTitle?: boolean
  /** Further layers under the curves (reference lines, regions). */
  readonly under?: readonly ChartPart[]
}

const axis = (look: AxisLook, titled: boolean, labels: boolean): ChartPart => ({
  title: titled ? look.title : null,
  labels,
  tickCount: look.ticks ?? 5,
  ...(look.format === undefined ? {} : { format: look.format })
})

const encodings = (panel: LinePanel): { readonly x: ChartPart; readonly y: ChartPart } => {
  const scale = (look: AxisLook) => ({ domain: look.domain, nice: false, zero: false })
  return {
    x: {
      field: "step",
      type: "quantitative",
      scale: scale(panel.x),
      axis: axis(panel.x, panel.showXTitle ?? true, true)
    },
    y: {
      field: "mean",
      type: "quantitative",
      scale: scale(panel.y),
      axis: axis(panel.y, panel.yAxis === "full", panel.yAxis !== "bare")
    }
  }
}

const seriesLayers = (panel: LinePanel, series: string): readonly ChartPart[] => {
  const values = panel.points.filter((point) => point.series === series)
  const look = panel.look(series)
  const { x, y } = encodings(panel)
  const band: ChartPart = {
    data: { values },
    mark: { type: "area", color: look.colour, opacity: 0.16, clip: true },
    encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } }
  }
  const line: ChartPart = {
    data: { values },
    mark: { type: "line", color: look.colour, strokeDash: look.dash, clip: true },
    encoding: { x, y }
  }
  return values.some((point) => point.high > point.low) ? [band, line] : [line]
}

/** Room between a plot and a name beside it that has a sample of its line, pixels; without the sample {@link labelGap}. */
export const keySample = 33
const labelGap = 5

/** A name beside a plot whose right edge is at `x`: after a piece of its line (with its symbol), or in the line's colour alone. */
export interface KeyEntry {
  readonly name: string | undefined
  readonly look: SeriesLook
  readonly x: number
  readonly y: number
  readonly sample?: boolean
  readonly symbol?: boolean
}

/** The entry as layers of a Vega-Lite view. */
export const keyEntry = ({ name, look, x, y, sample = true, symbol = false }: KeyEntry): readonly ChartPart[] => {
  const part = (left: number, mark: ChartPart, more: ChartPart = {}): ChartPart => ({
    data: { values: [{}] },
    mark,
    encoding: { x: { value: x + left }, y: { value: y }, ...more }
  })
  const line = { type: "rule", color: look.colour, strokeDash: look.dash, strokeWidth: 1.8 }
  const point = { type: "point", filled: true, shape: look.shape, color: look.colour, size: 46, opacity: 1 }
  const text = {
    type: "text",
    text: name,
    align: "left",
    baseline: "middle",
    fontWeight: "bold",
    fontSize: fontSize.small
  }
  return [
    ...(sample ? [part(labelGap, line, { x2: { value: x + keySample - 4 } })] : []),
    ...(symbol ? [part((labelGap + keySample - 4) / 2, point)] : []),
    part(sample ? keySample : labelGap, { ...text, color: textColour(look.colour) })
  ]
}

/**
 * Labels to the right of the plot, each as near to its curve's end as the others let it; where curves are many, with a piece
 * of the line, so that a label that had to move is still found by its dash.
 */
const endLabels = (panel: LinePanel): readonly ChartPart[] => {
  const last = ends(panel.points).filter((point) => panel.endLabel(point.series) !== undefined)
  const scale = panelScale(panel.y, panel.height)
  const places = spread(
    last.map((point) => scale(point.mean)),
    fontSize.small + 3,
    4,
    panel.height - 4
  )
  return last.flatMap((point, index) =>
    keyEntry({
      name: panel.endLabel(point.series),
      look: panel.look(point.series),
      x: panel.width,
      y: places[index] ?? 0,
      sample: panel.sampled === true
    })
  )
}

/** Pixels from the top for a value. */
const panelScale = ({ domain: [low, high] }: AxisLook, height: number): ((value: number) => number) => {
  return (value) => height * (1 - (value - low) / (high - low))
}

/** A panel's title as a text over its plot: Vega's own titles stand higher where an axis label sticks out. */
export const panelTitle = (title: string | undefined): readonly ChartPart[] =>
  title === undefined
    ? []
    : [
        {
          data: { values: [{}] },
          mark: { type: "text", text: title, align: "left", fontSize: fontSize.label, fontWeight: "bold" },
          encoding: { x: { value: 0 }, y: { value: -12 } }
        }
      ]

/** The panel as a Vega-Lite view. */
export const lineView = (panel: LinePanel): ChartPart => {
  const series = [...new Set(panel.points.map((point) => point.series))]
  return {
    width: panel.width,
    height: panel.height,
    layer: [
      ...panelTitle(panel.title),
      ...(panel.under ?? []),
      ...series.flatMap((name) => seriesLayers(panel, name)),
      ...endLabels(panel)
    ]
  }
}

/** Room that end labels need to the right of a panel, pixels. */
export const endLabelRoom = (labels: readonly (string | undefined)[], sampled = false): number =>
  Math.ceil(
    Math.max(0, ...labels.map((label) => (label === undefined ? 0 : textWidth(label, fontSize.small, "bold") + 10)))
  ) + (sampled ? keySample - 7 : 0)
