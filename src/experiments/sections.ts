/** @file The sections of a study file by themselves, each setting with what it means; docs/config.md is written from here. */
import * as Schema from "effect/Schema"
import { DeriveQuerySchema, orderedKinds, outcomeMetrics } from "../derive/index.ts"
import { parseProposition } from "../logic/proposition.ts"
import { nearest } from "../loss/nearest.ts"
import { defaultSettings } from "../maps/mapped.ts"
import { canonicalPropertyId, propertyNames } from "../properties/registry.ts"
import { verdicts } from "../properties/verdict.ts"
import { BanditStudy } from "./banditStudy.ts"
import { defaulted, distinct, Name } from "./fields.ts"
import { figures } from "./figures/index.ts"
import { FigureName, PlotSpec } from "./figures/plots/plot.ts"
import { SheetSpec } from "./figures/plots/sheet.ts"
import { LossName } from "./lossName.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const PropertyName = Schema.String.check(
  Schema.makeFilter((name) =>
    canonicalPropertyId(name) === undefined
      ? `unknown property ${JSON.stringify(name)}; ${nearest(name, propertyNames)}`
      : undefined
  )
).annotate({ identifier: "PropertyName" })

const PropositionName = Schema.String.check(
  Schema.makeFilter((name) =>
    parseProposition(name) ? undefined : `${JSON.stringify(name)} is no proposition such as M(w), Ref(l), M(y3)`
  )
)

const Verdict = Schema.Literals(verdicts)

/** Which published losses the catalogue lists. */
export const CatalogueConfig = Schema.Struct({
  losses: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(LossName)]), "all").annotateKey({
    description: "Which published losses are listed."
  }),
  names: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether every published and trainers' name is listed too, by classes of equal losses."
  }),
  conformance: Schema.optionalKey(Schema.Boolean).annotateKey({
    description:
      "Whether the audits of trainers' losses that come with the program are listed too, with the versions and the day of each. Default: no."
  })
})

/** What is counted of a landscape. */
export const LandscapeConfig = Schema.Struct({
  propositions: defaulted(Schema.NonEmptyArray(PropositionName), ["M(w)", "M(l)"]).annotateKey({
    description: "Propositions whose landscape is counted: `M(w)`, `Ref(l)`, `M(y3)`, …"
  }),
  pairs: defaulted(Schema.Boolean, false).annotateKey({ description: "Whether comparable pairs are counted too." }),
  twins: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether the sixteen's relative twins are listed too."
  }),
  order: defaulted(Schema.Array(Schema.Literals(orderedKinds)), []).annotateKey({
    description: "Of which losses over a pair the dominance order is recorded."
  })
})

/** Losses whose gradient fields are compared, and the measure (see maps/mapped.ts). */
export const MapsConfig = Schema.Struct({
  losses: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(LossName)]), "all").annotateKey({
    description: "Losses whose gradient fields are compared."
  }),
  points: defaulted(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1 << 20 })),
    defaultSettings.points
  ).annotateKey({
    description: "Number of quasi-random pairs at which they are compared."
  }),
  seed: defaulted(Count, defaultSettings.seed).annotateKey({ description: "Seed of those pairs." }),
  reach: defaulted(
    Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 500 })),
    defaultSettings.reach
  ).annotateKey({
    description: "Log-probabilities go from minus this on, in nats."
  }),
  lengths: defaulted(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })),
    defaultSettings.lengths
  ).annotateKey({
    description: "Answers have 1 to this many tokens."
  }),
  arms: defaulted(Schema.Int.check(Schema.isBetween({ minimum: 3, maximum: 1000 })), defaultSettings.arms).annotateKey({
    description: "Arms of the softmax whose steps are compared."
  })
})

/** Queries for losses. */
export const DeriveConfig = Schema.Struct({
  queries: Schema.NonEmptyArray(DeriveQuerySchema).annotateKey({
    description: "Queries for losses, as `losslattice derive` reads them from a file; each has a name of its own."
  })
})

