/** @file Coefficients of the full model with intervals that allow for dependence within clusters. */
import { studentQuantile } from "../statistics.ts"
import type { Column, Design } from "./design.ts"
import { type Fit, leastSquares } from "./leastSquares.ts"

/** An estimate with its standard error and 95 % interval; all undefined where there are fewer than two clusters. */
export interface Spread {
  readonly error?: number
  readonly low?: number
  readonly high?: number
}

/** One coefficient: the outcome's change per unit of a number, or of a level against the factor's first one. */
export interface Coefficient {
  readonly column: Column
  /** Undefined where the columns before it determine this one. */
  readonly estimate?: number
  /** Over seeds: these losses in other worlds. */
  readonly overSeeds: Spread
  /** Over units: other losses of this kind. */
  readonly overUnits: Spread
}

/** `Σ x_i e_i` of every cluster: `clusters × columns`. */
const scores = (design: Design, fit: Fit, cluster: Int32Array, clusters: number): Float64Array => {
  const { centred, size, count } = design
  const width = fit.columns.length
  const sums = new Float64Array(clusters * width)
  for (let i = 0; i < count; i++) {
    let residual = centred[i * size + size - 1]!
    fit.columns.forEach((column, k) => {
      residual -= (fit.coefficients[k] ?? 0) * centred[i * size + column]!
    })
    const at = cluster[i]! * width
    for (let k = 0; k < width; k++) sums[at + k]! += residual * centred[i * size + fit.columns[k]!]!
  }
  return sums
}

/**
 * Standard errors that allow for any dependence within clusters (Liang and Zeger 1986):
 * `V = c (X'X)⁻¹ (Σ_g s_g s_g') (X'X)⁻¹`, `s_g = Σ_{i in g} x_i e_i`, `c = G/(G-1) · (n-1)/(n-k)` with k the rank; absorbed
 * blocks do not count in k.
 */
export const clusteredErrors = (
  design: Design,
  fit: Fit,
  cluster: Int32Array,
  clusters: number
): ReadonlyArray<number> => {
  const width = fit.columns.length
  const sums = scores(design, fit, cluster, clusters)
  const factor = (clusters / (clusters - 1)) * ((design.count - 1) / (design.count - fit.rank))
  return fit.columns.map((_, k) => {
    let total = 0
    for (let g = 0; g < clusters; g++) {
      let part = 0
      for (let j = 0; j < width; j++) part += fit.inverse[k * width + j]! * sums[g * width + j]!
      total += part * part
    }
    return Math.sqrt(factor * total)
  })
}

const spread = (estimate: number | undefined, error: number | undefined, clusters: number): Spread => {
  if (estimate === undefined || error === undefined || clusters < 2) return {}
  const half = studentQuantile(0.05, clusters - 1) * error
  return { error, low: estimate - half, high: estimate + half }
}

/** All coefficients, Student's t with one degree less than there are clusters. */
export const coefficientsOf = (design: Design): ReadonlyArray<Coefficient> => {
  const fit = leastSquares(
    design.products,
    design.columns.map((_, j) => j)
  )
  const seeds = design.seedCount < 2 ? [] : clusteredErrors(design, fit, design.seeds, design.seedCount)
  const count = design.unitNames.length
  const units = count < 2 ? [] : clusteredErrors(design, fit, design.units, count)
  return design.columns.map((column, k) => {
    const estimate = fit.coefficients[k]
    return {
      column,
      ...(estimate === undefined ? {} : { estimate }),
      overSeeds: spread(estimate, seeds[k], design.seedCount),
      overUnits: spread(estimate, units[k], count)
    }
  })
}
