/** @file The layers of one panel of a plot with two numeric axes: bands, lines, points, fitted curves, reference lines. Pure. */
import { fittedValue } from "../../quantities/fits.ts"
import { knownFormula } from "../../quantities/formula.ts"
import { readRun } from "../../quantities/quantity.ts"
import type { Group } from "../../quantities/runs.ts"
import { selects } from "../../quantities/select.ts"
import { distinct, grouped, seedInterval } from "../drawing/intervals.ts"
import type { ChartPart } from "../drawing/lineChart.ts"
import { fontSize, ink, type SeriesLook } from "../drawing/theme.ts"
import { type AxisScale, placeOn, showable, valueAt } from "./axes.ts"
import { panelFits } from "./panelFits.ts"
import { axisOf, measuresOf, type Plot, type Reference } from "./plot.ts"
import type { PlotPoint } from "./points.ts"

/** What a panel is drawn with. */
export interface PanelFrame {
  readonly plot: Plot
  readonly width: number
  readonly height: number
  readonly x: AxisScale
  readonly y: AxisScale
  readonly channels: { readonly x: ChartPart; readonly y: ChartPart }
  readonly look: (series: string) => SeriesLook
  /** All groups of the records, for points that are read from runs beyond those shown. */
  readonly groups: readonly Group[]
}

/** Steps of a curve that is drawn from its formula. */
const curveSteps = 120

const visible = ({ x, y }: PanelFrame, points: readonly PlotPoint[]): readonly PlotPoint[] =>
  points.filter((point) => showable(x.type, point.x) && showable(y.type, point.mean))

/** An interval's end that the axis cannot show goes to the axis's end. */
const bounded = ({ y }: PanelFrame, value: number): number => (showable(y.type, value) ? value : y.domain[0])

const tidy = (frame: PanelFrame, points: readonly PlotPoint[]) =>
  points
    .toSorted((a, b) => a.order - b.order)
    .map(({ x, mean, low, high, order }) => ({ x, mean, order, low: bounded(frame, low), high: bounded(frame, high) }))

/** Paths of a panel with their points. */
const pathsOf = (points: readonly PlotPoint[]) => [...grouped(points, ({ path }) => path).values()]

const line = (frame: PanelFrame, values: readonly object[], look: SeriesLook, marked: boolean): ChartPart => ({
  data: { values },
  mark: {
    type: "line",
    color: look.colour,
    strokeDash: look.dash,
    clip: true,
    ...(marked ? { point: { filled: true, shape: look.shape, size: 34, color: look.colour, opacity: 1 } } : {})
  },
  encoding: { ...frame.channels, order: { field: "order", type: "quantitative" } }
})

/** Beyond so many points symbols would run into a band. */
const fewPoints = 12

/**
 * The band around a path as a closed outline, the lower ends forth and the upper ends back: a path may turn round, as one over
 * the distance from the reference does, and Vega's areas go by x alone.
 */
const band = (frame: PanelFrame, values: ReturnType<typeof tidy>, colour: string): ChartPart => {
  const forth = values.map(({ x, low }) => ({ x, mean: low }))
  const back = values.map(({ x, high }) => ({ x, mean: high })).reverse()
  return {
    data: { values: [...forth, ...back].map((place, order) => ({ ...place, order })) },
    mark: { type: "line", fill: colour, fillOpacity: 0.16, strokeWidth: 0, clip: true },
    encoding: { ...frame.channels, order: { field: "order", type: "quantitative" } }
  }
}

/** Bands under all lines, then the lines. */
export const lineLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] => {
  const paths = pathsOf(visible(frame, points)).map((own) => ({
    look: frame.look(own[0]!.series.key),
    values: tidy(frame, own)
  }))
  const bands = paths
    .filter(({ values }) => values.length > 1 && values.some(({ low, high }) => high > low))
    .map(({ look, values }) => band(frame, values, look.colour))
  return [...bands, ...paths.map(({ look, values }) => line(frame, values, look, values.length <= fewPoints))]
}

