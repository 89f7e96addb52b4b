/**
 * @file The distance between two losses: the mean angle, over a stated measure, between the steps that they ask for,
 *
 *   d(A, B) = (1/n) sum_i angle(g_A(x_i), g_B(x_i)),   radians, in [0, pi].
 *
 * Where both gradients vanish the angle is 0; where one does it is pi/2, what a step makes on average with all directions.
 * So d is a pseudometric (at each point: arcs of a circle, and a point at pi/2 from all of it), 0 exactly when both losses ask
 * for the same directions on all points, and blind to how far each wants to go: positive factors and most links change nothing.
 */
import type { DirectionField } from "./directions.ts"

/** Distance of two losses that differ by rounding alone, radians: what is nearer counts as the same field. */
export const sameField = 1e-6

/** Mean angle of two fields over the same points, radians. @throws RangeError when they have different numbers of points */
export const fieldDistance = (a: DirectionField, b: DirectionField, from = 0, to = a.angle.length): number => {
  if (a.angle.length !== b.angle.length) {
    throw new RangeError(`fields over ${a.angle.length} and ${b.angle.length} points have no distance`)
  }
  let sum = 0
  for (let i = from; i < to; i++) {
    if (a.moves[i] === 1 && b.moves[i] === 1) {
      const arc = Math.abs(a.angle[i]! - b.angle[i]!)
      sum += arc > Math.PI ? 2 * Math.PI - arc : arc
    } else if (a.moves[i] !== b.moves[i]) sum += Math.PI / 2
  }
  return sum / (to - from)
}

/** A symmetric matrix with a zero diagonal, row after row: `values[i * size + j]`. */
export interface DistanceMatrix {
  readonly size: number
  readonly values: Float64Array
}

/** A distance matrix from a symmetric function of two indices. */
export const distanceMatrix = (size: number, distance: (i: number, j: number) => number): DistanceMatrix => {
  const values = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const d = distance(i, j)
      values[i * size + j] = d
      values[j * size + i] = d
    }
  }
  return { size, values }
}

/** All distances of k fields over n points: O(k^2 n). */
export const fieldDistances = (fields: ReadonlyArray<DirectionField>): DistanceMatrix =>
  distanceMatrix(fields.length, (i, j) => fieldDistance(fields[i]!, fields[j]!))

/**
 * Indices grouped by distance at most `tolerance` from the group's first member, in order of first members.
 * Distances of a pseudometric at tolerance 0 make these the classes of "distance zero".
 */
export const groupsOfSame = (matrix: DistanceMatrix, tolerance = sameField): ReadonlyArray<ReadonlyArray<number>> => {
  const groups: Array<Array<number>> = []
  for (let i = 0; i < matrix.size; i++) {
    const group = groups.find(([first]) => matrix.values[first! * matrix.size + i]! <= tolerance)
    if (group === undefined) groups.push([i])
    else group.push(i)
  }
  return groups
}

/** The distances among some of the indices. */
export const submatrix = (matrix: DistanceMatrix, kept: ReadonlyArray<number>): DistanceMatrix =>
  distanceMatrix(kept.length, (i, j) => matrix.values[kept[i]! * matrix.size + kept[j]!]!)
