/** @file Domains, ticks and titles of a plot's axes. Pure. */
import { formulaTitle } from "../../quantities/columns.ts"
import type { ChartPart } from "../drawing/lineChart.ts"
import type { AxisOf } from "./plot.ts"

/** An axis ready to be drawn. */
export interface AxisScale {
  readonly title: string
  readonly type: "linear" | "log" | "sqrt"
  readonly domain: readonly [number, number]
  /** Marked numbers; absent: as many round ones as fit. */
  readonly values?: readonly number[]
}

const forward = { linear: (x: number) => x, log: Math.log, sqrt: (x: number) => Math.sqrt(Math.max(0, x)) } as const
const backward = { linear: (x: number) => x, log: Math.exp, sqrt: (x: number) => x * x } as const

/** Whether an axis can show a number. */
export const showable = (type: AxisScale["type"], value: number): boolean =>
  type === "log" ? value > 0 : type === "sqrt" ? value >= 0 : true

/** Place on the axis in [0, 1], from the low end. */
export const placeOn = ({ type, domain: [low, high] }: AxisScale, value: number): number => {
  const at = forward[type]
  return (at(value) - at(low)) / (at(high) - at(low))
}

/** The value at a place in [0, 1]. */
export const valueAt = ({ type, domain: [low, high] }: AxisScale, place: number): number =>
  backward[type](forward[type](low) + place * (forward[type](high) - forward[type](low)))

/** At most so many different numbers are marked one by one. */
const fewValues = 8

/**
 * An axis over numbers. @param values all numbers to show @param marked numbers that the points stand at, marked where they are few
 * @param pad share of the axis left free at both ends
 */
export const axisScale = (
  axis: AxisOf,
  values: readonly number[],
  pad: number,
  marked: readonly number[] = []
): AxisScale => {
  const type = axis.scale ?? "linear"
  const at = forward[type]
  const shown = values.filter((value) => showable(type, value)).map(at)
  const [low, high] = shown.length === 0 ? [0, 1] : [Math.min(...shown), Math.max(...shown)]
  const room = pad * (high - low || Math.abs(high) || 1)
  const start = type === "sqrt" ? Math.max(0, low - room) : low - room
  const few = new Set(marked).size <= fewValues ? [...new Set(marked)].toSorted((a, b) => a - b) : []
  return {
    title: axis.title ?? formulaTitle(axis.value),
    type,
    domain: axis.domain ?? [backward[type](start), backward[type](high + room)],
    ...(few.length > 0 && type === "log" ? { values: few } : {})
  }
}

/** Powers of ten, with 3 × between where there are few of them. */
const logTicks = ([low, high]: readonly [number, number]): readonly number[] => {
  const decades = Math.log10(high / low)
  const digits = decades > 4 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5]
  const from = Math.floor(Math.log10(low))
  const all = Array.from({ length: Math.ceil(decades) + 2 }, (_, i) =>
    digits.map((digit) => Number(`${digit}e${from + i}`))
  )
  return all.flat().filter((value) => value >= low && value <= high)
}

/** Share of the axis that two of about `ticks` marked numbers are apart at least. */
const tickGap = (ticks: number): number => (ticks < 5 ? 0.19 : 0.11)

/** Round numbers that stand apart on a square-root axis, thinned from its high end; the low end always. */
const sqrtTicks = (axis: AxisScale, gap: number): readonly number[] => {
  const [low, high] = axis.domain
  const top = Math.ceil(Math.log10(high))
  const round = Array.from({ length: 7 }, (_, k) => [10, 7.5, 5, 2.5, 2, 1].map((digit) => digit * 10 ** (top - 1 - k)))
  const ticks: number[] = []
  for (const value of round.flat()) {
    const place = placeOn(axis, value)
    if (value > high || place < gap) continue
    if (ticks.length === 0 || placeOn(axis, ticks.at(-1)!) - place >= gap) ticks.push(Number(value.toPrecision(3)))
  }
  return [low, ...ticks.reverse()]
}

/** The axis as a Vega-Lite channel of a field. */
export const channelOf = (
  axis: AxisScale,
  field: string,
  look: { readonly titled: boolean; readonly labels: boolean; readonly ticks: number }
): ChartPart => {
  const values =
    axis.values ??
    (axis.type === "log"
      ? logTicks(axis.domain)
      : axis.type === "sqrt"
        ? sqrtTicks(axis, tickGap(look.ticks))
        : undefined)
  return {
    field,
    type: "quantitative",
    scale: { type: axis.type, domain: axis.domain, nice: false, ...(axis.type === "linear" ? { zero: false } : {}) },
    axis: {
      title: look.titled ? axis.title : null,
      labels: look.labels,
      // Beside a count Vega leaves out every other of the values as soon as they are more.
      ...(values === undefined ? { tickCount: look.ticks } : { values }),
      ...(axis.type === "linear" ? {} : { labelExpr: "format(datum.value, ',.4~r')" })
    }
  }
}
