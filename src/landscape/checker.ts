/**
 * The checker of certificates that a polynomial is nowhere negative on the positive orthant. It works on the logic core's
 * sparse polynomials and shares nothing else with the prover: every substitution and product is rebuilt from the certificate
 * alone, so a mistake of the prover, or of whoever edits a certificate, is caught here. What is read is untrusted: anything
 * malformed, and anything too large to repeat, is rejected, never thrown at.
 */
import {
  add,
  constantPolynomial,
  degreeIn,
  equals,
  exponentOf,
  isZero,
  mul,
  negate,
  type Polynomial,
  polynomial,
  power,
  type Term,
  variablePolynomial,
  variablesOf
} from "../logic/polynomial.ts"
import { contentRational, divideRational, rational, signRational } from "../logic/rational.ts"

/** Bounds of what the checker repeats: multiplications, nesting of proofs, exponents, terms of a substitution, products of two terms. */
const limits = { multiplications: 64, depth: 64, exponent: 64, terms: 20_000, products: 400_000 }

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

const readTerm = (value: unknown): Term | undefined => {
  const fields = fieldsOf(value)
  const powers = fieldsOf(fields?.powers)
  const coefficient = fields?.coefficient
  if (powers === undefined || typeof coefficient !== "string" || !/^-?\d+$/.test(coefficient)) return undefined
  const read: Array<readonly [string, number]> = []
  for (const [name, exponent] of Object.entries(powers)) {
    // Monomials are told apart by their text: a name with ^ or * in it could pass for one.
    if (!/^[a-z]\w*$/.test(name)) return undefined
    if (!Number.isInteger(exponent) || (exponent as number) < 0 || (exponent as number) > limits.exponent)
      return undefined
    if (exponent !== 0) read.push([name, exponent as number])
  }
  return { coefficient: rational(BigInt(coefficient)), powers: read.sort(([x], [y]) => (x < y ? -1 : 1)) }
}

/** The polynomial of its JSON form; undefined when a coefficient is no integer text or an exponent no integer from 0 to 64. */
export const readPolynomial = (terms: unknown): Polynomial | undefined => {
  if (!Array.isArray(terms)) return undefined
  const read = terms.map(readTerm)
  return read.every((term) => term !== undefined) ? polynomial(read) : undefined
}

const allNonNegative = (a: Polynomial): boolean =>
  Array.from(a.terms.values()).every((term) => signRational(term.coefficient) >= 0)

/** `a b`, or undefined when that is too large to repeat. */
const product = (a: Polynomial | undefined, b: Polynomial | undefined): Polynomial | undefined =>
  a === undefined || b === undefined || a.terms.size * b.terms.size > limits.products ? undefined : mul(a, b)

/** The polynomial without the largest monomial and the largest positive rational that divide it. */
const stripped = (a: Polynomial): Polynomial => {
  if (isZero(a)) return a
  const terms = [...a.terms.values()]
  const least = new Map(variablesOf(a).map((name) => [name, Math.min(...terms.map((t) => exponentOf(t, name)))]))
  const content = contentRational(terms.map((term) => term.coefficient))
  return polynomial(
    terms.map((term) => ({
      coefficient: divideRational(term.coefficient, content),
      powers: term.powers
        .map(([name, exponent]) => [name, exponent - (least.get(name) ?? 0)] as const)
        .filter(([, exponent]) => exponent > 0)
    }))
  )
}

/** `denominator^degree · a` with the variable replaced by `numerator / denominator`; undefined when too large to repeat. */
const replaced = (
  a: Polynomial,
  name: string,
  numerator: Polynomial,
  denominator: Polynomial
): Polynomial | undefined => {
  const degree = degreeIn(a, name)
  if (a.terms.size * (degree + 1) > limits.terms) return undefined
  let sum = constantPolynomial(0)
  for (const term of a.terms.values()) {
    const exponent = exponentOf(term, name)
    const others = polynomial([{ ...term, powers: term.powers.filter(([other]) => other !== name) }])
    sum = add(sum, mul(others, mul(power(numerator, exponent), power(denominator, degree - exponent))))
  }
  return sum
}

/** `a` with the variable replaced by itself times `factor^sign`, times the monomial that makes all exponents ≥ 0. */
const withMonomial = (a: Polynomial, variable: string, factor: string, sign: 1 | -1): Polynomial => {
  const lift = sign < 0 ? degreeIn(a, variable) : 0
  return polynomial(
    Array.from(a.terms.values(), (term) => {
      const moved = exponentOf(term, factor) + sign * exponentOf(term, variable) + lift
      const others = term.powers.filter(([name]) => name !== factor)
      const powers = moved > 0 ? [...others, [factor, moved] as const] : others
      return { coefficient: term.coefficient, powers: [...powers].sort(([x], [y]) => (x < y ? -1 : 1)) }
    })
  )
}

