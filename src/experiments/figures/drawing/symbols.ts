/**
 * @file Small signs drawn as paths (class symbols, a star), and rows of them as legends: shapes are part of the picture's
 * meaning, so none of them rests on a font.
 */
import type { BehaviourClass } from "../records.ts"
import { textWidth } from "./fonts.ts"
import type { Label, Primitive, Shape } from "./scene.ts"
import { classLook, fontSize, ink } from "./theme.ts"

const round = (value: number): number => Math.round(value * 100) / 100

const polygon = (points: readonly (readonly [number, number])[]): string =>
  `M${points.map(([x, y]) => `${round(x)},${round(y)}`).join("L")}Z`

/** Outline of a Vega symbol name, about `size` pixels across, centred on the origin. @throws RangeError if unknown */
export const symbolPath = (shape: string, size: number): string => {
  const r = size / 2
  switch (shape) {
    case "square":
      return polygon([
        [-0.88 * r, -0.88 * r],
        [0.88 * r, -0.88 * r],
        [0.88 * r, 0.88 * r],
        [-0.88 * r, 0.88 * r]
      ])
    case "circle":
      return `M${round(r)},0A${round(r)},${round(r)},0,1,1,${round(-r)},0A${round(r)},${round(r)},0,1,1,${round(r)},0Z`
    case "diamond":
      return polygon([
        [0, -1.2 * r],
        [1.2 * r, 0],
        [0, 1.2 * r],
        [-1.2 * r, 0]
      ])
    case "triangle-up":
      return polygon([
        [0, -1.1 * r],
        [1.15 * r, 0.9 * r],
        [-1.15 * r, 0.9 * r]
      ])
    case "star": {
      const points = Array.from({ length: 10 }, (_, k): readonly [number, number] => {
        const radius = k % 2 === 0 ? 1.15 * r : 0.48 * r
        const angle = -Math.PI / 2 + (k * Math.PI) / 5
        return [radius * Math.cos(angle), radius * Math.sin(angle)]
      })
      return polygon(points)
    }
    default:
      throw new RangeError(`no path for symbol ${shape}`)
  }
}

/** The sign of a behaviour class. */
export const classGlyph = (id: BehaviourClass, x: number, y: number, size: number): Shape => {
  const look = classLook(id)
  return {
    kind: "shape",
    x,
    y,
    path: symbolPath(look.shape, size),
    fill: look.colour,
    stroke: ink.paper,
    strokeWidth: 0.5
  }
}

/** A class in one or two words with its sign at their right, ending at x: what a panel says of its loss. */
export const classTag = (id: BehaviourClass, x: number, y: number): readonly Primitive[] => [
  classGlyph(id, x - 5, y, 9),
  {
    kind: "label",
    x: x - 14,
    y,
    text: classLook(id).label.replace(/ \(.*/, ""),
    size: fontSize.small,
    align: "right",
    colour: ink.soft
  }
]

/** The star that marks what this study derived. */
export const starGlyph = (x: number, y: number, size: number): Shape => ({
  kind: "shape",
  x,
  y,
  path: symbolPath("star", 2 * size),
  fill: ink.text,
  stroke: ink.paper,
  strokeWidth: 0.5
})

/** An entry of a legend: a sign drawn around the origin and its text. */
export interface LegendEntry {
  readonly sign: readonly Primitive[]
  readonly signWidth: number
  readonly text: string
}

/** Entries side by side from (x, y) on, y their middle line, with `gap` pixels between them. */
export const legendRow = (entries: readonly LegendEntry[], x: number, y: number, gap = 18): readonly Primitive[] => {
  let left = x
  return entries.flatMap((entry) => {
    const middle = left + entry.signWidth / 2
    const sign = entry.sign.map((one) => ({ ...one, x: one.x + middle, y: one.y + y }))
    const start = left + entry.signWidth + 5
    const label: Label = { kind: "label", x: start, y, text: entry.text, size: fontSize.small }
    left = start + textWidth(entry.text, fontSize.small) + gap
    return [...sign, label]
  })
}
