/** @file Figure: the dendrogram of all mapped losses by the angle between the steps that they ask for. */
import { leafOrder } from "../../maps/linkage.ts"
import { textWidth } from "./drawing/fonts.ts"
import { distinct } from "./drawing/intervals.ts"
import { groupDistances, type MapGroup, type MapMergeRow, mapGroups, mapRows } from "./drawing/mapsRows.ts"
import { convergencePhrase, measurePhrase } from "./drawing/mapsWords.ts"
import { number } from "./drawing/notation.ts"
import { type Label, type Primitive, sceneSpec } from "./drawing/scene.ts"
import { classGlyph, type LegendEntry, legendRow, symbolPath } from "./drawing/symbols.ts"
import { classLooks, figureWidth, fontSize, ink } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const geometry = "log-probability"
/** Columns, pixels: sign, names, level, reference, then the tree. */
const column = { sign: 8, names: 20, level: 268, reference: 366, tree: 400, right: figureWidth - 14 } as const
const line = 12
const gap = 4
const top = 44
const nameSize = fontSize.tiny

/** Names of a group over as many lines as they need. */
const nameLines = (losses: readonly string[]): readonly string[] => {
  const width = column.level - column.names - 10
  const lines: string[] = []
  for (const [i, loss] of losses.entries()) {
    const text = i < losses.length - 1 ? `${loss} =` : loss
    const longer = `${lines.at(-1)} ${text}`
    if (lines.length > 0 && textWidth(longer, nameSize) <= width) lines[lines.length - 1] = longer
    else lines.push(text)
  }
  return lines
}

interface Leaf {
  readonly group: MapGroup
  readonly lines: readonly string[]
  readonly top: number
  /** Middle of the leaf's lines, pixels from the top. */
  readonly middle: number
}

const leavesOf = (groups: readonly MapGroup[], order: readonly number[]): ReadonlyMap<number, Leaf> => {
  let y = top
  return new Map(
    order.map((index) => {
      const group = groups[index]!
      const lines = nameLines(group.losses)
      const leaf = { group, lines, top: y, middle: y + (line * lines.length) / 2 }
      y += line * lines.length + gap
      return [index, leaf] as const
    })
  )
}

/** The root of the angle: most merges are below ten degrees. */
const treeX = (height: number, most: number): number =>
  column.tree + Math.sqrt(height / most) * (column.right - column.tree)

const ticksUpTo = (most: number): readonly number[] => [0, 1, 5, 10, 20, 30, 45, 60, 90, 120].filter((d) => d <= most)

const leafLabels = ({ group, lines, top: y, middle }: Leaf): readonly Primitive[] => {
  const soft = (x: number, text: string): Label => ({
    kind: "label",
    x,
    y: middle,
    text,
    size: nameSize,
    colour: ink.soft
  })
  const sign: Primitive =
    group.class === undefined
      ? { kind: "shape", x: column.sign, y: middle, path: symbolPath("circle", 6), stroke: ink.axis }
      : classGlyph(group.class, column.sign, middle, 9)
  return [
    sign,
    ...lines.map(
      (text, k): Label => ({ kind: "label", x: column.names, y: y + line * (k + 0.5), text, size: nameSize })
    ),
    soft(column.level, distinct(group.rows.map(({ level }) => level.replace("_", " "))).join(", ")),
    ...(group.reference === "none" ? [] : [soft(column.reference, group.reference)])
  ]
}

const branches = (
  merges: readonly MapMergeRow[],
  leaves: ReadonlyMap<number, Leaf>,
  most: number
): readonly Primitive[] => {
  const ends = new Map([...leaves].map(([index, leaf]) => [index, { x: treeX(0, most), y: leaf.middle }]))
  return merges.map((merge, k): Primitive => {
    const [a, b] = [ends.get(merge.left)!, ends.get(merge.right)!]
    const x = Math.round(treeX(merge.height, most) * 10) / 10
    ends.set(leaves.size + k, { x, y: (a.y + b.y) / 2 })
    return { kind: "shape", x: 0, y: 0, path: `M${a.x},${a.y}H${x}V${b.y}H${b.x}`, stroke: ink.soft, strokeWidth: 1.2 }
  })
}

