/**
 * @file Figure 1: the lattice of the sixteen admissible losses, generated from the landscape records: every node with its
 * truth table, every covering pair as an edge, behaviour classes by colour and shape, derived losses starred.
 */

import { textWidth } from "./drawing/fonts.ts"
import type { GraphEdge, GraphNode, Strip } from "./drawing/graph.ts"
import { lossName } from "./drawing/lossNames.ts"
import { fitted, formulaSigns } from "./drawing/notation.ts"
import { referenceCores, referenceStrip } from "./drawing/referenceCores.ts"
import { crossGlyph, type Label, moved, type Primitive, tickGlyph } from "./drawing/scene.ts"
import { classGlyph, legendRow, starGlyph } from "./drawing/symbols.ts"
import { classLook, classLooks, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type BehaviourClass, type DeriveRow, landscapeEdges, landscapeNodes, type Records } from "./records.ts"

const rowNames = ["TT", "TF", "FT", "FF"] as const
const box = { width: 108, height: 66, header: 18 } as const

interface NodeFace {
  readonly name: string
  readonly core: string
  readonly ticks: readonly string[]
  readonly crosses: readonly string[]
  readonly class: BehaviourClass | undefined
  readonly known: boolean
  readonly derived: boolean
}

/** One cell of a truth table: the row's name over its mark (tick, cross, both or none). */
const cell = (face: NodeFace, row: string, x: number, width: number): readonly Primitive[] => {
  const tick = face.ticks.includes(row)
  const cross = face.crosses.includes(row)
  const middle = x + width / 2
  const y = box.height - 10
  const shift = tick && cross ? 5.5 : 0
  const name: Label = { kind: "label", x: middle, y: 38, text: row, size: 8, align: "center", colour: ink.soft }
  return [
    { kind: "box", x, y: 32, width, height: box.height - 32, stroke: "#cccccc", strokeWidth: 0.6 },
    name,
    ...(tick ? [tickGlyph(middle - shift, y, 10, okabeIto.blue)] : []),
    ...(cross ? [crossGlyph(middle + shift, y, 10, okabeIto.vermilion)] : [])
  ]
}

const face = (node: NodeFace): readonly Primitive[] => {
  const look = node.class === undefined ? undefined : classLook(node.class)
  const column = box.width / rowNames.length
  const frame = { kind: "box", x: 0, y: 0, width: box.width, height: box.height } as const
  const middle = { kind: "label", x: box.width / 2, align: "center" } as const
  const table: readonly Primitive[] =
    node.class === undefined
      ? [{ ...middle, y: 46, text: "more propositions", size: fontSize.tiny, colour: ink.soft }]
      : rowNames.flatMap((row, index) => cell(node, row, index * column, column))
  return [
    { ...frame, fill: ink.paper },
    { ...frame, height: box.header, fill: look?.tint ?? "#f2f2f2" },
    ...table,
    { ...frame, stroke: look?.colour ?? ink.soft, strokeWidth: node.known ? 2.4 : 1 },
    ...(node.class === undefined ? [] : [classGlyph(node.class, 10, box.header / 2, 9)]),
    { ...middle, y: box.header / 2, weight: "bold", ...fitted(node.name, box.width - 38, fontSize.label, "bold") },
    ...(node.derived ? [starGlyph(box.width - 10, box.header / 2, 6)] : []),
    { ...middle, y: 25, ...fitted(formulaSigns(node.core), box.width - 8, fontSize.tiny) }
  ]
}

const latticeFaces = (records: Records): readonly (NodeFace & { readonly id: string })[] => {
  const derived = new Set(records.derive.map((row) => row.latticeName))
  return landscapeNodes(records).map((node) => ({ ...node, derived: derived.has(node.name) }))
}

/** Derived losses that are none of the sixteen. */
const outside = (records: Records): readonly DeriveRow[] =>
  records.derive.filter((row) => row.latticeName === undefined)

/** Row names of a LOSS text `rows:TF,TT/FT` over M(w), M(l); undefined for masks over other propositions. */
const namedRows = (
  loss: string
): { readonly ticks: readonly string[]; readonly crosses: readonly string[] } | undefined => {
  const match = /^rows:([TF,]*)\/([TF,]*)(?:\?|$)/.exec(loss)
  if (match === null) return undefined
  const split = (text: string | undefined) => (text ?? "").split(",").filter((name) => name !== "")
  const rows = { ticks: split(match[1]), crosses: split(match[2]) }
  return [...rows.ticks, ...rows.crosses].every((name) => name.length === 2) ? rows : undefined
}

const classOfRows = (ticks: readonly string[], crosses: readonly string[]): BehaviourClass => {
  const tick = ticks.includes("FF")
  const cross = crosses.includes("FF")
  return tick ? (cross ? "both" : "tick-only") : cross ? "cross-only" : "neither"
}

/** At most six fit beside each other; the table of derived losses lists all. */
const shownOutside = 6
const legendHeight = 44

const nearest = (records: Records, row: DeriveRow): string => {
  const first = row.neighbours[0]
  return first === undefined ? "" : `nearest: ${lossName(records, typeof first === "string" ? first : first.id)}`
}

