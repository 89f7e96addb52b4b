/**
 * @file The study file (format 1). A section that is absent leaves its stage out. Everything that has a default is filled in,
 * so that the resolved configuration says all that the results depend on.
 */
import * as Schema from "effect/Schema"
import { DeriveQuerySchema, orderedKinds, outcomeMetrics } from "../derive/index.ts"
import { parseProposition } from "../logic/proposition.ts"
import { nearest } from "../loss/nearest.ts"
import { defaultSettings } from "../maps/mapped.ts"
import { canonicalPropertyId, propertyNames } from "../properties/registry.ts"
import { verdicts } from "../properties/verdict.ts"
import { BanditStudy, conditionsOf } from "./banditStudy.ts"
import { Claim } from "./claims/claim.ts"
import { claimsProblems, type Runs } from "./claims/problems.ts"
import { defaulted, distinct, Seeds } from "./fields.ts"
import { figures } from "./figures/index.ts"
import { PlotSpec } from "./figures/plots/plot.ts"
import { plotsProblems } from "./figures/plots/problems.ts"
import { FinetuneConfig } from "./finetuneStudy.ts"
import { LossName, validatedLosses } from "./lossName.ts"
import { knownConditions } from "./quantities/select.ts"
import { RegressionConfig, regressionProblems } from "./regressionStudy.ts"
import { SurfacesConfig } from "./surfacesStudy.ts"

/** A part of a path and of a cell's id. */
const Name = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9._-]*$/, {
    expected: "lower-case letters, digits, '-', '_', '.', not starting with one of the signs"
  })
)

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const PropertyName = Schema.String.check(
  Schema.makeFilter((name) =>
    canonicalPropertyId(name) === undefined
      ? `unknown property ${JSON.stringify(name)}; ${nearest(name, propertyNames)}`
      : undefined
  )
)

const PropositionName = Schema.String.check(
  Schema.makeFilter((name) =>
    parseProposition(name) ? undefined : `${JSON.stringify(name)} is no proposition such as M(w), Ref(l), M(y3)`
  )
)

const Verdict = Schema.Literals(verdicts)

/** Which published losses the catalogue lists; `names`: every published and trainers' name by classes of equal losses too. */
const CatalogueConfig = Schema.Struct({
  losses: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(LossName)]), "all"),
  names: defaulted(Schema.Boolean, false)
})

/**
 * Propositions whose landscape is counted; `pairs`: comparable pairs too; `twins`: the sixteen's relative twins too; `order`: of
 * which losses over a pair the dominance order is recorded.
 */
const LandscapeConfig = Schema.Struct({
  propositions: defaulted(Schema.NonEmptyArray(PropositionName), ["M(w)", "M(l)"]),
  pairs: defaulted(Schema.Boolean, false),
  twins: defaulted(Schema.Boolean, false),
  order: defaulted(Schema.Array(Schema.Literals(orderedKinds)), [])
})

/**
 * Losses whose gradient fields are compared, and the measure: `points` quasi-random pairs of `seed`, log-probabilities from
 * -`reach` nats on, 1 to `lengths` tokens; `arms` of the softmax whose steps are compared (see maps/mapped.ts).
 */
const MapsConfig = Schema.Struct({
  losses: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(LossName)]), "all"),
  points: defaulted(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1 << 20 })), defaultSettings.points),
  seed: defaulted(Count, defaultSettings.seed),
  reach: defaulted(Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 500 })), defaultSettings.reach),
  lengths: defaulted(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })), defaultSettings.lengths),
  arms: defaulted(Schema.Int.check(Schema.isBetween({ minimum: 3, maximum: 1000 })), defaultSettings.arms)
})

/** Queries for losses, as `losslattice derive` reads them; each has a name of its own. */
const DeriveConfig = Schema.Struct({ queries: Schema.NonEmptyArray(DeriveQuerySchema) })

/** `losses` may contain `lattice`, the sixteen. `expected`: loss → property → verdict, shown beside the verdict found. */
const ValidateConfig = Schema.Struct({
  losses: Schema.NonEmptyArray(Schema.Union([Schema.Literal("lattice"), LossName])),
  derived: defaulted(Schema.Boolean, false),
  properties: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(PropertyName)]), "all"),
  runs: defaulted(Schema.Int.check(Schema.isGreaterThan(0)), 100),
  seed: defaulted(Count, 0),
  expected: defaulted(Schema.Record(Schema.String, Schema.Record(Schema.String, Verdict)), {})
})

