/** Slices, paths and barriers against hand-made surfaces whose answers are known. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Rng } from "../../src/random/rng.ts"
import { bezierPath, linePath, minimise, profile, trainBezier } from "../../src/surface/paths.ts"
import {
  equalGroups,
  filterNormaliseInPlace,
  plainNormaliseInPlace,
  planeThrough,
  pointOf,
  randomPlane,
  slice
} from "../../src/surface/slices.ts"
import { derivative, linear, normals, surfaceOf } from "./worlds.ts"

const length = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values))

/** A ring of minima: (‖θ‖² - 1)², with a barrier of 1 between opposite points along the line, none around the ring. */
const ring = {
  size: 2,
  lossAt: ([x, y]: Float64Array) => (x! * x! + y! * y! - 1) ** 2,
  gradientInto: (point: Float64Array, gradient: Float64Array) => {
    const off = point[0]! ** 2 + point[1]! ** 2 - 1
    for (let i = 0; i < 2; i++) gradient[i] = 4 * off * point[i]!
    return off * off
  }
}

describe("directions", () => {
  it("are in every group as long as the parameters, and 0 beside the groups", () => {
    const parameters = Float64Array.of(3, 4, 0.1, 0, 7, 7)
    const direction = normals(6, Rng.fromSeed(1))
    filterNormaliseInPlace(direction, parameters, [
      [0, 2],
      [2, 4]
    ])
    expect(length(direction.subarray(0, 2))).toBeCloseTo(5, 12)
    expect(length(direction.subarray(2, 4))).toBeCloseTo(0.1, 12)
    expect([...direction.subarray(4)]).toEqual([0, 0])
  })

  it("of a table have mean 0 in every context and root mean square 1", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), (seed, contexts) => {
        const direction = normals(3 * contexts, Rng.fromSeed(seed))
        plainNormaliseInPlace(direction, equalGroups(3 * contexts, 3))
        expect(length(direction) ** 2 / direction.length).toBeCloseTo(1, 10)
        for (let c = 0; c < contexts; c++) {
          expect(direction.subarray(3 * c, 3 * c + 3).reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 10)
        }
      })
    )
    expect(() => equalGroups(7, 3)).toThrow(RangeError)
  })

  it("depend on the seed alone", () => {
    const plane = (seed: number) =>
      randomPlane(new Float64Array(9), (d) => plainNormaliseInPlace(d, equalGroups(9, 3)), Rng.fromSeed(seed))
    expect(plane(1)).toEqual(plane(1))
    expect(plane(1)).not.toEqual(plane(2))
  })
})

describe("planes and slices", () => {
  it("go through three points", () => {
    const points = [1, 2, 3].map((seed) => normals(5, Rng.fromSeed(seed))) as [Float64Array, Float64Array, Float64Array]
    const plane = planeThrough(points)
    for (const [k, [a, b]] of plane.places.entries()) {
      const at = pointOf(plane, a, b)
      for (let i = 0; i < 5; i++) expect(at[i]!).toBeCloseTo(points[k]![i]!, 10)
    }
    const [first, second] = plane.directions
    expect(first.reduce((sum, x, i) => sum + x * second[i]!, 0)).toBeCloseTo(0, 10)
    expect(length(first)).toBeCloseTo(length(second), 10)
    const [a, b] = points
    expect(() => planeThrough([a, b, linePath(a, b)(2)])).toThrow(/on a line/)
  })

  it("hold values row by row from the top, at cell centres", () => {
    const plane = { origin: new Float64Array(2), directions: [Float64Array.of(1, 0), Float64Array.of(0, 1)] as const }
    const values = slice(([x, y]) => 10 * x! + y!, plane, { a: [0, 2], b: [-1, 1], size: 2 })
    expect(values).toEqual([5.5, 15.5, 4.5, 14.5])
  })
})

describe("paths", () => {
  it("begin and end where they should, and a Bézier curve with its middle on the line is the line", () => {
    const [from, to] = [Float64Array.of(1, 2), Float64Array.of(3, -2)]
    for (const path of [linePath(from, to), bezierPath(from, Float64Array.of(9, 9), to)]) {
      expect(path(0)).toEqual(from)
      expect(path(1)).toEqual(to)
    }
    expect(bezierPath(from, Float64Array.of(2, 0), to)(0.3)[0]).toBeCloseTo(linePath(from, to)(0.3)[0]!, 12)
  })

  it("have a barrier of 0 where the loss is convex", () => {
    const surface = surfaceOf("dpo?beta=1")
    const { barrier } = profile(surface.lossAt, linePath(Float64Array.of(3, 0, -1), Float64Array.of(-1, 0, 2)), 41)
    expect(barrier).toBe(0)
    expect(() => profile(surface.lossAt, linePath(new Float64Array(3), new Float64Array(3)), 2)).toThrow(RangeError)
  })

  it("climb over a barrier of 1 along the line and go around it along the trained curve", () => {
    const [from, to] = [Float64Array.of(1, 0.01), Float64Array.of(-1, 0.01)]
    expect(profile(ring.lossAt, linePath(from, to), 101).barrier).toBeCloseTo(1, 3)
    const { middle, before, after } = trainBezier(ring, from, to)
    expect(after).toBeLessThan(before)
    // A parabola through the ends cannot follow the circle, but stays near it.
    expect(profile(ring.lossAt, bezierPath(from, middle, to), 101).barrier).toBeLessThan(0.1)
    expect(middle[1]!).toBeGreaterThan(1)
  })

  it("never end worse than the line, for the mean loss of a linear policy's surface", () => {
    const setting = linear()
    for (const loss of ["uncpo", "orpo", "cpo"]) {
      const surface = surfaceOf(loss, setting)
      const [from, to] = [1, 2].map((seed) => normals(surface.size, Rng.fromSeed(seed)))
      const { before, after } = trainBezier(surface, from!, to!, { steps: 40 })
      expect(after).toBeLessThanOrEqual(before)
      expect(after).toBeLessThan(before - 1e-3)
    }
  })
})

describe("minimise", () => {
  it("finds the minimum of Rosenbrock's valley", () => {
    const valley = ([x, y]: Float64Array, gradient: Float64Array) => {
      gradient[0] = -2 * (1 - x!) - 400 * x! * (y! - x! * x!)
      gradient[1] = 200 * (y! - x! * x!)
      return (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2
    }
    const { point, value } = minimise(valley, Float64Array.of(-1.2, 1), 200)
    expect(value).toBeLessThan(1e-12)
    expect(point[0]!).toBeCloseTo(1, 5)
  })

  it("stays where the gradient is 0", () => {
    expect(minimise(ring.gradientInto, new Float64Array(2), 10)).toEqual({ point: new Float64Array(2), value: 1 })
  })

  it("is given a right gradient by trainBezier: the trained middle is stationary", () => {
    const surface = surfaceOf("cpo")
    const [from, to] = [Float64Array.of(2, 0, -1), Float64Array.of(-2, 1, 0)]
    const { middle } = trainBezier(surface, from, to, { steps: 400 })
    const mean = (m: Float64Array) =>
      Array.from({ length: 16 }, (_, k) => surface.lossAt(bezierPath(from, m, to)((k + 0.5) / 16)) / 16).reduce(
        (a, b) => a + b
      )
    for (let i = 0; i < 3; i++) {
      const slope = derivative((h) => mean(middle.map((x, k) => (k === i ? x + h : x))), 1e-3)
      expect(Math.abs(slope)).toBeLessThan(1e-5)
    }
  })
})
