/** The declarative query: which losses are wanted. A Schema, so that a file's problems are found all at once with their places. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { heavyProperties, mostForHeavy } from "../landscape/exactProperties.ts"
import { vanishingClasses } from "../landscape/limits.ts"
import { canonicalOrder, entails, type Proposition, propositionParts } from "../logic/index.ts"
import { linkKinds } from "../loss/links.ts"
import { decodeWhole, findingText } from "../loss/schemaFindings.ts"
import { defaulted } from "./defaulted.ts"
import { DeriveQueryError } from "./problems.ts"
import { Order, PropertyName, PropositionName, TableName } from "./queryFields.ts"
import { RankBy } from "./rankBy.ts"
import { querySpace, reachSize, searchBudget } from "./reach.ts"
import { readTable, tableOver, tableProblem } from "./reading.ts"
import { RowRules, ruleProblem } from "./rowRules.ts"
import { weightedSize } from "./weighted.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const fields = Schema.Struct({
  name: defaulted(Schema.NonEmptyString, "derived").annotateKey({
    description: "Name of the query, under which the records have its results."
  }),
  propositions: defaulted(Schema.NonEmptyArray(PropositionName), ["M(w)", "M(l)"]).annotateKey({
    description: "At most six, four where `reference` adds two; M(w), M(l) are always among them."
  }),
  start: Schema.optionalKey(Schema.NonEmptyArray(TableName)).annotateKey({
    description: "Losses that distances are measured from; default: the sixteen."
  }),
  rows: defaulted(RowRules, []).annotateKey({ description: "What marks the rows of a formula may carry." }),
  vanishing: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(vanishingClasses))).annotateKey({
    description: "Behaviours at vanishing probabilities (P13), any of which a result must have."
  }),
  weights: defaulted(
    Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))),
    [1]
  ).annotateKey({ description: "Weights that rows may carry on either side, besides absence." }),
  require: defaulted(Schema.Array(PropertyName), []).annotateKey({ description: "Properties that must be proved." }),
  forbid: defaulted(Schema.Array(PropertyName), []).annotateKey({ description: "Properties that must be refuted." }),
  order: defaulted(Order, { strict: false }).annotateKey({ description: "Where results lie among other losses." }),
  maxDistance: Schema.optionalKey(Count).annotateKey({
    description: "Row marks that may differ from the nearest start loss."
  }),
  exclude: defaulted(Schema.Array(Schema.Union([Schema.Literal("published"), TableName])), []).annotateKey({
    description: "Losses that a result may not equal by ratio; `published`: all of the catalogue and the sixteen."
  }),
  admissible: defaulted(Schema.Boolean, false).annotateKey({
    description: "Only structures in which TF is a tick only and FT a cross only."
  }),
  reference: defaulted(Schema.Union([Schema.Boolean, Schema.Literal("either")]), false).annotateKey({
    description: "Whether results get a reference model (ticks and Ref(l), crosses and Ref(w))."
  }),
  semantics: defaulted(Schema.Literals(["absolute", "relative"]), "absolute").annotateKey({
    description:
      "What a proposition says: `absolute`, that the policy accepts an answer; `relative`, that it prefers it more than the reference does."
  }),
  link: defaulted(
    Schema.Union([Schema.Literals(linkKinds), Schema.NonEmptyArray(Schema.Literals(linkKinds))]),
    "logistic"
  ).annotateKey({ description: "A link, or several: each result is then given with each of them." }),
  beta: defaulted(Schema.Finite.check(Schema.isGreaterThan(0)), 1).annotateKey({
    description: "Scale of the ratio under the link."
  }),
  margin: defaulted(Schema.Finite, 0).annotateKey({
    description: "What is taken from the scaled ratio before the link."
  }),
  lengthNormalised: defaulted(Schema.Boolean, false).annotateKey({
    description: "Whether results read per-token probabilities."
  }),
  prefer: defaulted(Schema.Array(PropertyName), []).annotateKey({
    description:
      "Properties that put a result first: more of them proved, then the earlier ones; `rankBy` orders what is left."
  }),
  rankBy: defaulted(RankBy, "distance").annotateKey({
    description:
      "Order of the results: rows that differ from the nearest start loss, how much they ask, their names, or what they do on bandits."
  }),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))).annotateKey({
    description: "How many results are kept, first ones first. Default: all."
  })
})

/** A query whose fields are right one by one. */
export type DeriveQuery = typeof fields.Type

