/**
 * @file Quantities of bandit records, as a study file writes them: a formula, where along a run it is read, and what is made of
 * several runs. A quantity is one number a seed. Pure.
 */
import * as Schema from "effect/Schema"
import { hypervolume } from "../../bandit/hypervolume.ts"
import { NonNegative } from "../fields.ts"
import type { BanditRow } from "../figures/records.ts"
import { fitForm, fitForms } from "./fits.ts"
import { type Formula, knownFormula, parseFormula } from "./formula.ts"
import { type Run, scopeOf } from "./runs.ts"
import { argMax, firstFall, rankCorrelation, slope } from "./series.ts"

/** A formula over columns.ts; a number is one too. */
export const FormulaText = Schema.Union([Schema.String, Schema.Finite])
  .check(
    Schema.makeFilter((source) => {
      const formula = parseFormula(String(source))
      return formula._tag === "Failure" ? formula.failure : undefined
    })
  )
  .annotate({ identifier: "Formula" })

/** Where a formula is read: at a checkpoint, at the step or KL divergence between two (linearly), or where it is extreme. */
export const At = Schema.Union([
  Schema.Literals(["initial", "final", "max", "min", "argmax-step", "argmin-step"]),
  Schema.Struct({ step: NonNegative }),
  Schema.Struct({ kl: NonNegative }),
  /** The step at which it first lies this much below a value reached before. */
  Schema.Struct({ fall: NonNegative })
]).annotate({ identifier: "At" })
export type At = typeof At.Type

/** A formula read at a place. */
export const Reading = Schema.Struct({ value: FormulaText, at: Schema.optionalKey(At) }).annotate({
  identifier: "Reading"
})
export type Reading = typeof Reading.Type

/**
 * One number a seed out of all the runs of that seed: slope of the quantity, or its rank correlation, with x; or the area that
 * the points (x, quantity) dominate above `floor`, a point too (default: the origin).
 */
export const Across = Schema.Struct({
  statistic: Schema.Literals(["slope", "rank-correlation", "hypervolume"]),
  floor: Schema.optionalKey(Schema.Tuple([Schema.Finite, Schema.Finite])),
  x: Schema.Union([FormulaText, Reading])
}).annotate({ identifier: "Across" })

/** What a curve fitted to all checkpoints of all runs of a seed says; points with x below `floor` are left out. */
export const FitOf = Schema.Struct({
  form: Schema.Literals(fitForms),
  x: FormulaText,
  take: Schema.Literals(["rmse", "residual-error", "alpha", "beta", "gamma", "peak", "height"]),
  floor: Schema.optionalKey(Schema.Finite)
}).annotate({ identifier: "FitOf" })

/** See the fields. Without `across` and `fit` it is a number a run. */
export const quantityFields = {
  value: FormulaText.annotateKey({ description: "What is read: a formula over the columns of the records." }),
  at: Schema.optionalKey(At).annotateKey({ description: "Where along a run it is read. Default: final." }),
  across: Schema.optionalKey(Across).annotateKey({ description: "What is made of all the runs of a seed." }),
  fit: Schema.optionalKey(FitOf).annotateKey({ description: "What a curve fitted to all the runs of a seed says." })
} as const

/** What is read, without where the runs come from. */
export interface Quantity extends Reading {
  readonly across?: typeof Across.Type
  readonly fit?: typeof FitOf.Type
}

/** Every formula in a quantity with the path to it. */
export const formulasOf = (quantity: Partial<Quantity>): ReadonlyArray<readonly [ReadonlyArray<string>, string]> => {
  const x = quantity.across?.x
  const across =
    x === undefined
      ? []
      : typeof x === "object"
        ? [[["across", "x", "value"], String(x.value)] as const]
        : [[["across", "x"], String(x)] as const]
  return [
    ...(quantity.value === undefined ? [] : [[["value"], String(quantity.value)] as const]),
    ...across,
    ...(quantity.fit === undefined ? [] : [[["fit", "x"], String(quantity.fit.x)] as const])
  ]
}

interface Point {
  readonly row: BanditRow
  readonly value: number
}

/** The formula at every checkpoint that has a value. */
export const pointsOf = (run: Run, formula: Formula): ReadonlyArray<Point> =>
  run.rows.flatMap((row) => {
    const value = formula.evaluate(scopeOf(run, row))
    return value === undefined ? [] : [{ row, value }]
  })

