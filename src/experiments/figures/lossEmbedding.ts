/** @file Figure: all mapped losses in a plane in which distances are, as far as a plane can, the angles between their steps. */
import { type Geometry, geometries } from "../../maps/directions.ts"
import { textWidth } from "./drawing/fonts.ts"
import { type MapGroup, mapGroups, mapRows } from "./drawing/mapsRows.ts"
import { convergencePhrase, measurePhrase } from "./drawing/mapsWords.ts"
import { number } from "./drawing/notation.ts"
import { type LabelSpot, placeLabels } from "./drawing/placeLabels.ts"
import { type Box, type Primitive, type Shape, sceneSpec } from "./drawing/scene.ts"
import { type LegendEntry, legendRow, symbolPath } from "./drawing/symbols.ts"
import { classLook, classLooks, figureWidth, fontSize, ink, textColour } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const frame = { left: 8, top: 30, width: figureWidth - 16, gapY: 44, padding: 46, least: 240, most: 560 } as const
const nameSize = fontSize.tiny

const titles: Readonly<Record<Geometry, string>> = {
  "log-probability": "Angles of descent in log-probabilities",
  softmax: "Angles of the step on the logits of a softmax"
}

/** What a group is called where there is no room for all its losses. */
const groupName = ({ losses }: MapGroup): string => `${losses[0]}${losses.length > 1 ? ` +${losses.length - 1}` : ""}`

/** Colour and shape by class, filled where no loss of the group has a reference. */
const sign = (group: Pick<MapGroup, "class" | "reference">, x: number, y: number): Shape => {
  const look = group.class === undefined ? { colour: ink.soft, shape: "circle" } : classLook(group.class)
  const hollow = group.reference === "all"
  return {
    kind: "shape",
    x,
    y,
    path: symbolPath(look.shape, group.class === undefined ? 7 : 9),
    fill: hollow ? ink.paper : look.colour,
    stroke: hollow ? look.colour : ink.paper,
    strokeWidth: hollow ? 1.6 : 0.6
  }
}

interface Panel {
  readonly height: number
  readonly marks: readonly Primitive[]
}

/** Places scaled to the frame, the same pixels for a degree in both directions. */
const scaled = (records: Records, geometry: Geometry) => {
  const rows = mapRows(records, "place").filter((row) => row.geometry === geometry)
  const [xs, ys] = [rows.map(({ x }) => x), rows.map(({ y }) => y)]
  const span = (values: readonly number[]) => Math.max(1e-9, Math.max(...values) - Math.min(...values))
  const scale = Math.min((frame.width - 2 * frame.padding - 60) / span(xs), (frame.most - 2 * frame.padding) / span(ys))
  const height = Math.min(frame.most, Math.max(frame.least, span(ys) * scale + 2 * frame.padding))
  const middle = (values: readonly number[]) => (Math.max(...values) + Math.min(...values)) / 2
  return {
    scale,
    height,
    points: rows.map(({ x, y }) => ({
      x: frame.width / 2 + (x - middle(xs)) * scale,
      y: height / 2 - (y - middle(ys)) * scale
    }))
  }
}

const panelOf = (records: Records, geometry: Geometry): Panel => {
  const groups = mapGroups(records)
  const { scale, height, points } = scaled(records, geometry)
  const spots = groups.map(
    (group, i): LabelSpot => ({ ...points[i]!, width: textWidth(groupName(group), nameSize), height: nameSize + 2 })
  )
  const labels = placeLabels(spots, { width: frame.width, height: height - 22 })
  const box: Box = { kind: "box", x: 0, y: 0, width: frame.width, height, stroke: ink.grid }
  const bar = 10 * scale
  return {
    height,
    marks: [
      box,
      ...labels.flatMap((label, i): readonly Primitive[] =>
        label.leader === undefined
          ? []
          : [
              {
                kind: "shape",
                x: 0,
                y: 0,
                path: `M${round(spots[i]!.x)},${round(spots[i]!.y)}L${round(label.leader.x)},${round(label.leader.y)}`,
                stroke: ink.axis,
                strokeWidth: 0.6
              }
            ]
      ),
      ...groups.map((group, i) => sign(group, round(points[i]!.x), round(points[i]!.y))),
      { kind: "shape", x: 12, y: height - 10, path: `M0,-3V3M0,0H${round(bar)}M${round(bar)},-3V3`, stroke: ink.text },
      { kind: "label", x: 18 + bar, y: height - 10, text: "10°", size: fontSize.small },
      { kind: "label", x: 0, y: -11, text: titles[geometry], weight: "bold", size: fontSize.label },
      ...groups.map(
        (group, i): Primitive => ({
          kind: "label",
          x: round(labels[i]!.x),
          y: round(labels[i]!.y),
          text: groupName(group),
          size: nameSize,
          align: "center",
          colour: group.class === undefined ? ink.text : textColour(classLook(group.class).colour)
        })
      )
    ]
  }
}

const round = (value: number): number => Math.round(value * 10) / 10

const legend = (y: number): readonly Primitive[] => {
  const entries: readonly LegendEntry[] = [
    ...classLooks.map((look) => ({
      sign: [sign({ class: look.id, reference: "none" }, 0, 0)],
      signWidth: 10,
      text: look.label
    })),
    { sign: [sign({ reference: "none" }, 0, 0)], signWidth: 8, text: "other" },
    { sign: [sign({ reference: "all" }, 0, 0)], signWidth: 8, text: "hollow: with reference" }
  ]
  return legendRow(entries, frame.left, y, 14)
}

const quality = (records: Records): string =>
  geometries
    .flatMap((geometry) => {
      const row = mapRows(records, "scaling").find((one) => one.geometry === geometry)
      return row === undefined ? [] : [`${number(100 * row.explained, 0)} % (stress ${number(row.stress, 2)})`]
    })
    .join(" and ")

/** Losses as points of a plane. */
export const lossEmbeddingFigure: Figure = {
  id: "loss-embedding",
  title: "A plane of losses",
  needs: ["maps"],
  applies: (records) => mapGroups(records).length > 2,
  caption: (records) => {
    const [measure] = mapRows(records, "measure")
    return (
      `Classical scaling of the distances between the ${mapGroups(records).length} different gradient fields of ${mapRows(records, "loss").length} losses: the mean angle` +
      ` between two losses' steps ${measurePhrase(records)} Above, angles between descent directions in (log p_w, log p_l); below, between` +
      ` the steps that these make on the logits of a softmax with ${measure?.arms ?? 0} arms, the mass beyond the pair shared evenly.` +
      ` The two axes hold ${quality(records)} of what the positive eigenvalues sum to: neighbours in the plane may be apart in other directions, and` +
      " the dendrogram has the angles themselves. “+n” counts further losses with the same field. Colour and shape are the" +
      ` behaviour class; lines lead to names that had no room. ${convergencePhrase(records, "softmax")}`
    )
  },
  alt: (records) =>
    `Two scatter plots of ${mapGroups(records).length} gradient fields with names; losses of one behaviour class lie near one another.`,
  draw: (records) => {
    const panels = geometries.map((geometry) => panelOf(records, geometry))
    let y: number = frame.top
    const marks = panels.flatMap((panel) => {
      const own = panel.marks.map((mark) => ({ ...mark, x: mark.x + frame.left, y: mark.y + y }))
      y += panel.height + frame.gapY
      return own
    })
    return { kind: "vega", spec: sceneSpec(figureWidth, y, [...marks, ...legend(y - 20)]) }
  }
}
