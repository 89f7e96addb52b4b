/** @file Regression records in groups and words: what the figures, the table and the report say alike. */
import type {
  RegressionCoefficientRow,
  RegressionModelRow,
  RegressionRow,
  RegressionShareRow,
  RegressionTestRow
} from "../records.ts"

/** Outcomes of bandits as axes and tables call them, in two lines. */
const outcomeTitles: Readonly<Record<string, readonly [string, string]>> = {
  expectedReward: ["expected", "reward"],
  regret: ["", "regret"],
  winRate: ["", "win rate"],
  klToReference: ["KL to", "reference"],
  chosenLogpDrift: ["drift of", "chosen log π"],
  rejectedLogpDrift: ["drift of", "rejected log π"],
  unseenMass: ["mass on", "unseen arms"],
  unseenMassChange: ["change of mass", "on unseen arms"],
  entropy: ["", "entropy"],
  rankingAccuracy: ["ranking", "accuracy"],
  implicitRankingAccuracy: ["implicit ranking", "accuracy"]
}

/** The two lines of an outcome's title. */
export const outcomeLines = (outcome: string): readonly string[] =>
  (outcomeTitles[outcome] ?? [outcome]).filter((line) => line !== "")

/** An outcome in one line. */
export const outcomeTitle = (outcome: string): string => outcomeLines(outcome).join(" ")

const predictorTitles: Readonly<Record<string, string>> = {
  bothValid: "row TT",
  slopeShare: "slope share",
  chosenSafe: "chosen-safe",
  rejectedSafe: "rejected-safe",
  ceWeight: "CE weight",
  "class*reading": "class × reading",
  table: "truth table"
}

/** A predictor in words. */
export const predictorTitle = (predictor: string): string => predictorTitles[predictor] ?? predictor

/** Where outcomes are compared, in words. */
export const pointTitle = (at: "end" | number): string => (at === "end" ? "at the end" : `at KL ${at}`)

/** One regression with all its rows. */
export interface Regression {
  readonly model: RegressionModelRow
  readonly shares: readonly RegressionShareRow[]
  readonly coefficients: readonly RegressionCoefficientRow[]
  readonly tests: readonly RegressionTestRow[]
}

const placeOf = ({ analysis, environment, outcome, at }: RegressionRow): string =>
  JSON.stringify([analysis, environment, outcome, at])

/** The regressions of a study in the order of its records; those of an outcome that does not vary have a model alone. */
export const regressionsOf = (rows: readonly RegressionRow[]): readonly Regression[] =>
  rows.flatMap((model) => {
    if (model.kind !== "model") return []
    const own = rows.filter((row) => placeOf(row) === placeOf(model))
    return [
      {
        model,
        shares: own.filter((row) => row.kind === "share"),
        coefficients: own.filter((row) => row.kind === "coefficient"),
        tests: own.filter((row) => row.kind === "test")
      }
    ]
  })

/** Those in which something was there to be predicted. */
export const answered = (rows: readonly RegressionRow[]): readonly Regression[] =>
  regressionsOf(rows).filter(({ shares }) => shares.length > 0)

/** Distinct panels of a figure: an analysis in an environment at a point, one line of panels each. */
export const linesOf = (regressions: readonly Regression[]): readonly (readonly Regression[])[] => {
  const lines = new Map<string, Array<Regression>>()
  for (const one of regressions) {
    const { analysis, environment, at } = one.model
    const key = JSON.stringify([analysis, environment, at])
    lines.set(key, [...(lines.get(key) ?? []), one])
  }
  return [...lines.values()]
}

/** Title of a line of panels; the analysis is named where there are several. */
export const lineTitle = ({ model }: Regression, analyses: number): string =>
  `${analyses > 1 ? `${model.analysis}: ` : ""}${model.environment}, ${pointTitle(model.at)}`