const BanditConfig = Schema.Struct({
  studies: Schema.Record(Name, BanditStudy).check(
    Schema.makeFilter((studies) => (Object.keys(studies).length > 0 ? undefined : "expected at least one study"))
  )
})

/** See selection.ts. `rank` names a bandit study (with its variant, as the records have it) and an outcome. */
export const SelectConfig = Schema.Struct({
  rank: Schema.Struct({
    study: Schema.NonEmptyString,
    metric: Schema.Literals(outcomeMetrics),
    direction: Schema.Literals(["max", "min"]),
    reference: defaulted(Schema.Boolean, false),
    ceWeight: defaulted(Schema.Finite, 0)
  }),
  top: defaulted(Count, 0),
  derived: defaulted(Count, 0),
  require: defaulted(Schema.Record(Schema.String, Schema.NonEmptyArray(Verdict)), {}),
  alwaysInclude: defaulted(Schema.Array(LossName), []),
  force: defaulted(Schema.Boolean, false)
})
export type SelectConfig = typeof SelectConfig.Type

/** Predictions about the selected losses; `environments`: the bandit studies asked, default all. */
const PredictionsConfig = Schema.Struct({
  environments: Schema.optionalKey(distinct(Schema.NonEmptyString))
})

const FigureId = Schema.String.check(
  Schema.makeFilter((id) => {
    const ids = figures.map((figure) => figure.id)
    return ids.includes(id) ? undefined : `unknown figure ${JSON.stringify(id)}; ${nearest(id, ids)}`
  })
)

/** `only`: which of the program's figures to draw, default every one that the records can show; `plots`: the study's own. */
const FiguresConfig = Schema.Struct({
  only: Schema.optionalKey(Schema.Array(FigureId)),
  plots: Schema.optionalKey(Schema.Array(PlotSpec))
})

const fields = Schema.Struct({
  version: Schema.Literal(1),
  study: Name,
  title: Schema.NonEmptyString,
  question: Schema.optionalKey(Schema.NonEmptyString),
  /** Sentences that the report adds to its limits. */
  limits: defaulted(Schema.Array(Schema.NonEmptyString), []),
  /** Seeds of the bandit studies and of finetuning, unless those say otherwise. */
  seeds: defaulted(Seeds, [0]),
  /** A loss that the summary compares the others with. */
  baseline: Schema.optionalKey(LossName),
  catalogue: Schema.optionalKey(CatalogueConfig),
  landscape: Schema.optionalKey(LandscapeConfig),
  maps: Schema.optionalKey(MapsConfig),
  surfaces: Schema.optionalKey(SurfacesConfig),
  derive: Schema.optionalKey(DeriveConfig),
  validate: Schema.optionalKey(ValidateConfig),
  bandit: Schema.optionalKey(BanditConfig),
  regression: Schema.optionalKey(RegressionConfig),
  select: Schema.optionalKey(SelectConfig),
  predictions: Schema.optionalKey(PredictionsConfig),
  finetune: Schema.optionalKey(FinetuneConfig),
  /** What is claimed about the bandits: decided on their records, and the run fails when a claim does not stand. */
  claims: Schema.optionalKey(Schema.Array(Claim)),
  figures: defaulted(FiguresConfig, {})
})

interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

type Fields = typeof fields.Type

/** A property that somebody relies on has to be one, and among those that the study examines. */
const propertyProblem = (name: string, validate: Fields["validate"]): string | undefined => {
  const id = canonicalPropertyId(name)
  if (id === undefined) return `unknown property ${JSON.stringify(name)}; ${nearest(name, propertyNames)}`
  if (validate === undefined) return "requirements need a validate section"
  const examined = validate.properties === "all" || validate.properties.some((one) => canonicalPropertyId(one) === id)
  return examined ? undefined : `${name} is not among validate.properties, so no loss has a verdict on it`
}

/** The ranking has to find cells: a study with its variant, and values of `reference` and `ceWeight` that it goes through. */
const rankProblems = ({ select, bandit }: Fields): ReadonlyArray<Problem> => {
  if (select === undefined) return []
  const { rank } = select
  const conditions = Object.entries(bandit?.studies ?? {}).flatMap(([name, study]) => conditionsOf(name, study))
  const names = [...new Set(conditions.map(({ environment }) => environment))]
  if (!names.includes(rank.study)) {
    const issue = `there is no bandit study ${JSON.stringify(rank.study)}; ${nearest(rank.study, names)}`
    return [{ path: ["select", "rank", "study"], issue }]
  }
  const there = conditions.filter(({ environment }) => environment === rank.study)
  return (["reference", "ceWeight"] as const).flatMap((key) => {
    const values = [...new Set(there.map((condition) => condition[key]))]
    const issue = `${rank.study} has no cells with ${key} ${rank[key]}; it has ${values.join(", ")}`
    return values.includes(rank[key]) ? [] : [{ path: ["select", "rank", key], issue }]
  })
}

