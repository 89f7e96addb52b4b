/** @file Triangles of several losses on one scale, row by row: what a study and `losslattice simplex` draw. */
import type { Spec } from "vega"
import { type ContourPanel, contourSpec } from "./contourPanel.ts"
import type { Label, Primitive } from "./scene.ts"
import { type SimplexPanel, simplexContours, simplexLegend, tallOf } from "./simplexPanel.ts"
import { legendRow } from "./symbols.ts"
import { figureWidth, fontSize } from "./theme.ts"

/** Panels under one heading. */
export interface PanelGroup {
  readonly heading?: string
  readonly panels: readonly { readonly panel: SimplexPanel; readonly title: string }[]
}

const gap = { x: 30, y: 54 } as const
const margin = { left: 12, top: 34, heading: 24 } as const

/** Shapes before labels: a drawing is one run of each. */
const layered = (primitives: readonly Primitive[]): readonly Primitive[] => [
  ...primitives.filter(({ kind }) => kind !== "label"),
  ...primitives.filter(({ kind }) => kind === "label")
]

/** Groups one below the other, `perRow` panels a row, with the legend below. */
export const simplexPanelsSpec = (groups: readonly PanelGroup[], perRow: number): Spec => {
  const most = Math.max(...groups.map(({ panels }) => Math.min(perRow, panels.length)))
  const side = Math.min(210, Math.floor((figureWidth - 2 * margin.left - (perRow - 1) * gap.x) / perRow))
  const panels: ContourPanel[] = []
  const headings: Label[] = []
  let top = 0
  for (const group of groups) {
    if (group.heading !== undefined) {
      headings.push({ kind: "label", x: 0, y: top + 10, text: group.heading, weight: "bold", size: fontSize.title })
      top += margin.heading
    }
    top += margin.top
    for (const [index, { panel, title }] of group.panels.entries()) {
      const row = Math.floor(index / perRow)
      const [x, y] = [margin.left + (index % perRow) * (side + gap.x), top + row * (tallOf(side) + gap.y)]
      panels.push(simplexContours(panel, title, x, y, side))
    }
    top += Math.ceil(group.panels.length / perRow) * (tallOf(side) + gap.y) - gap.y + 22
  }
  const width = Math.max(most * (side + gap.x) - gap.x + 2 * margin.left, figureWidth)
  const legend = simplexLegend().flatMap((entries, k) => legendRow(entries, 0, top + 14 + 18 * k, 14))
  return contourSpec(width, top + 44, panels, [...headings, ...layered(legend)])
}
