/**
 * @file Figure: Hasse diagram of the dominance order on the strictly monotone losses over a pair. Solid edges are entailments,
 * dashed ones are inequalities of rho that no chain of entailments shows.
 */
import { textWidth } from "./drawing/fonts.ts"
import type { GraphEdge, GraphNode } from "./drawing/graph.ts"
import { fitted } from "./drawing/notation.ts"
import { crossGlyph, type Primitive, tickGlyph } from "./drawing/scene.ts"
import { legendRow } from "./drawing/symbols.ts"
import { fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { OrderCountsRow, OrderCoverRow, OrderLossRow, Records } from "./records.ts"

const among = "strict"
const rowNames = ["TT", "TF", "FT", "FF"] as const
const box = { width: 92, height: 40, header: 17 } as const
const fair = "#e6f0fa"

const losses = ({ order }: Records): readonly OrderLossRow[] =>
  order.filter((row): row is OrderLossRow => row.kind === "loss" && row.among === among)
const covers = ({ order }: Records): readonly OrderCoverRow[] =>
  order.filter((row): row is OrderCoverRow => row.kind === "cover" && row.among === among)
const counts = ({ order }: Records): OrderCountsRow | undefined =>
  order.find((row): row is OrderCountsRow => row.kind === "counts" && row.among === among)

const marks = (row: OrderLossRow, name: string, x: number, width: number): readonly Primitive[] => {
  const [tick, cross] = [row.ticks.includes(name), row.crosses.includes(name)]
  const [middle, y] = [x + width / 2, (box.header + box.height) / 2]
  const shift = tick && cross ? 5 : 0
  return [
    { kind: "box", x, y: box.header, width, height: box.height - box.header, stroke: "#cccccc", strokeWidth: 0.6 },
    ...(tick ? [tickGlyph(middle - shift, y, 9, okabeIto.blue)] : []),
    ...(cross ? [crossGlyph(middle + shift, y, 9, okabeIto.vermilion)] : [])
  ]
}

const face = (row: OrderLossRow): readonly Primitive[] => {
  const column = box.width / rowNames.length
  const frame = { kind: "box", x: 0, y: 0, width: box.width, height: box.height } as const
  const name = fitted(row.name, box.width - 6, fontSize.tiny, row.published ? "bold" : "normal")
  return [
    { ...frame, fill: ink.paper },
    { ...frame, height: box.header, fill: row.antisymmetric ? fair : "#f6f6f6" },
    ...rowNames.flatMap((one, k) => marks(row, one, k * column, column)),
    { ...frame, stroke: row.published ? ink.text : ink.soft, strokeWidth: row.published ? 1.8 : 0.8 },
    {
      kind: "label",
      x: box.width / 2,
      y: box.header / 2,
      align: "center",
      ...name,
      ...(row.published ? { weight: "bold" as const } : {})
    }
  ]
}

const edge = ({ from, to, by }: OrderCoverRow): GraphEdge =>
  by === "entailment"
    ? { from, to, colour: ink.axis, strokeWidth: 1 }
    : { from, to, colour: okabeIto.vermilion, strokeWidth: 1.1, dash: [4, 3] }

const stroke = (colour: string, dash?: readonly number[]): Primitive => ({
  kind: "shape",
  x: -9,
  y: 0,
  path: "M0,0H18",
  stroke: colour,
  strokeWidth: 1.4,
  ...(dash === undefined ? {} : { dash })
})

const swatch = (style: {
  readonly fill?: string
  readonly stroke: string
  readonly strokeWidth: number
}): Primitive => ({
  kind: "box",
  x: -7,
  y: -5,
  width: 14,
  height: 10,
  ...style
})

const heading = "Cells: TT, TF, FT, FF"

const legend = (): readonly Primitive[] => [
  { kind: "label", x: 0, y: 8, text: heading, size: fontSize.small, weight: "bold" },
  ...legendRow(
    [
      { sign: [tickGlyph(0, 0, 10, okabeIto.blue)], signWidth: 10, text: "counts for the winner" },
      { sign: [crossGlyph(0, 0, 10, okabeIto.vermilion)], signWidth: 10, text: "for the loser" },
      { sign: [swatch({ stroke: ink.text, strokeWidth: 1.8 })], signWidth: 16, text: "published" },
      { sign: [swatch({ fill: fair, stroke: ink.soft, strokeWidth: 0.8 })], signWidth: 16, text: "swap-antisymmetric" }
    ],
    textWidth(heading, fontSize.small, "bold") + 14,
    8
  ),
  ...legendRow(
    [
      { sign: [stroke(ink.axis)], signWidth: 20, text: "entails (row by row, or by way of other losses)" },
      {
        sign: [stroke(okabeIto.vermilion, [4, 3])],
        signWidth: 20,
        text: "ρ is never larger, which entailment does not show"
      }
    ],
    0,
    27
  )
]

/** The dominance order on the strictly monotone losses. */
export const dominanceOrderFigure: Figure = {
  id: "dominance-order",
  title: "The true order of the strictly monotone losses",
  needs: ["order"],
  applies: (records) => losses(records).length > 0,
  caption: (records) => {
    const found = counts(records)!
    const only = covers(records).filter(({ by }) => by !== "entailment").length
    const published = losses(records).filter((row) => row.published).length
    return (
      `The ${found.losses} distinct losses over two predictions that are strictly monotone, ${published} of them published, ordered by` +
      " dominance: an edge leads upwards to a loss whose core ratio ρ is nowhere smaller, so that its value is nowhere larger." +
      ` Of ${found.dominance} ordered pairs, entailment knows ${found.entailed}; of the ${found.covers} covers drawn, ${only} (dashed) are beyond it.` +
      ` The longest chain has ${found.height} losses, the largest antichain ${found.width}. On policies, where the two probabilities sum to` +
      ` at most 1, ${found.onSimplex} pairs are ordered. Every pair is decided exactly, by a proof or a rational witness: no seeds are involved.`
    )
  },
  alt: (records) => {
    const found = counts(records)!
    return `Hasse diagram of ${found.losses} losses with ${found.covers} covers in ${found.height} levels, each loss with its truth table.`
  },
  draw: (records) => ({
    kind: "graph",
    graph: {
      direction: "BT",
      nodes: losses(records).map(
        (row): GraphNode => ({ id: row.name, width: box.width, height: box.height, drawing: face(row) })
      ),
      edges: covers(records).map(edge),
      nodeSeparation: 14,
      routing: "spline",
      rankSeparation: 46,
      above: { height: 46, drawing: legend() }
    }
  })
}
