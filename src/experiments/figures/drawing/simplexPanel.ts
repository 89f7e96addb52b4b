/**
 * @file A triangle of all three-armed policies with the contours of one loss, the paths of gradient flow, where flows end, and
 * landmarks. Corners: arm a at the top, b at the lower left, c at the lower right.
 */
import type { ContourPanel, Grid, Levels } from "./contourPanel.ts"
import type { Label, Primitive, Shape } from "./scene.ts"
import type { AttractorRow, SimplexRow, SurfaceWorldRow } from "./surfaceRows.ts"
import { classTag, type LegendEntry, symbolPath } from "./symbols.ts"
import { fontSize, ink, okabeIto } from "./theme.ts"

/** Loss above its infimum, nats: the same in every panel. */
export const simplexLevels: Levels = {
  thresholds: [0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6],
  floor: "#ffffff",
  colours: ["#eef3f8", "#dde7f1", "#cad9e8", "#b5c9de", "#9fb8d2", "#88a6c5", "#7194b8"]
}

/** One loss in one world. */
export interface SimplexPanel {
  readonly row: SimplexRow
  readonly world: SurfaceWorldRow
  readonly attractors: readonly AttractorRow[]
}

type Point = readonly [number, number]

/** Height of a triangle of the given side. */
export const tallOf = (side: number): number => (side * Math.sqrt(3)) / 2

const round = (value: number): number => Math.round(value * 100) / 100

const place = (side: number, [a, , c]: readonly number[]): Point => [
  round(side * (c! + a! / 2)),
  round(tallOf(side) * (1 - a!))
]

/** The least value that the loss is known to approach: of its ends, else of the grid. */
export const infimumOf = ({ row, attractors }: SimplexPanel): number => {
  const ends = attractors.flatMap(({ value }) => (typeof value === "number" && Number.isFinite(value) ? [value] : []))
  const values = row.values.filter((value): value is number => typeof value === "number")
  return Math.min(...ends, ...values)
}

/** Where the value of the triangle with `a` and `b` whole steps of arms a and b stands in the list, of `d` divisions. */
const positionOf = (a: number, b: number, d: number): number => {
  const before = ((d - 1 - a) * (d - a)) / 2
  return before + (d - 1 - a - b)
}

/**
 * Linear interpolation between the three cell centres around a policy; beyond the outermost centres, at the nearest place
 * between them.
 */
export const interpolate = (values: readonly number[], d: number, policy: readonly [number, number]): number => {
  const clamp = (x: number): number => Math.max(0, x)
  const raw = [policy[0] * d - 1 / 3, policy[1] * d - 1 / 3, (1 - policy[0] - policy[1]) * d - 1 / 3].map(clamp)
  const total = raw.reduce((sum, x) => sum + x, 0)
  const [x, y] = raw.map((value) => (value * (d - 1)) / total) as [number, number, number]
  const [i, j] = [Math.min(Math.floor(x), d - 1), Math.min(Math.floor(y), d - 1)]
  const [u, v] = [x - i, y - j]
  const at = (a: number, b: number): number => {
    const [ca, cb] = [Math.max(0, Math.min(a, d - 1)), Math.max(0, b)]
    return values[positionOf(ca, Math.min(cb, d - 1 - ca), d)]!
  }
  return u + v <= 1
    ? at(i, j) + u * (at(i + 1, j) - at(i, j)) + v * (at(i, j + 1) - at(i, j))
    : at(i + 1, j + 1) + (1 - u) * (at(i, j + 1) - at(i + 1, j + 1)) + (1 - v) * (at(i + 1, j) - at(i + 1, j + 1))
}

const gridOf = (panel: SimplexPanel, side: number): Grid => {
  const columns = 84
  const rows = Math.round((columns * tallOf(side)) / side)
  const least = infimumOf(panel)
  // A value beyond all numbers lies above the last level.
  const values = panel.row.values.map((value) => (typeof value === "number" ? value - least : 1e6))
  const cells: number[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const a = 1 - (row + 0.5) / rows
      const c = (column + 0.5) / columns - a / 2
      cells.push(interpolate(values, panel.row.grid, [a, 1 - a - c]))
    }
  }
  return { columns, rows, values: cells }
}

const trace = (side: number, path: readonly (readonly number[])[]): string =>
  `M${path.map((policy) => place(side, policy).join()).join("L")}`

const pathShapes = (side: number, { row }: SimplexPanel): readonly Shape[] => [
  { kind: "shape", x: 0, y: 0, path: trace(side, row.paths.natural), stroke: ink.paper, strokeWidth: 3 },
  {
    kind: "shape",
    x: 0,
    y: 0,
    path: trace(side, row.paths.natural),
    stroke: okabeIto.green,
    strokeWidth: 1.4,
    dash: [4, 2]
  },
  { kind: "shape", x: 0, y: 0, path: trace(side, row.paths.softmax), stroke: ink.paper, strokeWidth: 3.4 },
  { kind: "shape", x: 0, y: 0, path: trace(side, row.paths.softmax), stroke: okabeIto.vermilion, strokeWidth: 1.8 }
]

const sign = ([x, y]: Point, path: string, fill: string, stroke: string = ink.paper): Shape => ({
  kind: "shape",
  x,
  y,
  path,
  fill,
  stroke,
  strokeWidth: 1.1
})

