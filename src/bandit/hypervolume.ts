/** Hypervolume of a set of outcomes to be maximised: how much of the space they dominate above a floor. */

type Point = ReadonlyArray<number>

const checkPoints = (points: ReadonlyArray<Point>, floor: Point): void => {
  if (floor.length !== 2 && floor.length !== 3) {
    throw new RangeError(`hypervolume: points have 2 or 3 coordinates, the floor has ${floor.length}`)
  }
  for (const [i, point] of [floor, ...points].entries()) {
    if (point.length === floor.length && point.every(Number.isFinite)) continue
    const name = i === 0 ? "the floor" : `point ${i - 1}`
    throw new RangeError(`hypervolume: ${name} must be ${floor.length} finite numbers, got [${point.join(", ")}]`)
  }
}

/** Area of points that are all above the floor in both coordinates: a sweep from the right, O(n log n). */
const area = (points: ReadonlyArray<Point>, [x0, y0]: Point): number => {
  let total = 0
  let top = y0!
  for (const [x, y] of [...points].sort((a, b) => b[0]! - a[0]! || b[1]! - a[1]!)) {
    if (y! <= top) continue
    total += (x! - x0!) * (y! - top)
    top = y!
  }
  return total
}

/** Slices between neighbouring heights, each the area of the points above it, O(n² log n). */
const volume = (points: ReadonlyArray<Point>, floor: Point): number => {
  const heights = [...new Set(points.map((point) => point[2]!))].sort((a, b) => a - b)
  let total = 0
  let below = floor[2]!
  for (const height of heights) {
    const above = points.filter((point) => point[2]! >= height)
    total += (height - below) * area(above, floor)
    below = height
  }
  return total
}

/**
 * Measure of `{ z : floor ≤ z ≤ p for some point p }` in two or three dimensions, exact up to rounding; larger is better.
 * Points that are not above the floor in every coordinate add nothing; no points, 0. Unit: the product of the coordinates'.
 * @throws RangeError for another number of coordinates, or one that is not finite
 * @see Zitzler & Thiele 1998, "Multiobjective optimization using evolutionary algorithms"
 */
export const hypervolume = (points: ReadonlyArray<Point>, floor: Point): number => {
  checkPoints(points, floor)
  const above = points.filter((point) => point.every((value, k) => value > floor[k]!))
  return floor.length === 2 ? area(above, floor) : volume(above, floor)
}
