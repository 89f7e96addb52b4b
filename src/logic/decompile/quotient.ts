/**
 * From an expression to a quotient of exact polynomials in the probabilities, times a policy-free factor. The operations
 * are carried out as written: nothing is cancelled here.
 */
import {
  add,
  constantPolynomial,
  constantValue,
  equals,
  isZero,
  mul,
  negate,
  type Polynomial,
  scale,
  variablePolynomial,
  variablesOf
} from "../polynomial.ts"
import { fromRatioName } from "../proposition.ts"
import { divideRational, rational, one as unit } from "../rational.ts"
import { Refusal } from "./error.ts"
import { type Expression, expressionNames, expressionParts, expressionText, shortened } from "./expression.ts"
import { addLog, equalLog, type LogFactor, logOf, noFactor, policyFreeFunctions, rationalValue } from "./policyFree.ts"

/** `numerator / denominator * exp(log)`; variables are `p_x` and `r_x`, whatever letters the text used. */
export interface Quotient {
  readonly numerator: Polynomial
  readonly denominator: Polynomial
  readonly log: LogFactor
}

/** Names that an expression may use. */
export interface Names {
  /** Policy-free names that the caller allows. */
  readonly extras: ReadonlySet<string>
  /** Whether the probabilities are the per-token means `g_x`, `h_x` (then named `p_x`, `r_x` in the result). */
  readonly lengthNormalised: boolean
  /** Products of terms that may still be formed: no text may ask for hours of expansion. */
  readonly budget: { left: number }
}

const maxTerms = 2_000
const maxProducts = 300_000
const maxExponent = 32
const maxDegree = 64

const one = constantPolynomial(1)

/** Whether a name is a probability in either notation. */
export const isProbability = (name: string): boolean => probability(name) !== undefined

/** `p_w` for `p_w` or `g_w`, `r_w` for `r_w` or `h_w`; undefined for other names. */
const probability = (name: string): string | undefined => {
  const plain = name.replace(/^g_/, "p_").replace(/^h_/, "r_")
  return fromRatioName(plain) === undefined ? undefined : plain
}

const quoted = (expression: Expression): string => `"${shortened(expressionText(expression))}"`

const isPolicyFree = (expression: Expression): boolean => !expressionNames(expression).some(isProbability)

const checkSize = (polynomial: Polynomial): Polynomial => {
  if (polynomial.terms.size > maxTerms) throw new Refusal(`expanding it takes more than ${maxTerms} terms`)
  for (const { powers } of polynomial.terms.values()) {
    if (powers.reduce((sum, [, exponent]) => sum + exponent, 0) > maxDegree) {
      throw new Refusal(`expanding it goes beyond degree ${maxDegree}`)
    }
  }
  return polynomial
}

const times = (a: Polynomial, b: Polynomial, { budget }: Names): Polynomial => {
  budget.left -= a.terms.size * b.terms.size
  if (budget.left < 0) throw new Refusal(`expanding it takes more than ${maxProducts} products of terms`)
  return checkSize(mul(a, b))
}

/** The product of two quotients. */
export const multiplyQuotients = (a: Quotient, b: Quotient, names: Names): Quotient => ({
  numerator: times(a.numerator, b.numerator, names),
  denominator: times(a.denominator, b.denominator, names),
  log: addLog(a.log, b.log)
})

/** The quotient of two quotients, the second not zero; a number divides the numerator, so that `p_l/2` weighs one half. */
export const divideQuotients = (a: Quotient, b: Quotient, names: Names): Quotient => {
  const log = addLog(a.log, b.log, rational(-1))
  const divisor = constantValue(b.numerator)
  return divisor === undefined
    ? {
        numerator: times(a.numerator, b.denominator, names),
        denominator: times(a.denominator, b.numerator, names),
        log
      }
    : {
        numerator: scale(times(a.numerator, b.denominator, names), divideRational(unit, divisor)),
        denominator: a.denominator,
        log
      }
}

const sum = (a: Quotient, b: Quotient, whole: Expression, names: Names): Quotient => {
  if (isZero(a.numerator)) return b
  if (isZero(b.numerator)) return a
  if (!equalLog(a.log, b.log)) {
    throw new Refusal(
      `the terms of ${quoted(whole)} weigh differently by policy-free factors, and row weights must be numbers`
    )
  }
  if (equals(a.denominator, b.denominator)) return { ...a, numerator: checkSize(add(a.numerator, b.numerator)) }
  return {
    numerator: checkSize(add(times(a.numerator, b.denominator, names), times(b.numerator, a.denominator, names))),
    denominator: times(a.denominator, b.denominator, names),
    log: a.log
  }
}

const power = (base: Quotient, exponent: number, names: Names): Quotient => {
  let result: Quotient = { numerator: one, denominator: one, log: noFactor }
  for (let i = 0; i < Math.abs(exponent); i++) {
    result = exponent > 0 ? multiplyQuotients(result, base, names) : divideQuotients(result, base, names)
  }
  return result
}