const outsideStrip = (records: Records, rows: readonly DeriveRow[]): readonly Primitive[] => {
  const title = "Derived in this study, outside the sixteen"
  const heading: Label = { kind: "label", x: 0, y: 26, text: title, weight: "bold", size: fontSize.label }
  const faces = rows.slice(0, shownOutside).flatMap((row, index) => {
    const named = namedRows(row.loss)
    const node: NodeFace = {
      name: row.name,
      core: row.core,
      ticks: named?.ticks ?? [],
      crosses: named?.crosses ?? [],
      class: named === undefined ? undefined : classOfRows(named.ticks, named.crosses),
      known: false,
      derived: true
    }
    const x = index * (box.width + 14)
    const below: Label = {
      kind: "label",
      x: x + box.width / 2,
      y: 42 + box.height + 10,
      ...fitted(nearest(records, row), box.width, fontSize.tiny),
      align: "center",
      colour: ink.soft
    }
    return [...face(node).map((one) => ({ ...one, x: one.x + x, y: one.y + 42 })), below]
  })
  const layer = (kind: Primitive["kind"]) => faces.filter((one) => one.kind === kind)
  return [heading, ...layer("box"), ...layer("shape"), ...layer("label")]
}

/** Which way is up, in the free corner beside the top of the lattice. */
const direction = (): readonly Primitive[] => [
  { kind: "shape", x: 6, y: legendHeight + 18, path: "M0,62V6M-4,12L0,4L4,12", stroke: ink.soft, strokeWidth: 1.2 },
  ...["less constrained:", "ρ never smaller,", "loss never larger"].map(
    (text, line): Label => ({
      kind: "label",
      x: 18,
      y: legendHeight + 30 + 15 * line,
      text,
      size: fontSize.small,
      colour: ink.soft
    })
  )
]

/** A row's name as the truth tables write it. */
const rowSample: Label = { kind: "label", x: 0, y: 0, text: "TF", size: 8, align: "center", colour: ink.soft }

const legend = (starred: boolean): readonly Primitive[] => [
  ...direction(),
  { kind: "label", x: 0, y: 8, text: "Row FF is a", size: fontSize.small, weight: "bold" },
  ...legendRow(
    classLooks.map((look) => ({ sign: [classGlyph(look.id, 0, 0, 9)], signWidth: 10, text: look.label })),
    textWidth("Row FF is a", fontSize.small, "bold") + 10,
    8
  ),
  ...legendRow(
    [
      { sign: [rowSample], signWidth: 12, text: "row: only the winner is valid" },
      { sign: [tickGlyph(0, 0, 10, okabeIto.blue)], signWidth: 10, text: "counts for the winner" },
      { sign: [crossGlyph(0, 0, 10, okabeIto.vermilion)], signWidth: 10, text: "for the loser" },
      {
        sign: [{ kind: "box", x: -7, y: -5, width: 14, height: 10, stroke: ink.text, strokeWidth: 2.4 }],
        signWidth: 16,
        text: "known before the lattice"
      },
      ...(starred ? [{ sign: [starGlyph(0, 0, 6)], signWidth: 12, text: "derived in this study" }] : [])
    ],
    0,
    27
  )
]

const edges = (records: Records): readonly GraphEdge[] =>
  landscapeEdges(records).map((edge) => ({ from: edge.from, to: edge.to, colour: ink.axis, strokeWidth: 1 }))

const count = (amount: number, one: string): string => `${amount} ${one}${amount === 1 ? "" : "s"}`

/** The lattice of the admissible losses. */
export const latticeFigure: Figure = {
  id: "lattice",
  title: "The lattice of preference losses",
  needs: ["landscape"],
  applies: (records) => landscapeNodes(records).length > 0,
  caption: (records) => {
    const nodes = landscapeNodes(records)
    const inside = nodes.filter((node) => records.derive.some((row) => row.latticeName === node.name)).length
    const beyond = outside(records).length
    const derived =
      records.derive.length === 0
        ? ""
        : ` Stars mark what the query of this study returned: ${inside} of the lattice` +
          ` and ${count(beyond, "loss").replace(/losss$/, "losses")} outside it` +
          `${beyond > shownOutside ? ` (the first ${shownOutside} are drawn)` : ""}.`
    return (
      `The ${nodes.length} admissible losses over two predictions, M(w) “the winner is a valid answer” and M(l) “the loser is”,` +
      ` and their ${landscapeEdges(records).length} covering pairs. Each truth table says for TT (both valid), TF (winner only),` +
      " FT (loser only) and FF (neither) whether the row counts for the winner side (tick), the loser side (cross), both or" +
      " neither. An edge leads upwards from a loss to the next less constrained one, which it entails; its loss is never" +
      " smaller. The formula is the core of the loss, of which there are four, the semantic regions of the published drawing; with a" +
      ` reference model they become the ${referenceCores(records).length} below.` +
      " Frame, symbol and tint show the behaviour class, which is what the loss" +
      ` does with row FF.${derived} Computed exactly from the definitions: no seeds and no intervals are involved.`
    )
  },
  alt: (records) => {
    const nodes = [...landscapeNodes(records)].sort((a, b) => a.depth - b.depth)
    return (
      `Hasse diagram of ${nodes.length} losses from ${nodes.at(0)?.name}, the most constrained, at the bottom` +
      ` to ${nodes.at(-1)?.name} at the top, each with its truth table.`
    )
  },
  draw: (records) => {
    const faces = latticeFaces(records)
    const nodes: readonly GraphNode[] = faces.map((one) => ({
      id: one.id,
      width: box.width,
      height: box.height,
      drawing: face(one)
    }))
    const beyond = outside(records)
    const reference = referenceStrip(records)
    const below: Strip = {
      height: reference.height + (beyond.length === 0 ? 0 : 42 + box.height + 20),
      drawing: [
        ...reference.drawing,
        ...(beyond.length === 0 ? [] : outsideStrip(records, beyond).map((one) => moved(one, 0, reference.height)))
      ]
    }
    return {
      kind: "graph",
      graph: {
        direction: "BT",
        nodes,
        edges: edges(records),
        nodeSeparation: 16,
        rankSeparation: 50,
        above: { height: legendHeight, drawing: legend(records.derive.length > 0) },
        below
      }
    }
  }
}