/** A symbol at the end of every path. */
const endMarks = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] =>
  pathsOf(visible(frame, points)).map((own) => {
    const look = frame.look(own[0]!.series.key)
    return {
      data: { values: tidy(frame, own).slice(-1) },
      mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 60, opacity: 1, clip: true },
      encoding: frame.channels
    }
  })

/** Points with whiskers; points of several series at one x stand beside each other where the axis has room. */
export const pointLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] => {
  const { x, y } = frame.channels
  return [...grouped(visible(frame, points), ({ series }) => series.key)].flatMap(
    ([series, own]): readonly ChartPart[] => {
      const look = frame.look(series)
      const values = tidy(frame, own)
      return [
        {
          data: { values },
          mark: { type: "rule", color: look.colour, strokeWidth: 1.5, clip: true },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } }
        },
        {
          data: { values },
          mark: {
            type: "point",
            filled: true,
            shape: look.shape,
            color: look.colour,
            size: 52,
            opacity: 1,
            clip: true
          },
          encoding: { x, y }
        }
      ]
    }
  )
}

/** How fitted curves look, by their place in the plot's list: dotted, then dashed. */
export const fitLook = (index: number): SeriesLook => ({
  colour: ink.text,
  dash: index === 0 ? [1, 3] : [5, 2, 1, 2],
  shape: "circle"
})

/** The curves fitted to the raw points of all runs in the panel. */
const fitLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] =>
  panelFits(frame.plot, points).map((fit, i) => {
    const xs = points.map(({ x }) => x)
    const [from, to] = [frame.plot.fit?.floor ?? Math.min(...xs), Math.max(...xs)]
    const values = Array.from({ length: curveSteps + 1 }, (_, k) => {
      const x = from + (k / curveSteps) * (to - from)
      return { x, mean: fittedValue(fit, x), order: k }
    })
    return line(frame, values, fitLook(i), false)
  })

const text = (words: string, x: number, y: number, align: "left" | "right"): ChartPart => ({
  data: { values: [{}] },
  mark: { type: "text", text: words, align, baseline: "bottom", fontSize: fontSize.small, color: ink.soft },
  encoding: { x: { value: x }, y: { value: y } }
})

const dashed = { type: "rule", color: ink.soft, strokeWidth: 1.2, strokeDash: [5, 3], clip: true } as const

/** A formula's mean over the runs of each condition in a panel, at their ends; conditions that agree have one line. */
const levels = (points: readonly PlotPoint[], formula: string | number): readonly number[] => {
  const means = distinct(points.map(({ group }) => group)).flatMap(
    ({ runs }) => seedInterval(runs.map((run) => readRun(run, { value: formula })))?.mean ?? []
  )
  return means.filter((mean, i) => means.findIndex((other) => Math.abs(other - mean) <= 1e-9 * Math.abs(mean)) === i)
}

const labelled = (reference: Reference, frame: PanelFrame, x: number, y: number): readonly ChartPart[] => {
  if (reference.label === undefined) return []
  const high = y < fontSize.small + 4
  return [text(reference.label, x, high ? y + fontSize.small + 4 : y - 3, x > frame.width / 2 ? "right" : "left")]
}

const curveLayers = (reference: Reference, frame: PanelFrame): readonly ChartPart[] => {
  const [name] = knownFormula(axisOf(frame.plot.x).value).names
  const formula = knownFormula(reference.curve!)
  const values = Array.from({ length: curveSteps + 1 }, (_, i) => {
    const x = valueAt(frame.x, i / curveSteps)
    return { x, mean: formula.evaluate((one) => (one === name ? x : undefined)), order: i }
  }).filter(({ mean }) => mean !== undefined && showable(frame.y.type, mean))
  const look = { colour: ink.soft, dash: [5, 3], shape: "circle" }
  const inside = values.filter(({ mean }) => {
    const place = placeOn(frame.y, mean!)
    return place >= 0.04 && place <= 0.96
  })
  const middle = Math.floor(inside.length * 0.4)
  const spot = inside[middle]
  const rising = spot !== undefined && (inside[middle + 1]?.mean ?? 0) > spot.mean!
  // The side to the right that the curve leaves free: under a rising one, over a falling one.
  const label =
    spot === undefined || reference.label === undefined
      ? []
      : [
          text(
            reference.label,
            frame.width * placeOn(frame.x, spot.x) + 8,
            frame.height * (1 - placeOn(frame.y, spot.mean!)) + (rising ? fontSize.small + 6 : -2),
            "left"
          )
        ]
  return [line(frame, values, look, false), ...label]
}

