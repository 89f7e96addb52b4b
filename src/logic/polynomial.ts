/**
 * Exact sparse polynomials over named variables: rational coefficients, integer exponents ≥ 0. Polynomials of the same
 * function are equal field by field whatever the order of the operations that made them.
 */
import { type Proposition, ratioName } from "./proposition.ts"
import {
  addRational,
  equalRational,
  multiplyRational,
  negateRational,
  one,
  type Rational,
  rational,
  rationalText,
  rationalToNumber,
  signRational,
  zero
} from "./rational.ts"
import { type RowSet, rowsOf } from "./rows.ts"

export { type Rational, rational, rationalText, rationalToNumber } from "./rational.ts"

/** One monomial with its coefficient ≠ 0; `powers` lists (variable, exponent ≥ 1) by variable name. */
export interface Term {
  readonly powers: ReadonlyArray<readonly [string, number]>
  readonly coefficient: Rational
}

/** A polynomial: its non-zero terms by the key of their monomial. */
export interface Polynomial {
  readonly terms: ReadonlyMap<string, Term>
}

const keyOf = (powers: Term["powers"]): string => powers.map(([name, power]) => `${name}^${power}`).join("*")

/** The sum of the given terms, like ones collected, zeros dropped. */
export const polynomial = (terms: Iterable<Term>): Polynomial => {
  const sum = new Map<string, Term>()
  for (const term of terms) {
    const key = keyOf(term.powers)
    const coefficient = addRational(sum.get(key)?.coefficient ?? zero, term.coefficient)
    if (coefficient.num === 0n) sum.delete(key)
    else sum.set(key, { powers: term.powers, coefficient })
  }
  return { terms: sum }
}

/** The constant polynomial. */
export const constantPolynomial = (value: Rational | number): Polynomial =>
  polynomial([{ powers: [], coefficient: typeof value === "number" ? rational(value) : value }])

/** The polynomial `name`. */
export const variablePolynomial = (name: string): Polynomial => polynomial([{ powers: [[name, 1]], coefficient: one }])

const multiplyPowers = (a: Term["powers"], b: Term["powers"]): Term["powers"] => {
  const powers = new Map(a)
  for (const [name, power] of b) powers.set(name, (powers.get(name) ?? 0) + power)
  return [...powers].sort(([x], [y]) => (x < y ? -1 : x > y ? 1 : 0))
}

/** a + b. */
export const add = (a: Polynomial, b: Polynomial): Polynomial => polynomial([...a.terms.values(), ...b.terms.values()])
/** a times a number. */
export const scale = (a: Polynomial, factor: Rational): Polynomial =>
  polynomial(Array.from(a.terms.values(), (t) => ({ ...t, coefficient: multiplyRational(t.coefficient, factor) })))
/** -a. */
export const negate = (a: Polynomial): Polynomial => ({
  terms: new Map(Array.from(a.terms, ([key, t]) => [key, { ...t, coefficient: negateRational(t.coefficient) }]))
})
/** a - b. */
export const sub = (a: Polynomial, b: Polynomial): Polynomial => add(a, negate(b))

/** a b. */
export const mul = (a: Polynomial, b: Polynomial): Polynomial => {
  const products: Array<Term> = []
  for (const x of a.terms.values()) {
    for (const y of b.terms.values()) {
      products.push({
        powers: multiplyPowers(x.powers, y.powers),
        coefficient: multiplyRational(x.coefficient, y.coefficient)
      })
    }
  }
  return polynomial(products)
}

/** `a^exponent`; `a^0 = 1`. @throws RangeError unless the exponent is an integer ≥ 0 */
export const power = (a: Polynomial, exponent: number): Polynomial => {
  if (!Number.isInteger(exponent) || exponent < 0) throw new RangeError(`power: exponent ${exponent}`)
  let result = constantPolynomial(1)
  for (let i = 0; i < exponent; i++) result = mul(result, a)
  return result
}

/** Whether it is 0 at every point: exactly when it has no terms. */
export const isZero = (a: Polynomial): boolean => a.terms.size === 0

/** Equality as polynomials (hence as functions). */
export const equals = (a: Polynomial, b: Polynomial): boolean => {
  if (a.terms.size !== b.terms.size) return false
  for (const [key, term] of a.terms) {
    const other = b.terms.get(key)
    if (other === undefined || !equalRational(term.coefficient, other.coefficient)) return false
  }
  return true
}

/** The variables that occur, by name. */
export const variablesOf = (a: Polynomial): ReadonlyArray<string> =>
  [...new Set(Array.from(a.terms.values()).flatMap((term) => term.powers.map(([name]) => name)))].sort()

