/** @file Which runs a claim or a plot is about: the `of` of a study file, checked against the cells that the study has. Pure. */
import * as Schema from "effect/Schema"
import { nearest } from "../../loss/nearest.ts"
import { type BanditStudy, banditCells } from "../banditStudy.ts"
import { NonNegative } from "../fields.ts"
import { lossBase } from "./lossBase.ts"
import { type Condition, conditionKey, conditionOf, settingOf } from "./runs.ts"

/** One value, or a list of them. */
export const oneOrMore = <S extends Schema.Constraint>(schema: S) =>
  Schema.Union([schema, Schema.NonEmptyArray(schema)])

/** What is left out is not asked for: all studies, all losses, with and without reference, … */
export const Selection = Schema.Struct({
  study: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)).annotateKey({ description: "Names of bandit studies." }),
  loss: Schema.optionalKey(oneOrMore(Schema.NonEmptyString)).annotateKey({
    description: "LOSS texts as the study has them, or without their parameters: `dpo` is every `dpo?beta=…`."
  }),
  reference: Schema.optionalKey(oneOrMore(Schema.Boolean)),
  ceWeight: Schema.optionalKey(oneOrMore(NonNegative)),
  where: Schema.optionalKey(Schema.Record(Schema.String, oneOrMore(Schema.Finite))).annotateKey({
    description: "Values of parameters and swept settings, by their last name: `{beta: 0.1, learningRate: [0.1, 1]}`."
  })
}).annotate({ identifier: "Selection" })
export type Selection = typeof Selection.Type

/** One value or several as a list; undefined stays: everything. */
const listOf = <A>(value: A | ReadonlyArray<A> | undefined): ReadonlyArray<A> | undefined =>
  value === undefined || Array.isArray(value) ? (value as ReadonlyArray<A> | undefined) : [value as A]

const hasLoss = (condition: Condition, wanted: string): boolean =>
  condition.loss === wanted || lossBase(condition.loss) === wanted

/** The parts of a selection, each as a test of its own: an empty selection names the part that is at fault. */
const tests = {
  study: ({ study }, condition) => listOf(study)?.includes(condition.study) ?? true,
  loss: ({ loss }, condition) => listOf(loss)?.some((wanted) => hasLoss(condition, wanted)) ?? true,
  reference: ({ reference }, condition) => listOf(reference)?.includes(condition.reference) ?? true,
  ceWeight: ({ ceWeight }, condition) => listOf(ceWeight)?.includes(condition.ceWeight) ?? true,
  where: ({ where }, condition) =>
    Object.entries(where ?? {}).every(([name, value]) =>
      (listOf(value) as ReadonlyArray<number>).includes(settingOf(condition, name) ?? Number.NaN)
    )
} satisfies Readonly<Record<keyof Selection, (selection: Selection, condition: Condition) => boolean>>

const parts = Object.keys(tests) as ReadonlyArray<keyof Selection>

/** Whether a selection has a condition in it. */
export const selects = (selection: Selection, condition: Condition): boolean =>
  parts.every((part) => tests[part](selection, condition))

/** The conditions that the studies will run, as far as they are known before (losses that are derived are not). */
export const knownConditions = (studies: Readonly<Record<string, BanditStudy>>): ReadonlyArray<Condition> => {
  const found = new Map<string, Condition>()
  for (const [name, study] of Object.entries(studies)) {
    for (const cell of banditCells(name, study, [], [0])) found.set(conditionKey(cell), conditionOf(cell))
  }
  return [...found.values()]
}

const shown = (value: unknown): string => JSON.stringify(value)

/** What the conditions have in one part, as texts. */
const values = (part: keyof Selection, name: string, conditions: ReadonlyArray<Condition>): ReadonlyArray<string> => [
  ...new Set(
    conditions.flatMap((condition) => {
      if (part === "loss") return [condition.loss, lossBase(condition.loss)]
      if (part === "where")
        return [settingOf(condition, name)].flatMap((value) => (value === undefined ? [] : String(value)))
      return [String(condition[part])]
    })
  )
]

/** One wanted value that no condition has. */
export interface SelectionProblem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly issue: string
}

const unknown = (
  part: keyof Selection,
  wanted: unknown,
  path: ReadonlyArray<PropertyKey>,
  conditions: ReadonlyArray<Condition>
): ReadonlyArray<SelectionProblem> => {
  const name = part === "where" ? String(path[1]) : ""
  const one = part === "where" ? { where: { [name]: wanted } } : { [part]: wanted }
  if (conditions.some((condition) => selects(one as Selection, condition))) return []
  const allowed = values(part, name, conditions)
  const settings = [...new Set(conditions.flatMap((condition) => [...condition.settings.keys()]))]
  const issue =
    part === "where" && allowed.length === 0
      ? `no run has a setting ${shown(name)}; ${nearest(name, settings)}`
      : `no run has ${part === "where" ? name : part} ${shown(wanted)}; ${nearest(String(wanted), allowed)}`
  return [{ path, issue }]
}

/**
 * What a selection asks for that the study does not run. Losses that a derive stage may find are not known yet: where a study
 * takes them, any loss may be named.
 */
export const selectionProblems = (
  selection: Selection,
  conditions: ReadonlyArray<Condition>,
  derived: boolean
): ReadonlyArray<SelectionProblem> => {
  const single = parts.flatMap((part): ReadonlyArray<SelectionProblem> => {
    if (part === "loss" && derived) return []
    if (part === "where") {
      return Object.entries(selection.where ?? {}).flatMap(([name, value]) =>
        (listOf(value) as ReadonlyArray<number>).flatMap((wanted) => unknown(part, wanted, ["where", name], conditions))
      )
    }
    const wanted = listOf<string | boolean | number>(selection[part] as never) ?? []
    return wanted.flatMap((value) => unknown(part, value, [part], conditions))
  })
  if (single.length > 0) return single
  if (derived || conditions.some((condition) => selects(selection, condition))) return []
  return [{ path: [], issue: "no run has all of this at once" }]
}
