/** @file Figure: small maps of every loss that has one, over the two log-probabilities. */
import * as Result from "effect/Result"
import { resolveLoss } from "../../loss/resolve.ts"
import { rests } from "../../maps/displacement.ts"
import { type ContourPanel, contourSpec } from "./drawing/contourPanel.ts"
import { mapFrame } from "./drawing/lossMap.ts"
import { type LossSurface, plainSetting, referencePoint, surfaceOf } from "./drawing/lossSurface.ts"
import { mapLegend } from "./drawing/mapLegend.ts"
import {
  descentArrows,
  displacementHatching,
  gridOf,
  logReach,
  mapAxes,
  ownLevels,
  policyEdge,
  referenceMark
} from "./drawing/mapPanel.ts"
import { type MapLossRow, mapRows } from "./drawing/mapsRows.ts"
import { fitted, richLabels } from "./drawing/notation.ts"
import { classGlyph } from "./drawing/symbols.ts"
import { fontSize } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const perRow = 6
const size = 108
const place = { left: 34, top: 18, gapX: 14, gapY: 26 } as const

const panelOf = (row: MapLossRow, surface: LossSurface, index: number, count: number): ContourPanel => {
  const square = { surface, axes: mapAxes.log, size }
  const grid = gridOf(square, 28, ({ loss }) => loss)
  const column = index % perRow
  const isLowest = index + perRow >= count
  const sign = row.class === undefined ? [] : [classGlyph(row.class, size - 5, -8, 8)]
  return {
    x: place.left + column * (size + place.gapX),
    y: place.top + Math.floor(index / perRow) * (size + place.gapY),
    width: size,
    height: size,
    grid,
    levels: ownLevels(grid),
    over: [
      ...displacementHatching(square, rests, 6),
      ...policyEdge(square),
      ...descentArrows(square, 6),
      ...referenceMark(square, referencePoint)
    ],
    around: [
      ...mapFrame(square, { x: isLowest, y: column === 0 }),
      { kind: "label", x: 0, y: -8, weight: "bold", ...fitted(row.loss, size - 16, fontSize.small, "bold") },
      ...sign
    ]
  }
}

const share = (rows: readonly MapLossRow[], side: "lowersChosen" | "raisesRejected"): number =>
  rows.filter(({ displacement }) => rests.some((rest) => displacement[rest][side] > 0)).length

const surfaces = (records: Records) =>
  mapRows(records, "loss").flatMap((row) => {
    const loss = resolveLoss(row.loss)
    return Result.isSuccess(loss) ? [{ row, surface: surfaceOf(loss.success, plainSetting) }] : []
  })

/** Every mapped loss, small. */
export const mapGalleryFigure: Figure = {
  id: "map-gallery",
  title: "Maps of all losses over the two log-probabilities",
  needs: ["maps"],
  applies: (records) => mapRows(records, "loss").length > 0,
  caption: (records) => {
    const rows = mapRows(records, "loss")
    const refused = mapRows(records, "refused").length
    return (
      `Each of the ${rows.length} losses as published, at default parameters, over log p_w (rightwards) and log p_l (upwards) from` +
      ` −${logReach} nats to 0${refused === 0 ? "" : `; ${refused} more need inputs that one pair does not give and have no map`}.` +
      " Contours are at the ninths of each map's own values, darker where the loss is larger; arrows point where descent in" +
      " log-probabilities leads and grow with the root of the gradient." +
      ` Hatched is where some softmax policy's step lowers log p_w (in ${share(rows, "lowersChosen")} losses somewhere) or raises log p_l` +
      ` (in ${share(rows, "raisesRejected")}), counted on the measure of the distances. Losses with a reference model are drawn at reference` +
      ` probabilities ${referencePoint.chosen} (chosen) and ${referencePoint.rejected} (rejected), all for answers of one token.` +
      " A sign at the upper right is the behaviour class. No seeds and no intervals are involved in the maps."
    )
  },
  alt: (records) =>
    `${mapRows(records, "loss").length} small contour maps with descent arrows, one for each loss; in ${share(mapRows(records, "loss"), "lowersChosen")} of them a step can lower the chosen response.`,
  draw: (records) => {
    const drawn = surfaces(records)
    const rows = Math.ceil(drawn.length / perRow)
    const width = place.left + perRow * (size + place.gapX)
    const height = place.top + rows * (size + place.gapY)
    const panels = drawn.map(({ row, surface }, i) => panelOf(row, surface, i, drawn.length))
    const withReference = drawn.some(({ surface }) => surface.reference)
    const legend = [
      ...mapLegend(place.left, height + 16, withReference),
      ...richLabels({ x: width - place.gapX, y: height + 16, text: "right: log p_w, up: log p_l", align: "right" })
    ]
    return { kind: "vega", spec: contourSpec(width, height + 40, panels, legend) }
  }
}
