/** Clustering against its definition, scaling against points that are known. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type DistanceMatrix, distanceMatrix } from "../../src/maps/distance.ts"
import { averageLinkage, leafOrder } from "../../src/maps/linkage.ts"
import { classicalScaling } from "../../src/maps/scaling.ts"
import "../seed.ts"

// On a fine grid: distances whose squares underflow are no business of ours.
const coordinate = fc.integer({ min: -5000, max: 5000 }).map((x) => x / 1000)
const plane = fc.tuple(coordinate, coordinate)
const cloud = fc.array(plane, { minLength: 1, maxLength: 12 })
const matrixOf = (points: ReadonlyArray<ReadonlyArray<number>>): DistanceMatrix =>
  distanceMatrix(points.length, (i, j) => Math.hypot(...points[i]!.map((x, k) => x - points[j]![k]!)))

/** Average linkage by its definition: every mean over all pairs of members, anew at every step. */
const slowLinkage = ({ size, values }: DistanceMatrix) => {
  let clusters = Array.from({ length: size }, (_, i) => ({ id: i, members: [i] }))
  const merges = []
  while (clusters.length > 1) {
    const pairs = clusters.flatMap((a, i) =>
      clusters.slice(i + 1).map((b) => {
        const between = a.members.flatMap((x) => b.members.map((y) => values[x * size + y]!))
        return { a, b, height: between.reduce((sum, d) => sum + d, 0) / between.length }
      })
    )
    const best = pairs.reduce((one, other) => (other.height < one.height ? other : one))
    const members = [...best.a.members, ...best.b.members].sort((x, y) => x - y)
    merges.push({ members, height: best.height })
    clusters = [
      ...clusters.filter((one) => one !== best.a && one !== best.b),
      { id: size + merges.length - 1, members }
    ]
  }
  return merges
}

const membersOf = (size: number, merges: ReturnType<typeof averageLinkage>, cluster: number): ReadonlyArray<number> => {
  if (cluster < size) return [cluster]
  const { left, right } = merges[cluster - size]!
  return [...membersOf(size, merges, left), ...membersOf(size, merges, right)].sort((x, y) => x - y)
}

describe("average linkage", () => {
  it("is the definition", () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const matrix = matrixOf(points)
        const merges = averageLinkage(matrix)
        const slow = slowLinkage(matrix)
        expect(merges).toHaveLength(points.length - 1)
        for (const [k, merge] of merges.entries()) {
          expect(merge.height).toBeCloseTo(slow[k]!.height, 9)
          expect(merge.size).toBe(membersOf(points.length, merges, points.length + k).length)
        }
        const distinct = new Set(matrix.values).size === (points.length * (points.length - 1)) / 2 + 1
        if (!distinct) return
        expect(merges.map((_, k) => membersOf(points.length, merges, points.length + k))).toEqual(
          slow.map(({ members }) => members)
        )
      })
    )
  })

  it("never falls, and its leaf order keeps every cluster together", () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const merges = averageLinkage(matrixOf(points))
        for (const [k, { height }] of merges.entries()) {
          expect(height).toBeGreaterThanOrEqual((merges[k - 1]?.height ?? 0) - 1e-12)
        }
        const order = leafOrder(points.length, merges)
        expect([...order].sort((x, y) => x - y)).toEqual(points.map((_, i) => i))
        for (const k of merges.keys()) {
          const places = membersOf(points.length, merges, points.length + k).map((leaf) => order.indexOf(leaf))
          expect(Math.max(...places) - Math.min(...places)).toBe(places.length - 1)
        }
      })
    )
  })

  it("has nothing to merge in one leaf or none", () => {
    expect(averageLinkage(matrixOf([[0, 0]]))).toEqual([])
    expect(leafOrder(1, [])).toEqual([0])
    expect(leafOrder(0, [])).toEqual([])
  })
})

describe("classical scaling", () => {
  it("gives planar points back, up to a motion", () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const matrix = matrixOf(points)
        const { points: found, explained, stress } = classicalScaling(matrix, 2)
        const again = matrixOf(found)
        for (const [k, d] of matrix.values.entries()) expect(again.values[k]).toBeCloseTo(d, 6)
        expect(explained).toBeCloseTo(1, 6)
        expect(stress).toBeLessThan(1e-6)
      })
    )
  })

  it("says what two dimensions cannot show: four points at equal distances", () => {
    const { explained, stress } = classicalScaling(
      distanceMatrix(4, () => 1),
      2
    )
    expect(explained).toBeCloseTo(2 / 3, 12)
    expect(stress).toBeGreaterThan(0.1)
  })

  it("puts points that are all one at one place", () => {
    const { points, explained, stress } = classicalScaling(
      distanceMatrix(3, () => 0),
      2
    )
    expect(points.flat().every((x) => x === 0)).toBe(true)
    expect([explained, stress]).toEqual([1, 0])
  })
})