/** Between the first two neighbouring points whose `key` encloses the level, linearly; undefined when none do. */
const between = (points: ReadonlyArray<Point>, key: (row: BanditRow) => number, level: number): number | undefined => {
  for (const [i, after] of points.entries()) {
    const before = points[Math.max(0, i - 1)]!
    const [low, high] = [key(before.row), key(after.row)]
    if (!(low <= level && level <= high)) continue
    const share = high > low ? (level - low) / (high - low) : 0
    return before.value + share * (after.value - before.value)
  }
  return undefined
}

const readPlace = (points: ReadonlyArray<Point>, at: At): number | undefined => {
  const values = points.map(({ value }) => value)
  if (typeof at === "object") {
    if ("step" in at) return between(points, ({ step }) => step, at.step)
    if ("kl" in at) return between(points, ({ klToReference }) => Number(klToReference), at.kl)
    const fallen = firstFall(values, at.fall)
    return fallen === undefined ? undefined : points[fallen]!.row.step
  }
  switch (at) {
    case "initial":
      return points[0]?.row.step === 0 ? points[0].value : undefined
    case "final": {
      const last = points.at(-1)
      return last?.row.final === true ? last.value : undefined
    }
    case "max":
      return points[argMax(values)]!.value
    case "min":
      return points[argMax(values.map((value) => -value))]!.value
    case "argmax-step":
      return points[argMax(values)]!.row.step
    case "argmin-step":
      return points[argMax(values.map((value) => -value))]!.row.step
  }
}

/** What a reading says of one run; undefined where the formula has no value there, and for a run that stopped early. */
export const readRun = (run: Run, { value, at = "final" }: Reading): number | undefined => {
  const points = run.failed ? [] : pointsOf(run, knownFormula(value))
  return points.length === 0 ? undefined : readPlace(points, at)
}

/** Slope or rank correlation over the runs of one seed. */
const readAcross = (runs: ReadonlyArray<Run>, quantity: Quantity, across: typeof Across.Type): number | undefined => {
  const { x } = across
  const pairs = runs.flatMap((run) => {
    const [a, b] = [readRun(run, typeof x === "object" ? x : { value: x }), readRun(run, quantity)]
    return a === undefined || b === undefined ? [] : [[a, b] as const]
  })
  // A run without its number would make the runs of one seed another choice than those of the next.
  if (pairs.length < runs.length || pairs.length < 2) return undefined
  if (across.statistic === "hypervolume") return hypervolume(pairs, across.floor ?? [0, 0])
  const statistic = across.statistic === "slope" ? slope : rankCorrelation
  return statistic(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b)
  )
}

/** Points (x, y) of all checkpoints of all runs. */
export const fitPoints = (
  runs: ReadonlyArray<Run>,
  x: string | number,
  y: string | number,
  floor = Number.NEGATIVE_INFINITY
): ReadonlyArray<readonly [number, number]> => {
  const [fx, fy] = [knownFormula(x), knownFormula(y)]
  return runs
    .filter(({ failed }) => !failed)
    .flatMap((run) =>
      run.rows.flatMap((row) => {
        const scope = scopeOf(run, row)
        const [a, b] = [fx.evaluate(scope), fy.evaluate(scope)]
        return a === undefined || b === undefined || a < floor ? [] : [[a, b] as const]
      })
    )
}

const readFit = (runs: ReadonlyArray<Run>, quantity: Quantity, wanted: typeof FitOf.Type): number | undefined => {
  const points = fitPoints(runs, wanted.x, quantity.value, wanted.floor)
  const fit = fitForm(
    wanted.form,
    points.map(([x]) => x),
    points.map(([, y]) => y)
  )
  switch (wanted.take) {
    case "rmse":
      return fit?.rmse
    case "residual-error":
      return fit?.residualError
    case "peak":
      return fit?.peak
    case "height":
      return fit?.height
    default:
      return fit?.coefficients[["alpha", "beta", "gamma"].indexOf(wanted.take)]
  }
}

/** Whether a quantity takes the runs of a seed together. */
export const isPooled = (quantity: Quantity): boolean => quantity.across !== undefined || quantity.fit !== undefined

/** What a quantity says of the runs of one seed, which are one run unless it is pooled. */
export const readRuns = (runs: ReadonlyArray<Run>, quantity: Quantity): number | undefined => {
  if (quantity.fit !== undefined) return readFit(runs, quantity, quantity.fit)
  if (quantity.across !== undefined) return readAcross(runs, quantity, quantity.across)
  return runs.length === 1 ? readRun(runs[0]!, quantity) : undefined
}
