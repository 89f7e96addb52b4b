/**
 * Factors of a ratio that do not depend on the policy: `exp(gamma/beta)`, `(s_w - s_l)^(alpha/beta)`, `sqrt(2)`. Only their
 * logarithm matters, as a margin; it is kept as an exact linear combination of named parts, so equal parts cancel.
 */

import {
  addRational,
  equalRational,
  logRational,
  multiplyRational,
  negateRational,
  one,
  parseDecimal,
  type Rational,
  rational,
  rationalToNumber,
  zero
} from "../rational.ts"
import { binary, type Expression, expressionNames, expressionText, numberExpression } from "./expression.ts"

/** One part of a logarithm: `coefficient * part`, with the part's number when it is one. */
interface LogPart {
  readonly coefficient: Rational
  readonly part: Expression
  readonly value?: number
}

/** The logarithm of a positive policy-free factor: its parts by their text. No parts: the factor 1. */
export interface LogFactor {
  readonly parts: ReadonlyMap<string, LogPart>
}

export const noFactor: LogFactor = { parts: new Map() }

/** `log a + scale * log b`. */
export const addLog = (a: LogFactor, b: LogFactor, scale: Rational = one): LogFactor => {
  const parts = new Map(a.parts)
  for (const [key, part] of b.parts) {
    const coefficient = addRational(parts.get(key)?.coefficient ?? zero, multiplyRational(part.coefficient, scale))
    if (coefficient.num === 0n) parts.delete(key)
    else parts.set(key, { ...part, coefficient })
  }
  return { parts }
}

/** Whether two factors are equal as written, part by part. */
export const equalLog = (a: LogFactor, b: LogFactor): boolean =>
  a.parts.size === b.parts.size &&
  [...a.parts].every(([key, part]) => {
    const other = b.parts.get(key)
    return other !== undefined && equalRational(other.coefficient, part.coefficient)
  })

const single = (part: Expression, coefficient: Rational = one): LogFactor => {
  if (part._tag === "Negate") return single(part.arg, negateRational(coefficient))
  const value = numericValue(part)
  return { parts: new Map([[expressionText(part), { coefficient, part, ...(value === undefined ? {} : { value }) }]]) }
}

/** `log(c)` of a positive rational. @throws RangeError unless c > 0 */
export const logOfRational = (c: Rational): LogFactor => {
  if (c.num <= 0n) throw new RangeError("logOfRational: expected a positive number")
  if (equalRational(c, one)) return noFactor
  // log(1/3) reads and prints better as -log(3).
  const inverted = c.num < c.den
  const [num, den] = inverted ? [c.den, c.num] : [c.num, c.den]
  const value = logRational(rational(num, den))
  // Digits beyond the doubles would not survive being written and read: then the logarithm itself is written.
  const exact = Number.isSafeInteger(Number(num)) && Number.isSafeInteger(Number(den))
  const part: Expression = exact
    ? { _tag: "Call", name: "log", args: [coefficientExpression(rational(num, den))] }
    : numberExpression(value)
  return { parts: new Map([[expressionText(part), { coefficient: rational(inverted ? -1 : 1), part, value }]]) }
}

/** The exact value of an expression of numbers and `+ - * /`, integer powers; undefined for any other. */
export const rationalValue = (expression: Expression): Rational | undefined => {
  switch (expression._tag) {
    case "Number":
      return parseDecimal(String(expression.value))
    case "Negate": {
      const value = rationalValue(expression.arg)
      return value === undefined ? undefined : negateRational(value)
    }
    case "Binary": {
      const [left, right] = [rationalValue(expression.left), rationalValue(expression.right)]
      return left === undefined || right === undefined ? undefined : combine(expression.operator, left, right)
    }
    default:
      return undefined
  }
}

/** The largest exponent of a number, so that no text asks for numbers of astronomic length. */
const maxNumericExponent = 64n
/** The largest numerator or denominator kept exact, in bits. */
const maxBits = 4096

const bounded = (value: Rational): Rational | undefined =>
  value.num.toString(2).length > maxBits || value.den.toString(2).length > maxBits ? undefined : value

const combine = (operator: string, a: Rational, b: Rational): Rational | undefined => {
  if (operator === "+") return bounded(addRational(a, b))
  if (operator === "-") return bounded(addRational(a, negateRational(b)))
  if (operator === "*") return bounded(multiplyRational(a, b))
  if (operator === "/") return b.num === 0n ? undefined : bounded(rational(a.num * b.den, a.den * b.num))
  if (b.den !== 1n || b.num > maxNumericExponent || b.num < -maxNumericExponent) return undefined
  if (b.num >= 0n) return bounded(rational(a.num ** b.num, a.den ** b.num))
  return a.num === 0n ? undefined : bounded(rational(a.den ** -b.num, a.num ** -b.num))
}