/** Colours of the basins of one loss, by falling share. */
const basinColours = [okabeIto.vermilion, okabeIto.blue, okabeIto.purple, okabeIto.orange] as const
const basinColour = (index: number): string => basinColours[index % basinColours.length] ?? ink.text

/** A dot at every start, coloured by where it ends, where there is more than one such place. */
const basinDots = (side: number, { row, attractors }: SimplexPanel): readonly Shape[] => {
  if (attractors.length < 2) return []
  const d = row.starts
  const dots: Shape[] = []
  let k = 0
  for (let a = d - 1; a >= 0; a--) {
    for (let b = d - 1 - a; b >= 0; b--) {
      const policy = [(a + 1 / 3) / d, (b + 1 / 3) / d, (d - 1 - a - b + 1 / 3) / d]
      const [x, y] = place(side, policy)
      dots.push({ kind: "shape", x, y, path: symbolPath("circle", 4), fill: basinColour(row.ends.softmax[k++]!) })
    }
  }
  return dots
}

/** Square: minimum; diamond: on the boundary; ring: one of a continuum; cross: not settled. */
const endSign = (side: number, end: AttractorRow, index: number): Shape => {
  const at = place(side, end.policy)
  const fill = basinColour(index)
  if (end.end === "minimum") return sign(at, symbolPath("square", 10), fill)
  if (end.end === "face") return sign(at, symbolPath("diamond", 11), fill)
  if (end.end === "flat") return sign(at, symbolPath("circle", 9), ink.paper, fill)
  return sign(at, symbolPath("triangle-up", 10), ink.paper, fill)
}

const landmarkSigns = (side: number, { landmarks }: SurfaceWorldRow): readonly Shape[] => {
  const at = (name: string): Point | undefined => {
    const policy = landmarks[name]
    return policy === undefined ? undefined : place(side, policy)
  }
  const drawn: readonly (readonly [string, string, number, string, string])[] = [
    ["nash", "triangle-up", 8, ink.text, ink.paper],
    ["ipo-optimum", "star", 7, ink.paper, ink.text],
    ["kl-optimum", "star", 8, ink.text, ink.paper],
    ["reference", "circle", 7, ink.paper, ink.text]
  ]
  return drawn.flatMap(([name, shape, size, fill, stroke]) => {
    const point = at(name)
    return point === undefined ? [] : [sign(point, symbolPath(shape, size), fill, stroke)]
  })
}

const corners = (side: number): readonly Label[] => {
  const tall = tallOf(side)
  return [
    { kind: "label", x: side / 2 + 9, y: -3, text: "a", size: fontSize.small },
    { kind: "label", x: -11, y: tall + 10, text: "b", size: fontSize.small },
    { kind: "label", x: side + 7, y: tall + 10, text: "c", size: fontSize.small }
  ]
}

/** The panel at (x, y), its triangle `side` pixels wide, titled above. */
export const simplexContours = (
  panel: SimplexPanel,
  title: string,
  x: number,
  y: number,
  side: number
): ContourPanel => {
  const tall = tallOf(side)
  const outline = `M${side / 2},0L${side},${round(tall)}L0,${round(tall)}Z`
  const look = panel.row.class
  return {
    x,
    y,
    width: side,
    height: tall,
    grid: gridOf(panel, side),
    levels: simplexLevels,
    clipPath: outline,
    over: [...basinDots(side, panel), ...pathShapes(side, panel)],
    around: [
      { kind: "shape", x: 0, y: 0, path: outline, stroke: ink.axis, strokeWidth: 1 },
      ...landmarkSigns(side, panel.world),
      ...panel.attractors.map((end, index) => endSign(side, end, index)),
      ...corners(side),
      { kind: "label", x: 0, y: -22, text: title, weight: "bold", size: fontSize.label },
      ...(look === undefined || side < 150 ? [] : classTag(look, side, -22))
    ]
  }
}

/** What the signs of the panels are. */
export const simplexLegend = (): readonly (readonly LegendEntry[])[] => {
  const line = (stroke: string, dash: readonly number[] = []): Shape => ({
    ...{ kind: "shape", x: 0, y: 0, path: "M-9,0H9", stroke, strokeWidth: 2 },
    dash
  })
  const entry = (one: Primitive, signWidth: number, text: string): LegendEntry => ({ sign: [one], signWidth, text })
  const centre: Point = [0, 0]
  return [
    [
      entry(sign(centre, symbolPath("circle", 7), ink.paper, ink.text), 9, "reference"),
      entry(line(okabeIto.vermilion), 18, "gradient flow on the logits"),
      entry(line(okabeIto.green, [4, 2]), 18, "natural gradient flow"),
      entry(sign(centre, symbolPath("star", 8), ink.text), 14, "KL-regularised optimum"),
      entry(sign(centre, symbolPath("star", 7), ink.paper, ink.text), 14, "IPO optimum"),
      entry(sign(centre, symbolPath("triangle-up", 8), ink.text), 10, "Nash")
    ],
    [
      entry(sign(centre, symbolPath("square", 10), okabeIto.vermilion), 10, "minimum"),
      entry(sign(centre, symbolPath("diamond", 11), okabeIto.vermilion), 13, "escape to the boundary"),
      entry(sign(centre, symbolPath("circle", 9), ink.paper, okabeIto.vermilion), 10, "one of many equal ends (mean)"),
      entry(sign(centre, symbolPath("circle", 3.4), okabeIto.blue), 6, "start, by where it ends")
    ]
  ]
}
