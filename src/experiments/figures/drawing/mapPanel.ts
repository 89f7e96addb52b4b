/**
 * @file One map of one loss over a square whose axes are the two probabilities or their logarithms: grid, levels of its own,
 * the policies' edge, descent arrows, and where a softmax step displaces.
 */
import { lowersChosen, type PairPoint, type Rest, raisesRejected } from "../../../maps/displacement.ts"
import { type Grid, type Levels, sampleGrid } from "./contourPanel.ts"
import type { LossSurface } from "./lossSurface.ts"
import { arrowPath, hatching } from "./pairMap.ts"
import type { Primitive, Shape } from "./scene.ts"
import { ink, okabeIto } from "./theme.ts"

/** What the axes measure. */
export const axisKinds = ["log", "prob"] as const
export type AxisKind = (typeof axisKinds)[number]

/** Logarithmic axes go down to -6 nats. */
export const logReach = 6

/** Between a coordinate of the unit interval and the probability there. */
export interface MapAxes {
  readonly kind: AxisKind
  readonly probability: (unit: number) => number
  readonly unit: (probability: number) => number
  /** Ticks, as places in the unit interval with their labels. */
  readonly ticks: readonly (readonly [number, string])[]
  readonly titles: readonly [string, string]
}

export const mapAxes: Readonly<Record<AxisKind, MapAxes>> = {
  log: {
    kind: "log",
    probability: (unit) => Math.exp(logReach * (unit - 1)),
    unit: (probability) => 1 + Math.log(probability) / logReach,
    ticks: [-6, -4, -2, 0].map((log) => [1 + log / logReach, String(log).replace("-", "−")] as const),
    titles: ["log p_w", "log p_l"]
  },
  prob: {
    kind: "prob",
    probability: (unit) => unit,
    unit: (probability) => probability,
    ticks: [0, 0.5, 1].map((p) => [p, String(p)] as const),
    titles: ["p_w", "p_l"]
  }
}

/** A loss on a square of `size` pixels. */
export interface MapSquare {
  readonly surface: LossSurface
  readonly axes: MapAxes
  readonly size: number
}

const round = (value: number): number => Math.round(value * 100) / 100

/** The loss at a place of the unit square. */
export const pointAt = ({ surface, axes }: MapSquare, x: number, y: number): PairPoint =>
  surface.at(axes.probability(x), axes.probability(y))

/** A grid of any finite number at each point; what is not finite becomes the largest finite one. */
export const gridOf = (square: MapSquare, cells: number, value: (point: PairPoint) => number): Grid => {
  const grid = sampleGrid(cells, (x, y) => value(pointAt(square, x, y)))
  const finite = grid.values.filter(Number.isFinite)
  const most = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return { ...grid, values: grid.values.map((v) => (Number.isFinite(v) ? v : v < 0 ? Math.min(...finite) : most)) }
}

const colours = ["#eef3f8", "#e0e9f2", "#d0deeb", "#bfd1e3", "#adc3d9", "#9ab4cf", "#86a4c3", "#7193b6"] as const

/** The fewest significant digits, from `least` on, with which different values stay different. */
export const tellingDigits = (values: readonly number[], least: number): number => {
  const different = new Set(values).size
  for (let digits = least; digits < 15; digits++) {
    if (new Set(values.map((value) => value.toPrecision(digits))).size === different) return digits
  }
  return 15
}

/** Levels at the ninths of a grid's values, so that every map shows its shape; a constant grid has none. */
export const ownLevels = (grid: Grid): Levels => {
  const sorted = [...grid.values].sort((a, b) => a - b)
  const [least, most] = [sorted[0]!, sorted.at(-1)!]
  const shares = colours.map((_, k) => sorted[Math.min(sorted.length - 1, Math.floor(((k + 1) * sorted.length) / 9))]!)
  const digits = tellingDigits(shares, 3)
  const thresholds = [...new Set(shares.map((value) => Number(value.toPrecision(digits))))]
  const kept = thresholds.filter((threshold) => threshold > least && threshold <= most)
  return { thresholds: kept, colours: colours.slice(colours.length - kept.length), floor: ink.paper }
}