const requirementProblems = ({ select, validate }: Fields): ReadonlyArray<Problem> =>
  Object.keys(select?.require ?? {}).flatMap((property) => {
    const issue = propertyProblem(property, validate)
    return issue === undefined ? [] : [{ path: ["select", "require", property], issue }]
  })

const expectationProblems = ({ validate }: Fields): ReadonlyArray<Problem> =>
  Object.entries(validate?.expected ?? {}).flatMap(([loss, verdicts]) => {
    const losses = validatedLosses(validate?.losses ?? [])
    // What the derive stage finds is not known yet.
    const unexamined = !validate?.derived && !losses.includes(loss)
    const issue = `${JSON.stringify(loss)} is not among validate.losses; ${nearest(loss, losses)}`
    return [
      ...(unexamined ? [{ path: ["validate", "expected", loss], issue }] : []),
      ...Object.keys(verdicts).flatMap((property) => {
        const problem = propertyProblem(property, validate)
        return problem === undefined ? [] : [{ path: ["validate", "expected", loss, property], issue: problem }]
      })
    ]
  })

const deriveProblems = ({ derive }: Fields): ReadonlyArray<Problem> => {
  const names = derive?.queries.map(({ name }) => name) ?? []
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [{ path: ["derive", "queries", i, "name"], issue: `two queries are called ${JSON.stringify(name)}` }]
      : []
  )
}

/** What the bandits of a study will run, for claims and plots to name. */
const runsOf = ({ bandit }: Fields): Runs => {
  const studies = bandit?.studies ?? {}
  return {
    conditions: knownConditions(studies),
    derived: Object.values(studies).some(({ derived }) => derived),
    steps: Object.fromEntries(Object.entries(studies).map(([name, { steps }]) => [name, steps]))
  }
}

/** Claims and plots are about the bandits. */
const banditProblems = (config: Fields): ReadonlyArray<Problem> => {
  const { claims = [], bandit } = config
  const { plots = [] } = config.figures
  const runs = runsOf(config)
  const about = [
    {
      path: ["claims"],
      count: claims.length,
      needs: "claims are about bandits: they need a bandit section",
      find: () => claimsProblems(claims, runs)
    },
    {
      path: ["figures", "plots"],
      count: plots.length,
      needs: "plots are of bandits: they need a bandit section",
      find: () =>
        plotsProblems(
          plots,
          runs,
          figures.map(({ id }) => id)
        )
    }
  ]
  return about.flatMap(({ path, count, needs, find }): ReadonlyArray<Problem> => {
    if (count === 0) return []
    if (bandit === undefined) return [{ path, issue: needs }]
    return find().map((problem) => ({ path: [...path, ...problem.path], issue: problem.issue }))
  })
}

/** Predictions are about losses that are selected, from bandit studies that there are. */
const predictionProblems = ({ predictions, select, bandit }: Fields): ReadonlyArray<Problem> => {
  if (predictions === undefined) return []
  if (select === undefined || bandit === undefined) {
    return [
      { path: ["predictions"], issue: "predictions need a bandit section, and a select section, which says of what" }
    ]
  }
  const names = Object.entries(bandit.studies).flatMap(([name, study]) =>
    conditionsOf(name, study).map(({ environment }) => environment)
  )
  return (predictions.environments ?? []).flatMap((name, i) =>
    names.includes(name)
      ? []
      : [
          {
            path: ["predictions", "environments", i],
            issue: `there is no bandit study ${JSON.stringify(name)}; ${nearest(name, [...new Set(names)])}`
          }
        ]
  )
}

/** Sections that contradict each other. */
const problemsOf = (config: Fields): ReadonlyArray<Problem> => [
  ...deriveProblems(config),
  ...rankProblems(config),
  ...requirementProblems(config),
  ...expectationProblems(config),
  ...banditProblems(config),
  ...regressionProblems(config.regression, config.bandit?.studies ?? {}),
  ...predictionProblems(config),
  ...(config.finetune && !config.select
    ? [{ path: ["finetune"], issue: "finetuning needs a select section, which says what is finetuned" }]
    : [])
]

/** A study. */
export const ExperimentConfig = fields.check(Schema.makeFilter(problemsOf))
export type ExperimentConfig = typeof ExperimentConfig.Type
