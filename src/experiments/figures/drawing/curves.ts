/** @file Curves over training steps: the mean over seeds at every step, its interval, and where the curve ends. */
import { distinct, grouped, seedInterval } from "./intervals.ts"

/** One point of a mean curve with its 95 % interval; `series` names the curve. */
export interface CurvePoint {
  readonly series: string
  readonly step: number
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly seeds: number
}

/** Rows of one curve to its points, steps ascending; steps at which no seed has a finite value are left out. */
export const curve = <A extends { readonly step: number }>(
  series: string,
  rows: readonly A[],
  value: (row: A) => number | undefined
): readonly CurvePoint[] =>
  [...grouped(rows, (row) => `${row.step}`).values()]
    .map((group) => ({ step: group[0]?.step ?? 0, interval: seedInterval(group.map(value)) }))
    .filter(({ interval }) => interval !== undefined)
    .map(({ step, interval }) => ({ series, step, ...(interval as NonNullable<typeof interval>) }))
    .sort((a, b) => a.step - b.step)

/** The last point of every series, in order of first appearance. */
export const ends = (points: readonly CurvePoint[]): readonly CurvePoint[] =>
  distinct(points.map((point) => point.series)).map(
    (series) => points.filter((point) => point.series === series).at(-1) as CurvePoint
  )

/**
 * Places for labels beside the ends of curves: each as near to its own value as it can be with no two closer than `gap`.
 * @param values places wanted, in any order
 * @returns places in the same order, none above `high`; below `low` only when they do not all fit
 */
export const spread = (values: readonly number[], gap: number, low: number, high: number): readonly number[] => {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number))
  const placed = order.map((index) => values[index] as number)
  let least = low
  for (let i = 0; i < placed.length; i++) least = (placed[i] = Math.max(placed[i] as number, least)) + gap
  let most = high
  for (let i = placed.length - 1; i >= 0; i--) most = (placed[i] = Math.min(placed[i] as number, most)) - gap
  const result: number[] = new Array(values.length)
  order.forEach((index, position) => {
    result[index] = placed[position] as number
  })
  return result
}

/** Smallest interval that holds all means and interval ends, widened by `pad` of its length on both sides. */
export const extent = (points: readonly CurvePoint[], pad = 0.04): readonly [number, number] => {
  const low = Math.min(...points.map((point) => point.low))
  const high = Math.max(...points.map((point) => point.high))
  const width = high - low || Math.abs(high) || 1
  return [low - pad * width, high + pad * width]
}