interface Problem {
  readonly path: ReadonlyArray<string | number>
  readonly issue: string
}

/** The propositions of a query in the order in which losses declare them. */
export const queryPropositions = (query: Pick<DeriveQuery, "propositions">): ReadonlyArray<Proposition> =>
  canonicalOrder(query.propositions)

const at = (path: string, issue: string): Problem => ({ path: [path], issue })

const referenceProblems = ({ propositions, reference, semantics }: DeriveQuery): ReadonlyArray<Problem> => {
  const refers = canonicalOrder(propositions).some((p) => propositionParts(p).model === "Ref")
  if (reference === false) {
    return refers && semantics === "relative"
      ? [at("propositions", "semantics: relative weighs M by the reference: leave out the Ref propositions")]
      : []
  }
  return [
    ...(refers
      ? [
          at(
            "reference",
            `reference: ${reference} adds Ref(w), Ref(l), which propositions already has: leave one of the two out`
          )
        ]
      : []),
    ...(semantics === "relative"
      ? [
          at(
            "reference",
            `reference: ${reference} does not go with semantics: relative, whose weights contain the reference already`
          )
        ]
      : [])
  ]
}

/** Properties that take too long over the results' propositions. */
const heavyProblems = ({ propositions, reference, require, forbid, prefer }: DeriveQuery): ReadonlyArray<Problem> => {
  const size = canonicalOrder(propositions).length + (reference === false ? 0 : 2)
  if (size <= mostForHeavy) return []
  return Object.entries({ require, forbid, prefer }).flatMap(([key, names]) =>
    names.flatMap(
      (name, i): ReadonlyArray<Problem> =>
        (heavyProperties as ReadonlySet<string>).has(name)
          ? [
              {
                path: [key, i],
                issue: `${name} is not decided over more than ${mostForHeavy} propositions, found ${size}`
              }
            ]
          : []
    )
  )
}

/** Largest number of propositions of a query; a reference that is added to the results comes on top. */
const mostPropositions = 6

const propositionProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  const declared = canonicalOrder(query.propositions)
  const most = query.reference === false ? mostPropositions : mostPropositions - 2
  return [
    ...(declared.length > most
      ? [
          at(
            "propositions",
            `at most ${most} propositions can be searched, found ${declared.length}: ${declared.join(", ")}`
          )
        ]
      : []),
    ...referenceProblems(query),
    ...heavyProblems(query),
    ...query.rows.flatMap((rule, i): ReadonlyArray<Problem> => {
      const issue = ruleProblem(rule, declared)
      return issue === undefined ? [] : [{ path: ["rows", i], issue }]
    })
  ]
}

/** What does not go with weighted rows. */
const weightProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  if (query.weights.every((weight) => weight === 1)) return []
  const size = weightedSize(query)
  return [
    ...(query.reference === false
      ? []
      : [at("weights", "weights other than 1 do not go with an added reference: set reference: false")]),
    ...(size > searchBudget.members
      ? [
          at(
            "weights",
            `${size} weighted structures are in reach, more than the ${searchBudget.members} that one query lists: give fewer weights or propositions, or constrain rows`
          )
        ]
      : [])
  ]
}

