/**
 * @file The triangle of all policies over three arms, or a window of it, instead of axes: corners (0, 0), (1, 0) and
 * (1/2, √3/2). Pure.
 */
import type { ChartPart } from "../drawing/lineChart.ts"
import { fontSize, ink } from "../drawing/theme.ts"
import type { AxisScale } from "./axes.ts"
import { axisOf, measuresOf, type Plot } from "./plot.ts"

/** Names of the corners, in that order. */
type Corners = readonly [string, string, string]

/** Height of the triangle of side 1. */
const tall = Math.sqrt(3) / 2

interface Plane {
  readonly x: AxisScale
  readonly y: AxisScale
}

/** The part of the plane that is drawn: the whole triangle, unless the plot's axes name their domains. */
export const triangleScales = (plot: Plot): Plane => ({
  x: { title: "", type: "linear", domain: axisOf(plot.x).domain ?? [0, 1] },
  y: { title: "", type: "linear", domain: measuresOf(plot)[0]!.domain ?? [0, tall] }
})

const length = ({ domain }: AxisScale): number => domain[1] - domain[0]

/** Height over width, so that the triangle keeps its angles. */
export const aspectOf = ({ x, y }: Plane): number => length(y) / length(x)

/** A channel that places marks on one of these scales and draws no axis. */
export const plainChannel = ({ domain }: AxisScale, field: string): ChartPart => ({
  field,
  type: "quantitative",
  scale: { domain, nice: false, zero: false },
  axis: null
})

type Point = readonly [number, number]

const corner: readonly Point[] = [
  [0, 0],
  [1, 0],
  [0.5, tall]
]

const between = (a: number, b: number, share: number): Point => [
  corner[a]![0] + share * (corner[b]![0] - corner[a]![0]),
  corner[a]![1] + share * (corner[b]![1] - corner[a]![1])
]

/** Steps of an arm's probability from one line to the next: of the whole triangle, and of a window. */
const gridStep = (plane: Plane): number => (length(plane.x) >= 1 ? 0.25 : 0.05)

/** The outline, lines at equal steps of each arm's probability, and the names of the corners that are in the window. */
export const triangleLayers = (
  names: Corners,
  { channels, ...plane }: Plane & { readonly channels: { readonly x: ChartPart; readonly y: ChartPart } }
): readonly ChartPart[] => {
  const line = (from: Point, to: Point, colour: string): ChartPart => ({
    data: { values: [from, to].map(([x, mean], order) => ({ x, mean, order })) },
    mark: { type: "line", color: colour, strokeWidth: 1, clip: true },
    encoding: { ...channels, order: { field: "order", type: "quantitative" } }
  })
  const step = gridStep(plane)
  const shares = Array.from({ length: Math.round(1 / step) - 1 }, (_, k) => (k + 1) * step)
  const others = [0, 1, 2].map((k) => [0, 1, 2].filter((one) => one !== k) as [number, number])
  const grid = others.flatMap(([a, b], k) =>
    shares.map((share) => line(between(a, k, share), between(b, k, share), ink.grid))
  )
  const inside = ([x, y]: Point) =>
    x >= plane.x.domain[0] && x <= plane.x.domain[1] && y >= plane.y.domain[0] && y <= plane.y.domain[1]
  const places: readonly ChartPart[] = [
    { align: "left", baseline: "top", dy: 5 },
    { align: "right", baseline: "top", dy: 5 },
    { align: "left", baseline: "middle", dx: 10 }
  ]
  const labels = corner.flatMap((point, k) =>
    inside(point)
      ? [
          {
            data: { values: [{ x: point[0], mean: point[1] }] },
            mark: { type: "text", text: names[k], fontSize: fontSize.small, color: ink.text, ...places[k] },
            encoding: channels
          }
        ]
      : []
  )
  return [...grid, ...others.map(([a, b]) => line(corner[a]!, corner[b]!, ink.axis)), ...labels]
}