/** The largest exponent of a variable; 0 when it does not occur. */
export const degreeIn = (a: Polynomial, name: string): number => {
  let degree = 0
  for (const term of a.terms.values()) degree = Math.max(degree, exponentOf(term, name))
  return degree
}

/** The exponent of a variable in a term. */
export const exponentOf = (term: Term, name: string): number => term.powers.find(([n]) => n === name)?.[1] ?? 0

/** Whether no variable occurs with an exponent above 1. */
export const isMultilinear = (a: Polynomial): boolean =>
  Array.from(a.terms.values()).every((term) => term.powers.every(([, exponent]) => exponent === 1))

/** The value when the polynomial is a constant, else undefined. */
export const constantValue = (a: Polynomial): Rational | undefined =>
  a.terms.size === 0 ? zero : a.terms.size === 1 ? a.terms.get("")?.coefficient : undefined

/** The exact value at a rational point. @throws RangeError when a variable has no value */
export const evaluateExact = (a: Polynomial, point: Readonly<Record<string, Rational>>): Rational => {
  let sum = zero
  for (const term of a.terms.values()) {
    let product = term.coefficient
    for (const [name, exponent] of term.powers) {
      const value = point[name]
      if (value === undefined) throw new RangeError(`evaluateExact: no value for ${name}`)
      for (let i = 0; i < exponent; i++) product = multiplyRational(product, value)
    }
    sum = addRational(sum, product)
  }
  return sum
}

/** The value at a point of doubles, rounded term by term. @throws RangeError when a variable has no value */
export const evaluateNumber = (a: Polynomial, point: Readonly<Record<string, number>>): number => {
  let sum = 0
  for (const term of a.terms.values()) {
    let product = rationalToNumber(term.coefficient)
    for (const [name, exponent] of term.powers) {
      const value = point[name]
      if (value === undefined) throw new RangeError(`evaluateNumber: no value for ${name}`)
      product *= value ** exponent
    }
    sum += product
  }
  return sum
}

/**
 * Weighted model count of a row set as a polynomial in the probabilities: `Σ_{r ∈ set} Π_i (p_i if r_i else 1 - p_i)`.
 * Variables are the ratio names (`p_w`, `r_l`, …), so copies of one proposition share theirs (the diagonal).
 */
export const fromRows = (set: RowSet, propositions: ReadonlyArray<Proposition>): Polynomial => {
  const literals = propositions.map((proposition) => {
    const p = variablePolynomial(ratioName(proposition))
    return [sub(constantPolynomial(1), p), p] as const
  })
  const weight = (row: number): Polynomial =>
    literals.reduce((product, [no, yes], k) => mul(product, (row >> k) & 1 ? yes : no), constantPolynomial(1))
  return polynomial(rowsOf(set).flatMap((row) => [...weight(row).terms.values()]))
}

/**
 * The same count divided by `Π (1 - p_i)`, in odds `o_i = p_i / (1 - p_i)`: `Σ_{r ∈ set} Π_{i true in r} o_i`, a polynomial
 * with coefficients 0 and 1 over variables `o0 … o(n-1)`, so each row is one monomial.
 */
export const oddsFromRows = (set: RowSet, n: number): Polynomial =>
  polynomial(
    rowsOf(set).map((row) => ({
      coefficient: one,
      powers: Array.from({ length: n }, (_, k) => k)
        .filter((k) => (row >> k) & 1)
        .map((k) => [`o${k}`, 1] as const)
    }))
  )

/** Text such as `p_w - p_w*p_l/2`, in mathjs syntax: terms by degree, then by name; `0` for the zero polynomial. */
export const polynomialText = (a: Polynomial): string => {
  const degree = (term: Term): number => term.powers.reduce((sum, [, exponent]) => sum + exponent, 0)
  const ordered = [...a.terms.values()].sort(
    (x, y) => degree(x) - degree(y) || (keyOf(x.powers) < keyOf(y.powers) ? -1 : 1)
  )
  const text = (term: Term): string => {
    const size = {
      num: term.coefficient.num < 0n ? -term.coefficient.num : term.coefficient.num,
      den: term.coefficient.den
    }
    const factors = term.powers.map(([name, exponent]) => (exponent === 1 ? name : `${name}^${exponent}`))
    return equalRational(size, one) && factors.length > 0
      ? factors.join("*")
      : [rationalText(size), ...factors].join("*")
  }
  return (
    ordered
      .map(
        (term, i) => (signRational(term.coefficient) < 0 ? (i === 0 ? "-" : " - ") : i === 0 ? "" : " + ") + text(term)
      )
      .join("") || "0"
  )
}