/** Which properties of which losses are proved or refuted. */
export const ValidateConfig = Schema.Struct({
  losses: Schema.NonEmptyArray(Schema.Union([Schema.Literal("lattice"), LossName])).annotateKey({
    description: "Losses to examine; `lattice` stands for the sixteen."
  }),
  derived: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether the losses that the derive stage found are examined too."
  }),
  properties: defaulted(Schema.Union([Schema.Literal("all"), Schema.NonEmptyArray(PropertyName)]), "all").annotateKey({
    description: "Properties to prove or refute, by id (`P9`) or by name."
  }),
  runs: defaulted(Schema.Int.check(Schema.isGreaterThan(0)), 100).annotateKey({
    description: "Random tries for a counterexample where nothing is proved."
  }),
  seed: defaulted(Count, 0).annotateKey({ description: "Seed of the search for counterexamples." }),
  expected: defaulted(Schema.Record(Schema.String, Schema.Record(Schema.String, Verdict)), {}).annotateKey({
    description: "Loss → property → the verdict expected, shown beside the verdict found."
  })
})

/** Bandit studies by name. */
export const BanditConfig = Schema.Struct({
  studies: Schema.Record(Name, BanditStudy)
    .check(
      Schema.makeFilter((studies) => (Object.keys(studies).length > 0 ? undefined : "expected at least one study"))
    )
    .annotateKey({ description: "Bandit studies by name, at least one; the name is part of the cells' names." })
})

/** See selection.ts. */
export const SelectConfig = Schema.Struct({
  rank: Schema.Struct({
    study: Schema.NonEmptyString.annotateKey({
      description: "A bandit study, with its variant as the records have it (`sparse optimizer.learningRate=0.1`)."
    }),
    metric: Schema.Literals(outcomeMetrics).annotateKey({ description: "The outcome that ranks." }),
    direction: Schema.Literals(["max", "min"]).annotateKey({
      description: "Which end of the outcome is the better one."
    }),
    reference: defaulted(Schema.Boolean, false).annotateKey({
      description: "Of the study's cells, those with or without the reference."
    }),
    ceWeight: defaulted(Schema.Finite, 0).annotateKey({ description: "Of the study's cells, those with this weight." })
  }).annotateKey({ description: "By what losses are ranked." }),
  top: defaulted(Count, 0).annotateKey({ description: "How many of the ranking go on to finetuning." }),
  derived: defaulted(Count, 0).annotateKey({
    description: "How many of the derived losses go on, best first, if the ranking alone does not bring as many."
  }),
  require: defaulted(Schema.Record(Schema.String, Schema.NonEmptyArray(Verdict)), {}).annotateKey({
    description: "Property → verdicts with which a loss passes; the property has to be among those validated."
  }),
  alwaysInclude: defaulted(Schema.Array(LossName), []).annotateKey({
    description: "Losses that go on whatever their rank. Requirements hold for them too."
  }),
  force: defaulted(Schema.Boolean, false).annotateKey({
    description: "Lets losses go on that a requirement refuses; the records say so."
  })
})
export type SelectConfig = typeof SelectConfig.Type

/** Predictions about the selected losses. */
export const PredictionsConfig = Schema.Struct({
  environments: Schema.optionalKey(distinct(Schema.NonEmptyString)).annotateKey({
    description: "The bandit studies that are asked. Default: all."
  })
})

const FigureId = Schema.String.check(
  Schema.makeFilter((id) => {
    const ids = figures.map((figure) => figure.id)
    return ids.includes(id) ? undefined : `unknown figure ${JSON.stringify(id)}; ${nearest(id, ids)}`
  })
).annotate({ identifier: "FigureId" })

/** Which figures are drawn. */
export const FiguresConfig = Schema.Struct({
  only: Schema.optionalKey(Schema.Array(FigureId)).annotateKey({
    description: "Which of the program's figures to draw. Default: every one that the records can show."
  }),
  plots: Schema.optionalKey(Schema.Array(PlotSpec)).annotateKey({ description: "The study's own figures." }),
  sheets: Schema.optionalKey(Schema.Array(SheetSpec)).annotateKey({
    description: "Several of the plots on one sheet, lettered, with one caption."
  }),
  order: Schema.optionalKey(Schema.NonEmptyArray(FigureName)).annotateKey({
    description:
      "Ids of figures, plots and sheets: these are drawn and no others, in this order, and the names of their files begin with their numbers. Instead of `only`."
  })
})