const functions: Readonly<Record<string, (...args: ReadonlyArray<number>) => number>> = {
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  sqrt: Math.sqrt,
  abs: Math.abs,
  max: Math.max,
  min: Math.min
}

/** Functions that may be applied to policy-free quantities. */
export const policyFreeFunctions: ReadonlyArray<string> = Object.keys(functions)

/** The double that an expression without names stands for; undefined with names, unknown functions, or no finite value. */
export const numericValue = (expression: Expression): number | undefined => {
  const value = number(expression)
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

const number = (expression: Expression): number | undefined => {
  switch (expression._tag) {
    case "Number":
      return expression.value
    case "Negate": {
      const value = number(expression.arg)
      return value === undefined ? undefined : -value
    }
    case "Binary": {
      const [a, b] = [number(expression.left), number(expression.right)]
      if (a === undefined || b === undefined) return undefined
      if (expression.operator === "+") return a + b
      if (expression.operator === "-") return a - b
      if (expression.operator === "*") return a * b
      return expression.operator === "/" ? a / b : a ** b
    }
    case "Call": {
      const args = expression.args.map(number)
      const apply = Object.hasOwn(functions, expression.name) ? functions[expression.name] : undefined
      return apply === undefined || args.some((arg) => arg === undefined)
        ? undefined
        : apply(...(args as Array<number>))
    }
    default:
      return undefined
  }
}

/**
 * The logarithm of a policy-free expression taken as positive: products, quotients, powers and exponentials are split,
 * anything else becomes `log(…)` of its text. Undefined when the expression is a number that is not positive.
 */
export const logOf = (expression: Expression): LogFactor | undefined => {
  const exact = rationalValue(expression)
  if (exact !== undefined) return exact.num > 0n ? logOfRational(exact) : undefined
  if (expression._tag === "Call" && expression.name === "exp" && expression.args.length === 1)
    return single(expression.args[0]!)
  if (expression._tag === "Call" && expression.name === "sqrt" && expression.args.length === 1) {
    const inner = logOf(expression.args[0]!)
    return inner === undefined ? undefined : addLog(noFactor, inner, rational(1, 2n))
  }
  if (expression._tag === "Binary" && "*/^".includes(expression.operator)) return logOfBinary(expression)
  if (expressionNames(expression).length === 0 && !((numericValue(expression) ?? -1) > 0)) return undefined
  return single({ _tag: "Call", name: "log", args: [expression] })
}

const logOfBinary = (expression: Extract<Expression, { _tag: "Binary" }>): LogFactor | undefined => {
  const left = logOf(expression.left)
  if (left === undefined) return undefined
  if (expression.operator === "^") {
    const exponent = rationalValue(expression.right)
    if (exponent !== undefined) return addLog(noFactor, left, exponent)
    const base = logExpression(left)
    return base._tag === "Number" ? noFactor : single(binary("*", expression.right, base))
  }
  const right = logOf(expression.right)
  return right === undefined ? undefined : addLog(left, right, rational(expression.operator === "*" ? 1 : -1))
}

/** The logarithm as one expression, `0` for the factor 1. */
export const logExpression = (factor: LogFactor): Expression => {
  let sum: Expression | undefined
  for (const { coefficient, part } of factor.parts.values()) {
    const negative = coefficient.num < 0n
    const size = negative ? negateRational(coefficient) : coefficient
    const term = equalRational(size, one) ? part : binary("*", coefficientExpression(size), part)
    if (sum === undefined) sum = negative ? { _tag: "Negate", arg: term } : term
    else sum = binary(negative ? "-" : "+", sum, term)
  }
  return sum ?? numberExpression(0)
}

const coefficientExpression = ({ num, den }: Rational): Expression =>
  den === 1n ? numberExpression(Number(num)) : binary("/", numberExpression(Number(num)), numberExpression(Number(den)))

/** The logarithm in nats when every part is a number; undefined otherwise. */
export const logValue = (factor: LogFactor): number | undefined => {
  let sum = 0
  for (const { coefficient, value } of factor.parts.values()) {
    if (value === undefined) return undefined
    sum += rationalToNumber(coefficient) * value
  }
  return sum
}
