/**
 * PNGs of one figure of each kind against those in test/golden/figures, within 1/255 a channel: what another machine draws may differ
 * by rounding and by nothing else. `LOSSLATTICE_WRITE_GOLDENS=1` writes them anew; look at them before they are committed.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { createCanvas, loadImage } from "@napi-rs/canvas"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import type { Figure } from "../../src/experiments/figures/figure.ts"
import { figures } from "../../src/experiments/figures/index.ts"
import { PlotSpec } from "../../src/experiments/figures/plots/plot.ts"
import { plotFigure } from "../../src/experiments/figures/plots/plotFigure.ts"
import { emptyRecords, type Records } from "../../src/experiments/figures/records.ts"
import { renderFigure } from "../../src/experiments/figures/render.ts"
import { landscapeRows } from "./fixtures/landscape.ts"
import { syntheticRecords } from "./fixtures/synthetic.ts"

const folder = fileURLToPath(new URL("../golden/figures/", import.meta.url))

const named = (id: string): Figure => figures.find((figure) => figure.id === id)!

const plot = plotFigure(
  Schema.decodeUnknownSync(PlotSpec)({
    id: "plot",
    title: "A plot",
    caption: "Seen.",
    mark: "line",
    of: { study: "sparse", loss: ["cpo_core", "uncpo"] },
    x: { value: "step", scale: "sqrt" },
    y: { value: "unseenMassChange", title: "Δ mass, −1 to 1" },
    colour: "loss"
  })
)

/** A graph laid out by Graphviz, contours written in Vega, a chart in Vega-Lite. */
const kinds: ReadonlyArray<readonly [string, Figure, Records]> = [
  ["graph", named("lattice"), { ...emptyRecords, landscape: landscapeRows }],
  ["vega", named("surface-worlds"), syntheticRecords],
  ["vega-lite", plot, syntheticRecords]
]

const pixels = async (png: Uint8Array) => {
  const image = await loadImage(Buffer.from(png))
  const context = createCanvas(image.width, image.height).getContext("2d")
  context.drawImage(image, 0, 0)
  return { size: [image.width, image.height], data: context.getImageData(0, 0, image.width, image.height).data }
}

/** The largest difference of two pictures in any channel of any pixel. */
const farthest = (a: Uint8ClampedArray, b: Uint8ClampedArray): number => {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!))
  return most
}

describe("PNGs", () => {
  it.each(kinds)("%s: within 1/255 of the committed one", async (kind, figure, records) => {
    const { png } = await renderFigure(figure, records)
    if (process.env.LOSSLATTICE_WRITE_GOLDENS) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(`${folder}${kind}.png`, png)
    }
    const [drawn, golden] = await Promise.all([pixels(png), pixels(readFileSync(`${folder}${kind}.png`))])
    expect(drawn.size).toEqual(golden.size)
    expect(farthest(drawn.data, golden.data)).toBeLessThanOrEqual(1)
  })

  it("a picture with one letter changed is farther away than that", async () => {
    const [, lattice, records] = kinds[0]!
    const other = records.landscape.map((row) =>
      row.kind === "node" && row.name === "CE" ? { ...row, name: "CF" } : row
    )
    const { png } = await renderFigure(lattice, { ...records, landscape: other })
    const [drawn, golden] = await Promise.all([pixels(png), pixels(readFileSync(`${folder}graph.png`))])
    expect(farthest(drawn.data, golden.data)).toBeGreaterThan(1)
  })
})
