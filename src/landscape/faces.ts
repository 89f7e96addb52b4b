/**
 * The face of the semidefinite cone that a numerical solution lies on. Where a polynomial is zero inside the orthant every
 * Gram matrix has the monomials' values there in its kernel, so no small change of it is positive: the kernel is guessed from
 * eigenvalues near 0, brought to echelon form and rounded to simple fractions, and what is orthogonal to it becomes the new basis.
 */
import { type Rational, rational, zero } from "../logic/rational.ts"

/** Eigenvalues and eigenvectors (as rows) of a symmetric matrix, by Jacobi's rotations. */
const eigenOf = (matrix: Float64Array, n: number): { values: Array<number>; vectors: Array<Float64Array> } => {
  const a = Float64Array.from(matrix)
  const v = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) off += a[p * n + q]! ** 2
    if (off < 1e-30) break
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q)
  }
  return { values: Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors: v }
}

const rotate = (a: Float64Array, v: ReadonlyArray<Float64Array>, n: number, p: number, q: number): void => {
  const apq = a[p * n + q]!
  if (apq === 0) return
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta))
  const c = 1 / Math.sqrt(1 + t * t)
  const s = t * c
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!]
    a[k * n + p] = c * x - s * y
    a[k * n + q] = s * x + c * y
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!]
    a[p * n + k] = c * x - s * y
    a[q * n + k] = s * x + c * y
    const [left, right] = [v[p]![k]!, v[q]![k]!]
    v[p]![k] = c * left - s * right
    v[q]![k] = s * left + c * right
  }
}

/** The fraction with the smallest denominator up to `most` within the tolerance of a double; undefined when there is none. */
export const simpleFraction = (value: number, most: number, tolerance: number): Rational | undefined => {
  for (let den = 1; den <= most; den++) {
    const num = Math.round(value * den)
    if (Math.abs(value - num / den) <= tolerance * Math.max(1, Math.abs(value))) return rational(num, den)
  }
  return undefined
}

/** Reduced row echelon form in place, with the largest pivots; the pivot column of each row. */
const echelon = (rows: ReadonlyArray<Float64Array>, n: number): ReadonlyArray<number> => {
  const pivots: Array<number> = []
  for (const [i, row] of rows.entries()) {
    let pivot = 0
    for (let j = 1; j < n; j++) if (Math.abs(row[j]!) > Math.abs(row[pivot]!)) pivot = j
    const lead = row[pivot]!
    for (let j = 0; j < n; j++) row[j]! /= lead
    for (const [other, target] of rows.entries()) {
      if (other === i) continue
      const factor = target[pivot]!
      for (let j = 0; j < n; j++) target[j]! -= factor * row[j]!
    }
    pivots.push(pivot)
  }
  return pivots
}

/**
 * A rational basis (as rows) of what is orthogonal to the eigenvectors with eigenvalues below the threshold: the standard basis
 * where there are none. Undefined when the kernel's echelon form is not made of simple fractions.
 */
export const faceBasis = (
  matrix: Float64Array,
  n: number,
  threshold: number
): ReadonlyArray<ReadonlyArray<Rational>> | undefined => {
  const { values, vectors } = eigenOf(matrix, n)
  const kernel = vectors.filter((_, i) => values[i]! < threshold)
  const pivots = echelon(kernel, n)
  const rounded = kernel.map((row) => Array.from(row, (value) => simpleFraction(value, 64, 1e-4)))
  if (rounded.some((row) => row.some((value) => value === undefined))) return undefined
  return Array.from({ length: n }, (_, j) => j)
    .filter((j) => !pivots.includes(j))
    .map((free) =>
      Array.from({ length: n }, (_, j): Rational => {
        const row = pivots.indexOf(j)
        if (row < 0) return j === free ? rational(1) : zero
        const value = rounded[row]![free]!
        return { num: -value.num, den: value.den }
      })
    )
}
