/**
 * @file The study file (format 1). A section that is absent leaves its stage out. Everything that has a default is filled in,
 * so that the resolved configuration says all that the results depend on. Descriptions of settings are annotations: the JSON
 * Schema for editors and docs/config.md are written from them (`npm run schema`).
 */
import * as Schema from "effect/Schema"
import { nearest } from "../loss/nearest.ts"
import { canonicalPropertyId, propertyNames } from "../properties/registry.ts"
import { conditionsOf } from "./banditStudy.ts"
import { Claim } from "./claims/claim.ts"
import { claimsProblems, type Runs } from "./claims/problems.ts"
import { elsewhereRuns } from "./elsewhere.ts"
import { defaulted, Name, Seeds } from "./fields.ts"
import { figures } from "./figures/index.ts"
import { plotsProblems } from "./figures/plots/problems.ts"
import { sheetsProblems } from "./figures/plots/sheet.ts"
import { FinetuneConfig } from "./finetuneStudy.ts"
import { LossName, validatedLosses } from "./lossName.ts"
import { knownConditions } from "./quantities/select.ts"
import { RegressionConfig, regressionProblems } from "./regressionStudy.ts"
import {
  BanditConfig,
  CatalogueConfig,
  DeriveConfig,
  FiguresConfig,
  LandscapeConfig,
  MapsConfig,
  PredictionsConfig,
  SelectConfig,
  ValidateConfig
} from "./sections.ts"
import { SurfacesConfig } from "./surfacesStudy.ts"

const fields = Schema.Struct({
  version: Schema.Literal(1).annotateKey({ description: "Of the format." }),
  study: Name.annotateKey({ description: "Name of the study and of its folder under `runs`." }),
  title: Schema.NonEmptyString.annotateKey({ description: "What the report is headed with." }),
  question: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "What the study asks; the report opens with it."
  }),
  limits: defaulted(Schema.Array(Schema.NonEmptyString), []).annotateKey({
    description: "Sentences that the report adds to its limits."
  }),
  seeds: defaulted(Seeds, [0]).annotateKey({
    description: "Seeds of the bandit studies and of finetuning, unless those say otherwise."
  }),
  baseline: Schema.optionalKey(LossName).annotateKey({
    description: "A loss that the summary compares the others with."
  }),
  catalogue: Schema.optionalKey(CatalogueConfig).annotateKey({
    description: "Published losses as logic: which the catalogue lists."
  }),
  landscape: Schema.optionalKey(LandscapeConfig).annotateKey({
    description: "All losses over some propositions, counted by class."
  }),
  maps: Schema.optionalKey(MapsConfig).annotateKey({
    description: "Distances between losses by the angles between their gradient fields."
  }),
  surfaces: Schema.optionalKey(SurfacesConfig).annotateKey({
    description: "Losses as surfaces over policies: flows, slices, paths, curvature."
  }),
  derive: Schema.optionalKey(DeriveConfig).annotateKey({ description: "New losses, found by queries." }),
  validate: Schema.optionalKey(ValidateConfig).annotateKey({
    description: "Which properties of which losses are proved, or refuted by a counterexample."
  }),
  bandit: Schema.optionalKey(BanditConfig).annotateKey({ description: "Losses tried on bandits." }),
  regression: Schema.optionalKey(RegressionConfig).annotateKey({
    description: "Analyses by name: which facts about a loss predict its outcomes on the bandits."
  }),
  select: Schema.optionalKey(SelectConfig).annotateKey({
    description: "Which losses go on to finetuning, by their verdicts and what they did on a bandit."
  }),
  predictions: Schema.optionalKey(PredictionsConfig).annotateKey({
    description:
      "What the bandits and the proofs say beforehand of each finetuned loss; finetuning confirms or refutes it."
  }),
  finetune: Schema.optionalKey(FinetuneConfig).annotateKey({
    description: "A language model finetuned with every selected loss and every seed."
  }),
  elsewhere: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(elsewhereRuns))).annotateKey({
    description:
      "Runs made elsewhere, on a large machine say, whose rows come with the program: shown beside the study's own, never mixed with them."
  }),
  claims: Schema.optionalKey(Schema.Array(Claim)).annotateKey({
    description:
      "What is claimed about the bandits: decided on their records, and the run fails when a claim does not stand."
  }),
  figures: defaulted(FiguresConfig, {}).annotateKey({ description: "Which figures are drawn." })
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

/** Sheets show plots that there are; the order names figures, one by one, and claims those that show them. */
const figureProblems = ({
  claims = [],
  figures: { plots = [], sheets = [], order, only }
}: Fields): ReadonlyArray<Problem> => {
  const own = figures.map(({ id }) => id)
  const onSheets = sheets.flatMap(({ rows }) => rows.flat())
  const known = [...own, ...[...plots, ...sheets].map(({ id }) => id)].filter((id) => !onSheets.includes(id))
  const ordered = (order ?? []).flatMap((id, i): ReadonlyArray<Problem> => {
    const path = ["figures", "order", i]
    if (!known.includes(id)) return [{ path, issue: `unknown figure ${JSON.stringify(id)}; ${nearest(id, known)}` }]
    return order?.slice(0, i).includes(id) ? [{ path, issue: `${id} has a place before` }] : []
  })
  const claimed = claims.flatMap(
    ({ figure }, i): ReadonlyArray<Problem> =>
      figure === undefined || known.includes(figure)
        ? []
        : [
            {
              path: ["claims", i, "figure"],
              issue: `unknown figure ${JSON.stringify(figure)}; ${nearest(figure, known)}`
            }
          ]
  )
  return [
    ...claimed,
    ...sheetsProblems(sheets, plots, own).map(({ path, issue }) => ({ path: ["figures", "sheets", ...path], issue })),
    ...ordered,
    ...(order !== undefined && only !== undefined
      ? [{ path: ["figures", "only"], issue: "either `only` or `order` says which figures are drawn" }]
      : [])
  ]
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
  ...figureProblems(config),
  ...regressionProblems(config.regression, config.bandit?.studies ?? {}),
  ...predictionProblems(config),
  ...(config.finetune && !config.select
    ? [{ path: ["finetune"], issue: "finetuning needs a select section, which says what is finetuned" }]
    : [])
]

/** A study. */
export const ExperimentConfig = fields.check(Schema.makeFilter(problemsOf))
export type ExperimentConfig = typeof ExperimentConfig.Type
