/**
 * @file The study file (format 1). A section that is absent leaves its stage out. Everything that has a default is filled in,
 * so that the resolved configuration says all that the results depend on.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { DeriveQuerySchema, outcomeMetrics } from "../derive/index.ts"
import { parseProposition } from "../logic/proposition.ts"
import { nearest } from "../loss/nearest.ts"
import { canonicalPropertyId, propertyNames } from "../properties/registry.ts"
import { verdicts } from "../properties/verdict.ts"
import { BanditStudy } from "./banditStudy.ts"
import { figures } from "./figures/index.ts"
import { FinetuneConfig } from "./finetuneStudy.ts"
import { LossName } from "./lossName.ts"

/** A field that may be left out of the file, and then has this value. */
const defaulted = <S extends Schema.Constraint>(schema: S, value: S["Type"]) =>
  Schema.withDecodingDefaultTypeKey<S>(Effect.succeed(value))(schema)

/** A part of a path and of a cell's id. */
const Name = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9._-]*$/, {
    expected: "lower-case letters, digits, '-', '_', '.', not starting with one of the signs"
  })
)

const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))
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

/** Which published losses the catalogue lists. */
const CatalogueConfig = Schema.Struct({
  losses: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(LossName)]), "all")
})

/** Propositions whose landscape is counted; `pairs`: comparable pairs too. */
const LandscapeConfig = Schema.Struct({
  propositions: defaulted(Schema.NonEmptyArray(PropositionName), ["M(w)", "M(l)"]),
  pairs: defaulted(Schema.Boolean, false)
})

/** Queries for losses, as `losslattice derive` reads them; each has a name of its own. */
const DeriveConfig = Schema.Struct({ queries: Schema.NonEmptyArray(DeriveQuerySchema) })

/** `losses` may contain `lattice`, the sixteen. `expected`: loss → property → verdict, shown beside the verdict found. */
const ValidateConfig = Schema.Struct({
  losses: Schema.NonEmptyArray(Schema.Union([Schema.Literal("lattice"), LossName])),
  derived: defaulted(Schema.Boolean, false),
  properties: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(PropertyName)]), "all"),
  runs: defaulted(Schema.Int.check(Schema.isGreaterThan(0)), 100),
  seed: defaulted(Seed, 0),
  expected: defaulted(Schema.Record(Schema.String, Schema.Record(Schema.String, Verdict)), {})
})

const BanditConfig = Schema.Struct({ studies: Schema.Record(Name, BanditStudy) })

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

const FigureId = Schema.String.check(
  Schema.makeFilter((id) => {
    const ids = figures.map((figure) => figure.id)
    return ids.includes(id) ? undefined : `unknown figure ${JSON.stringify(id)}; ${nearest(id, ids)}`
  })
)

/** `only`: figures to draw; default: every one that the records can show. */
const FiguresConfig = Schema.Struct({ only: Schema.optionalKey(Schema.Array(FigureId)) })

const fields = Schema.Struct({
  version: Schema.Literal(1),
  study: Name,
  title: Schema.NonEmptyString,
  question: Schema.optionalKey(Schema.NonEmptyString),
  /** Sentences that the report adds to its limits. */
  limits: defaulted(Schema.Array(Schema.NonEmptyString), []),
  /** Seeds of the bandit studies and of finetuning, unless those say otherwise. */
  seeds: defaulted(Schema.NonEmptyArray(Seed), [0]),
  /** A loss that the summary compares the others with. */
  baseline: Schema.optionalKey(LossName),
  catalogue: Schema.optionalKey(CatalogueConfig),
  landscape: Schema.optionalKey(LandscapeConfig),
  derive: Schema.optionalKey(DeriveConfig),
  validate: Schema.optionalKey(ValidateConfig),
  bandit: Schema.optionalKey(BanditConfig),
  select: Schema.optionalKey(SelectConfig),
  finetune: Schema.optionalKey(FinetuneConfig),
  figures: defaulted(FiguresConfig, {})
})

interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

type Fields = typeof fields.Type

const selectProblems = ({ select, bandit, validate }: Fields): ReadonlyArray<Problem> => {
  if (select === undefined) return []
  const study = select.rank.study.split(" ")[0]!
  const studies = Object.keys(bandit?.studies ?? {})
  const unknownStudy = `there is no bandit study ${JSON.stringify(study)}; ${nearest(study, studies)}`
  const requirements = Object.keys(select.require).flatMap((property): ReadonlyArray<Problem> => {
    const path = ["select", "require", property]
    if (canonicalPropertyId(property) === undefined) {
      return [{ path, issue: `unknown property ${JSON.stringify(property)}; ${nearest(property, propertyNames)}` }]
    }
    return validate === undefined ? [{ path, issue: "requirements need a validate section" }] : []
  })
  return [
    ...(studies.includes(study) ? [] : [{ path: ["select", "rank", "study"], issue: unknownStudy }]),
    ...requirements
  ]
}

const deriveProblems = ({ derive }: Fields): ReadonlyArray<Problem> => {
  const names = derive?.queries.map(({ name }) => name) ?? []
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [{ path: ["derive", "queries", i, "name"], issue: `two queries are called ${JSON.stringify(name)}` }]
      : []
  )
}

/** Sections that contradict each other. */
const problemsOf = (config: Fields): ReadonlyArray<Problem> => [
  ...deriveProblems(config),
  ...selectProblems(config),
  ...(config.finetune && !config.select
    ? [{ path: ["finetune"], issue: "finetuning needs a select section, which says what is finetuned" }]
    : [])
]

/** A study. */
export const ExperimentConfig = fields.check(Schema.makeFilter(problemsOf))
export type ExperimentConfig = typeof ExperimentConfig.Type
