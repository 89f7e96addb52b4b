/**
 * @file A panel with filled contours of a function on a square, drawn over with free primitives: the building block of loss
 * maps and simplex landscapes. The contours are made by Vega from the grid of values; the grid is the data.
 */
import type { Data, Mark, Spec } from "vega"
import { type Primitive, sceneParts } from "./scene.ts"

/** Values on a regular grid, row 0 at the top of the picture, cell centres at (column + ½, row + ½). */
export interface Grid {
  readonly columns: number
  readonly rows: number
  readonly values: readonly number[]
}

/** Levels of a filled contour plot: colour k fills what is at least threshold k; below the first is `floor`. */
export interface Levels {
  readonly thresholds: readonly number[]
  readonly colours: readonly string[]
  readonly floor: string
}

/** One panel at (x, y) of the figure; `over` is drawn on the contours and clipped to them, `around` is not clipped. */
export interface ContourPanel {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly grid: Grid
  readonly levels: Levels
  /** SVG path, relative to the panel, to which contours and `over` are clipped; default: the whole panel. */
  readonly clipPath?: string
  readonly over: readonly Primitive[]
  readonly around: readonly Primitive[]
}

/** The grid of a function over [0, 1]², sampled at cell centres; x to the right, y upwards. */
export const sampleGrid = (size: number, value: (x: number, y: number) => number): Grid => {
  const values: number[] = []
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) values.push(value((column + 0.5) / size, 1 - (row + 0.5) / size))
  }
  return { columns: size, rows: size, values }
}

const contourData = (name: string, panel: ContourPanel): Data => {
  const { grid, levels } = panel
  const largest = levels.thresholds.at(-1) ?? 0
  // Values far above the last level would only distort the interpolation beside it.
  const values = grid.values.map((value) => Math.round(Math.min(value, 4 * Math.abs(largest) + 1) * 1e5) / 1e5)
  return {
    name,
    values: [{ width: grid.columns, height: grid.rows, values }],
    transform: [
      {
        type: "isocontour",
        field: { expr: "datum" },
        scale: { signal: `${panel.width / grid.columns}` },
        thresholds: [...levels.thresholds]
      },
      { type: "geopath", field: "contour", as: "path" },
      { type: "formula", as: "level", expr: "datum.contour.value" }
    ]
  } as unknown as Data
}

const contourMark = (name: string): Mark =>
  ({
    type: "path",
    from: { data: name },
    interactive: false,
    encode: {
      enter: {
        path: { field: "path" },
        fill: { scale: `${name}-fill`, field: "level" },
        stroke: { value: "#ffffff" },
        strokeWidth: { value: 0.5 }
      }
    }
  }) as unknown as Mark

const panelMark = (panel: ContourPanel, index: number): Mark => {
  const name = `contours${index}`
  const over = sceneParts(`over${index}-`, panel.over)
  const around = sceneParts(`around${index}-`, panel.around)
  const inside = [contourMark(name), ...over.marks]
  const path = panel.clipPath
  // A path clips mark by mark; a rectangle is the group's own clip.
  const marks = path === undefined ? inside : inside.map((mark) => ({ ...mark, clip: { path } }))
  return {
    type: "group",
    encode: { enter: { x: { value: panel.x }, y: { value: panel.y } } },
    data: [contourData(name, panel), ...over.data, ...around.data],
    scales: [
      {
        name: `${name}-fill`,
        type: "ordinal",
        domain: [...panel.levels.thresholds],
        range: [...panel.levels.colours]
      }
    ],
    marks: [
      {
        type: "group",
        encode: {
          enter: {
            width: { value: panel.width },
            height: { value: panel.height },
            ...(path === undefined ? { clip: { value: true }, fill: { value: panel.levels.floor } } : {})
          }
        },
        marks
      },
      ...around.marks
    ]
  } as unknown as Mark
}

/** A figure of contour panels and free primitives (legend, titles) in one frame of the given size. */
export const contourSpec = (
  width: number,
  height: number,
  panels: readonly ContourPanel[],
  free: readonly Primitive[]
): Spec => {
  const scene = sceneParts("free-", free)
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    autosize: "pad",
    data: scene.data,
    marks: [...panels.map(panelMark), ...scene.marks]
  } as Spec
}
