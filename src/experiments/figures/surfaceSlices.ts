/** @file Figures: two-dimensional slices of losses around trained policies, and the plane through three of them. */
import { type ContourPanel, contourSpec, type Levels } from "./drawing/contourPanel.ts"
import { grouped } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import type { Label, Primitive } from "./drawing/scene.ts"
import { type SliceRow, surfaceRows } from "./drawing/surfaceRows.ts"
import { symbolPath } from "./drawing/symbols.ts"
import { figureWidth, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const levels: Levels = {
  thresholds: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
  floor: "#ffffff",
  colours: ["#eef3f8", "#dde7f1", "#cad9e8", "#b5c9de", "#9fb8d2", "#88a6c5", "#7194b8"]
}

const least = ({ values }: SliceRow): number =>
  Math.min(...values.flatMap((value) => (typeof value === "number" ? [value] : [])))

const signs = ["circle", "square", "diamond"] as const

const panelOf = (
  row: SliceRow,
  names: ReadonlyMap<string, string>,
  [x, y]: readonly [number, number],
  side: number
): ContourPanel => {
  const base = least(row)
  const place = (a: number, b: number): readonly [number, number] => [
    (side * (a - row.a[0])) / (row.a[1] - row.a[0]),
    side - (side * (b - row.b[0])) / (row.b[1] - row.b[0])
  ]
  const marks = row.marks.flatMap(({ loss, a, b }, k): readonly Primitive[] => {
    const [px, py] = place(a, b)
    const own = loss === row.loss
    const label: Label = {
      ...{ kind: "label", x: px + 7, y: py - 7, text: names.get(loss) ?? loss, size: fontSize.tiny },
      weight: own ? "bold" : "normal"
    }
    return [
      {
        ...{ kind: "shape", x: px, y: py, path: symbolPath(signs[k % signs.length] ?? "circle", own ? 9 : 7) },
        ...{ fill: own ? okabeIto.vermilion : ink.paper, stroke: own ? ink.paper : ink.text, strokeWidth: 1.1 }
      },
      ...(row.marks.length > 1 ? [label] : [])
    ]
  })
  return {
    x,
    y,
    width: side,
    height: side,
    grid: {
      columns: row.size,
      rows: row.size,
      values: row.values.map((value) => (typeof value === "number" ? value - base : 1e6))
    },
    levels,
    over: [],
    around: [
      { kind: "box", x: 0, y: 0, width: side, height: side, stroke: ink.axis },
      ...marks,
      { kind: "label", x: 0, y: -9, text: names.get(row.loss) ?? row.loss, weight: "bold", size: fontSize.label }
    ]
  }
}

const figureOf = (id: string, title: string, plane: SliceRow["plane"], perRow: number, words: string): Figure => {
  const shown = (records: Records): readonly SliceRow[] =>
    surfaceRows(records, "slice").filter((row) => row.plane === plane)
  return {
    id,
    title,
    needs: ["surfaces"],
    applies: (records) => shown(records).length > 0,
    caption: (records) =>
      `${words} Contours at ${levels.thresholds.join(", ")} nats above the least value of the panel, the same in every panel. Seed` +
      ` ${shown(records)[0]?.seed ?? 0}: one set of policies, so no interval is involved.`,
    alt: (records) => `Contour plots of ${shown(records).length} slices.`,
    draw: (records) => {
      const rows = shown(records)
      const names = lossNames(
        records,
        rows.flatMap(({ loss, marks }) => [loss, ...marks.map((mark) => mark.loss)])
      )
      const side = Math.min(220, Math.floor((figureWidth - (perRow - 1) * 18) / perRow))
      const panels: ContourPanel[] = []
      const headings: Label[] = []
      let top = 0
      for (const [study, own] of grouped(rows, (row) => row.study)) {
        headings.push({ kind: "label", x: 0, y: top + 8, text: study, weight: "bold", size: fontSize.title })
        for (const [k, row] of own.entries()) {
          const at = [(k % perRow) * (side + 18), top + 38 + Math.floor(k / perRow) * (side + 30)] as const
          panels.push(panelOf(row, names, at, side))
        }
        top += 38 + Math.ceil(own.length / perRow) * (side + 30)
      }
      return { kind: "vega", spec: contourSpec(figureWidth, top, panels, headings) }
    }
  }
}

/** Around every policy, along two random directions. */
export const surfaceSlicesFigure = figureOf(
  "surface-slices",
  "Slices around trained policies",
  "random",
  6,
  "Each loss around the policy that its own training ended at (the dot), along the same two random directions, normalised: for a table a" +
    " unit is about a nat in every logit and panels are 8 wide; else every response's and context's vector moves by its own length," +
    " and panels are 2 wide."
)

/** The plane of three policies, under each of their losses. */
export const surfacePlaneFigure = figureOf(
  "surface-plane",
  "The plane of three trained policies",
  "through three",
  3,
  "The plane of parameters through three policies, each trained with another loss; one panel shows one of the three losses on it, its own" +
    " policy in colour."
)
