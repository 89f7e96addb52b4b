/**
 * @file Figure: all pairs of the distinct losses over two predictions: which entail, which are ordered by dominance alone. Losses
 * are sorted by their level in the order, so that everything ordered lies above the diagonal.
 */
import { type Label, type Primitive, sceneSpec } from "./drawing/scene.ts"
import { legendRow } from "./drawing/symbols.ts"
import { figureWidth, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { OrderCountsRow, OrderLossRow, Records } from "./records.ts"

const among = "all"
const left = 34
const top = 30
const bottom = 34

const losses = ({ order }: Records): readonly OrderLossRow[] =>
  order.filter((row): row is OrderLossRow => row.kind === "loss" && row.among === among)
const counts = ({ order }: Records): OrderCountsRow =>
  order.find((row): row is OrderCountsRow => row.kind === "counts" && row.among === among)!

interface Sorted {
  readonly rows: readonly OrderLossRow[]
  /** Where the loss at a position of the records comes in the picture. */
  readonly place: readonly number[]
}

const sorted = (records: Records): Sorted => {
  const found = losses(records)
  const positions = found.map((_, i) => i).sort((a, b) => found[a]!.level - found[b]!.level || a - b)
  const place = new Array<number>(found.length)
  positions.forEach((position, i) => {
    place[position] = i
  })
  return { rows: positions.map((position) => found[position]!), place }
}

const short = (value: number): string => String(Math.round(value * 100) / 100)

/** One path for all cells of a kind: rows go down, the loss above stands in the column. */
const cells = (
  { rows, place }: Sorted,
  kind: "entails" | "dominatedOnly",
  size: number,
  colour: string
): Primitive => ({
  kind: "shape",
  x: left,
  y: top,
  path: rows
    .flatMap((row, y) =>
      row[kind].map(
        (j) => `M${short(place[j]! * size)},${short(y * size)}h${short(size)}v${short(size)}h${short(-size)}z`
      )
    )
    .join(""),
  fill: colour
})

const published = ({ rows }: Sorted, size: number): readonly Primitive[] =>
  rows.flatMap((row, i): readonly Primitive[] =>
    row.published
      ? [
          { kind: "box", x: left - 7, y: top + i * size, width: 5, height: Math.max(1, size - 0.6), fill: ink.text },
          {
            kind: "box",
            x: left + i * size,
            y: top + rows.length * size + 2,
            width: Math.max(1, size - 0.6),
            height: 5,
            fill: ink.text
          }
        ]
      : []
  )

const sign = (fill: string): readonly Primitive[] => [{ kind: "box", x: -5, y: -5, width: 10, height: 10, fill }]

/** All pairs of the losses over two predictions. */
export const dominanceMatrixFigure: Figure = {
  id: "dominance-matrix",
  title: "Every pair of losses over two predictions",
  needs: ["order"],
  applies: (records) => losses(records).length > 0,
  caption: (records) => {
    const found = counts(records)
    const incomparable = (found.losses * (found.losses - 1)) / 2 - found.dominance
    return (
      `All ${found.losses} distinct losses over two predictions, sorted by level: a cell is filled when the core ratio of the row's loss is` +
      ` nowhere larger than that of the column's. Of ${found.dominance} ordered pairs some structures of ${found.entailment} entail one another,` +
      ` ${found.entailed} follow by way of other losses (blue), and ${found.finer} are shown by no entailment (red).` +
      ` ${incomparable} unordered pairs are incomparable, each with a witness either way. On policies ${found.onSimplex} pairs are ordered.` +
      ` Bars mark the published losses. The longest chain has ${found.height} losses, the largest antichain ${found.width}. Every pair is decided by a proof or a witness: no seeds are involved.`
    )
  },
  alt: (records) =>
    `Triangular matrix of ${counts(records).losses} losses: ${counts(records).dominance} ordered pairs, most by entailment, few by dominance alone.`,
  draw: (records) => {
    const found = sorted(records)
    const size = (figureWidth - left - 10) / found.rows.length
    const width = found.rows.length * size
    const axis = (text: string, y: number): Label => ({
      kind: "label",
      x: left + width / 2,
      y,
      text,
      align: "center",
      size: fontSize.small,
      colour: ink.soft
    })
    return {
      kind: "vega",
      spec: sceneSpec(figureWidth, top + width + bottom, [
        { kind: "box", x: left, y: top, width, height: width, fill: "#fafafa", stroke: "#cccccc", strokeWidth: 0.6 },
        cells(found, "entails", size, okabeIto.blue),
        cells(found, "dominatedOnly", size, okabeIto.vermilion),
        ...published(found, size),
        ...legendRow(
          [
            { sign: sign(okabeIto.blue), signWidth: 12, text: "entails" },
            { sign: sign(okabeIto.vermilion), signWidth: 12, text: "ordered by ρ alone" },
            { sign: sign(ink.text), signWidth: 12, text: "published" }
          ],
          left,
          14
        ),
        axis("rows: the lesser loss of a pair; columns: the greater; both by level, lowest first", top + width + 20)
      ])
    }
  }
}
