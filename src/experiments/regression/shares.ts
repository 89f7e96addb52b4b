/** @file How much of the outcome's variance each predictor accounts for: over all orders, alone, and beyond all others. */
import type { Design } from "./design.ts"
import { explained } from "./leastSquares.ts"

/** What one predictor accounts for, in shares of the outcome's variance within blocks. */
export interface Share {
  readonly predictor: string
  /**
   * Mean over all orders of the predictors of the gain in R² when this one is added (Lindeman, Merenda and Gold 1980; the Shapley
   * value of R²). The shares of all predictors sum to R².
   */
  readonly share: number
  /** R² of the predictor by itself. */
  readonly alone: number
  /** R² of all less R² of all others. */
  readonly beyond: number
  /** `beyond / (1 - R² of all others)`, in [0, 1]; 0 where nothing is left. */
  readonly partial: number
}

/** Most predictors: every subset of them is fitted. */
export const mostPredictors = 12

const factorials = (n: number): ReadonlyArray<number> =>
  Array.from({ length: n + 1 }, (_, k) => Array.from({ length: k }, (_, i) => i + 1).reduce((a, b) => a * b, 1))

const bitsOf = (set: number): number => {
  let count = 0
  for (let rest = set; rest > 0; rest &= rest - 1) count++
  return count
}

/** R² of every set of predictors; bit k of the index is predictor k. */
export const explainedBySubset = (design: Design): Float64Array => {
  const { predictors, products } = design
  if (predictors.length > mostPredictors) {
    throw new RangeError(`at most ${mostPredictors} predictors, found ${predictors.length}`)
  }
  return Float64Array.from({ length: 2 ** predictors.length }, (_, set) =>
    explained(
      products,
      predictors.flatMap((name, k) => ((set >> k) & 1 ? design.columnsOf(name) : []))
    )
  )
}

/** The shares of all predictors. */
export const sharesOf = (design: Design): ReadonlyArray<Share> => {
  const r2 = explainedBySubset(design)
  const n = design.predictors.length
  const factorial = factorials(n)
  const all = 2 ** n - 1
  return design.predictors.map((predictor, k) => {
    let share = 0
    for (let set = 0; set <= all; set++) {
      if ((set >> k) & 1) continue
      const before = bitsOf(set)
      share += ((factorial[before]! * factorial[n - 1 - before]!) / factorial[n]!) * (r2[set | (1 << k)]! - r2[set]!)
    }
    const others = r2[all & ~(1 << k)]!
    const beyond = Math.max(0, r2[all]! - others)
    return { predictor, share, alone: r2[1 << k]!, beyond, partial: others < 1 ? beyond / (1 - others) : 0 }
  })
}
