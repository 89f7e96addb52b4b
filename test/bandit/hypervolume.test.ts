import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hypervolume } from "../../src/bandit/hypervolume.ts"

/** Points on a grid of integers: count the unit cells between the floor and some point. */
const cells = (points: ReadonlyArray<ReadonlyArray<number>>, floor: ReadonlyArray<number>, side: number): number => {
  let count = 0
  const go = (corner: ReadonlyArray<number>): void => {
    if (corner.length < floor.length) {
      for (let x = 0; x < side; x++) go([...corner, x])
      return
    }
    const inside = corner.every((x, k) => x >= floor[k]!)
    if (inside && points.some((point) => point.every((top, k) => corner[k]! + 1 <= top))) count += 1
  }
  go([])
  return count
}

const gridPoints = (dimension: number) =>
  fc.record({
    points: fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: dimension, maxLength: dimension }), {
      maxLength: 8
    }),
    floor: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: dimension, maxLength: dimension })
  })

describe("hypervolume", () => {
  it.each([2, 3])("counts the cells of a grid in %i dimensions", (dimension) =>
    fc.assert(
      fc.property(gridPoints(dimension), ({ points, floor }) => {
        expect(hypervolume(points, floor)).toBe(cells(points, floor, 6))
      })
    )
  )

  it("does not change with dominated points, and grows with one that is not dominated", () => {
    const front = [
      [3, 1],
      [1, 3]
    ]
    expect(hypervolume(front, [0, 0])).toBe(5)
    expect(hypervolume([...front, [1, 1], [3, 0.5]], [0, 0])).toBe(5)
    expect(hypervolume([...front, [2, 2]], [0, 0])).toBe(6)
    expect(hypervolume([[-1, 5]], [0, 0])).toBe(0)
    expect(hypervolume([], [0, 0])).toBe(0)
  })

  it("refuses other dimensions and numbers that are not finite, naming the point", () => {
    expect(() => hypervolume([], [0])).toThrow(/2 or 3 coordinates/)
    expect(() =>
      hypervolume(
        [
          [1, 1],
          [1, Number.NaN]
        ],
        [0, 0]
      )
    ).toThrow(/point 1 must be 2 finite numbers/)
    expect(() => hypervolume([[1, 1, 1]], [0, 0])).toThrow(/point 0/)
  })
})