const powerOf = (expression: Extract<Expression, { _tag: "Binary" }>, names: Names): Quotient => {
  const exponent = rationalValue(expression.right)
  if (exponent === undefined || exponent.den !== 1n) {
    const why = isPolicyFree(expression.right) ? "is not an integer" : "depends on the policy"
    throw new Refusal(
      `the exponent ${quoted(expression.right)} of ${quoted(expression.left)} ${why}; only integer powers become copies`
    )
  }
  if (exponent.num > BigInt(maxExponent) || exponent.num < BigInt(-maxExponent)) {
    throw new Refusal(
      `the exponent ${quoted(expression.right)} is beyond ${maxExponent}: it would need too many copies`
    )
  }
  const base = quotientOf(expression.left, names)
  if (exponent.num < 0n && isZero(base.numerator)) throw new Refusal(`${quoted(expression)} divides by zero`)
  return power(base, Number(exponent.num), names)
}

const policyFreeQuotient = (expression: Expression): Quotient => {
  const exact = rationalValue(expression)
  if (exact !== undefined) return { numerator: constantPolynomial(exact), denominator: one, log: noFactor }
  if (expression._tag === "Negate") {
    const inner = policyFreeQuotient(expression.arg)
    return { ...inner, numerator: negate(inner.numerator) }
  }
  const log = logOf(expression)
  if (log === undefined) throw new Refusal(`${quoted(expression)} is not a positive number, so it has no logarithm`)
  return { numerator: one, denominator: one, log }
}

const refuseCall = (expression: Extract<Expression, { _tag: "Call" }>): never => {
  if (isProbability(expression.name)) {
    throw new Refusal(
      `${quoted(expression)} calls ${expression.name} as a function; write ${expression.name}*(…) for the product`
    )
  }
  throw new Refusal(`${quoted(expression)} is not a polynomial in the probabilities`)
}

/**
 * The quotient that an expression stands for.
 * @throws Refusal with the offending part when it is no quotient of polynomials in the probabilities times a policy-free
 * factor, or too large to expand
 */
export const quotientOf = (expression: Expression, names: Names): Quotient => {
  if (isPolicyFree(expression)) return policyFreeQuotient(expression)
  switch (expression._tag) {
    case "Name":
      return { numerator: variablePolynomial(probability(expression.name)!), denominator: one, log: noFactor }
    case "Negate": {
      const inner = quotientOf(expression.arg, names)
      return { ...inner, numerator: negate(inner.numerator) }
    }
    case "Binary":
      return binaryQuotient(expression, names)
    case "Call":
      return refuseCall(expression)
    default:
      throw new Refusal(`${quoted(expression)} is piecewise, not a polynomial in the probabilities`)
  }
}

const binaryQuotient = (expression: Extract<Expression, { _tag: "Binary" }>, names: Names): Quotient => {
  if (expression.operator === "^") return powerOf(expression, names)
  const [left, right] = [quotientOf(expression.left, names), quotientOf(expression.right, names)]
  switch (expression.operator) {
    case "+":
      return sum(left, right, expression, names)
    case "-":
      return sum(left, { ...right, numerator: negate(right.numerator) }, expression, names)
    case "*":
      return multiplyQuotients(left, right, names)
    case "/":
      if (isZero(right.numerator)) throw new Refusal(`${quoted(expression)} divides by zero`)
      return divideQuotients(left, right, names)
  }
}

/**
 * Checks the names of an expression and finds its notation.
 * @returns whether its probabilities are the length-normalised `g_x`, `h_x`
 * @throws Refusal on an unknown name or function, or on a mixture of both notations
 */
export const readNames = (expressions: ReadonlyArray<Expression>, extras: ReadonlySet<string>): Names => {
  const names = [...new Set(expressions.flatMap(expressionNames))]
  const allowed = `p_x, r_x (or g_x, h_x per token) for a response x such as w, l, y3${extras.size > 0 ? `, and ${[...extras].join(", ")}` : ""}`
  const unknown = names.find((name) => !isProbability(name) && !extras.has(name))
  if (unknown !== undefined) throw new Refusal(`the name ${unknown} is not known; allowed are ${allowed}`)
  const perToken = names.filter((name) => isProbability(name) && /^[gh]_/.test(name))
  const whole = names.filter((name) => isProbability(name) && /^[pr]_/.test(name))
  if (perToken.length > 0 && whole.length > 0) {
    throw new Refusal(
      `it mixes ${whole[0]} with the per-token ${perToken[0]}: one structure reads all probabilities one way`
    )
  }
  expressions.forEach(checkFunctions)
  return { extras, lengthNormalised: perToken.length > 0, budget: { left: maxProducts } }
}

const checkFunctions = (expression: Expression): void => {
  if (expression._tag === "Call" && isPolicyFree(expression) && !policyFreeFunctions.includes(expression.name)) {
    if (isProbability(expression.name)) refuseCall(expression)
    throw new Refusal(`the function ${expression.name} is not known; allowed are ${policyFreeFunctions.join(", ")}`)
  }
  expressionParts(expression).forEach(checkFunctions)
}

/** The variables of a quotient, by name. */
export const quotientVariables = ({
  numerator,
  denominator
}: Pick<Quotient, "numerator" | "denominator">): ReadonlyArray<string> =>
  [...new Set([...variablesOf(numerator), ...variablesOf(denominator)])].sort()
