/**
 * @file Free drawings as data: a list of rectangles, paths and texts at fixed places, turned into a Vega specification
 * with one data set and one mark for each run of equal kinds, so that the renderer of the charts draws them too.
 */
import type { Data, Mark, Spec } from "vega"
import { figureFont } from "./fonts.ts"
import { fontSize, ink } from "./theme.ts"

/** A rectangle with its upper left corner at (x, y); pixels. */
export interface Box {
  readonly kind: "box"
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly fill?: string
  readonly stroke?: string
  readonly strokeWidth?: number
  readonly dash?: readonly number[]
  readonly radius?: number
}

/** An SVG path, its coordinates relative to (x, y). */
export interface Shape {
  readonly kind: "shape"
  readonly x: number
  readonly y: number
  readonly path: string
  readonly fill?: string
  readonly stroke?: string
  readonly strokeWidth?: number
  readonly dash?: readonly number[]
}

/** One line of text; `baseline` defaults to the middle of the letters. */
export interface Label {
  readonly kind: "label"
  readonly x: number
  readonly y: number
  readonly text: string
  readonly size?: number
  readonly weight?: "normal" | "bold"
  readonly align?: "left" | "center" | "right"
  readonly baseline?: "middle" | "alphabetic" | "top" | "bottom"
  readonly colour?: string
  readonly angle?: number
}

export type Primitive = Box | Shape | Label

/** The primitive moved by (dx, dy). */
export const moved = (primitive: Primitive, dx: number, dy: number): Primitive => ({
  ...primitive,
  x: primitive.x + dx,
  y: primitive.y + dy
})

const stroked = (primitive: Box | Shape) => ({
  fill: primitive.fill ?? "transparent",
  stroke: primitive.stroke ?? "transparent",
  strokeWidth: primitive.strokeWidth ?? 1,
  dash: primitive.dash ?? []
})

const row = (primitive: Primitive): Record<string, unknown> => {
  switch (primitive.kind) {
    case "box":
      return {
        x: primitive.x,
        y: primitive.y,
        width: primitive.width,
        height: primitive.height,
        radius: primitive.radius ?? 0,
        ...stroked(primitive)
      }
    case "shape":
      return { x: primitive.x, y: primitive.y, path: primitive.path, ...stroked(primitive) }
    case "label":
      return {
        x: primitive.x,
        y: primitive.y,
        text: primitive.text,
        size: primitive.size ?? fontSize.label,
        weight: primitive.weight ?? "normal",
        align: primitive.align ?? "left",
        baseline: primitive.baseline ?? "middle",
        colour: primitive.colour ?? ink.text,
        angle: primitive.angle ?? 0
      }
  }
}

const field = (name: string) => ({ field: name })
const place = { x: field("x"), y: field("y") }
const stroking = {
  fill: field("fill"),
  stroke: field("stroke"),
  strokeWidth: field("strokeWidth"),
  strokeDash: field("dash")
}

const markTypes = {
  box: {
    type: "rect",
    encode: {
      enter: { ...place, width: field("width"), height: field("height"), cornerRadius: field("radius"), ...stroking }
    }
  },
  shape: {
    type: "path",
    encode: { enter: { ...place, path: field("path"), strokeJoin: { value: "round" }, ...stroking } }
  },
  label: {
    type: "text",
    encode: {
      enter: {
        ...place,
        text: field("text"),
        font: { value: figureFont },
        fontSize: field("size"),
        fontWeight: field("weight"),
        align: field("align"),
        baseline: field("baseline"),
        fill: field("colour"),
        angle: field("angle")
      }
    }
  }
} as const

/**
 * Data sets and marks that draw the primitives in their order, one pair for each run of equal kinds.
 * @param prefix starts the data sets' names, so that several drawings fit into one specification
 */
export const sceneParts = (
  prefix: string,
  primitives: readonly Primitive[]
): { readonly data: Data[]; readonly marks: Mark[] } => {
  const data: Data[] = []
  const marks: Mark[] = []
  let run: Primitive[] = []
  const flush = () => {
    const first = run[0]
    if (first === undefined) return
    const name = `${prefix}${first.kind}${data.length}`
    data.push({ name, values: run.map(row) } as Data)
    marks.push({ ...markTypes[first.kind], from: { data: name }, interactive: false } as unknown as Mark)
    run = []
  }
  for (const primitive of primitives) {
    if (run[0] !== undefined && run[0].kind !== primitive.kind) flush()
    run.push(primitive)
  }
  flush()
  return { data, marks }
}

/**
 * A Vega specification that draws the primitives.
 * @param width width of the drawing, pixels; what lies outside is still shown: the picture grows to hold it
 */
export const sceneSpec = (width: number, height: number, primitives: readonly Primitive[]): Spec => ({
  width,
  height,
  autosize: "pad",
  ...sceneParts("", primitives)
})

/** A drawn tick (check mark) centred on (x, y) within a square of side `size`: a path, so no font has to have the sign. */
export const tickGlyph = (x: number, y: number, size: number, colour: string): Shape => ({
  kind: "shape",
  x,
  y,
  path: `M${-0.42 * size},${0.02 * size}L${-0.12 * size},${0.34 * size}L${0.44 * size},${-0.36 * size}`,
  stroke: colour,
  strokeWidth: Math.max(1.2, 0.17 * size)
})

/** A drawn cross centred on (x, y) within a square of side `size`. */
export const crossGlyph = (x: number, y: number, size: number, colour: string): Shape => ({
  kind: "shape",
  x,
  y,
  path:
    `M${-0.34 * size},${-0.34 * size}L${0.34 * size},${0.34 * size}` +
    `M${0.34 * size},${-0.34 * size}L${-0.34 * size},${0.34 * size}`,
  stroke: colour,
  strokeWidth: Math.max(1.2, 0.17 * size)
})
