/**
 * @file Figure: the sixteen losses beside their relative twins: exact verdicts in both readings, a frame where they differ,
 * which twins are published, and what rho tends to as the policy's probabilities vanish.
 */
import { fitted, ratioSigns, richLabels } from "./drawing/notation.ts"
import type { Label, Primitive } from "./drawing/scene.ts"
import { sceneSpec } from "./drawing/scene.ts"
import { legendRow } from "./drawing/symbols.ts"
import { figureWidth, fontSize, ink } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records, TwinRow, Verdict } from "./records.ts"
import { background, cellHeight, inLayers, legendEntry, legendSpacing, moveTo, signs } from "./verdictMatrix.ts"

/** Properties with two cells each, and their heads. */
const compared = [
  ["chosen-safe", "chosen-safe"],
  ["rejected-safe", "rejected-safe"],
  ["chosen-led", "chosen-led"],
  ["level-invariant", "level-invariant"],
  ["escapes-on-policies", "escapes"]
] as const

const cellWidth = 30
const groupGap = 16
const left = { published: 52, cells: 162 } as const
const top = 34
const limitsLeft = left.cells + compared.length * (2 * cellWidth + groupGap)
const limitWidth = (figureWidth - limitsLeft) / 2
const rowHeight = cellHeight + 3

const head = (x: number, y: number, text: string, colour: string = ink.text): Label => ({
  kind: "label",
  x,
  y,
  text,
  size: fontSize.tiny,
  align: "center",
  colour
})

/** How many published losses a twin has, in a few words: one by its id, more as "dpo and 30 more". */
const publishedText = ({ published }: TwinRow): string => {
  const [first, ...more] = published
  if (first === undefined) return "not published"
  return more.length === 0 ? first : `${first} and ${more.length} more`
}

const verdictCells = (row: TwinRow, y: number): readonly Primitive[] =>
  compared.flatMap(([property], k) => {
    const verdict = row.verdicts[property]
    if (verdict === undefined) return []
    const x = left.cells + k * (2 * cellWidth + groupGap)
    const cell = (kind: Verdict, at: number) => [
      background(at, y, cellWidth, signs[kind].fill),
      ...moveTo(signs[kind].sign, at + cellWidth / 2, y + cellHeight / 2)
    ]
    const differs = verdict.absolute !== verdict.relative
    const frame = { ...background(x, y, 2 * cellWidth, "transparent"), stroke: ink.text, strokeWidth: 1.8 }
    return [...cell(verdict.absolute, x), ...cell(verdict.relative, x + cellWidth), ...(differs ? [frame] : [])]
  })

const rowOf = (row: TwinRow, index: number): readonly Primitive[] => {
  const y = top + index * rowHeight
  const middle = y + cellHeight / 2
  const shown = fitted(publishedText(row), left.cells - left.published - 6, fontSize.small)
  const limit = (text: string, k: number) =>
    richLabels({ x: limitsLeft + k * limitWidth, y: middle, text: ratioSigns(text), size: fontSize.tiny })
  return [
    { kind: "label", x: 0, y: middle, text: row.name, size: fontSize.small, weight: "bold" },
    {
      kind: "label",
      x: left.published,
      y: middle,
      ...shown,
      colour: row.published.length === 0 ? ink.soft : ink.text
    },
    ...verdictCells(row, y),
    ...limit(row.limit.absolute, 0),
    ...limit(row.limit.relative, 1)
  ]
}

const heads = (): readonly Primitive[] => [
  ...compared.flatMap(([, title], k) => {
    const x = left.cells + k * (2 * cellWidth + groupGap)
    return [
      head(x + cellWidth, 8, title),
      head(x + cellWidth / 2, 23, "abs.", ink.soft),
      head(x + 1.5 * cellWidth, 23, "rel.", ink.soft)
    ]
  }),
  { ...head(left.published, 23, "twin published as", ink.soft), align: "left" },
  ...["abs.", "rel., r fixed"].map(
    (text, k): Label => ({ ...head(limitsLeft + k * limitWidth, 23, text, ink.soft), align: "left" })
  ),
  { ...head(limitsLeft, 8, "limit of ρ as p → 0"), align: "left" }
]

const layout = (rows: readonly TwinRow[]) => {
  const bottom = top + rows.length * rowHeight
  const verdicts = rows.flatMap((row) =>
    compared.flatMap(([property]) => {
      const verdict = row.verdicts[property]
      return verdict === undefined ? [] : [verdict.absolute, verdict.relative]
    })
  )
  const present = (Object.keys(signs) as ReadonlyArray<Verdict>).filter((verdict) => verdicts.includes(verdict))
  const legend = legendRow(present.map(legendEntry), 0, bottom + 20, legendSpacing)
  return { height: bottom + 34, primitives: inLayers([...heads(), ...rows.flatMap(rowOf), ...legend]) }
}

const differing = (rows: readonly TwinRow[], property: string): readonly string[] =>
  rows.filter(({ verdicts }) => verdicts[property]?.absolute !== verdicts[property]?.relative).map(({ name }) => name)

const having = (records: Records, property: string, reading: "absolute" | "relative"): number =>
  records.twins.filter(({ verdicts }) => verdicts[property]?.[reading] === "proved").length

/** The sixteen in both readings. */
export const relativeTwinsFigure: Figure = {
  id: "relative-twins",
  title: "The sixteen losses and their relative twins",
  needs: ["twins"],
  caption: (records) => {
    const published = records.twins.filter((row) => row.published.length > 0)
    return (
      "Each loss of the lattice read absolutely (literals weigh p and 1 − p) and relatively (p and r, the reference's probability" +
      " of the same answer). All verdicts are exact, each with a proof or a counterexample; a black frame marks those that the reading changes: chosen-safe for" +
      ` ${differing(records.twins, "chosen-safe").join(", ")}; rejected-safe for ${differing(records.twins, "rejected-safe").join(", ")}.` +
      ` Chosen-safe are ${having(records, "chosen-safe", "absolute")} losses and ${having(records, "chosen-safe", "relative")} twins.` +
      ` Counts, order, swap and the signs of single derivatives are the same in both readings. ${published.length} twins are` +
      ` published (${published.map((row) => row.name).join(", ")}), as the losses named; found by decompiling the whole catalogue.` +
      " Chosen-led: |a_l| ≤ 2 a_w everywhere; level-invariant: a common factor of both probabilities changes nothing; escapes: ρ is" +
      " unbounded on policies, the reference fixed. No seeds are involved."
    )
  },
  alt: (records) =>
    `Table of ${records.twins.length} losses with exact verdicts on ${compared.length} properties, absolute beside relative;` +
    ` ${differing(records.twins, "chosen-safe").length} losses lose chosen-safety when read relatively.`,
  draw: (records) => {
    const { height, primitives } = layout(records.twins)
    return { kind: "vega", spec: sceneSpec(figureWidth, height, primitives) }
  }
}
