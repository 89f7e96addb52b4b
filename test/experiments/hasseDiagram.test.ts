import { instance } from "@viz-js/viz"
import { describe, expect, it } from "vitest"
import { dominanceOrderFigure } from "../../src/experiments/figures/dominanceOrder.ts"
import { dotSource } from "../../src/experiments/figures/drawing/graph.ts"
import { emptyRecords } from "../../src/experiments/figures/records.ts"
import { runCell } from "../../src/experiments/stages/cells/order.ts"

interface LaidOut {
  readonly objects: ReadonlyArray<{ readonly name: string; readonly pos: string }>
  readonly edges: ReadonlyArray<{ readonly tail: number; readonly head: number; readonly pos: string }>
}

type Point = readonly [number, number]

/** Points of a chain of cubic Bézier curves, 40 a curve. */
const along = (controls: ReadonlyArray<Point>): ReadonlyArray<Point> => {
  const points: Array<Point> = []
  for (let k = 0; k + 3 < controls.length; k += 3) {
    const [a, b, c, d] = controls.slice(k, k + 4) as [Point, Point, Point, Point]
    for (let step = 0; step <= 40; step++) {
      const t = step / 40
      const at = (axis: 0 | 1) =>
        (1 - t) ** 3 * a[axis] + 3 * t * (1 - t) ** 2 * b[axis] + 3 * t ** 2 * (1 - t) * c[axis] + t ** 3 * d[axis]
      points.push([at(0), at(1)])
    }
  }
  return points
}

describe("the Hasse diagram of the dominance order", () => {
  it("draws every cover, upwards, and no edge behind a loss that is not one of its ends", async () => {
    const drawing = await dominanceOrderFigure.draw({ ...emptyRecords, order: runCell({ among: "strict" }) })
    if (drawing.kind !== "graph") throw new Error(`expected a graph, found ${drawing.kind}`)
    const { graph } = drawing
    const viz = await instance()
    const { objects, edges } = JSON.parse(
      viz.renderString(dotSource(graph), { format: "json0", engine: "dot" })
    ) as LaidOut
    const places = objects.map(({ pos }) => pos.split(",").map(Number) as unknown as Point)
    expect(objects).toHaveLength(34)
    expect(edges).toHaveLength(76)
    const { width, height } = graph.nodes[0]!
    const crossed = edges.flatMap(({ tail, head, pos }) => {
      const points = along(pos.split(" ").map((part) => part.split(",").map(Number) as unknown as Point))
      expect(points.length).toBeGreaterThan(0)
      expect(places[tail]![1]).toBeLessThan(places[head]![1])
      return objects.flatMap(({ name }, k) => {
        const [x, y] = places[k]!
        const inside = points.some(([px, py]) => Math.abs(px - x) < width / 2 - 1 && Math.abs(py - y) < height / 2 - 1)
        return inside && k !== tail && k !== head ? [`${objects[tail]!.name} - ${objects[head]!.name}: ${name}`] : []
      })
    })
    expect(crossed).toEqual([])
  })
})
