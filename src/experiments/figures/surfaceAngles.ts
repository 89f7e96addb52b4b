/** @file Figure: angles between the gradient fields of losses over three-armed policies, a matrix per world. */

import { textWidth } from "./drawing/fonts.ts"
import { distinct, grouped, seedInterval, seedPhrase } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import type { Box, Label, Primitive } from "./drawing/scene.ts"
import { sceneSpec } from "./drawing/scene.ts"
import { type AngleRow, surfaceRows } from "./drawing/surfaceRows.ts"
import { figureWidth, fontSize, ink } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

/** Angles of the flow that trainers follow, on logits. */
const shown = (records: Records): readonly AngleRow[] =>
  surfaceRows(records, "angle").filter(({ metric }) => metric === "softmax")

/** Degrees to a colour: nothing in common is dark. */
const shade = (degrees: number): { readonly fill: string; readonly text: string } => {
  const steps = ["#ffffff", "#eef3f8", "#dde7f1", "#cad9e8", "#b5c9de", "#9fb8d2", "#7f9fc0", "#5f86ad", "#3d6c99"]
  const fill = steps[Math.min(steps.length - 1, Math.floor(degrees / 15))] ?? "#ffffff"
  return { fill, text: degrees >= 90 ? ink.paper : ink.text }
}

interface Matrix {
  readonly world: string
  readonly losses: readonly string[]
  readonly rows: readonly AngleRow[]
}

const matrices = (records: Records): readonly Matrix[] =>
  [...grouped(shown(records), ({ world }) => world)].map(([world, rows]) => ({
    world,
    losses: distinct(rows.flatMap(({ a, b }) => [a, b])),
    rows
  }))

const cellOf = ({ rows }: Matrix, a: string, b: string, measure: AngleRow["measure"]) =>
  seedInterval(
    rows
      .filter((row) => row.measure === measure && ((row.a === a && row.b === b) || (row.a === b && row.b === a)))
      .map(({ degrees }) => degrees)
  )

const matrixParts = (
  matrix: Matrix,
  names: ReadonlyMap<string, string>,
  [x, y]: readonly [number, number],
  cell: number,
  left: number
): readonly Primitive[] => {
  const { losses, world } = matrix
  const name = (loss: string): string => names.get(loss) ?? loss
  const height = Math.min(cell, 22)
  const labels = losses.flatMap((loss, i): readonly Label[] => [
    {
      ...{ kind: "label", x: x + left - 6, y: y + (i + 0.5) * height, text: name(loss) },
      ...{ align: "right", size: fontSize.small }
    },
    {
      ...{ kind: "label", x: x + left + (i + 0.5) * cell, y: y - 5, text: name(loss), angle: -50 },
      ...{ size: fontSize.small, baseline: "alphabetic" }
    }
  ])
  const cells = losses.flatMap((a, i) =>
    losses.flatMap((b, j): readonly Primitive[] => {
      if (i === j) return []
      const found = cellOf(matrix, a, b, j > i ? "uniform" : "near-reference")
      if (found === undefined) return []
      const { fill, text } = shade(found.mean)
      const [left0, top] = [x + left + j * cell, y + i * height]
      const box: Box = { kind: "box", x: left0, y: top, width: cell - 1, height: height - 1, fill }
      const label: Label = {
        ...{
          kind: "label",
          x: left0 + (cell - 1) / 2,
          y: top + (height - 1) / 2,
          text: String(Math.round(found.mean))
        },
        ...{ align: "center", size: fontSize.tiny, colour: text }
      }
      return [box, label]
    })
  )
  const heading: Label = { kind: "label", x, y: y - 74, text: world, weight: "bold", size: fontSize.label }
  return [heading, ...cells, ...labels]
}

const layered = (primitives: readonly Primitive[]): readonly Primitive[] => [
  ...primitives.filter(({ kind }) => kind !== "label"),
  ...primitives.filter(({ kind }) => kind === "label")
]

/** Mean angles between descent directions, uniform above the diagonal and near the reference below it. */
export const surfaceAnglesFigure: Figure = {
  id: "surface-angles",
  title: "Angles between the losses' descent directions",
  needs: ["surfaces"],
  applies: (records) => shown(records).length > 0,
  caption: (records) => {
    const rows = shown(records)
    const halves = matrices(records).flatMap((matrix) =>
      matrix.losses.flatMap((a, i) =>
        matrix.losses.flatMap((b, j) => {
          const found = i === j ? undefined : cellOf(matrix, a, b, j > i ? "uniform" : "near-reference")
          return found === undefined ? [] : [(found.high - found.low) / 2]
        })
      )
    )
    const widest = halves.length === 0 ? 0 : Math.max(...halves)
    return (
      "Mean angle in degrees between the steps that two losses take on the logits of a three-armed policy: above the diagonal over all" +
      " policies alike, below it near the reference (every logit N(0, 0.5²) around it). 0 is the same direction, 90 nothing in common." +
      ` Means over ${seedPhrase(rows)}; the widest 95 % interval is ±${widest.toFixed(1)}°.`
    )
  },
  alt: (records) =>
    `Matrices of mean angles between ${distinct(shown(records).flatMap(({ a, b }) => [a, b])).length} losses in ${matrices(records).length} worlds.`,
  draw: (records) => {
    const all = matrices(records)
    const names = lossNames(records, distinct(all.flatMap(({ losses }) => losses)))
    const left = Math.ceil(Math.max(...[...names.values()].map((text) => textWidth(text, fontSize.small)))) + 10
    const perRow = all.length === 1 ? 1 : 2
    const room = figureWidth / perRow
    const most = Math.max(...all.map(({ losses }) => losses.length))
    const cell = Math.min(40, Math.floor((room - left - 16) / most))
    const tall = 90 + most * Math.min(cell, 22) + 16
    const parts = all.flatMap((matrix, k) =>
      matrixParts(matrix, names, [(k % perRow) * room, 90 + Math.floor(k / perRow) * tall], cell, left)
    )
    return { kind: "vega", spec: sceneSpec(figureWidth, Math.ceil(all.length / perRow) * tall, layered(parts)) }
  }
}