/** One straight line; only one of several that belong together has the label. */
const levelLayers = (reference: Reference, frame: PanelFrame, value: number, named: boolean): readonly ChartPart[] => {
  const vertical = reference.x !== undefined
  const place = placeOn(vertical ? frame.x : frame.y, value)
  if (!(place >= 0 && place <= 1)) return []
  const at = vertical ? frame.width * place : frame.height * (1 - place)
  const line = { data: { values: [{}] }, mark: dashed, encoding: { [vertical ? "x" : "y"]: { value: at } } }
  if (!named) return [line]
  const [x, y] = vertical ? [at + 4, fontSize.small + 2] : [frame.width - 2, at]
  return [line, ...labelled(reference, frame, x, y)]
}

/** A cross of two strokes, as a path in a square of side 1. */
const saltire = "M-.5,-.5L.5,.5M-.5,.5L.5,-.5"

/** Crosses at the points of the panel, each with its label, over everything else. */
const referencePointLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] =>
  frame.plot.references.flatMap((reference): readonly ChartPart[] => {
    const { of, point, runs: from, label } = reference
    if (point === undefined || !(of === undefined || points.some(({ group }) => selects(of, group.condition))))
      return []
    const groups =
      from === undefined
        ? distinct(points.map(({ group }) => group))
        : frame.groups.filter(({ condition }) => selects(from, condition))
    const runs = groups.flatMap((group) => group.runs)
    const [x, y] = point.map((formula) => seedInterval(runs.map((run) => readRun(run, { value: formula })))?.mean)
    if (x === undefined || y === undefined) return []
    const [left, top] = [frame.width * placeOn(frame.x, x), frame.height * (1 - placeOn(frame.y, y))]
    const cross = (colour: string, strokeWidth: number): ChartPart => ({
      data: { values: [{}] },
      mark: { type: "point", shape: saltire, filled: false, stroke: colour, strokeWidth, size: 64, opacity: 1 },
      encoding: { x: { value: left }, y: { value: top } }
    })
    return [
      cross(ink.paper, 4),
      cross(ink.text, 1.6),
      ...(label === undefined ? [] : [text(label, left + 8, top + fontSize.small / 2, "left")])
    ]
  })

/** Reference lines of the panel, under everything else. */
export const referenceLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] =>
  frame.plot.references.flatMap((reference): readonly ChartPart[] => {
    const { of } = reference
    if (reference.point !== undefined) return []
    const here = of === undefined ? points : points.filter(({ group }) => selects(of, group.condition))
    if (here.length === 0) return []
    if (reference.curve !== undefined) return curveLayers(reference, frame)
    return levels(here, (reference.x ?? reference.y)!).flatMap((value, i) =>
      levelLayers(reference, frame, value, i === 0)
    )
  })

/** Everything in a panel. */
export const panelLayers = (frame: PanelFrame, points: readonly PlotPoint[]): readonly ChartPart[] => [
  ...referenceLayers(frame, points),
  ...(frame.plot.mark === "line" ? lineLayers(frame, points) : pointLayers(frame, points)),
  ...(frame.plot.triangle === undefined ? [] : endMarks(frame, points)),
  ...fitLayers(frame, points),
  ...referencePointLayers(frame, points)
]

/** Numbers that an axis has to hold: of measures with their intervals. */
export const extentOf = (points: readonly PlotPoint[]): readonly number[] =>
  points.flatMap(({ mean, low, high }) => [mean, low, high])

/** The measures a row of panels shows are of one kind: the first names the axis. */
export const measureOf = (plot: Plot, points: readonly PlotPoint[]) => points[0]?.measure ?? measuresOf(plot)[0]!
