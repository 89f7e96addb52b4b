/**
 * @file Figure: which property holds for which loss, and how it is known: proved exactly, held in random tests, refuted by
 * a counterexample, undecided, or not applicable. Sign and colour say the same thing twice.
 */

import * as Result from "effect/Result"
import { findProperty } from "../../properties/registry.ts"
import { textWidth } from "./drawing/fonts.ts"
import { distinct } from "./drawing/intervals.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { richLabels } from "./drawing/notation.ts"
import { type Box, crossGlyph, type Label, type Primitive, sceneSpec, tickGlyph } from "./drawing/scene.ts"
import { type LegendEntry, legendRow } from "./drawing/symbols.ts"
import { figureWidth, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { landscapeNodes, type Records, type ValidateRow, type Verdict } from "./records.ts"

/** Height of a cell of verdicts, pixels. */
export const cellHeight = 18

/** Width of a legend's sample cell. */
const sampleWidth = 22

/** Sign of a verdict around the origin, and the cell's background: only what is proved is dark, in greyscale print too. */
export const signs: Readonly<
  Record<Verdict, { readonly text: string; readonly fill: string; readonly sign: readonly Primitive[] }>
> = {
  proved: { text: "proved exactly", fill: okabeIto.green, sign: [tickGlyph(0, 0, 11, ink.paper)] },
  held: { text: "held in random tests", fill: "#d3ede4", sign: [tickGlyph(0, 0, 11, "#00704f")] },
  refuted: { text: "refuted by a counterexample", fill: "#fbe6da", sign: [crossGlyph(0, 0, 11, "#a84700")] },
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

/** The primitives moved by (x, y). */
export const moveTo = (primitives: readonly Primitive[], x: number, y: number): readonly Primitive[] =>
  primitives.map((one) => ({ ...one, x: one.x + x, y: one.y + y }))

/** A verdict's cell without its sign, upper left corner at (x, y). */
export const background = (x: number, y: number, width: number, fill: string): Box => ({
  kind: "box",
  x: x + 0.75,
  y: y + 0.75,
  width: width - 1.5,
  height: cellHeight - 1.5,
  fill,
  stroke: fill === ink.paper ? ink.grid : fill,
  strokeWidth: 0.75
})

/** A ring around a verdict that differs from the one expected in docs/experiments.md. */
const surprise = (row: ValidateRow, x: number, y: number, width: number): readonly Primitive[] =>
  row.expected === undefined || agreesWith(row.expected, row.verdict)
    ? []
    : [{ ...background(x, y, width, "transparent"), stroke: ink.text, strokeWidth: 2 }]

/** H is met by proved and held, F by refuted, - by not-applicable; a full verdict by itself. */
export const agreesWith = (expected: string, verdict: Verdict): boolean => {
  if (expected === "H" || expected === "holds") return verdict === "proved" || verdict === "held"
  if (expected === "F" || expected === "fails") return verdict === "refuted"
  if (expected === "-") return verdict === "not-applicable"
  return expected === verdict || (expected === "held" && verdict === "proved")
}

/** Pixels between the entries of a legend of verdicts. */
export const legendSpacing = 14

/** A verdict in a legend. */
export const legendEntry = (verdict: Verdict): LegendEntry => ({
  sign: [background(-sampleWidth / 2, -cellHeight / 2, sampleWidth, signs[verdict].fill), ...signs[verdict].sign],
  signWidth: sampleWidth,
  text: signs[verdict].text
})

/** Boxes below shapes below labels. */
export const inLayers = (primitives: readonly Primitive[]): readonly Primitive[] =>
  (["box", "shape", "label"] as const).flatMap((kind) => primitives.filter((one) => one.kind === kind))

/** A property by its id and, where the registry has one, its title: "P9  The chosen answer never loses probability". */
export const propertyTitle = (id: string): string => {
  const property = findProperty(id)
  if (Result.isFailure(property)) return id
  const { title } = property.success
  return /^P\d+$/.test(id) ? `${id}  ${title}` : title
}

/** Where the matrix stands: room for the properties' titles at the left, for the slanted names of losses above. */
interface Place {
  readonly left: number
  readonly top: number
  readonly cell: { readonly width: number; readonly height: number }
}

const slant = (Math.PI / 180) * 50

const placeOf = (titles: readonly string[], names: readonly string[]): Place => {
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => textWidth(text, fontSize.small)))
  const left = Math.ceil(widest(titles)) + 10
  const width = Math.max(17, Math.min(30, Math.floor((figureWidth - left) / names.length)))
  return { left, top: Math.ceil(widest(names) * Math.sin(slant)) + 14, cell: { width, height: cellHeight } }
}

