/**
 * @file Figure: the four behaviour classes. Each of the sixteen losses as a map over (p_w, p_l) with the region of displacement, and
 * beside it what it did in the registered bandit worlds: what a class looks like and what it does.
 */

import { rests } from "../../maps/displacement.ts"
import { type ClassOutcomes, classOutcomes } from "./drawing/classOutcomes.ts"
import { type ContourPanel, contourSpec, sampleGrid } from "./drawing/contourPanel.ts"
import { intervalPhrase } from "./drawing/intervals.ts"
import { mapFrame } from "./drawing/lossMap.ts"
import { type LossSurface, lossSurface } from "./drawing/lossSurface.ts"
import { mapLegend } from "./drawing/mapLegend.ts"
import { descentArrows, displacementHatching, mapAxes, policyEdge } from "./drawing/mapPanel.ts"
import { number, richLabels } from "./drawing/notation.ts"
import { lossLevels } from "./drawing/pairMap.ts"
import type { Box, Label, Primitive } from "./drawing/scene.ts"
import { classGlyph } from "./drawing/symbols.ts"
import { classLooks, figureWidth, fontSize, ink } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type LandscapeNodeRow, landscapeNodes, type Records } from "./records.ts"

const size = 98
const place = { left: 40, top: 46, gapX: 12, gapY: 56, table: 28 } as const
const line = size / 4
const nameWidth = 46

/** The losses of each class, from more to less constrained. */
const byClass = (records: Records) =>
  classLooks.map((look) => ({
    look,
    nodes: landscapeNodes(records)
      .filter((node) => node.class === look.id)
      .toSorted((a, b) => a.depth - b.depth)
  }))

const rowTop = (row: number): number => place.top + row * (size + place.gapY)

const mapOf = (node: LandscapeNodeRow, surface: LossSurface, row: number, column: number): ContourPanel => {
  const square = { surface, axes: mapAxes.prob, size }
  return {
    x: place.left + column * (size + place.gapX),
    y: rowTop(row),
    width: size,
    height: size,
    grid: sampleGrid(40, (chosen, rejected) => surface.at(chosen, rejected).loss),
    levels: lossLevels,
    over: [...displacementHatching(square, rests, 6), ...policyEdge(square), ...descentArrows(square, 6)],
    around: [
      ...mapFrame(square, { x: row === 3, y: column === 0 }),
      { kind: "label", x: 0, y: -8, text: node.name, weight: "bold", size: fontSize.small },
      ...(row === 3 ? richLabels({ x: size / 2, y: size + 25, text: "p_w", align: "center" }) : []),
      ...(column === 0 ? richLabels({ x: -20, y: size / 4, text: "p_l", align: "right" }) : [])
    ]
  }
}

const headings = (records: Records): readonly Primitive[] => {
  const looks = byClass(records).map(({ look }) => look)
  return [
    ...looks.map((look, row) => classGlyph(look.id, place.left + 5, rowTop(row) - 26, 9)),
    ...looks.map(
      (look, row): Label => ({
        kind: "label",
        x: place.left + 15,
        y: rowTop(row) - 26,
        text: `${look.label}: ${look.meaning}`,
        size: fontSize.small
      })
    )
  ]
}

/** A light tint that grows with the place of a value among those of its column. */
const tintOf = (value: number, low: number, high: number): string => {
  const share = high > low ? (value - low) / (high - low) : 0
  const mixed = [0x9c, 0xc3, 0xe0].map((to) =>
    Math.round(255 + share * (to - 255))
      .toString(16)
      .padStart(2, "0")
  )
  return `#${mixed.join("")}`
}

