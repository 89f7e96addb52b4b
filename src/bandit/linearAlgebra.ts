/** Small dense linear algebra for the exact solvers; matrices are row-major [n * n]. */

/** Eigenvalues ascending, and the unit eigenvector of each. */
export interface Eigensystem {
  readonly values: Float64Array
  readonly vectors: ReadonlyArray<Float64Array>
}

/**
 * Eigensystem of a symmetric matrix by cyclic Jacobi rotations; values accurate to about 1e-15 · ‖A‖.
 * @see Golub & Van Loan, Matrix Computations, §8.5
 */
export const symmetricEigensystem = (matrix: Float64Array, n: number): Eigensystem => {
  if (matrix.length !== n * n) throw new RangeError(`symmetricEigensystem: expected ${n * n}, got ${matrix.length}`)
  const a = Float64Array.from(matrix)
  // Row p of `rotated` is the p-th eigenvector in the making.
  const rotated = Float64Array.from(matrix, (_, i) => (i % (n + 1) === 0 ? 1 : 0))
  const scale = Math.sqrt(a.reduce((sum, v) => sum + v * v, 0))
  for (let sweep = 0; sweep < 60 && offDiagonal(a, n) > 1e-15 * scale; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, rotated, p, q, n)
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]!)
  return {
    values: Float64Array.from(order, (i) => a[i * n + i]!),
    vectors: order.map((i) => rotated.slice(i * n, (i + 1) * n))
  }
}

const offDiagonal = (a: Float64Array, n: number): number => {
  let total = 0
  for (let p = 0; p < n; p++) for (let q = 0; q < n; q++) if (p !== q) total += a[p * n + q]! ** 2
  return Math.sqrt(total)
}

/** One Jacobi rotation that zeroes entry (p, q); the rows of `rotated` turn along. */
const rotate = (a: Float64Array, rotated: Float64Array, p: number, q: number, n: number): void => {
  const apq = a[p * n + q]!
  if (apq === 0) return
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s)
  for (let k = 0; k < n; k++) {
    turn(a, p * n + k, q * n + k, c, s)
    turn(rotated, p * n + k, q * n + k, c, s)
  }
}

/** (x_i, x_j) ← (c x_i - s x_j, s x_i + c x_j). */
const turn = (x: Float64Array, i: number, j: number, c: number, s: number): void => {
  const [xi, xj] = [x[i]!, x[j]!]
  x[i] = c * xi - s * xj
  x[j] = s * xi + c * xj
}

/**
 * Solves `A x = b` by Gaussian elimination with partial pivoting, O(n³); undefined when A is singular to the last digit.
 * @param matrix row-major [n * n]
 */
export const solveLinear = (matrix: Float64Array, right: Float64Array): Float64Array | undefined => {
  const n = right.length
  if (matrix.length !== n * n) throw new RangeError(`solveLinear: expected ${n * n} entries, got ${matrix.length}`)
  const a = Float64Array.from(matrix)
  const x = Float64Array.from(right)
  for (let c = 0; c < n; c++) {
    let pivot = c
    for (let i = c + 1; i < n; i++) if (Math.abs(a[i * n + c]!) > Math.abs(a[pivot * n + c]!)) pivot = i
    if (!(Math.abs(a[pivot * n + c]!) > 0)) return undefined
    if (pivot !== c) swapRowsInPlace(a, x, c, pivot)
    for (let i = c + 1; i < n; i++) {
      const factor = a[i * n + c]! / a[c * n + c]!
      if (factor === 0) continue
      for (let k = c; k < n; k++) a[i * n + k]! -= factor * a[c * n + k]!
      x[i]! -= factor * x[c]!
    }
  }
  for (let c = n - 1; c >= 0; c--) {
    for (let k = c + 1; k < n; k++) x[c]! -= a[c * n + k]! * x[k]!
    x[c]! /= a[c * n + c]!
  }
  return x.every(Number.isFinite) ? x : undefined
}

const swapRowsInPlace = (a: Float64Array, x: Float64Array, i: number, j: number): void => {
  const n = x.length
  for (let k = 0; k < n; k++) {
    const held = a[i * n + k]!
    a[i * n + k] = a[j * n + k]!
    a[j * n + k] = held
  }
  const held = x[i]!
  x[i] = x[j]!
  x[j] = held
}
