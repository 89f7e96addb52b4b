/** @file Least squares from cross products, by sweeping: coefficients, the inverse for standard errors, columns that say nothing new. */

/** Cross products `Z'Z` of columns `Z = [X | y]`, the outcome last: a symmetric matrix of `size` rows, by rows. */
export interface CrossProducts {
  readonly size: number
  readonly values: Float64Array
  /** Squares of columns that are rounding and no more, where sums were taken away from sums; default 0. */
  readonly least?: Float64Array
}

/** A least-squares fit of the outcome on some of the columns. */
export interface Fit {
  readonly columns: ReadonlyArray<number>
  /** One a column; undefined for a column that the ones before it determine. */
  readonly coefficients: ReadonlyArray<number | undefined>
  /** `(X'X)⁻¹` by rows of `columns`; rows and columns of determined columns are 0. */
  readonly inverse: Float64Array
  /** How many columns are not determined by others. */
  readonly rank: number
  /** `Σ (y - ŷ)²`, ≥ 0. */
  readonly residual: number
}

/** A column whose residual is below this share of its own square is determined by the columns before it. */
const determined = 1e-9

/** All cross products of rows of `size` numbers each. */
export const crossProducts = (rows: Float64Array, size: number): CrossProducts => {
  const values = new Float64Array(size * size)
  for (let at = 0; at < rows.length; at += size) addOuter(values, rows, at, size, 1)
  return { size, values }
}

/** Adds `factor z z'` of the `size` numbers of `z` from `at` on. */
export const addOuter = (values: Float64Array, z: Float64Array, at: number, size: number, factor: number): void => {
  for (let i = 0; i < size; i++) {
    const left = factor * z[at + i]!
    if (left === 0) continue
    for (let j = 0; j < size; j++) values[i * size + j]! += left * z[at + j]!
  }
}

/** Sweeps the pivot `k` of a symmetric matrix of `n` rows in place (Goodnight 1979, "A tutorial on the SWEEP operator"). */
const sweep = (a: Float64Array, n: number, k: number): void => {
  const pivot = a[k * n + k]!
  for (let j = 0; j < n; j++) a[k * n + j]! /= pivot
  for (let i = 0; i < n; i++) {
    if (i === k) continue
    const factor = a[i * n + k]!
    for (let j = 0; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!
    a[i * n + k] = -factor / pivot
  }
  a[k * n + k] = 1 / pivot
}

/**
 * Minimises `Σ (y - Σ_j b_j x_j)²` over the given columns, in their order: of columns that determine each other the first stays.
 * @param columns positions in `products`, none of them the last, which is the outcome
 */
export const leastSquares = ({ size, values, least }: CrossProducts, columns: ReadonlyArray<number>): Fit => {
  const n = columns.length + 1
  const places = [...columns, size - 1]
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = values[places[i]! * size + places[j]!]!
  const kept = columns.map((column, k) => {
    const own = values[column * size + column]!
    const isNew = a[k * n + k]! > determined * own && own > (least?.[column] ?? 0)
    if (isNew) sweep(a, n, k)
    return isNew
  })
  const inverse = new Float64Array(columns.length ** 2)
  kept.forEach((one, i) => {
    kept.forEach((other, j) => {
      if (one && other) inverse[i * columns.length + j] = a[i * n + j]!
    })
  })
  return {
    columns,
    coefficients: kept.map((one, k) => (one ? a[k * n + n - 1]! : undefined)),
    inverse,
    rank: kept.filter(Boolean).length,
    residual: Math.max(0, a[n * n - 1]!)
  }
}

/** `1 - residual / total` with total `y'y`; 0 where the outcome does not vary. */
export const explained = (products: CrossProducts, columns: ReadonlyArray<number>): number => {
  const total = products.values.at(-1)!
  return total > 0 ? 1 - leastSquares(products, columns).residual / total : 0
}
