/**
 * Row constraints in logic: which marks the rows of a formula may carry, as `{rows: "M(l) and not M(w)", are: [cross]}` or as a
 * sentence, "row M(l) & !M(w) is only a cross".
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { variables as formulaVariables } from "../logic/formula.ts"
import { type Formula, formulaRows, type Proposition, rowCount, rowsOf, type Structure } from "../logic/index.ts"
import { parseFormula } from "../logic/parse.ts"
import { makeStructure } from "../logic/structure.ts"
import { type Mark, markOf } from "./name.ts"

const marks = ["tick", "cross", "both", "none"] as const satisfies ReadonlyArray<Mark>

/** The endings of a sentence and the marks that each allows. */
const endings: Readonly<Record<string, ReadonlyArray<Mark>>> = {
  "only a tick": ["tick"],
  "a tick only": ["tick"],
  "only ticks": ["tick"],
  "only a cross": ["cross"],
  "a cross only": ["cross"],
  "only crosses": ["cross"],
  "a tick": ["tick", "both"],
  ticks: ["tick", "both"],
  "a cross": ["cross", "both"],
  crosses: ["cross", "both"],
  "no tick": ["none", "cross"],
  "no ticks": ["none", "cross"],
  "no cross": ["none", "tick"],
  "no crosses": ["none", "tick"],
  both: ["both"],
  neither: ["none"]
}

/** A constraint as a query gives it. */
export type RowRule = string | { readonly rows: string; readonly are: ReadonlyArray<Mark> }

interface ReadRule {
  readonly formula: Formula
  readonly allowed: ReadonlyArray<Mark>
}

const readRule = (rule: RowRule): Result.Result<ReadRule, string> => {
  const parts = typeof rule === "string" ? /^\s*rows?\s+(.+)\s+(?:is|are)\s+(.+?)\s*$/i.exec(rule) : undefined
  if (parts === null)
    return Result.fail(`${JSON.stringify(rule)} is no sentence such as "row M(l) & !M(w) is only a cross"`)
  const text = typeof rule === "string" ? parts![1]! : rule.rows
  const allowed = typeof rule === "string" ? endings[parts![2]!.toLowerCase()] : rule.are
  if (allowed === undefined) {
    return Result.fail(`"${parts![2]}" is no mark of a row; allowed: ${Object.keys(endings).join(", ")}`)
  }
  return Result.mapBoth(parseFormula(text), {
    onSuccess: (formula) => ({ formula, allowed }),
    onFailure: ({ message }) => `rows ${JSON.stringify(text)}: ${message}`
  })
}

const Rule = Schema.Union([
  Schema.Struct({ rows: Schema.NonEmptyString, are: Schema.NonEmptyArray(Schema.Literals(marks)) }),
  Schema.NonEmptyString
])

/** The constraints of a query; a sentence or formula that cannot be read is a problem of its own. */
export const RowRules = Schema.Array(
  Rule.check(
    Schema.makeFilter((rule) => {
      const read = readRule(rule)
      return Result.isFailure(read) ? read.failure : undefined
    })
  )
)

/** Why a constraint does not fit the propositions; undefined when it does. */
export const ruleProblem = (rule: RowRule, propositions: ReadonlyArray<Proposition>): string | undefined => {
  const read = readRule(rule)
  if (Result.isFailure(read)) return read.failure
  const missing = formulaVariables(read.success.formula).filter((name) => !propositions.includes(name))
  return missing.length === 0 ? undefined : `speaks of ${missing.join(", ")}: add it to propositions`
}

/**
 * The marks that each row may carry under all constraints, over the propositions.
 * @throws RangeError when {@link ruleProblem} has an objection
 */
const allowedMarks = (
  rules: ReadonlyArray<RowRule>,
  propositions: ReadonlyArray<Proposition>
): ReadonlyArray<ReadonlyArray<Mark>> => {
  const allowed: Array<ReadonlyArray<Mark>> = Array.from({ length: rowCount(propositions.length) }, () => marks)
  for (const rule of rules) {
    const read = Result.getOrThrowWith(readRule(rule), (message) => new RangeError(message))
    for (const row of rowsOf(formulaRows(read.formula, propositions))) {
      allowed[row] = allowed[row]!.filter((mark) => read.allowed.includes(mark))
    }
  }
  return allowed
}

/** Constraints as bounds of the entailment order, where they come to that, and as a test for what they say besides. */
export interface RowConstraint {
  readonly lower: Structure
  readonly upper: Structure
  readonly allows: (structure: Structure) => boolean
  /** A row that no mark suits: nothing satisfies the constraints. */
  readonly empty: boolean
}

/** The constraints over the propositions: ticks and crosses that every allowed mark has, or none has, are bounds. */
export const rowConstraint = (
  rules: ReadonlyArray<RowRule>,
  propositions: ReadonlyArray<Proposition>
): RowConstraint => {
  const allowed = allowedMarks(rules, propositions)
  const rowsWith = (test: (mark: ReadonlyArray<Mark>) => boolean): bigint =>
    allowed.reduce((set, mark, row) => (test(mark) ? set | (1n << BigInt(row)) : set), 0n)
  const hasTick = (mark: Mark): boolean => mark === "tick" || mark === "both"
  const hasCross = (mark: Mark): boolean => mark === "cross" || mark === "both"
  const lower = makeStructure(
    propositions,
    rowsWith((list) => list.every(hasTick)),
    rowsWith((list) => list.some(hasCross))
  )
  const upper = makeStructure(
    propositions,
    rowsWith((list) => list.some(hasTick)),
    rowsWith((list) => list.every(hasCross))
  )
  return {
    lower,
    upper,
    allows: (structure) => allowed.every((list, row) => list.includes(markOf(structure, row))),
    empty: allowed.some((list) => list.length === 0)
  }
}