const cellsOf = (records: Records, losses: readonly string[], properties: readonly string[], place: Place) => {
  const rows = new Map(records.validate.map((row) => [`${row.loss}\u0000${row.property}`, row]))
  return properties.flatMap((property, i) =>
    losses.flatMap((loss, j) => {
      const row = rows.get(`${loss}\u0000${property}`)
      const { fill, sign } = signs[row?.verdict ?? "not-run"]
      const { width, height } = place.cell
      const [x, y] = [place.left + j * width, place.top + i * height]
      const frame = row === undefined ? [] : surprise(row, x, y, width)
      return [background(x, y, width, fill), ...frame, ...moveTo(sign, x + width / 2, y + height / 2)]
    })
  )
}

/** Properties that apply to some of the losses; a row of dashes would say nothing. */
const applying = (records: Records): { readonly shown: readonly string[]; readonly left: readonly string[] } => {
  const all = distinct(records.validate.map((row) => row.property))
  const silent: readonly Verdict[] = ["not-applicable", "not-run"]
  const applies = (id: string) => records.validate.some((row) => row.property === id && !silent.includes(row.verdict))
  const shown = all.filter(applies)
  return shown.length === 0 ? { shown: all, left: [] } : { shown, left: all.filter((id) => !applies(id)) }
}

const layout = (
  records: Records
): { readonly width: number; readonly height: number; readonly primitives: readonly Primitive[] } => {
  const losses = lossOrder(records)
  const properties = applying(records).shown
  const names = lossNames(records, losses)
  const titles = properties.map(propertyTitle)
  const shown = losses.map((loss) => names.get(loss) ?? loss)
  const place = placeOf(titles, shown)
  const { left, top, cell } = place
  const rowLabels = titles.flatMap((text, i) =>
    richLabels({ x: 0, y: top + (i + 0.5) * cell.height, text, size: fontSize.small })
  )
  const columnLabels = shown.map(
    (text, j): Label => ({
      kind: "label",
      x: left + (j + 0.5) * cell.width,
      y: top - 5,
      text,
      size: fontSize.small,
      angle: -50,
      baseline: "alphabetic"
    })
  )
  const bottom = top + properties.length * cell.height
  const present = verdictOrder.filter((verdict) => records.validate.some((row) => row.verdict === verdict))
  const legend = legendRow(present.map(legendEntry), 0, bottom + 22, legendSpacing)
  const primitives = inLayers([
    ...cellsOf(records, losses, properties, place),
    ...rowLabels,
    ...columnLabels,
    ...legend
  ])
  return { width: left + losses.length * cell.width, height: bottom + 36, primitives }
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
    const { left } = applying(records)
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
      `${rows.some((row) => /\ba_w\b/.test(propertyTitle(row.property))) ? " The derivatives of ρ by log p_w and log p_l are a_w and a_l." : ""}` +
      `${surprises === 0 ? "" : ` A black frame marks the ${surprises} verdicts that differ from the expected ones.`}` +
      `${left.length === 0 ? "" : ` Not shown, because they apply to none of these losses: ${left.join(", ")}.`}` +
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
