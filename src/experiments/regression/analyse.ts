/** @file One regression from records to rows: the model, each predictor's share, coefficients with intervals, tests. */
import { Rng } from "../../random/rng.ts"
import type { Json } from "../canonical.ts"
import type { RegressionModelRow, RegressionRow } from "../figures/records.ts"
import { rounding } from "../statistics.ts"
import { coefficientsOf } from "./coefficients.ts"
import { centredWithin, type Design, makeDesign } from "./design.ts"
import { explained } from "./leastSquares.ts"
import { type Observations, observationsOf, type Question } from "./observations.ts"
import { permutationTest } from "./permutation.ts"
import { type Folds, makeFolds, predictiveR2 } from "./prediction.ts"
import { levelOrders, type PredictorName, predictors } from "./predictors.ts"
import { sharesOf } from "./shares.ts"

/** A test wanted: does `predictor` say anything beyond `given`? */
export interface TestSpec {
  readonly predictor: PredictorName
  readonly given: ReadonlyArray<PredictorName>
}

/** A regression as a study asks for it. */
export interface RegressionTask extends Question {
  readonly name: string
  readonly tests: ReadonlyArray<TestSpec>
  readonly permutations: number
  readonly seed: number
}

/** R² of a model with a level for every group: the most that anything constant within groups could explain. */
const groupedR2 = (design: Design, groups: ReadonlyArray<string>): number => {
  const { size, count, blocks, blockCount, centred } = design
  const outcome = Float64Array.from({ length: count }, (_, i) => centred[i * size + size - 1]!)
  const total = outcome.reduce((sum, y) => sum + y * y, 0)
  if (total === 0) return 0
  const place = new Map([...new Set(groups)].map((name, i) => [name, i]))
  const group = Int32Array.from(groups, (name) => place.get(name)!)
  // Groups and blocks by turns: least squares on both sets of indicators (exact at once where every group meets every block).
  let residual: Float64Array = outcome
  for (let round = 0; round < 200; round++) {
    const before = residual
    residual = centredWithin(centredWithin(residual, 1, group, place.size), 1, blocks, blockCount)
    if (residual.every((value, i) => Math.abs(value - before[i]!) <= 1e-12 * Math.sqrt(total))) break
  }
  return 1 - residual.reduce((sum, e) => sum + e * e, 0) / total
}

const place = (task: RegressionTask) => ({
  analysis: task.name,
  environment: task.environment,
  outcome: task.outcome,
  at: task.at
})

const modelRow = (task: RegressionTask, seen: Observations, folds: Folds): RegressionModelRow => {
  const { design } = folds
  const predicted = predictiveR2(folds, task.predictors)
  const variance = design.products.values.at(-1)! / design.count
  return {
    kind: "model",
    ...place(task),
    predictors: task.predictors,
    within: task.within,
    losses: design.unitNames.length,
    seeds: design.seedCount,
    n: design.count,
    missing: seen.missing,
    leftOut: seen.leftOut,
    spread: Math.sqrt(variance),
    r2: explained(
      design.products,
      design.columns.map((_, j) => j)
    ),
    ...(predicted === undefined ? {} : { predicted }),
    byTable: groupedR2(
      design,
      seen.observations.map(({ unit }) => unit)
    ),
    ceiling: groupedR2(design, seen.conditions)
  }
}

const shareRows = (task: RegressionTask, design: Design, folds: Folds): ReadonlyArray<RegressionRow> =>
  sharesOf(design).map((share) => {
    const alone = predictiveR2(folds, [share.predictor])
    const without = predictiveR2(
      folds,
      task.predictors.filter((name) => name !== share.predictor)
    )
    return {
      kind: "share",
      ...place(task),
      ...share,
      meaning: predictors[share.predictor as PredictorName].meaning,
      ...(alone === undefined ? {} : { predictedAlone: alone }),
      ...(without === undefined ? {} : { predictedWithout: without })
    }
  })

const coefficientRows = (task: RegressionTask, design: Design): ReadonlyArray<RegressionRow> =>
  coefficientsOf(design).map(({ column, estimate, overSeeds, overUnits }) => ({
    kind: "coefficient",
    ...place(task),
    predictor: column.predictor,
    ...(task.within.length === 0 ? {} : { stratum: design.stratumNames[column.stratum]! }),
    ...(column.level === undefined ? {} : { level: column.level, against: design.baselines[column.predictor]! }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(overSeeds.low === undefined ? {} : { low: overSeeds.low, high: overSeeds.high! }),
    ...(overUnits.low === undefined ? {} : { lossLow: overUnits.low, lossHigh: overUnits.high! })
  }))

const testRows = (task: RegressionTask, design: Design): ReadonlyArray<RegressionRow> =>
  task.tests.map(({ predictor, given }) => {
    const rng = Rng.fromSeed(task.seed).split("regression").split(`${predictor} given ${given.join()}`)
    return { kind: "test", ...place(task), ...permutationTest(design, predictor, given, task.permutations, rng) }
  })

/**
 * One regression. Without observations, or where the outcome is the same in all of them, the model row alone, saying so.
 * @param rows of `records/bandit.jsonl` or `records/bandit-kl.jsonl`, as `task.at` asks
 */
export const analyse = (
  rows: ReadonlyArray<Readonly<Record<string, Json>>>,
  task: RegressionTask
): ReadonlyArray<RegressionRow> => {
  const seen = observationsOf(rows, task)
  const empty = { predictors: task.predictors, within: task.within, missing: seen.missing, leftOut: seen.leftOut }
  if (seen.observations.length === 0) {
    return [
      { kind: "model", ...place(task), ...empty, losses: 0, seeds: 0, n: 0, spread: 0, r2: 0, byTable: 0, ceiling: 0 }
    ]
  }
  const design = makeDesign(seen.observations, task.predictors, levelOrders)
  const folds = makeFolds(design)
  const model = modelRow(task, seen, folds)
  if (model.spread <= rounding) return [model]
  return [model, ...shareRows(task, design, folds), ...coefficientRows(task, design), ...testRows(task, design)]
}
