/**
 * @file Classical multidimensional scaling (Torgerson 1952): points in a Euclidean space whose distances are as near to the
 * given ones as the leading eigenvectors of B = -1/2 J D^2 J make them, J = I - 11^T/k.
 */
import { symmetricEigensystem } from "../bandit/linearAlgebra.ts"
import type { DistanceMatrix } from "./distance.ts"

/** A unit vector with the sign that makes its largest entry positive: eigenvectors come with either. */
const oriented = (vector: Float64Array): Float64Array => {
  const largest = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) + 1e-12 ? x : best), 0)
  return largest < 0 ? vector.map((x) => -x) : vector
}

/** Points of an embedding, one array a point, and how much of the distances they show. */
export interface Embedding {
  readonly points: ReadonlyArray<ReadonlyArray<number>>
  /** Sum of the eigenvalues used over the sum of all positive ones; 1 when there are none (all points are one). */
  readonly explained: number
  /** Kruskal's stress-1: root of sum (d - d')^2 / sum d^2, d' the distances of the points; 0 when all d are 0. */
  readonly stress: number
}

/** Classical scaling to `dimensions` dimensions; a negative eigenvalue, which no Euclidean space has, gives coordinate 0. */
export const classicalScaling = (matrix: DistanceMatrix, dimensions: number): Embedding => {
  const { size, values } = matrix
  const squared = values.map((d) => d * d)
  const means = Array.from(
    { length: size },
    (_, i) => squared.slice(i * size, (i + 1) * size).reduce((s, x) => s + x, 0) / size
  )
  const grand = means.reduce((s, x) => s + x, 0) / size
  const centred = squared.map((x, k) => -0.5 * (x - means[Math.floor(k / size)]! - means[k % size]! + grand))
  const eigen = symmetricEigensystem(centred, size)
  const axes = Array.from({ length: Math.min(dimensions, size) }, (_, k) => ({
    value: Math.max(0, eigen.values[size - 1 - k]!),
    vector: oriented(eigen.vectors[size - 1 - k]!)
  }))
  const points = Array.from({ length: size }, (_, i) =>
    Array.from({ length: dimensions }, (_, k) =>
      axes[k] === undefined ? 0 : Math.sqrt(axes[k].value) * axes[k].vector[i]!
    )
  )
  const positive = eigen.values.reduce((sum, value) => sum + Math.max(0, value), 0)
  const explained = positive === 0 ? 1 : axes.reduce((sum, { value }) => sum + value, 0) / positive
  return { points, explained, stress: stressOf(matrix, points) }
}

const stressOf = ({ size, values }: DistanceMatrix, points: ReadonlyArray<ReadonlyArray<number>>): number => {
  let [wrong, all] = [0, 0]
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const d = values[i * size + j]!
      const shown = Math.hypot(...points[i]!.map((x, k) => x - points[j]![k]!))
      wrong += (d - shown) ** 2
      all += d * d
    }
  }
  return all === 0 ? 0 : Math.sqrt(wrong / all)
}