/** Every name of a loss in the query with its place. */
const tableNames = ({
  start,
  order,
  exclude
}: DeriveQuery): ReadonlyArray<readonly [ReadonlyArray<string | number>, string]> => [
  ...(start ?? []).map((text, i) => [["start", i], text] as const),
  ...(order.between ?? []).map((text, i) => [["order", "between", i], text] as const),
  ...(["entails", "entailedBy", "dominates", "dominatedBy"] as const).flatMap((key) =>
    order[key] === undefined ? [] : [[["order", key], order[key]] as const]
  ),
  ...exclude.flatMap((text, i) => (text === "published" ? [] : [[["exclude", i], text] as const]))
]

/** Whether a name is compared with the results, which have a reference that is added, and not with what is searched. */
const isAboutResults = ([key, within]: ReadonlyArray<string | number>): boolean =>
  key === "exclude" || within === "dominates" || within === "dominatedBy"

const tableProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  const { reference, semantics } = query
  // What is excluded is compared with the results, which have the reference.
  const searched = queryPropositions(query)
  const resulting = reference !== false ? canonicalOrder([...searched, "Ref(w)", "Ref(l)"]) : searched
  return tableNames(query).flatMap(([path, text]) => {
    const table = readTable(text)
    if (Result.isFailure(table)) return [{ path, issue: table.failure }]
    const issue = tableProblem(text, table.success, isAboutResults(path) ? resulting : searched, semantics)
    return issue === undefined ? [] : [{ path, issue }]
  })
}

const orderProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  const between = query.order.between
  if (between === undefined) return []
  const [a, b] = between
  const [lower, upper] = [tableOver(a, queryPropositions(query)), tableOver(b, queryPropositions(query))]
  if (entails(lower, upper)) return []
  const turned = entails(upper, lower) ? `; ${b} entails ${a}: write them the other way round` : ""
  return [
    {
      path: ["order", "between"],
      issue: `nothing lies between ${a} and ${b}, since ${a} does not entail ${b}${turned}`
    }
  ]
}

const budgetProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  const size = reachSize(querySpace(query))
  if (size <= BigInt(searchBudget.members)) return []
  const n = queryPropositions(query).length
  const remedies =
    query.maxDistance === undefined
      ? ["order (between, entails or entailedBy)", "rows", "maxDistance"]
      : ["order (between, entails or entailedBy)", "a smaller maxDistance", ...(query.start ? [] : ["start losses"])]
  return [
    {
      path: [query.maxDistance === undefined ? "propositions" : "maxDistance"],
      issue: `${size} structures over ${n} propositions are in reach, more than the ${searchBudget.members} that one query lists: add ${remedies.join(" or ")}, or require strictly-monotone or swap-antisymmetric, which prune the search`
    }
  ]
}

/** What contradicts what in a query whose fields are right one by one. */
const queryProblems = (query: DeriveQuery): ReadonlyArray<Problem> => {
  const first = [...propositionProblems(query), ...tableProblems(query)]
  // The rest speaks about structures over the propositions, which must exist.
  if (first.length > 0) return first
  return [...orderProblems(query), ...weightProblems(query), ...budgetProblems(query)]
}

/**
 * A query for losses. Unknown keys are refused where the decoder is told to (`onExcessProperty: "error"`); every check that
 * can be made before the search is made here.
 */
export const DeriveQuerySchema = fields.check(Schema.makeFilter(queryProblems)).annotate({ identifier: "DeriveQuery" })

/** Decodes a query given as plain data (from YAML or JSON); the failure lists every problem, each with its key. */
export const decodeDeriveQuery = (input: unknown): Result.Result<DeriveQuery, DeriveQueryError> =>
  Result.mapError(
    decodeWhole(DeriveQuerySchema, input),
    (findings) => new DeriveQueryError({ problems: findings.map(findingText) })
  )

/** The same checks on a query made in code: undefined when it can be searched. */
export const queryError = (query: DeriveQuery): DeriveQueryError | undefined => {
  const problems = queryProblems(query).map(({ path, issue }) => findingText({ path, message: issue, atKey: false }))
  return problems.length === 0 ? undefined : new DeriveQueryError({ problems })
}