const checkPolya = (whole: Polynomial, { k, multiplier }: Fields): boolean => {
  if (!Number.isInteger(k) || (k as number) < 0 || (k as number) > limits.multiplications) return false
  // A monomial that divides it must not bring further variables into the multiplier.
  const a = stripped(whole)
  const one = constantPolynomial(1)
  const variables = variablesOf(a).map(variablePolynomial)
  if (2 ** variables.length > limits.terms) return false
  const factors: Readonly<Record<string, () => Polynomial>> = {
    sum: () => variables.reduce(add, one),
    product: () => variables.reduce((all, x) => mul(all, add(one, x)), one)
  }
  if (typeof multiplier !== "string" || !Object.hasOwn(factors, multiplier)) return false
  const factor = factors[multiplier]!()
  let multiplied: Polynomial | undefined = a
  for (let i = 0; i < (k as number); i++) multiplied = product(multiplied, factor)
  return multiplied !== undefined && allNonNegative(multiplied)
}

const checkSquares = (a: Polynomial, { rest: asRest, squares, proof }: Fields, depth: number): boolean => {
  const rest = readPolynomial(asRest)
  if (rest === undefined || !Array.isArray(squares)) return false
  const whole = squares.map(readPolynomial).reduce((sum, square) => product(sum, product(square, square)), rest)
  return whole !== undefined && equals(stripped(a), stripped(whole)) && checkProof(rest, proof, depth)
}

/** One summand `weight · monomial · square²` with a positive weight; undefined when it is none. */
const summand = (value: unknown): Polynomial | undefined => {
  const fields = fieldsOf(value)
  const factor = readTerm({ coefficient: fields?.weight, powers: fields?.monomial })
  const square = readPolynomial(fields?.square)
  if (factor === undefined || signRational(factor.coefficient) <= 0) return undefined
  return product(polynomial([factor]), product(square, square))
}

const checkSum = (a: Polynomial, { terms }: Fields): boolean => {
  if (!Array.isArray(terms)) return false
  const summands = terms.map(summand)
  if (!summands.every((part) => part !== undefined)) return false
  return equals(stripped(a), stripped(summands.reduce(add, constantPolynomial(0))))
}

const checkSplit = (a: Polynomial, { variable, below, above }: Fields, depth: number): boolean => {
  if (typeof variable !== "string") return false
  const [one, t] = [constantPolynomial(1), variablePolynomial(variable)]
  return (
    checkProof(replaced(a, variable, t, add(one, t)), below, depth) &&
    checkProof(replaced(a, variable, add(one, t), one), above, depth)
  )
}

/** The coefficient of a power of the variable: a polynomial without it. */
const coefficientOf = (a: Polynomial, variable: string, exponent: number): Polynomial =>
  polynomial(
    Array.from(a.terms.values())
      .filter((term) => exponentOf(term, variable) === exponent)
      .map((term) => ({ ...term, powers: term.powers.filter(([name]) => name !== variable) }))
  )

const checkSlices = (a: Polynomial, { variable, proofs }: Fields, depth: number): boolean => {
  const core = stripped(a)
  if (typeof variable !== "string" || !Array.isArray(proofs) || proofs.length <= degreeIn(core, variable)) return false
  return proofs.every((proof, exponent) => checkProof(coefficientOf(core, variable, exponent), proof, depth))
}

const checkQuadratic = (a: Polynomial, { variable, ...proofs }: Fields, depth: number): boolean => {
  const core = stripped(a)
  if (typeof variable !== "string" || degreeIn(core, variable) > 2) return false
  const coefficient = (exponent: number): Polynomial => coefficientOf(core, variable, exponent)
  const [free, mixed, leading] = [coefficient(0), coefficient(1), coefficient(2)]
  const [outer, inner] = [product(leading, free), product(mixed, mixed)]
  if (outer === undefined || inner === undefined) return false
  const discriminant = add(mul(constantPolynomial(4), outer), negate(inner))
  return (
    checkProof(leading, proofs.leading, depth) &&
    checkProof(free, proofs.free, depth) &&
    checkProof(discriminant, proofs.discriminant, depth)
  )
}

const checkMonomials = (a: Polynomial, { variable, factor, power: sign, proof }: Fields, depth: number): boolean => {
  if (typeof variable !== "string" || typeof factor !== "string" || variable === factor) return false
  return (sign === 1 || sign === -1) && checkProof(withMonomial(a, variable, factor, sign), proof, depth)
}

const checkProof = (a: Polynomial | undefined, value: unknown, depth: number): boolean => {
  const proof = fieldsOf(value)
  if (a === undefined || proof === undefined || depth >= limits.depth) return false
  switch (proof.kind) {
    case "coefficients":
      return allNonNegative(a)
    case "polya":
      return checkPolya(a, proof)
    case "squares":
      return checkSquares(a, proof, depth + 1)
    case "sum":
      return checkSum(a, proof)
    case "split":
      return checkSplit(a, proof, depth + 1)
    case "quadratic":
      return checkQuadratic(a, proof, depth + 1)
    case "slices":
      return checkSlices(a, proof, depth + 1)
    case "monomials":
      return checkMonomials(a, proof, depth + 1)
    default:
      return false
  }
}

/** Whether the proof, of any origin, shows that the polynomial is ≥ 0 whenever all its variables are positive. */
export const checkSign = (a: Polynomial, proof: unknown): boolean => checkProof(a, proof, 0)

/** Whether the certificate, of any origin, proves that its own polynomial is nowhere negative on the positive orthant. */
export const checkCertificate = (certificate: unknown): boolean => {
  const fields = fieldsOf(certificate)
  const a = readPolynomial(fields?.polynomial)
  return a !== undefined && checkSign(a, fields?.proof)
}
