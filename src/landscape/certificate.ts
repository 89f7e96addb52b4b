/**
 * Certificates that a polynomial in odds is nowhere negative on the positive orthant, and the checker that verifies them. The
 * checker works on the logic core's sparse polynomials and shares no code with the prover (sign.ts): it rebuilds every
 * substitution and product from the certificate alone, so a mistake of the prover is caught here.
 */
import {
  add,
  constantPolynomial,
  degreeIn,
  equals,
  exponentOf,
  isZero,
  mul,
  type Polynomial,
  polynomial,
  polynomialText,
  power,
  type Term,
  variablePolynomial,
  variablesOf
} from "../logic/polynomial.ts"
import { compareRational, contentRational, divideRational, rational, zero } from "../logic/rational.ts"

/** A polynomial with integer coefficients as JSON: decimal digits, and the exponent of each variable that occurs. */
export type CertificatePolynomial = ReadonlyArray<{
  readonly coefficient: string
  readonly powers: Readonly<Record<string, number>>
}>

/**
 * Why a polynomial Q is ≥ 0 for all positive odds:
 * - `coefficients`: none of its coefficients is negative;
 * - `polya`: none is after k multiplications by `Π (1 + o)` or by `1 + Σ o` over the variables that occur;
 * - `squares`: up to a positive factor and a monomial, Q is the product of the squares of `squares` and of `rest`, which has
 *   a proof of its own;
 * - `split`: it holds for odds of the variable below 1 (`o = t/(1+t)`, denominators cleared) and above 1 (`o = 1 + t`);
 * - `quadratic`: up to a positive factor and a monomial, Q is `A o² + B o + C` in the variable, and A, C and `4 A C - B²` are ≥ 0;
 * - `monomials`: it holds after replacing the variable by itself times `factor^power`, a bijection of the positive orthant
 *   (times a monomial, so that no exponent is negative).
 */
export type SignProof =
  | { readonly kind: "coefficients" }
  | { readonly kind: "polya"; readonly multiplier: "product" | "sum"; readonly k: number }
  | {
      readonly kind: "squares"
      readonly squares: ReadonlyArray<CertificatePolynomial>
      readonly rest: CertificatePolynomial
      readonly proof: SignProof
    }
  | { readonly kind: "split"; readonly variable: string; readonly below: SignProof; readonly above: SignProof }
  | {
      readonly kind: "quadratic"
      readonly variable: string
      readonly leading: SignProof
      readonly free: SignProof
      readonly discriminant: SignProof
    }
  | {
      readonly kind: "monomials"
      readonly variable: string
      readonly factor: string
      readonly power: 1 | -1
      readonly proof: SignProof
    }

/** A claim, the polynomial whose sign on the positive orthant decides it, and the proof of that sign. JSON as it stands. */
export interface Certificate {
  readonly claim: string
  readonly polynomial: CertificatePolynomial
  readonly proof: SignProof
}

/** The JSON form of a polynomial. @throws RangeError when a coefficient is no integer */
export const certificatePolynomial = (a: Polynomial): CertificatePolynomial =>
  Array.from(a.terms.values(), ({ powers, coefficient }) => {
    if (coefficient.den !== 1n) throw new RangeError("certificatePolynomial: a coefficient is no integer")
    return { coefficient: coefficient.num.toString(), powers: Object.fromEntries(powers) }
  })

/** The polynomial of a JSON form; undefined when a coefficient is no integer text or an exponent no integer ≥ 0. */
export const readCertificatePolynomial = (terms: CertificatePolynomial): Polynomial | undefined => {
  const read: Array<Term> = []
  for (const { coefficient, powers } of terms) {
    const entries = Object.entries(powers).filter(([, exponent]) => exponent !== 0)
    if (!/^-?\d+$/.test(coefficient)) return undefined
    if (entries.some(([, exponent]) => !Number.isInteger(exponent) || exponent < 0)) return undefined
    read.push({
      coefficient: rational(BigInt(coefficient)),
      powers: entries.sort(([x], [y]) => (x < y ? -1 : 1))
    })
  }
  return polynomial(read)
}

const allNonNegative = (a: Polynomial): boolean =>
  Array.from(a.terms.values()).every((term) => compareRational(term.coefficient, zero) >= 0)

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

/** `denominator^degree · a` with the variable replaced by `numerator / denominator`. */
const replaced = (a: Polynomial, name: string, numerator: Polynomial, denominator: Polynomial): Polynomial => {
  const degree = degreeIn(a, name)
  let sum = constantPolynomial(0)
  for (const term of a.terms.values()) {
    const exponent = exponentOf(term, name)
    const others = polynomial([{ ...term, powers: term.powers.filter(([other]) => other !== name) }])
    sum = add(sum, mul(others, mul(power(numerator, exponent), power(denominator, degree - exponent))))
  }
  return sum
}

const multiplierOf = (a: Polynomial, kind: "product" | "sum"): Polynomial => {
  const one = constantPolynomial(1)
  return variablesOf(a).reduce<Polynomial>(
    (m, name) => (kind === "sum" ? add(m, variablePolynomial(name)) : mul(m, add(one, variablePolynomial(name)))),
    one
  )
}

