/** @file Tables of the regressions: what each predictor accounts for, and the coefficients. */
import { answered, outcomeTitle, pointTitle, predictorTitle, regressionsOf } from "../figures/drawing/regressionRows.ts"
import type { Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** Shares, cross-validation and tests, a line a predictor. */
export const regressionSharesTable = (records: Records): Table => ({
  name: "regression-shares",
  title: "What predicts the outcome",
  caption:
    "Share: mean gain in R² over all orders of the predictors (shares sum to R²); alone, beyond: R² of the predictor by itself, and" +
    " what it adds to all others. Predicted: R² for truth tables left out of the fit one by one, by all predictors, by this one alone," +
    " by all others. All within seeds. p: permutation test of the predictor given those named.",
  columns: [
    { key: "analysis", title: "losses", kind: "text" },
    { key: "environment", title: "environment", kind: "text" },
    { key: "outcome", title: "outcome", kind: "text" },
    { key: "at", title: "compared", kind: "text" },
    { key: "predictor", title: "predictor", kind: "text" },
    { key: "share", title: "share", kind: "number" },
    { key: "alone", title: "alone", kind: "number" },
    { key: "beyond", title: "beyond the others", kind: "number" },
    { key: "predicted_alone", title: "predicted, alone", kind: "number", only: "page" },
    { key: "predicted_without", title: "predicted, without", kind: "number", only: "page" },
    { key: "test", title: "test", kind: "text" }
  ],
  rows: answered(records.regression).flatMap(({ model, shares, tests }) =>
    shares.map((row) => {
      const own = tests.filter(({ predictor }) => predictor === row.predictor)
      return [
        model.analysis,
        model.environment,
        outcomeTitle(model.outcome),
        pointTitle(model.at),
        predictorTitle(row.predictor),
        row.share,
        row.alone,
        row.beyond,
        row.predictedAlone,
        row.predictedWithout,
        own.map(({ p, given }) => `p = ${p.toPrecision(2)} given ${given.map(predictorTitle).join(", ")}`).join("; ")
      ]
    })
  )
})

/** The models: how much is explained, predicted, and could be at most. */
export const regressionModelsTable = (records: Records): Table => ({
  name: "regression-models",
  title: "The regressions",
  caption:
    "R² within seeds of all predictors together; for truth tables left out of the fit; of a level for every truth table; of a level" +
    " for every loss with its reading and cross-entropy weight (the most that could be explained). Missing: runs that broke off or" +
    " never came that far from the reference.",
  columns: [
    { key: "analysis", title: "losses", kind: "text" },
    { key: "environment", title: "environment", kind: "text" },
    { key: "outcome", title: "outcome", kind: "text" },
    { key: "at", title: "compared", kind: "text" },
    { key: "tables", title: "truth tables", kind: "number" },
    { key: "seeds", title: "seeds", kind: "number" },
    { key: "runs", title: "runs", kind: "number" },
    { key: "missing", title: "missing", kind: "number" },
    { key: "r2", title: "R²", kind: "number" },
    { key: "predicted", title: "predicted", kind: "number" },
    { key: "by_table", title: "by truth table", kind: "number" },
    { key: "ceiling", title: "at most", kind: "number" },
    { key: "left_out", title: "left out", kind: "text", only: "file" }
  ],
  rows: regressionsOf(records.regression).map(({ model }) => [
    model.analysis,
    model.environment,
    outcomeTitle(model.outcome),
    pointTitle(model.at),
    model.losses,
    model.seeds,
    model.n,
    model.missing,
    model.r2,
    model.predicted,
    model.byTable,
    model.ceiling,
    model.leftOut.join("; ")
  ])
})

/** Every coefficient with both intervals. */
export const regressionEffectsTable = (records: Records): Table => ({
  name: "regression-effects",
  title: "Coefficients",
  caption:
    "Coefficients in units of the outcome, levels against the level named, with 95 % intervals over seeds and over truth tables.",
  filesOnly: true,
  columns: [
    { key: "analysis", title: "losses", kind: "text" },
    { key: "environment", title: "environment", kind: "text" },
    { key: "outcome", title: "outcome", kind: "text" },
    { key: "at", title: "compared", kind: "text" },
    { key: "conditions", title: "conditions", kind: "text" },
    { key: "predictor", title: "predictor", kind: "text" },
    { key: "level", title: "level", kind: "text" },
    { key: "against", title: "against", kind: "text" },
    { key: "estimate", title: "coefficient", kind: "number" },
    { key: "low", title: "low", kind: "number" },
    { key: "high", title: "high", kind: "number" },
    { key: "loss_low", title: "low over losses", kind: "number" },
    { key: "loss_high", title: "high over losses", kind: "number" }
  ],
  rows: answered(records.regression).flatMap(({ model, coefficients }) =>
    coefficients.map((row) => [
      model.analysis,
      model.environment,
      outcomeTitle(model.outcome),
      pointTitle(model.at),
      row.stratum,
      predictorTitle(row.predictor),
      row.level,
      row.against,
      row.estimate,
      row.low,
      row.high,
      row.lossLow,
      row.lossHigh
    ])
  )
})
