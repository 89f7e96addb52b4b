/**
 * Greatest common divisor of multivariate polynomials over the rationals, by primitive remainder sequences in one variable
 * after another (Knuth, TAOCP 2, 4.6.1), and exact division. Sizes here are small; a budget refuses the rest.
 */
import {
  constantPolynomial,
  constantValue,
  degreeIn,
  exponentOf,
  isZero,
  mul,
  type Polynomial,
  polynomial,
  scale,
  sub,
  type Term,
  variablesOf
} from "../polynomial.ts"
import { contentRational, divideRational, negateRational, one, type Rational } from "../rational.ts"
import { Refusal } from "./error.ts"

/** Operations left, in products of two terms of 64-bit coefficients; shared by one gcd and its recursive ones. */
interface Budget {
  left: number
}

/** The size of the first few coefficients stands for all: they are integers of one remainder sequence. */
const words = (a: Polynomial): number => {
  let bits = 0
  let seen = 0
  for (const { coefficient } of a.terms.values()) {
    bits = Math.max(bits, coefficient.num.toString(16).length * 4)
    if (++seen === 4) break
  }
  return 1 + bits / 64
}

const spend = (budget: Budget, a: Polynomial, b: Polynomial): void => {
  budget.left -= a.terms.size * b.terms.size * words(a) * words(b)
  if (budget.left < 0) throw new Refusal("its common factors are too large to find exactly")
}

const product = (budget: Budget, a: Polynomial, b: Polynomial): Polynomial => {
  spend(budget, a, b)
  return mul(a, b)
}

/** The coefficients of powers of a variable, constant one first. */
const coefficients = (a: Polynomial, name: string): Array<Polynomial> => {
  const terms: Array<Array<Term>> = Array.from({ length: degreeIn(a, name) + 1 }, () => [])
  for (const term of a.terms.values()) {
    const powers = term.powers.filter(([other]) => other !== name)
    terms[exponentOf(term, name)]!.push({ powers, coefficient: term.coefficient })
  }
  return terms.map(polynomial)
}

const shifted = (a: Polynomial, name: string, by: number): Polynomial =>
  by === 0 ? a : mul(a, polynomial([{ powers: [[name, by]], coefficient: one }]))

/** Lexicographic order of monomials over sorted variables: positive when a comes first. */
const compareTerms = (a: Term, b: Term, names: ReadonlyArray<string>): number => {
  for (const name of names) {
    const difference = exponentOf(a, name) - exponentOf(b, name)
    if (difference !== 0) return difference
  }
  return 0
}

const leadingTerm = (a: Polynomial, names: ReadonlyArray<string>): Term | undefined => {
  let leading: Term | undefined
  for (const term of a.terms.values())
    if (leading === undefined || compareTerms(term, leading, names) > 0) leading = term
  return leading
}

/** Integer coefficients without a common divisor, the lexicographically leading one positive; 0 stays 0. */
const normalised = (a: Polynomial): Polynomial => {
  if (isZero(a)) return a
  const content = contentRational(Array.from(a.terms.values(), (term) => term.coefficient))
  const leading = leadingTerm(a, variablesOf(a))!
  const divisor: Rational = leading.coefficient.num < 0n ? negateRational(content) : content
  return scale(a, divideRational(one, divisor))
}

const divideTerm = (a: Term, b: Term): Term | undefined => {
  const powers = a.powers.map(([name, exponent]) => [name, exponent - exponentOf(b, name)] as const)
  const missing = b.powers.some(([name]) => exponentOf(a, name) === 0)
  if (missing || powers.some(([, exponent]) => exponent < 0)) return undefined
  return {
    powers: powers.filter(([, exponent]) => exponent > 0),
    coefficient: divideRational(a.coefficient, b.coefficient)
  }
}

const divide = (a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined => {
  const names = [...new Set([...variablesOf(a), ...variablesOf(b)])].sort()
  const divisor = leadingTerm(b, names)
  if (divisor === undefined) throw new RangeError("divideExactly: division by the zero polynomial")
  const quotient: Array<Term> = []
  let rest = a
  for (let leading = leadingTerm(rest, names); leading !== undefined; leading = leadingTerm(rest, names)) {
    const term = divideTerm(leading, divisor)
    if (term === undefined) return undefined
    quotient.push(term)
    rest = sub(rest, product(budget, polynomial([term]), b))
  }
  return polynomial(quotient)
}

/** About a second's work. */
const defaultBudget = 200_000

/** `a / b` when b divides a exactly, else undefined. @throws RangeError when b is 0; @throws Refusal beyond the budget */
export const divideExactly = (a: Polynomial, b: Polynomial): Polynomial | undefined =>
  divide(a, b, { left: defaultBudget })

/** Remainder of `leading(b)^k a` by b as polynomials in one variable; any multiple free of the variable will do here. */
const pseudoRemainder = (a: Polynomial, b: Polynomial, name: string, budget: Budget): Polynomial => {
  const degree = degreeIn(b, name)
  const leading = coefficients(b, name)[degree]!
  let rest = a
  while (!isZero(rest) && degreeIn(rest, name) >= degree) {
    const top = degreeIn(rest, name)
    const factor = coefficients(rest, name)[top]!
    rest = sub(product(budget, rest, leading), product(budget, shifted(factor, name, top - degree), b))
  }
  return rest
}

/** The gcd of a polynomial's coefficients in a variable. */
const content = (a: Polynomial, name: string, budget: Budget): Polynomial => {
  let common = constantPolynomial(0)
  for (const coefficient of coefficients(a, name)) {
    common = gcdWithin(common, coefficient, budget)
    if (!isZero(common) && constantValue(common) !== undefined) break
  }
  return common
}

const primitivePart = (a: Polynomial, name: string, budget: Budget): Polynomial =>
  normalised(divide(a, content(a, name, budget), budget)!)

const gcdWithin = (a: Polynomial, b: Polynomial, budget: Budget): Polynomial => {
  if (isZero(a)) return normalised(b)
  if (isZero(b)) return normalised(a)
  if (constantValue(a) !== undefined || constantValue(b) !== undefined) return constantPolynomial(1)
  const name = variablesOf(a)[0]!
  if (degreeIn(b, name) === 0) return gcdWithin(content(a, name, budget), b, budget)
  const common = gcdWithin(content(a, name, budget), content(b, name, budget), budget)
  let [high, low] = [primitivePart(a, name, budget), primitivePart(b, name, budget)]
  if (degreeIn(high, name) < degreeIn(low, name)) [high, low] = [low, high]
  while (!isZero(low)) {
    const rest = pseudoRemainder(high, low, name, budget)
    // A remainder free of the variable says that the primitive parts share nothing.
    if (!isZero(rest) && degreeIn(rest, name) === 0) return common
    ;[high, low] = [low, isZero(rest) ? rest : primitivePart(rest, name, budget)]
  }
  return normalised(product(budget, common, high))
}

/**
 * The greatest common divisor over the rationals, with coprime integer coefficients and a positive leading one; `gcd(0, 0)`
 * is 0, coprime polynomials give 1. @throws Refusal when the remainder sequence outgrows the budget
 */
export const gcdPolynomial = (a: Polynomial, b: Polynomial): Polynomial => gcdWithin(a, b, { left: defaultBudget })
