/** @file What the regressions found, as sentences: which predictor accounts for most, and whether one says anything beyond others. */
import { distinct } from "../figures/drawing/intervals.ts"
import {
  answered,
  outcomeTitle,
  pointTitle,
  predictorTitle,
  type Regression
} from "../figures/drawing/regressionRows.ts"
import type { Records } from "../figures/records.ts"
import { listed } from "./phrases.ts"

const percent = (share: number): string =>
  `${Math.round(100 * share)
    .toString()
    .replace("-", "−")} %`

/** Chance of the largest of several gains by chance: p-values below this over the number of tests count (Bonferroni). */
const level = 0.05

const leading = ({ model, shares }: Regression): string => {
  const [first, second] = [...shares].sort((a, b) => b.share - a.share)
  const rest = second === undefined ? "" : `, then ${predictorTitle(second.predictor)} ${percent(second.share)}`
  return `${outcomeTitle(model.outcome)} (${predictorTitle(first?.predictor ?? "")} ${percent(first?.share ?? 0)}${rest}; all ${percent(model.r2)} of at most ${percent(model.ceiling)})`
}

const linesOf = (regressions: readonly Regression[]): readonly string[] =>
  distinct(regressions.map(({ model }) => JSON.stringify([model.analysis, model.environment, model.at]))).map((key) => {
    const own = regressions.filter(({ model }) => JSON.stringify([model.analysis, model.environment, model.at]) === key)
    const { analysis, environment, at, losses } = own[0]!.model
    return (
      `Analysis “${analysis}” (${losses} truth tables) in the environment “${environment}”, ${pointTitle(at)}: what accounts for most of` +
      ` the variance within seeds is, for ${listed(own.map(leading))}.`
    )
  })

const testSentences = (regressions: readonly Regression[]): readonly string[] => {
  const tests = regressions.flatMap(({ model, tests: own }) => own.map((test) => ({ model, test })))
  return distinct(tests.map(({ test }) => JSON.stringify([test.analysis, test.predictor, test.given]))).map((key) => {
    const own = tests.filter(({ test }) => JSON.stringify([test.analysis, test.predictor, test.given]) === key)
    const { predictor, given, analysis, permutations } = own[0]!.test
    const kept = own.filter(({ test }) => test.p * own.length < level)
    const asked =
      `Does ${predictorTitle(predictor)} say anything beyond ${listed(given.map(predictorTitle))} (“${analysis}”, ${own.length} outcomes,` +
      ` ${permutations} permutations each, p below 5 % after Bonferroni)?`
    if (kept.length === 0) return `${asked} In none of them.`
    const where = kept.map(
      ({ model, test }) =>
        `${outcomeTitle(model.outcome)} in “${model.environment}” ${pointTitle(model.at)} (${percent(test.gain)} more, ${percent(test.byChance)} by chance)`
    )
    return `${asked} In ${kept.length}: ${listed(where)}.`
  })
}

/** How the predictors fare on losses that the regression has not seen. */
const predictionSentence = (regressions: readonly Regression[]): readonly string[] =>
  distinct(regressions.map(({ model }) => model.analysis)).flatMap((analysis) => {
    const own = regressions.filter(({ model }) => model.analysis === analysis)
    const best = own.flatMap(({ model, shares }) => {
      const [first] = [...shares].sort((a, b) => (b.predictedAlone ?? -1) - (a.predictedAlone ?? -1))
      return first?.predictedAlone === undefined || model.predicted === undefined
        ? []
        : [{ predictor: first.predictor, alone: first.predictedAlone }]
    })
    if (best.length === 0) return []
    const counts = distinct(best.map(({ predictor }) => predictor)).map(
      (predictor) => [predictor, best.filter((one) => one.predictor === predictor).length] as const
    )
    const said = [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([predictor, count]) => `${predictorTitle(predictor)} in ${count}`)
    return [
      `For a truth table that the fit has not seen (“${analysis}”), the best single predictor of ${best.length} outcomes is ${listed(said)}.`
    ]
  })

/** Sentences on the regressions. */
export const regressionFindings = (records: Records): readonly string[] => {
  const all = answered(records.regression)
  return [...linesOf(all), ...predictionSentence(all), ...testSentences(all)]
}
