/** What JSON Schema cannot check of names, it says: a description and examples that an editor offers. */
import { environments } from "../../src/bandit/environments/registry.ts"
import { figures } from "../../src/experiments/figures/index.ts"
import { referenceModels } from "../../src/finetune/referenceModels.ts"
import { requirableProperties } from "../../src/landscape/exactProperties.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { catalogueIds } from "../../src/loss/catalogue/index.ts"
import { propertyNames } from "../../src/properties/registry.ts"
import { type Document, isMap, type Json } from "./json.ts"

const losses = [...new Set<string>([...NAMED.map(({ id }) => id), ...catalogueIds])]
const forms = ["dpo?beta=0.1", "rows:TF,TT/FT", "logic:M(l) -> M(w)", "ratio:p_w/p_l"]

const naming =
  "A LOSS: one of the sixteen or a published loss by name, with parameters after `?`, or `rows:`, `logic:`, `ratio:`, `expr:` or a loss file (docs/contract.md, Naming a loss)."

/** Description and examples by definition. */
const said: Readonly<Record<string, Json>> = {
  LossName: { description: naming, examples: [...losses, ...forms] },
  SurfaceLoss: {
    description: `${naming} Here one that is a function of a pair's log-probabilities.`,
    examples: losses
  },
  BanditLoss: {
    description: `${naming} Here also a method (\`pg?baseline=none\`, \`mwu\`, …), or a loss with lists of values for its parameters.`
  },
  TableName: {
    description: "One of the sixteen by published name, or a LOSS with one structure.",
    examples: [...NAMED.map(({ id }) => id), "rows:TF,TT/FT", "ratio:p_w/p_l"]
  },
  PropertyName: { description: "A property of a loss, by id or by name.", examples: propertyNames },
  ExactProperty: { description: "A property that is decided exactly.", examples: requirableProperties },
  FigureId: { description: "A figure of the program.", examples: figures.map(({ id }) => id) },
  ModelName: {
    description:
      "A model of the package; with PyTorch also `owner/name` of the hub, a folder (with a `/` in it) or a `.gguf` file.",
    examples: referenceModels
  },
  Formula: {
    description: "A number, or a formula of metrics and settings.",
    examples: ["expectedReward", "rankingAccuracy"]
  },
  At: { description: "Where a formula is read: at a checkpoint, between two of them, or where it is extreme." },
  Reading: { description: "A formula read at a place." },
  Across: {
    description:
      "One number a seed out of all the runs of that seed: a slope, a rank correlation, or the area that points dominate."
  },
  FitOf: {
    description:
      "What a curve fitted to all checkpoints of all runs of a seed says; points with x below `floor` are left out."
  },
  Other: {
    description: "Another quantity; what it does not say is as in the quantity compared with it. Compared seed by seed."
  },
  Environment: { description: "A bandit, by kind." },
  Policy: { description: "What is trained, by kind." },
  Regime: { description: "Where the examples of a step come from, by kind." },
  BanditData: { description: "`exact`: the expectation over all pairs. `sampled`: a data set of `pairs` draws." },
  DeriveQuery: { description: "A query for losses." },
  BanditStudy: { description: "Losses × variants × reference × ceWeight × seeds in one environment." },
  FinetuneData: { description: "How the preference data is drawn from the model." },
  Selection: {
    description: "Which runs. What is left out is not asked for: all studies, all losses, with and without reference."
  },
  Claim: {
    description:
      "A sentence about the bandits and what decides it, by 95 % intervals over seeds; exactly one of below, above, between, close, increases, decreases, interiorMaximum."
  },
  Plot: { description: "A figure drawn from the bandit records; bands and whiskers are 95 % intervals over seeds." },
  Sheet: { description: "Several plots as one figure, lettered, with one caption." }
}

/** The texts among what a definition may be offer the names of losses too. */
const withExamples = (part: Json): Json =>
  Array.isArray(part.anyOf)
    ? {
        ...part,
        anyOf: (part.anyOf as ReadonlyArray<Json>).map((one) =>
          one.type === "string" ? { ...one, examples: [...losses, ...forms] } : one
        )
      }
    : part

/** Environments have their titles, by kind. */
const titled = (part: Json): Json => ({
  ...part,
  anyOf: (part.anyOf as ReadonlyArray<Json>).map((one) => {
    const kind = isMap(one.properties) && isMap(one.properties.kind) ? (one.properties.kind.enum as [string])[0] : ""
    const known = environments[kind as keyof typeof environments] as { readonly title: string } | undefined
    return known === undefined ? one : { description: `${known.title}.`, ...one }
  })
})

/** Adds what is said of names. @throws RangeError when something is said of a definition that there is not. */
export const withNames = ({ schema, definitions }: Document): Document => ({
  schema,
  definitions: Object.fromEntries(
    Object.entries(definitions).map(([name, part]) => {
      const more = said[name]
      if (more === undefined) throw new RangeError(`nothing is said of the definition ${name}, see ${import.meta.url}`)
      const shown = name === "BanditLoss" ? withExamples(part) : name === "Environment" ? titled(part) : part
      return [name, { ...more, ...shown }]
    })
  )
})
