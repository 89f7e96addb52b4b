/**
 * Loss expressions read exactly at rational parameters: linear forms `Σ c_x x + c` over inputs, and sums of logistic terms
 * `Σ c_i softplus(form_i)`. Whatever is neither is no failure but undefined: most expressions are not.
 */
import {
  addRational,
  divideRational,
  multiplyRational,
  negateRational,
  one,
  parseDecimal,
  type Rational,
  rational,
  signRational,
  zero
} from "../logic/rational.ts"
import type { Expression } from "./expression.ts"

/** Coefficients by input name, none of them 0; the constant's name is "". */
export type LinearForm = ReadonlyMap<string, Rational>

/** `weight * softplus(argument)`. */
export interface LogisticTerm {
  readonly weight: Rational
  readonly argument: LinearForm
}

/** Exact values of parameters by name. */
export type ExactParameters = Readonly<Record<string, Rational>>

const constantForm = (value: Rational): LinearForm => new Map(value.num === 0n ? [] : [["", value]])

const scaledForm = (form: LinearForm, factor: Rational): LinearForm =>
  new Map(factor.num === 0n ? [] : [...form].map(([name, value]) => [name, multiplyRational(value, factor)]))

const sumForm = (a: LinearForm, b: LinearForm): LinearForm => {
  const sum = new Map(a)
  for (const [name, value] of b) {
    const total = addRational(sum.get(name) ?? zero, value)
    if (total.num === 0n) sum.delete(name)
    else sum.set(name, total)
  }
  return sum
}

/** The value of a form without inputs; undefined for any other. */
export const constantOf = (form: LinearForm): Rational | undefined =>
  form.size === 0 ? zero : form.size === 1 ? form.get("") : undefined

/** The number that a double was written as: 0.1 is 1/10. */
export const writtenNumber = (value: number): Rational => parseDecimal(String(value))!

/** The expression as a linear form of its inputs; undefined when it is none at these parameters. */
export const linearForm = (expression: Expression, params: ExactParameters): LinearForm | undefined => {
  switch (expression._tag) {
    case "Number":
      return constantForm(writtenNumber(expression.value))
    case "Name":
      return Object.hasOwn(params, expression.name)
        ? constantForm(params[expression.name]!)
        : new Map([[expression.name, one]])
    case "Negate": {
      const arg = linearForm(expression.arg, params)
      return arg && scaledForm(arg, negateRational(one))
    }
    case "Call":
      return undefined
    case "Binary":
      return binaryForm(expression, params)
  }
}

const binaryForm = (
  { op, left, right }: Extract<Expression, { _tag: "Binary" }>,
  params: ExactParameters
): LinearForm | undefined => {
  const [a, b] = [linearForm(left, params), linearForm(right, params)]
  const [x, y] = [a && constantOf(a), b && constantOf(b)]
  if (op === "*") {
    // A factor 0 makes the other one's kind irrelevant: lam*max(…) at lam = 0.
    if (x?.num === 0n || y?.num === 0n) return new Map()
    if (x !== undefined && b !== undefined) return scaledForm(b, x)
    return y !== undefined && a !== undefined ? scaledForm(a, y) : undefined
  }
  if (a === undefined || b === undefined) return undefined
  if (op === "+") return sumForm(a, b)
  if (op === "-") return sumForm(a, scaledForm(b, negateRational(one)))
  if (op === "/" && y !== undefined && y.num !== 0n) return scaledForm(a, divideRational(one, y))
  return undefined
}

const weighted = (
  terms: ReadonlyArray<LogisticTerm> | undefined,
  factor: Rational
): ReadonlyArray<LogisticTerm> | undefined =>
  terms?.map(({ weight, argument }) => ({ weight: multiplyRational(weight, factor), argument }))

/**
 * The expression as `Σ c_i softplus(form_i)`, terms of weight 0 left out; `logsigmoid(x)` is `-softplus(-x)`. Undefined when it
 * holds anything else, a constant other than 0 included.
 */
export const logisticSum = (
  expression: Expression,
  params: ExactParameters
): ReadonlyArray<LogisticTerm> | undefined => {
  const form = linearForm(expression, params)
  if (form !== undefined) return form.size === 0 ? [] : undefined
  switch (expression._tag) {
    case "Negate":
      return weighted(logisticSum(expression.arg, params), negateRational(one))
    case "Call": {
      const sign = expression.name === "softplus" ? one : expression.name === "logsigmoid" ? rational(-1) : undefined
      const argument = linearForm(expression.args[0]!, params)
      return sign && argument && [{ weight: sign, argument: scaledForm(argument, sign) }]
    }
    case "Binary":
      return binarySum(expression, params)
    default:
      return undefined
  }
}

const binarySum = (
  { op, left, right }: Extract<Expression, { _tag: "Binary" }>,
  params: ExactParameters
): ReadonlyArray<LogisticTerm> | undefined => {
  const factor = (side: Expression): Rational | undefined => {
    const form = linearForm(side, params)
    return form && constantOf(form)
  }
  if (op === "*") {
    const x = factor(left)
    if (x !== undefined) return weighted(logisticSum(right, params), x)
    const y = factor(right)
    return y && weighted(logisticSum(left, params), y)
  }
  if (op === "/") {
    const y = factor(right)
    return y === undefined || signRational(y) === 0
      ? undefined
      : weighted(logisticSum(left, params), divideRational(one, y))
  }
  if (op !== "+" && op !== "-") return undefined
  const [a, b] = [logisticSum(left, params), logisticSum(right, params)]
  if (a === undefined || b === undefined) return undefined
  return [...a, ...weighted(b, op === "+" ? one : rational(-1))!]
}
