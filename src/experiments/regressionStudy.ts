/** @file The `regression` section of a study file: what may predict which outcome, and the regressions that this stands for. Pure. */
import * as Schema from "effect/Schema"
import { lossSets, outcomeMetrics } from "../derive/index.ts"
import { nearest } from "../loss/nearest.ts"
import { type BanditStudy, conditionsOf } from "./banditStudy.ts"
import { defaulted, distinct } from "./fields.ts"
import type { RegressionTask } from "./regression/analyse.ts"
import { type PredictorName, predictorNames } from "./regression/predictors.ts"
import { mostPredictors } from "./regression/shares.ts"

const Name = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9._-]*$/u, { expected: "lower-case letters, digits, '-', '_', '.'" })
)

const PredictorId = Schema.Literals(predictorNames as readonly [PredictorName, ...Array<PredictorName>])

/**
 * One analysis: a regression for every outcome, at every point (`end`, or a KL level in nats that the bandit studies name), in every
 * environment.
 */
const Analysis = Schema.Struct({
  outcomes: distinct(Schema.Literals(outcomeMetrics)).annotateKey({
    description: "Outcomes on the bandits that are predicted, each by itself."
  }),
  at: defaulted(distinct(Schema.Union([Schema.Literal("end"), Schema.Finite.check(Schema.isGreaterThan(0))])), [
    "end"
  ]).annotateKey({
    description: "Where outcomes are read: at the end, or at a KL level in nats that the bandit studies record."
  }),
  environments: Schema.optionalKey(distinct(Schema.NonEmptyString)).annotateKey({ description: "Default: all." }),
  losses: defaulted(Schema.Literals(["all", ...lossSets]), "all").annotateKey({
    description: "Losses whose truth tables belong to the set."
  }),
  predictors: distinct(PredictorId).annotateKey({
    description: "Facts about a loss or its condition that may predict it."
  }),
  within: defaulted(Schema.Array(Schema.Literals(["reading", "ceWeight"])), []).annotateKey({
    description:
      "Conditions to compare within, each combination with coefficients of its own: what is asked then is what tells losses apart."
  }),
  tests: defaulted(
    Schema.Array(Schema.Struct({ predictor: PredictorId, given: Schema.Array(PredictorId) })),
    []
  ).annotateKey({ description: "Questions whether a predictor says anything beyond the others given." }),
  permutations: defaulted(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })), 999).annotateKey({
    description: "Permutations behind a p-value."
  }),
  seed: defaulted(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), 0).annotateKey({
    description: "Seed of the permutations."
  })
})

export const RegressionConfig = Schema.Record(Name, Analysis)
export type RegressionConfig = typeof RegressionConfig.Type

interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

type Studies = Readonly<Record<string, BanditStudy>>

const environmentsOf = (studies: Studies): ReadonlyMap<string, BanditStudy> =>
  new Map(
    Object.entries(studies).flatMap(([name, study]) =>
      conditionsOf(name, study).map(({ environment }) => [environment, study] as const)
    )
  )

/** Levels that a study records all metrics at. */
const levelProblem = (level: "end" | number, environment: string, study: BanditStudy): string | undefined =>
  level === "end" || study.klLevels?.includes(level)
    ? undefined
    : `${environment} records no metrics at KL ${level}; its klLevels are ${study.klLevels?.join(", ") ?? "not given"}`

/** What a regression asks for that the study does not have. */
export const regressionProblems = (config: RegressionConfig | undefined, studies: Studies): ReadonlyArray<Problem> => {
  const known = environmentsOf(studies)
  return Object.entries(config ?? {}).flatMap(([name, analysis]) => {
    const at = (...path: ReadonlyArray<PropertyKey>) => ["regression", name, ...path]
    if (known.size === 0) return [{ path: at(), issue: "a regression needs bandit studies" }]
    const chosen = analysis.environments ?? [...known.keys()]
    const { predictors, tests } = analysis
    return [
      ...(predictors.length > mostPredictors
        ? [{ path: at("predictors"), issue: `at most ${mostPredictors} predictors, found ${predictors.length}` }]
        : []),
      ...chosen.flatMap((environment, i) =>
        known.has(environment)
          ? []
          : [
              {
                path: at("environments", i),
                issue: `there is no bandit study ${JSON.stringify(environment)}; ${nearest(environment, [...known.keys()])}`
              }
            ]
      ),
      ...analysis.at.flatMap((level, i) => {
        const issue = chosen.flatMap((environment) => {
          const study = known.get(environment)
          return study === undefined ? [] : (levelProblem(level, environment, study) ?? [])
        })[0]
        return issue === undefined ? [] : [{ path: at("at", i), issue }]
      }),
      ...tests.flatMap(({ predictor, given }, i) =>
        [predictor, ...given].flatMap((one) =>
          predictors.includes(one)
            ? []
            : [{ path: at("tests", i), issue: `${one} is not among the predictors: ${predictors.join(", ")}` }]
        )
      ),
      ...analysis.within.flatMap((one, i) =>
        predictors.includes(one)
          ? [{ path: at("within", i), issue: `${one} is among the predictors: leave one out` }]
          : []
      ),
      ...tests.flatMap(({ predictor, given }, i) =>
        given.includes(predictor) ? [{ path: at("tests", i), issue: `${predictor} is given itself` }] : []
      )
    ]
  })
}

/** The regressions of a study. */
export const regressionTasks = (config: RegressionConfig, studies: Studies): ReadonlyArray<RegressionTask> =>
  Object.entries(config).flatMap(([name, { outcomes, at, environments, ...rest }]) =>
    (environments ?? [...environmentsOf(studies).keys()]).flatMap((environment) =>
      outcomes.flatMap((outcome) => at.map((level) => ({ name, environment, outcome, at: level, ...rest })))
    )
  )