const axis = (most: number, bottom: number): readonly Primitive[] => {
  const ticks = ticksUpTo(most)
  return [
    ...ticks.map((d): Primitive => {
      const x = Math.round(treeX(d, most) * 10) / 10
      return { kind: "shape", x: 0, y: 0, path: `M${x},${top - 6}V${bottom}`, stroke: ink.grid }
    }),
    ...ticks.map(
      (d): Label => ({
        kind: "label",
        x: treeX(d, most),
        y: top - 14,
        text: `${d}°`,
        size: fontSize.tiny,
        align: "center"
      })
    ),
    {
      kind: "label",
      x: column.tree,
      y: top - 30,
      text: "mean angle between the steps (root scale)",
      size: fontSize.small
    },
    ...(
      [
        [column.names, "losses with the same field"],
        [column.level, "level"],
        [column.reference, "ref."]
      ] as const
    ).map(([x, text]): Label => ({ kind: "label", x, y: top - 14, text, size: fontSize.small, weight: "bold" }))
  ]
}

const legend = (y: number): readonly Primitive[] => {
  const entries: readonly LegendEntry[] = [
    ...classLooks.map((look) => ({ sign: [classGlyph(look.id, 0, 0, 10)], signWidth: 10, text: look.label })),
    {
      sign: [{ kind: "shape", x: 0, y: 0, path: symbolPath("circle", 6), stroke: ink.axis }],
      signWidth: 8,
      text: "no structure over M(w), M(l)"
    }
  ]
  return legendRow(entries, column.sign, y, 16)
}

const mergesOf = (records: Records): readonly MapMergeRow[] =>
  mapRows(records, "merge").filter((row) => row.geometry === geometry)

/** The group that is farthest from its nearest other one. */
const loneliest = (records: Records) => {
  const groups = mapGroups(records)
  const distance = groupDistances(records, geometry)
  const nearest = groups.map((_, i) => Math.min(...groups.flatMap((_other, j) => (i === j ? [] : [distance(i, j)]))))
  const most = Math.max(...nearest)
  return { name: groups[nearest.indexOf(most)]!.losses[0]!, angle: most }
}

/** Losses by the angle between their gradients. */
export const lossDendrogramFigure: Figure = {
  id: "loss-dendrogram",
  title: "Losses by the angle between the steps that they ask for",
  needs: ["maps"],
  applies: (records) => mapGroups(records).length > 1,
  caption: (records) => {
    const groups = mapGroups(records)
    const far = loneliest(records)
    return (
      `Average linkage of ${mapRows(records, "loss").length} losses, at default parameters, which have ${groups.length} different fields;` +
      " losses on one line, joined by “=”, ask for the same direction at every point (within a millionth of a radian). The distance" +
      " of two losses is the mean angle between their descent directions in (log p_w, log p_l)" +
      ` ${measurePhrase(records)} It does not see how long a step is. ${far.name} is farthest from all others: ${number(far.angle, 1)}° to the nearest.` +
      " Each field counts once, whatever the number of its losses. Signs at the left: the behaviour class, where the loss is a" +
      " structure over M(w) and M(l); “level” says how far the losses are from one structure, “ref.” whether some or all of them have a reference." +
      ` ${convergencePhrase(records, geometry)}`
    )
  },
  alt: (records) =>
    `Dendrogram of ${mapGroups(records).length} gradient fields; ${loneliest(records).name} joins last or nearly so, at ${number(loneliest(records).angle, 1)} degrees from its nearest neighbour.`,
  draw: (records) => {
    const groups = mapGroups(records)
    const merges = mergesOf(records)
    const leaves = leavesOf(groups, leafOrder(groups.length, merges))
    const last = [...leaves.values()].at(-1)!
    const bottom = last.top + line * last.lines.length + gap
    const most = merges.at(-1)?.height ?? 1
    const scale = most > 0 ? most : 1
    return {
      kind: "vega",
      spec: sceneSpec(figureWidth, bottom + 24, [
        ...axis(scale, bottom),
        ...branches(merges, leaves, scale),
        ...[...leaves.values()].flatMap(leafLabels),
        ...legend(bottom + 14)
      ])
    }
  }
}