/** The polynomial after `variable := variable · factor^power`, times the monomial that makes all exponents ≥ 0. */
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

const checkSquares = (a: Polynomial, proof: Extract<SignProof, { kind: "squares" }>): boolean => {
  const rest = readCertificatePolynomial(proof.rest)
  const squares = proof.squares.map(readCertificatePolynomial)
  if (rest === undefined || !squares.every((s) => s !== undefined)) return false
  const product = squares.reduce<Polynomial>((sum, square) => mul(sum, mul(square!, square!)), rest)
  return equals(stripped(a), stripped(product)) && checkSign(rest, proof.proof)
}

const checkQuadratic = (a: Polynomial, proof: Extract<SignProof, { kind: "quadratic" }>): boolean => {
  const core = stripped(a)
  if (degreeIn(core, proof.variable) > 2) return false
  const coefficient = (exponent: number): Polynomial =>
    polynomial(
      Array.from(core.terms.values())
        .filter((term) => exponentOf(term, proof.variable) === exponent)
        .map((term) => ({ ...term, powers: term.powers.filter(([name]) => name !== proof.variable) }))
    )
  const [free, mixed, leading] = [coefficient(0), coefficient(1), coefficient(2)]
  const discriminant = add(
    mul(constantPolynomial(4), mul(leading, free)),
    mul(constantPolynomial(-1), mul(mixed, mixed))
  )
  return checkSign(leading, proof.leading) && checkSign(free, proof.free) && checkSign(discriminant, proof.discriminant)
}

/** The largest multiplication count that the checker is willing to repeat. */
const maxMultiplications = 64

/** Whether the proof shows that the polynomial is ≥ 0 whenever all its variables are positive. */
export const checkSign = (a: Polynomial, proof: SignProof): boolean => {
  const one = constantPolynomial(1)
  switch (proof.kind) {
    case "coefficients":
      return allNonNegative(a)
    case "polya":
      if (!Number.isInteger(proof.k) || proof.k < 0 || proof.k > maxMultiplications) return false
      return allNonNegative(mul(a, power(multiplierOf(a, proof.multiplier), proof.k)))
    case "squares":
      return checkSquares(a, proof)
    case "split": {
      const t = variablePolynomial(proof.variable)
      const below = replaced(a, proof.variable, t, add(one, t))
      const above = replaced(a, proof.variable, add(one, t), one)
      return checkSign(below, proof.below) && checkSign(above, proof.above)
    }
    case "quadratic":
      return checkQuadratic(a, proof)
    case "monomials": {
      if (proof.variable === proof.factor || Math.abs(proof.power) !== 1) return false
      return checkSign(withMonomial(a, proof.variable, proof.factor, proof.power), proof.proof)
    }
  }
}

/** Whether the certificate proves that its polynomial is nowhere negative on the positive orthant. */
export const checkCertificate = (certificate: Certificate): boolean => {
  const a = readCertificatePolynomial(certificate.polynomial)
  return a !== undefined && checkSign(a, certificate.proof)
}

const proofText = (proof: SignProof): string => {
  switch (proof.kind) {
    case "coefficients":
      return "no coefficient is negative"
    case "polya":
      return `no coefficient is negative after multiplying by (${
        proof.multiplier === "sum" ? "1 + the sum of the odds" : "the product of all 1 + odds"
      })^${proof.k}`
    case "squares": {
      const factors = proof.squares.map((s) => `(${polynomialText(readCertificatePolynomial(s)!)})^2`)
      return `it is ${factors.join(" ")} times a polynomial of which ${proofText(proof.proof)}`
    }
    case "split":
      return `split at odds(${proof.variable}) = 1: below, ${proofText(proof.below)}; above, ${proofText(proof.above)}`
    case "quadratic":
      return `as a quadratic in odds(${proof.variable}) it has outer coefficients and 4AC - B^2 >= 0: ${[proof.leading, proof.free, proof.discriminant].map(proofText).join("; ")}`
    case "monomials":
      return `with odds(${proof.variable}) ${proof.power > 0 ? "times" : "over"} odds(${proof.factor}) for odds(${proof.variable}), ${proofText(proof.proof)}`
  }
}

/** Whether the certificate is about the polynomial 0. */
const isAboutZero = ({ polynomial }: Certificate): boolean => {
  const a = readCertificatePolynomial(polynomial)
  return a !== undefined && isZero(a)
}

/** The certificates of both directions in a sentence; where both are about 0, the two ratios are one. */
export const certificatesText = (certificates: ReadonlyArray<Certificate>): string =>
  certificates.length === 2 && certificates.every(isAboutZero)
    ? "N_B*D_A - N_A*D_B is 0 identically: both cross products are the same polynomial in the odds"
    : certificates.map(certificateText).join("; ")

/** The certificate in a sentence; variables are the odds of the probabilities that they are called after. */
export const certificateText = (certificate: Certificate): string => {
  const a = readCertificatePolynomial(certificate.polynomial)
  const text = a === undefined ? "?" : polynomialText(a)
  return `${certificate.claim}: in odds, ${text} >= 0, for ${proofText(certificate.proof)}`
}
