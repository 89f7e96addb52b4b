/**
 * Certificates that a polynomial in odds is nowhere negative on the positive orthant: their form, and what they say in words.
 * The prover (sign.ts) makes them, checker.ts verifies them.
 */
import { isZero, type Polynomial, polynomialText } from "../logic/polynomial.ts"
import { readPolynomial } from "./checker.ts"

/** A polynomial with integer coefficients as JSON: decimal digits, and the exponent of each variable that occurs. */
export type CertificatePolynomial = ReadonlyArray<{
  readonly coefficient: string
  readonly powers: Readonly<Record<string, number>>
}>

/** `weight · monomial · square²`, the weight a positive integer in decimal digits. */
export interface SquareTerm {
  readonly weight: string
  readonly monomial: Readonly<Record<string, number>>
  readonly square: CertificatePolynomial
}

/**
 * Why a polynomial Q is ≥ 0 for all positive odds:
 * - `coefficients`: none of its coefficients is negative;
 * - `polya`: none is after k multiplications by `Π (1 + o)` or by `1 + Σ o` over the variables that occur once the largest
 *   monomial is divided out;
 * - `squares`: up to a positive factor and a monomial, Q is the product of the squares of `squares` and of `rest`, which has
 *   a proof of its own;
 * - `sum`: up to a positive factor and a monomial, Q is the sum of the `terms`, each a positive integer weight times a monomial
 *   times a square;
 * - `split`: it holds for odds of the variable below 1 (`o = t/(1+t)`, denominators cleared) and above 1 (`o = 1 + t`);
 * - `quadratic`: up to a positive factor and a monomial, Q is `A o² + B o + C` in the variable, and A, C and `4 A C - B²` are ≥ 0;
 * - `slices`: as a polynomial in the variable, lowest power first, every coefficient is ≥ 0, each by a proof of its own;
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
  | { readonly kind: "sum"; readonly terms: ReadonlyArray<SquareTerm> }
  | { readonly kind: "split"; readonly variable: string; readonly below: SignProof; readonly above: SignProof }
  | {
      readonly kind: "quadratic"
      readonly variable: string
      readonly leading: SignProof
      readonly free: SignProof
      readonly discriminant: SignProof
    }
  | { readonly kind: "slices"; readonly variable: string; readonly proofs: ReadonlyArray<SignProof> }
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

/** The claims that a certificate of dominance can make, by their text. */
export const dominanceClaims = {
  below: "N_B*D_A - N_A*D_B >= 0",
  above: "N_A*D_B - N_B*D_A >= 0",
  belowOnSimplex: "N_B*D_A - N_A*D_B >= 0 on the simplex",
  aboveOnSimplex: "N_A*D_B - N_B*D_A >= 0 on the simplex"
} as const

/** The JSON form of a polynomial. @throws RangeError when a coefficient is no integer */
export const certificatePolynomial = (a: Polynomial): CertificatePolynomial =>
  Array.from(a.terms.values(), ({ powers, coefficient }) => {
    if (coefficient.den !== 1n) throw new RangeError("certificatePolynomial: a coefficient is no integer")
    return { coefficient: coefficient.num.toString(), powers: Object.fromEntries(powers) }
  })

const proofText = (proof: SignProof): string => {
  switch (proof.kind) {
    case "coefficients":
      return "no coefficient is negative"
    case "polya":
      return `no coefficient is negative after multiplying by (${
        proof.multiplier === "sum" ? "1 + the sum of the odds" : "the product of all 1 + odds"
      })^${proof.k}`
    case "squares": {
      const factors = proof.squares.map((s) => `(${polynomialText(readPolynomial(s)!)})^2`)
      return `it is ${factors.join(" ")} times a polynomial of which ${proofText(proof.proof)}`
    }
    case "sum":
      return `it is a sum of ${proof.terms.length} positive multiples of squares`
    case "split":
      return `split at odds(${proof.variable}) = 1: below, ${proofText(proof.below)}; above, ${proofText(proof.above)}`
    case "quadratic":
      return `as a quadratic in odds(${proof.variable}) it has outer coefficients and 4AC - B^2 >= 0: ${[proof.leading, proof.free, proof.discriminant].map(proofText).join("; ")}`
    case "slices":
      return `in powers of odds(${proof.variable}) every coefficient is >= 0: ${proof.proofs.map(proofText).join("; ")}`
    case "monomials":
      return `with odds(${proof.variable}) ${proof.power > 0 ? "times" : "over"} odds(${proof.factor}) for odds(${proof.variable}), ${proofText(proof.proof)}`
  }
}

/** Whether the certificate is about the polynomial 0. */
const isAboutZero = ({ polynomial }: Certificate): boolean => {
  const a = readPolynomial(polynomial)
  return a !== undefined && isZero(a)
}

/** The certificates of both directions in a sentence; where both are about 0, the two ratios are one. */
export const certificatesText = (certificates: ReadonlyArray<Certificate>): string =>
  certificates.length === 2 && certificates.every(isAboutZero)
    ? "N_B*D_A - N_A*D_B is 0 identically: both cross products are the same polynomial in the odds"
    : certificates.map(certificateText).join("; ")

/** The certificate in a sentence; variables are the odds of the probabilities that they are called after. */
export const certificateText = (certificate: Certificate): string => {
  const a = readPolynomial(certificate.polynomial)
  const text = a === undefined ? "?" : polynomialText(a)
  return `${certificate.claim}: in odds, ${text} >= 0, for ${proofText(certificate.proof)}`
}