/** Beyond p_w + p_l = 1 no policy exists: a veil, and its edge. */
export const policyEdge = ({ axes, size }: MapSquare): readonly Shape[] => {
  const steps = 80
  const places = Array.from({ length: steps + 1 }, (_, k) => {
    // Denser at both ends, where the edge turns on logarithmic axes.
    const p = 0.5 - 0.5 * Math.cos((Math.PI * (k + 0.02)) / (steps + 0.04))
    const at = (probability: number) => Math.max(0, axes.unit(probability)) * size
    return `${round(at(p))},${round(size - at(1 - p))}`
  })
  const edge = `M${places.join("L")}`
  return [
    { kind: "shape", x: 0, y: 0, path: `${edge}L${size},${size}L${size},0L0,0Z`, fill: "#ffffffb0" },
    { kind: "shape", x: 0, y: 0, path: edge, stroke: ink.soft, strokeWidth: 1, dash: [4, 3] }
  ]
}

/** Descent directions in (log p_w, log p_l), `cells` a side, at policies only; length with the root of the gradient's size. */
export const descentArrows = (square: MapSquare, cells: number): readonly Shape[] => {
  const { axes, size } = square
  const places = Array.from({ length: cells * cells }, (_, k) => {
    const [x, y] = [((k % cells) + 0.5) / cells, (Math.floor(k / cells) + 0.5) / cells]
    const { dlw, dll } = pointAt(square, x, y)
    return { x, y, dlw, dll, length: Math.hypot(dlw, dll) }
  }).filter(
    ({ x, y, length }) => axes.probability(x) + axes.probability(y) < 1 && length > 0 && Number.isFinite(length)
  )
  const longest = places.reduce((most, { length }) => Math.max(most, length), 0)
  return places.map(({ x, y, dlw, dll, length }) => {
    const pixels = (0.35 + 0.6 * Math.sqrt(length / longest)) * (size / cells)
    const path = arrowPath((-dlw / length) * pixels, (dll / length) * pixels)
    return { kind: "shape", x: round(x * size), y: round((1 - y) * size), path, stroke: ink.text, strokeWidth: 0.9 }
  })
}

/** Colours of the two displacements. */
export const displacementColours = { lowersChosen: okabeIto.vermilion, raisesRejected: okabeIto.purple } as const

/** Where a step lowers the chosen response (rising lines) or raises the rejected one (falling lines), for any of the rests. */
export const displacementHatching = (square: MapSquare, rests: readonly Rest[], spacing: number): readonly Shape[] => {
  const { axes, size } = square
  const region = (displaced: typeof lowersChosen) => (x: number, y: number) => {
    const point = pointAt(square, x, y)
    return rests.some((rest) => displaced(point, axes.probability(x), axes.probability(y), rest))
  }
  const { lowersChosen: down, raisesRejected: up } = displacementColours
  return [
    ...hatching(region(lowersChosen), { size, spacing, colour: down, falling: false }),
    ...hatching(region(raisesRejected), { size, spacing, colour: up, falling: true })
  ]
}

/** The mark of the reference, where the loss has one and it lies on the map. */
export const referenceMark = (
  { surface, axes, size }: MapSquare,
  reference: { readonly chosen: number; readonly rejected: number }
): readonly Primitive[] => {
  const [x, y] = [axes.unit(reference.chosen), axes.unit(reference.rejected)]
  if (!surface.reference || x < 0 || y < 0) return []
  const cross = (stroke: string, strokeWidth: number): Shape => ({
    kind: "shape",
    x: round(x * size),
    y: round((1 - y) * size),
    path: "M-4,0H4M0,-4V4",
    stroke,
    strokeWidth
  })
  return [cross(ink.paper, 4), cross(okabeIto.blue, 2)]
}
