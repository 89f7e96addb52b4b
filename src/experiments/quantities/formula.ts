/**
 * @file Formulas over the columns of a record, as claims and plots write them: `log(arm0) - log(arm1)`, `1/(3*tau)`. The
 * language is that of loss expressions (src/loss/expression.ts); nothing is ever evaluated as code. Pure.
 */
import * as Result from "effect/Result"
import {
  type BinaryOperator,
  type Expression,
  type FunctionName,
  namesIn,
  parseLossExpression
} from "../../loss/expression.ts"
import { log1mexp, logaddexp, logsigmoid, sigmoid, softplus } from "../../loss/numerics.ts"

/** A formula that was read. */
export interface Formula {
  readonly source: string
  /** Names in it, by first occurrence. */
  readonly names: ReadonlyArray<string>
  /** Its value; undefined when a name has none or the result is not finite. */
  readonly evaluate: (scope: Scope) => number | undefined
}

/** What a name is worth; undefined: there is no such value here. */
export type Scope = (name: string) => number | undefined

const binary: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b)
}

const calls: Readonly<Record<FunctionName, (...args: ReadonlyArray<number>) => number>> = {
  exp: (x) => Math.exp(x!),
  expm1: (x) => Math.expm1(x!),
  log: (x) => Math.log(x!),
  log1p: (x) => Math.log1p(x!),
  log1mexp: (x) => log1mexp(x!),
  logaddexp: (a, b) => logaddexp(a!, b!),
  sigmoid: (x) => sigmoid(x!),
  logsigmoid: (x) => logsigmoid(x!),
  softplus: (x) => softplus(x!),
  abs: (x) => Math.abs(x!),
  sqrt: (x) => Math.sqrt(x!),
  max: (a, b) => Math.max(a!, b!),
  min: (a, b) => Math.min(a!, b!),
  where: (condition, a, b) => (condition! > 0 ? a! : b!),
  stopGradient: (x) => x!
}

/** The value of a tree; NaN as soon as a name has no value. */
const treeValue = (tree: Expression, scope: Scope): number => {
  switch (tree._tag) {
    case "Number":
      return tree.value
    case "Name":
      return scope(tree.name) ?? Number.NaN
    case "Negate":
      return -treeValue(tree.arg, scope)
    case "Binary":
      return binary[tree.op](treeValue(tree.left, scope), treeValue(tree.right, scope))
    case "Call":
      return calls[tree.name](...tree.args.map((arg) => treeValue(arg, scope)))
  }
}

/** Whether every name has a value: a comparison or a maximum would hide one that has none. */
const complete = (names: ReadonlyArray<string>, scope: Scope): boolean =>
  names.every((name) => Number.isFinite(scope(name) ?? Number.NaN))

/** Reads a formula; the failure is one sentence with the position. */
export const parseFormula = (source: string): Result.Result<Formula, string> =>
  Result.mapBoth(parseLossExpression(source), {
    onFailure: (error) => error.message,
    onSuccess: (tree): Formula => {
      const names = [...namesIn(tree).keys()]
      return {
        source,
        names,
        evaluate: (scope) => {
          const value = complete(names, scope) ? treeValue(tree, scope) : Number.NaN
          return Number.isFinite(value) ? value : undefined
        }
      }
    }
  })

/** A formula that the schema of the study has read before. @throws RangeError when it cannot be read */
export const knownFormula = (source: string | number): Formula => {
  const formula = parseFormula(String(source))
  if (Result.isFailure(formula)) throw new RangeError(formula.failure)
  return formula.success
}
