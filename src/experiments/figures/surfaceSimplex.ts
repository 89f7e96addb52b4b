/** @file Figures: every loss over all policies of the first three-armed world, and of the others, on a common scale. */
import { lossNames } from "./drawing/lossNames.ts"
import { infimumOf, type SimplexPanel, simplexLevels } from "./drawing/simplexPanel.ts"
import { type PanelGroup, simplexPanelsSpec } from "./drawing/simplexPanels.ts"
import { type SurfaceWorldRow, surfaceRows } from "./drawing/surfaceRows.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const panelsOf = (records: Records, world: SurfaceWorldRow): readonly SimplexPanel[] =>
  surfaceRows(records, "simplex")
    .filter((row) => row.world === world.world)
    .map((row) => ({
      row,
      world,
      attractors: surfaceRows(records, "attractor").filter(
        ({ world: place, loss, metric }) => place === row.world && loss === row.loss && metric === "softmax"
      )
    }))

const groupOf = (records: Records, world: SurfaceWorldRow): PanelGroup => {
  const panels = panelsOf(records, world)
  const names = lossNames(
    records,
    panels.map(({ row }) => row.loss)
  )
  return {
    heading: world.world,
    panels: panels.map((panel) => ({ panel, title: names.get(panel.row.loss) ?? panel.row.loss }))
  }
}

const worlds = (records: Records): readonly SurfaceWorldRow[] =>
  surfaceRows(records, "world").filter((world) => panelsOf(records, world).length > 0)

const unbounded = (panels: readonly SimplexPanel[]): string => {
  const falling = panels.filter(({ attractors }) => attractors.some(({ value }) => value === "-Infinity"))
  if (falling.length === 0) return ""
  const names = falling.map((panel) => `${panel.row.loss} (least shown: ${infimumOf(panel).toPrecision(3)})`).join(", ")
  return ` Without lower bound: ${names}.`
}

const caption = (records: Records, shown: readonly SurfaceWorldRow[]): string => {
  const [first] = shown.flatMap((world) => panelsOf(records, world))
  const starts = first === undefined ? 0 : (first.row.starts * (first.row.starts + 1)) / 2
  return (
    "Each triangle holds all policies over three arms: a corner plays its arm always. Contours show the expected loss above its" +
    ` infimum at ${simplexLevels.thresholds.join(", ")} nats, the same in every panel. Gradient flow on the logits and natural gradient` +
    " flow (the replicator equation) are followed from the reference to where they end, on the boundary too. Signs in colour are the ends" +
    ` of gradient flow from ${starts} evenly spread starts; where there are several, dots show which start leads where.` +
    ` ${shown.map((world) => `${world.world}: rewards ${world.rewards.map((r) => Number(r.toPrecision(3))).join(", ")}.`).join(" ")}` +
    " Exact expectations over all pairs: no seeds and no intervals are involved." +
    unbounded(shown.flatMap((world) => panelsOf(records, world)))
  )
}

const figureOf = (
  id: string,
  title: string,
  shown: (records: Records) => readonly SurfaceWorldRow[],
  perRow: number
): Figure => ({
  id,
  title,
  needs: ["surfaces"],
  applies: (records) => shown(records).length > 0,
  caption: (records) => caption(records, shown(records)),
  alt: (records) =>
    `Triangles with contours of ${shown(records).reduce((sum, world) => sum + panelsOf(records, world).length, 0)} losses over three-armed policies, with the paths of gradient flow and their ends.`,
  draw: (records) => ({
    kind: "vega",
    spec: simplexPanelsSpec(
      shown(records).map((world) => groupOf(records, world)),
      perRow
    )
  })
})

/** The first world, large. */
export const surfaceSimplexFigure = figureOf(
  "surface-simplex",
  "Losses over all policies of a three-armed world",
  (records) => worlds(records).slice(0, 1),
  4
)

/** The other worlds, small. */
export const surfaceWorldsFigure = figureOf(
  "surface-worlds",
  "The same losses in other worlds",
  (records) => worlds(records).slice(1),
  6
)