/** The table beside the maps: a line a loss, a column an outcome. @param left its left edge */
const table = (records: Records, outcomes: readonly ClassOutcomes[], left: number): readonly Primitive[] => {
  const width = Math.floor((figureWidth - left - nameWidth) / outcomes.length)
  const at = (column: number) => left + nameWidth + width * (column + 0.5)
  const boxes: Box[] = []
  const labels: Label[] = []
  const say = (text: string, x: number, y: number, more: Partial<Label> = {}) =>
    labels.push({ kind: "label", x, y, text, size: fontSize.small, align: "center", ...more })
  outcomes.forEach(({ world, title, means }, column) => {
    if (world !== outcomes[column - 1]?.world) {
      const span = outcomes.filter((one) => one.world === world).length
      say(world, at(column + (span - 1) / 2), place.top - 38, { weight: "bold" })
    }
    for (const [k, text] of title.entries()) {
      say(text, at(column), place.top - 24 + 11 * k, { size: fontSize.tiny, colour: ink.soft })
    }
    const values = [...means.values()].map(({ mean }) => mean)
    const [low, high] = [Math.min(...values), Math.max(...values)]
    for (const [row, { nodes }] of byClass(records).entries()) {
      for (const [k, node] of nodes.entries()) {
        const interval = means.get(node.id)
        if (interval === undefined) continue
        const y = rowTop(row) + k * line
        const fill = tintOf(interval.mean, low, high)
        boxes.push({ kind: "box", x: at(column) - width / 2 + 1, y: y + 1, width: width - 2, height: line - 2, fill })
        say(number(interval.mean), at(column), y + line / 2 - 4)
        if (interval.seeds > 1) {
          const half = number((interval.high - interval.low) / 2)
          say(`±${half}`, at(column), y + line / 2 + 6.5, { size: 8, colour: ink.soft })
        }
      }
    }
  })
  for (const [row, { nodes }] of byClass(records).entries()) {
    for (const [k, node] of nodes.entries()) {
      say(node.name, left + nameWidth - 8, rowTop(row) + (k + 0.5) * line, { align: "right" })
    }
  }
  return [...boxes, ...labels]
}

const surfacesOf = (records: Records) =>
  byClass(records).map(({ nodes }) =>
    nodes.flatMap((node) => {
      const surface = lossSurface(node.id)
      return surface === undefined ? [] : [{ node, surface }]
    })
  )

/** The sixteen losses by behaviour class: maps, and outcomes on bandits. */
export const lossClassesFigure: Figure = {
  id: "loss-classes",
  title: "The four behaviour classes, and what they do",
  needs: ["landscape", "bandit"],
  applies: (records) => landscapeNodes(records).length > 0 && classOutcomes(records).length > 0,
  caption: (records) => {
    const outcomes = classOutcomes(records)
    const worlds = {
      clean: "clean (eight answers, many pairs)",
      sparse: "sparse (few noisy pairs that leave out a quarter of the answers, the unseen ones)",
      "low-rank": "low-rank (answers that share features)"
    }
    const seen = [...new Set(outcomes.map(({ world }) => worlds[world]))]
    return (
      "Each row is a class: what a loss does with the row of its truth table in which both answers are invalid. Left: loss (contours," +
      ` the same levels in every map: ${lossLevels.thresholds.map((level) => number(level)).join(", ")} nats) over the probabilities of the` +
      " chosen and the rejected answer, with the logistic link and β = 1; arrows point where descent in log-probabilities leads, each map with" +
      " its own scale. Hatched: a softmax policy with these two probabilities can take a gradient step that lowers log p_w, or one that raises" +
      ` log p_l. Right: the same losses after training in the worlds ${seen.join(", ")}; darker is more. Δ: change by` +
      ` training. ${intervalPhrase(outcomes.flatMap(({ rows }) => rows)).replace("intervals", "intervals (± half their width)")}`
    )
  },
  alt: (records) =>
    `Sixteen small contour maps, four for each behaviour class, beside a table of ${classOutcomes(records).length} outcomes of training with each loss.`,
  draw: (records) => {
    const panels = surfacesOf(records).flatMap((row, r) =>
      row.map(({ node, surface }, c) => mapOf(node, surface, r, c))
    )
    const right = place.left + 4 * (size + place.gapX) - place.gapX
    const height = rowTop(3) + size + 44
    const legend = mapLegend(place.left, height, false)
    const free = [...headings(records), ...table(records, classOutcomes(records), right + place.table)]
    const layered = (["box", "shape", "label"] as const).flatMap((kind) =>
      [...free, ...legend].filter((one) => one.kind === kind)
    )
    return { kind: "vega", spec: contourSpec(figureWidth, height + 26, panels, layered) }
  }
}
