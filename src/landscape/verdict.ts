/** What an exact decision says, and the points and certificates that go with it. */
import {
  addRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  rationalText,
  rationalToNumber
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import { type Certificate, certificatePolynomial } from "./certificate.ts"
import { type OddsPolynomial, toPolynomial } from "./oddsPolynomial.ts"
import type { SignVerdict } from "./sign.ts"
import { isOnSimplex } from "./simplex.ts"

/** A point that refutes a claim: probabilities (and `r_…` of the reference), as doubles and as exact fractions. */
export interface Witness {
  readonly point: Readonly<Record<string, number>>
  readonly exact: Readonly<Record<string, string>>
  /** Whether the probabilities of each model sum to at most 1, as those of a real policy do. */
  readonly onSimplex: boolean
}

/**
 * An exact verdict: `proved` for every weighting, with certificates that checker.ts verifies; `refuted` with a witness;
 * `undecided` at the budget; `not-applicable` where the property has no meaning. `value` is what was found, where the
 * property is a question with an answer (the limit at vanishing probabilities, the dual's name).
 */
export interface ExactVerdict {
  readonly verdict: "proved" | "refuted" | "undecided" | "not-applicable"
  readonly explanation: string
  readonly value?: string
  readonly certificate?: ReadonlyArray<Certificate>
  readonly witness?: Witness
}

/** The certificate of a sign that holds; its polynomial is written out when it is read. */
export const certificateOf = (
  claim: string,
  polynomial: OddsPolynomial,
  { proof }: Extract<SignVerdict, { verdict: "holds" }>
): Certificate => {
  let written: Certificate["polynomial"] | undefined
  return {
    claim,
    get polynomial() {
      return (written ??= certificatePolynomial(toPolynomial(polynomial)))
    },
    proof
  }
}

const namedPoint = (entries: ReadonlyArray<readonly [string, Rational]>, onSimplex: boolean): Witness => ({
  point: Object.fromEntries(entries.map(([name, value]) => [name, rationalToNumber(value)])),
  exact: Object.fromEntries(entries.map(([name, value]) => [name, rationalText(value)])),
  onSimplex
})

/**
 * The probabilities with the given odds. Absolute: `p = o/(1+o)`. Relative: odds are `p/r`, so one reference probability r
 * serves all responses, small enough for `Σ p <= 1/2` and `Σ r <= 1/2`; such a point is always on the simplex.
 */
export const witnessAt = (
  variables: ReadonlyArray<string>,
  odds: ReadonlyArray<Rational>,
  semantics: Semantics
): Witness => {
  if (semantics === "absolute") {
    const entries = variables.map((name, k) => [name, divideRational(odds[k]!, addRational(one, odds[k]!))] as const)
    return namedPoint(entries, isOnSimplex(variables, odds.map(rationalToNumber)))
  }
  const sum = odds.reduce(addRational, rational(variables.length))
  const reference = divideRational(rational(1, 2), sum)
  const policy = variables.map((name, k) => [name, multiplyRational(odds[k]!, reference)] as const)
  return namedPoint([...policy, ...variables.map((name) => [name.replace("p_", "r_"), reference] as const)], true)
}

/** A witness from probabilities given as such. */
export const witnessOf = (probabilities: ReadonlyArray<readonly [string, Rational]>): Witness =>
  namedPoint(probabilities, true)

/** The exact point in words: `p_w = 1/3, p_l = 1/2`. */
export const witnessText = (witness: Witness): string =>
  Object.entries(witness.exact)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ")
