/**
 * @file Figure: which property holds for which loss, and how it is known: proved exactly, held in random tests, refuted by
 * a counterexample, undecided, or not applicable. Sign and colour say the same thing twice.
 */

import { textWidth } from "./drawing/fonts.ts"
import { distinct } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { crossGlyph, type Label, type Primitive, sceneSpec, tickGlyph } from "./drawing/scene.ts"
import { type LegendEntry, legendRow } from "./drawing/symbols.ts"
import { fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { landscapeNodes, type Records, type ValidateRow, type Verdict } from "./records.ts"

const cell = { width: 30, height: 19 } as const

/** Sign of a verdict around the origin, and the cell's background. */
const signs: Readonly<
  Record<Verdict, { readonly text: string; readonly fill: string; readonly sign: readonly Primitive[] }>
> = {
  proved: { text: "proved exactly", fill: okabeIto.green, sign: [tickGlyph(0, 0, 11, ink.paper)] },
  held: { text: "held in random tests", fill: "#d3ede4", sign: [tickGlyph(0, 0, 11, "#00704f")] },
  refuted: {
    text: "refuted, with a counterexample",
    fill: okabeIto.vermilion,
    sign: [crossGlyph(0, 0, 11, ink.paper)]
  },
  undecided: {
    text: "undecided",
    fill: "#f7ecc4",
    sign: [{ kind: "label", x: 0, y: 0, text: "?", align: "center", weight: "bold", size: fontSize.label }]
  },
  "not-applicable": {
    text: "not applicable",
    fill: ink.paper,
    sign: [{ kind: "shape", x: 0, y: 0, path: "M-4,0H4", stroke: ink.axis, strokeWidth: 1.2 }]
  },
  "not-run": { text: "not run", fill: ink.paper, sign: [] }
}

const verdictOrder: readonly Verdict[] = ["proved", "held", "refuted", "undecided", "not-applicable", "not-run"]

/** Losses in the order of the lattice (most constrained first), then the others as recorded. */
const lossOrder = (records: Records): readonly string[] => {
  const present = distinct(records.validate.map((row) => row.loss))
  const lattice = [...landscapeNodes(records)].sort((a, b) => a.depth - b.depth).map((node) => node.id)
  return [...lattice.filter((id) => present.includes(id)), ...present.filter((loss) => !lattice.includes(loss))]
}

const moveTo = (primitives: readonly Primitive[], x: number, y: number): readonly Primitive[] =>
  primitives.map((one) => ({ ...one, x: one.x + x, y: one.y + y }))

const background = (x: number, y: number, fill: string): Primitive => ({
  kind: "box",
  x: x + 0.75,
  y: y + 0.75,
  width: cell.width - 1.5,
  height: cell.height - 1.5,
  fill,
  stroke: fill === ink.paper ? ink.grid : fill,
  strokeWidth: 0.75
})

/** A ring around a verdict that differs from the one expected in docs/experiments.md. */
const surprise = (row: ValidateRow, x: number, y: number): readonly Primitive[] =>
  row.expected === undefined || agreesWith(row.expected, row.verdict)
    ? []
    : [
        {
          kind: "box",
          x: x + 0.75,
          y: y + 0.75,
          width: cell.width - 1.5,
          height: cell.height - 1.5,
          stroke: ink.text,
          strokeWidth: 2
        }
      ]

/** H is met by proved and held, F by refuted, - by not-applicable; a full verdict by itself. */
export const agreesWith = (expected: string, verdict: Verdict): boolean => {
  if (expected === "H" || expected === "holds") return verdict === "proved" || verdict === "held"
  if (expected === "F" || expected === "fails") return verdict === "refuted"
  if (expected === "-") return verdict === "not-applicable"
  return expected === verdict || (expected === "held" && verdict === "proved")
}

const legendSpacing = 16

const legendEntry = (verdict: Verdict): LegendEntry => ({
  sign: [background(-cell.width / 2, -cell.height / 2, signs[verdict].fill), ...signs[verdict].sign],
  signWidth: cell.width,
  text: signs[verdict].text
})

const inLayers = (primitives: readonly Primitive[]): readonly Primitive[] =>
  (["box", "shape", "label"] as const).flatMap((kind) => primitives.filter((one) => one.kind === kind))

const layout = (
  records: Records
): { readonly width: number; readonly height: number; readonly primitives: readonly Primitive[] } => {
  const losses = lossOrder(records)
  const properties = distinct(records.validate.map((row) => row.property))
  const names = lossNames(records, losses)
  const left = Math.ceil(Math.max(...losses.map((loss) => textWidth(names.get(loss) ?? loss, fontSize.small)))) + 8
  const slant = (Math.PI / 180) * 50
  const top = Math.ceil(Math.max(...properties.map((id) => textWidth(id, fontSize.small))) * Math.sin(slant)) + 14
  const rows = new Map(records.validate.map((row) => [`${row.loss}\u0000${row.property}`, row]))
  const cells = losses.flatMap((loss, i) =>
    properties.flatMap((property, j) => {
      const row = rows.get(`${loss}\u0000${property}`)
      const verdict = row?.verdict ?? "not-run"
      const [x, y] = [left + j * cell.width, top + i * cell.height]
      const sign = moveTo(signs[verdict].sign, x + cell.width / 2, y + cell.height / 2)
      return [background(x, y, signs[verdict].fill), ...(row === undefined ? [] : surprise(row, x, y)), ...sign]
    })
  )
  const lossLabels = losses.map(
    (loss, i): Label => ({
      kind: "label",
      x: left - 6,
      y: top + (i + 0.5) * cell.height,
      text: names.get(loss) ?? loss,
      align: "right",
      size: fontSize.small
    })
  )
  const propertyLabels = properties.map(
    (id, j): Label => ({
      kind: "label",
      x: left + (j + 0.5) * cell.width,
      y: top - 5,
      text: id,
      size: fontSize.small,
      angle: -50,
      baseline: "alphabetic"
    })
  )
  const bottom = top + losses.length * cell.height
  const present = verdictOrder.filter((verdict) => records.validate.some((row) => row.verdict === verdict))
  const legend = [present.slice(0, 3), present.slice(3)].flatMap((part, line) =>
    legendRow(part.map(legendEntry), left, bottom + 22 + line * 24, legendSpacing)
  )
  const primitives = inLayers([...cells, ...lossLabels, ...propertyLabels, ...legend])
  return { width: left + properties.length * cell.width, height: bottom + (present.length > 3 ? 60 : 36), primitives }
}

const tally = (rows: readonly ValidateRow[], verdict: Verdict): number =>
  rows.filter((row) => row.verdict === verdict).length

/** Verdicts of all validated properties. */
export const verdictMatrixFigure: Figure = {
  id: "verdict-matrix",
  title: "Properties of the losses",
  needs: ["validate"],
  caption: (records) => {
    const rows = records.validate
    const runs = rows.flatMap((row) => (row.runs === undefined ? [] : [row.runs]))
    const seeds = distinct(rows.flatMap((row) => (row.seed === undefined ? [] : [row.seed])))
    const tests =
      runs.length === 0
        ? ""
        : ` “Held” means that no counterexample was found in up to ${Math.max(...runs)} random cases` +
          `${seeds.length === 0 ? "" : ` (seed ${seeds.join(", ")})`}; it is not a proof.`
    const surprises = rows.filter((row) => row.expected !== undefined && !agreesWith(row.expected, row.verdict)).length
    return (
      `Verdicts of ${distinct(rows.map((row) => row.property)).length} properties on` +
      ` ${distinct(rows.map((row) => row.loss)).length} losses: ${tally(rows, "proved")} proved, ${tally(rows, "held")} held,` +
      ` ${tally(rows, "refuted")} refuted, ${tally(rows, "undecided")} undecided, ${tally(rows, "not-applicable")} not` +
      ` applicable. “Proved” is an exact decision with a certificate.${tests}` +
      `${surprises === 0 ? "" : ` A black frame marks the ${surprises} verdicts that differ from the expected ones.`}` +
      " What each property says, and every counterexample, stands in the report."
    )
  },
  alt: (records) =>
    `Matrix of ${distinct(records.validate.map((row) => row.loss)).length} losses by` +
    ` ${distinct(records.validate.map((row) => row.property)).length} properties; a sign in each cell gives the verdict.`,
  draw: (records) => {
    const { width, height, primitives } = layout(records)
    return { kind: "vega", spec: sceneSpec(width, height, primitives) }
  }
}
