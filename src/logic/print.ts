/** Formulas as text, LaTeX and JSON. Text is what `parseFormula` reads; JSON is one object per operator. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { and, constant, type Formula, iff, implies, not, or, variable, xor } from "./formula.ts"
import { maxFormulaDepth } from "./parse.ts"
import { makeProposition, parseProposition, propositionLatex } from "./proposition.ts"

interface Signs {
  readonly not: string
  readonly and: string
  readonly or: string
  readonly xor: string
  readonly implies: string
  readonly iff: string
  readonly constant: (value: boolean) => string
  readonly variable: (name: string) => string
}

const textSigns: Signs = {
  not: "not ",
  and: " and ",
  or: " or ",
  xor: " xor ",
  implies: " -> ",
  iff: " <-> ",
  constant: String,
  variable: (name) => name
}

const latexSigns: Signs = {
  not: "\\lnot ",
  and: " \\land ",
  or: " \\lor ",
  xor: " \\oplus ",
  implies: " \\rightarrow ",
  iff: " \\leftrightarrow ",
  constant: (value) => (value ? "\\top" : "\\bot"),
  variable: propositionLatex
}

/**
 * Binding strength as printed: operands of and, or, xor are bracketed unless literals, operands of arrows when they are
 * arrows themselves, so that no reader needs the precedences.
 */
const strength = (formula: Formula): number => {
  switch (formula._tag) {
    case "Iff":
    case "Implies":
      return 1
    case "And":
    case "Or":
    case "Xor":
      return formula.args.length === 0 ? 4 : formula.args.length === 1 ? strength(formula.args[0]!) : 2
    case "Not":
      return 3
    case "Var":
    case "Const":
      return 4
  }
}

const print = (formula: Formula, signs: Signs): string => {
  const show = (part: Formula, least: number): string =>
    strength(part) < least ? `(${print(part, signs)})` : print(part, signs)
  const chain = (args: ReadonlyArray<Formula>, sign: string, empty: boolean): string =>
    args.length === 0
      ? signs.constant(empty)
      : args.length === 1
        ? print(args[0]!, signs)
        : args.map((arg) => show(arg, 3)).join(sign)
  switch (formula._tag) {
    case "Var":
      return signs.variable(formula.name)
    case "Const":
      return signs.constant(formula.value)
    case "Not":
      return `${signs.not}${show(formula.arg, 3)}`
    case "And":
      return chain(formula.args, signs.and, true)
    case "Or":
      return chain(formula.args, signs.or, false)
    case "Xor":
      return chain(formula.args, signs.xor, false)
    case "Implies":
      return `${show(formula.from, 2)}${signs.implies}${show(formula.to, 2)}`
    case "Iff":
      return `${show(formula.left, 2)}${signs.iff}${show(formula.right, 2)}`
  }
}

/**
 * The formula in the grammar of `parseFormula`, e.g. `Ref(w) and (M(l) or not Ref(l)) -> M(w)`. Reading it back gives the
 * same formula, but for chains of no or one argument, which print as what they mean.
 */
export const formulaText = (formula: Formula): string => print(formula, textSigns)

/** The formula in LaTeX (math mode), e.g. `\mathrm{M}(y_l) \rightarrow \mathrm{M}(y_w)`. */
export const formulaLatex = (formula: Formula): string => print(formula, latexSigns)

/** JSON of a formula: a Boolean, `{var}`, `{not}`, `{and: […]}`, `{or: […]}`, `{xor: […]}`, `{implies: [from, to]}`, `{iff: [left, right]}`. */
export type FormulaJson =
  | boolean
  | { readonly var: string }
  | { readonly not: FormulaJson }
  | { readonly and: ReadonlyArray<FormulaJson> }
  | { readonly or: ReadonlyArray<FormulaJson> }
  | { readonly xor: ReadonlyArray<FormulaJson> }
  | { readonly implies: readonly [FormulaJson, FormulaJson] }
  | { readonly iff: readonly [FormulaJson, FormulaJson] }

/** The formula as JSON data; `formulaFromJson` reads it back unchanged. */
export const formulaJson = (formula: Formula): FormulaJson => {
  switch (formula._tag) {
    case "Var":
      return { var: formula.name }
    case "Const":
      return formula.value
    case "Not":
      return { not: formulaJson(formula.arg) }
    case "And":
      return { and: formula.args.map(formulaJson) }
    case "Or":
      return { or: formula.args.map(formulaJson) }
    case "Xor":
      return { xor: formula.args.map(formulaJson) }
    case "Implies":
      return { implies: [formulaJson(formula.from), formulaJson(formula.to)] }
    case "Iff":
      return { iff: [formulaJson(formula.left), formulaJson(formula.right)] }
  }
}

/** JSON that is no formula; `path` leads to the offending value, `$` being the whole. */
export class FormulaJsonError extends Data.TaggedError("FormulaJsonError")<{
  readonly path: string
  readonly expected: string
  readonly found: string
}> {
  /** One sentence with the path, what was found and what is allowed there. */
  override get message(): string {
    return `formula JSON: at ${this.path} found ${this.found}, expected ${this.expected}`
  }
}

/** The value as JSON, cut short; what JSON cannot hold (cycles, endless nesting, bigints) is named by its type. */
const shown = (json: unknown): string => {
  try {
    const text = JSON.stringify(json) ?? String(json)
    return text.length > 60 ? `${text.slice(0, 57)}...` : text
  } catch {
    return `a value of type ${typeof json}`
  }
}

const operatorNames = ["var", "not", "and", "or", "xor", "implies", "iff"] as const

const readJson = (json: unknown, path: string, depth: number): Formula => {
  const fail = (expected: string): never => {
    throw new FormulaJsonError({ path, expected, found: shown(json) })
  }
  if (depth > maxFormulaDepth) return fail(`at most ${maxFormulaDepth} levels of nesting`)
  if (typeof json === "boolean") return constant(json)
  const entries = typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json) : []
  const [key, value] = entries.length === 1 ? entries[0]! : ["", undefined]
  const operator = operatorNames.find((name) => name === key)
  if (operator === undefined) return fail(`true, false or an object with one key of ${operatorNames.join(", ")}`)
  if (operator === "var") {
    const proposition = typeof value === "string" ? parseProposition(value) : undefined
    return proposition === undefined
      ? fail('{"var": a proposition such as "M(w)"}')
      : variable(makeProposition(proposition))
  }
  if (operator === "not") return not(readJson(value, `${path}.not`, depth + 1))
  if (!Array.isArray(value)) return fail(`an array under "${operator}"`)
  const args = value.map((item, i) => readJson(item, `${path}.${operator}[${i}]`, depth + 1))
  if (operator === "and") return and(...args)
  if (operator === "or") return or(...args)
  if (operator === "xor") return xor(...args)
  if (args.length !== 2) return fail(`exactly two formulas under "${operator}"`)
  return operator === "implies" ? implies(args[0]!, args[1]!) : iff(args[0]!, args[1]!)
}

/** Reads {@link FormulaJson}; anything else fails with the path of the first offending value. */
export const formulaFromJson = (json: unknown): Result.Result<Formula, FormulaJsonError> => {
  try {
    return Result.succeed(readJson(json, "$", 0))
  } catch (error) {
    if (error instanceof FormulaJsonError) return Result.fail(error)
    throw error
  }
}
