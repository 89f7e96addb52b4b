/** Slow, obvious versions of what src/experiments/regression does fast: indicators written out, refits, all orders. */
import type { Observation } from "../../../src/experiments/regression/design.ts"
import type { Rng } from "../../../src/random/rng.ts"

export type Matrix = ReadonlyArray<ReadonlyArray<number>>

/** Solves `A x = b` by Gaussian elimination with row exchanges; singular directions get 0. */
export const solve = (a: Matrix, b: ReadonlyArray<number>): ReadonlyArray<number> => {
  const n = b.length
  const rows = a.map((row, i) => [...row, b[i]!])
  const pivots: Array<readonly [number, number]> = []
  let at = 0
  for (let column = 0; column < n; column++) {
    let best = at
    for (let i = at; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[best]![column]!)) best = i
    if (at >= n || Math.abs(rows[best]![column]!) < 1e-9) continue
    const held = rows[at]!
    rows[at] = rows[best]!
    rows[best] = held
    for (let i = 0; i < n; i++) {
      if (i === at) continue
      const factor = rows[i]![column]! / rows[at]![column]!
      for (let j = 0; j <= n; j++) rows[i]![j]! -= factor * rows[at]![j]!
    }
    pivots.push([at, column])
    at++
  }
  const x = new Array<number>(n).fill(0)
  for (const [row, column] of pivots) x[column] = rows[row]![n]! / rows[row]![column]!
  return x
}

export const transposed = (a: Matrix): Matrix => (a[0] ?? []).map((_, j) => a.map((row) => row[j]!))

export const times = (a: Matrix, b: Matrix): Matrix => {
  const columns = transposed(b)
  return a.map((row) => columns.map((column) => row.reduce((sum, value, k) => sum + value * column[k]!, 0)))
}

/** Least squares of y on the columns of x: coefficients and residuals. */
export const solved = (x: Matrix, y: ReadonlyArray<number>) => {
  const t = transposed(x)
  const coefficients = solve(
    times(t, x),
    t.map((column) => column.reduce((sum, value, i) => sum + value * y[i]!, 0))
  )
  const residuals = y.map((value, i) => value - x[i]!.reduce((sum, entry, k) => sum + entry * coefficients[k]!, 0))
  return { coefficients, residuals, missed: residuals.reduce((sum, e) => sum + e * e, 0) }
}

const blockOf = ({ seed, stratum }: Observation): string => JSON.stringify([seed, stratum])

/** An indicator a block, then for every predictor and stratum its number, or an indicator a level but the first. */
export const written = (
  observations: ReadonlyArray<Observation>,
  predictors: ReadonlyArray<string>,
  all: ReadonlyArray<Observation> = observations
): Matrix => {
  const blocks = [...new Set(all.map(blockOf))]
  const strata = [...new Set(all.map(({ stratum }) => stratum))]
  return observations.map((one) => [
    ...blocks.map((block) => (blockOf(one) === block ? 1 : 0)),
    ...predictors.flatMap((name) => {
      const values = all.map(({ values }) => values[name]!)
      const levels = typeof values[0] === "number" ? undefined : [...new Set(values as ReadonlyArray<string>)].sort()
      return strata.flatMap((stratum) => {
        const here = one.stratum === stratum ? 1 : 0
        return levels === undefined
          ? [here * (one.values[name] as number)]
          : levels.slice(1).map((level) => (one.values[name] === level ? here : 0))
      })
    })
  ])
}

export const outcomes = (observations: ReadonlyArray<Observation>): ReadonlyArray<number> =>
  observations.map(({ outcome }) => outcome)

/** R² beyond the blocks, from two fits with everything written out. */
export const writtenR2 = (observations: ReadonlyArray<Observation>, predictors: ReadonlyArray<string>): number => {
  const y = outcomes(observations)
  return 1 - solved(written(observations, predictors), y).missed / solved(written(observations, []), y).missed
}

/** All orders of a list. */
export const orders = <A>(items: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  items.length === 0
    ? [[]]
    : items.flatMap((first, i) => orders(items.filter((_, j) => j !== i)).map((rest) => [first, ...rest]))

/** Made-up runs: `losses` units with a class and a depth, seeds, two readings; some missing. */
export const madeUp = (rng: Rng, losses = 7, seeds = 4): ReadonlyArray<Observation> => {
  const classes = ["a", "b", "c"]
  return Array.from({ length: losses }, (_, unit) => {
    const values = { class: classes[unit % 3]!, depth: Math.floor(5 * rng.uniform()), slope: rng.normal() }
    return Array.from({ length: seeds }, (_, seed) =>
      ["none", "added"].flatMap((stratum): ReadonlyArray<Observation> => {
        const effect = (values.class === "a" ? 1 : 0) + 0.3 * values.depth * (stratum === "none" ? 1 : -1)
        const outcome = effect + seed + 0.5 * rng.normal()
        return rng.uniform() < 0.1 ? [] : [{ seed: `${seed}`, stratum, unit: `u${unit}`, outcome, values }]
      })
    ).flat()
  }).flat()
}
