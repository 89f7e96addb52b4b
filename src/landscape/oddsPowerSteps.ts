/**
 * What weighs the two derivatives against each other, absolute reading, odds to a rational power `b = m/n`. With `o_i = x_i^n`
 * everything is a polynomial again: `a_i = b θ_i(x^m) (1 + x_i^n)`, `p_i = x_i^n/(1 + x_i^n)`, and two answers are a policy iff
 * `x_w x_l < 1`, a positive orthant in u and v with `x_w = u`, `x_l = 1/(u (1 + v))`.
 */
import { addRational, divideRational, multiplyRational, one, type Rational } from "../logic/rational.ts"
import { decideIdentity } from "./identity.ts"
import { type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  fromTerms,
  multiply,
  type OddsPolynomial,
  power,
  scale,
  subtract,
  termsOf,
  variable
} from "./oddsPolynomial.ts"
import { decideSign } from "./sign.ts"
import { makeSubstitution } from "./substitution.ts"
import { certificateOf, type ExactVerdict, witnessOf, witnessText } from "./verdict.ts"

/** Powers `m/n` with m and n up to this are decided. */
const largest = 10

/** The power as a fraction of small numbers; undefined for another. */
const smallFraction = (b: number): { readonly m: number; readonly n: number } | undefined => {
  for (let n = 1; n <= largest; n++) {
    const m = Math.round(b * n)
    if (m >= 1 && m <= largest && m / n === b) return { m, n }
  }
  return undefined
}

/** The polynomial with every variable to the power k. */
export const atPower = (a: OddsPolynomial, k: number): OddsPolynomial =>
  fromTerms(
    a.variables,
    termsOf(a).map(({ exponents, coefficient }) => ({ exponents: exponents.map((e) => k * e), coefficient }))
  )

/** Properties decided here. */
export type StepProperty = "chosen-safe" | "rejected-safe" | "chosen-led" | "level-invariant"

interface Quantities {
  readonly n: number
  /** `a_w`, `a_l` up to one positive factor. */
  readonly aw: OddsPolynomial
  readonly al: OddsPolynomial
  /** `1`, `p_w`, `p_l`, and S at both its ends, times the positive `(1 + x_w^n)^2 (1 + x_l^n)^2`. */
  readonly unit: OddsPolynomial
  readonly pw: OddsPolynomial
  readonly pl: OddsPolynomial
  readonly squares: readonly [OddsPolynomial, OddsPolynomial]
}

const quantitiesOf = (counts: OddsCounts, { m, n }: { readonly m: number; readonly n: number }): Quantities => {
  const { variables } = counts
  const unit = constant(variables, 1n)
  const weight = (k: number) =>
    multiply(
      multiply(power(variable(variables, k), m), atPower(slope(counts, k), m)),
      add(unit, power(variable(variables, k), n))
    )
  const [w, l] = [variables.indexOf("p_w"), variables.indexOf("p_l")]
  const [X, Y] = [power(variable(variables, w), n), power(variable(variables, l), n)]
  const [A, B] = [add(unit, X), add(unit, Y)]
  const thin = add(power(multiply(X, B), 2), power(multiply(Y, A), 2))
  return {
    n,
    aw: weight(w),
    al: weight(l),
    unit: power(multiply(A, B), 2),
    pw: multiply(multiply(X, A), power(B, 2)),
    pl: multiply(multiply(Y, B), power(A, 2)),
    // (1 - p_w - p_l)(1 + X)(1 + Y) = 1 - X Y.
    squares: [thin, add(thin, power(subtract(unit, multiply(X, Y)), 2))]
  }
}

interface Claim {
  readonly claim: string
  readonly polynomial: OddsPolynomial
}

/** `a_x (1 - 2 p_x + S) + a_y (S - p_x - p_y)`, the rate of log p_x under a step (docs/theory.md §9), at both ends of S. */
const rates = (q: Quantities, target: "w" | "l"): ReadonlyArray<OddsPolynomial> => {
  const [own, other, p] = target === "w" ? [q.aw, q.al, q.pw] : [q.al, q.aw, q.pl]
  return q.squares.map((squares) =>
    add(
      multiply(own, add(subtract(q.unit, scale(p, 2n)), squares)),
      multiply(other, subtract(squares, add(q.pw, q.pl)))
    )
  )
}

const ends = ["the rest spread over many arms", "one other arm"] as const

const claimsOf = (q: Quantities, name: Exclude<StepProperty, "level-invariant">): ReadonlyArray<Claim> => {
  const twice = scale(q.aw, 2n)
  switch (name) {
    case "chosen-safe":
      return rates(q, "w").map((polynomial, k) => ({ claim: `log p_w never falls, ${ends[k]}`, polynomial }))
    case "rejected-safe":
      return rates(q, "l").map((rate, k) => ({
        claim: `log p_l never rises, ${ends[k]}`,
        polynomial: scale(rate, -1n)
      }))
    case "chosen-led":
      return [
        { claim: "2 a_w - a_l >= 0", polynomial: subtract(twice, q.al) },
        { claim: "2 a_w + a_l >= 0", polynomial: add(twice, q.al) }
      ]
  }
}

const powerOf = (base: Rational, exponent: number): Rational =>
  Array.from({ length: exponent }).reduce<Rational>((product) => multiplyRational(product, base), one)

/** The probabilities at a point of u and v. */
const probabilities = ([u, v]: ReadonlyArray<Rational>, n: number) => {
  const x = { p_w: u!, p_l: divideRational(one, multiplyRational(u!, addRational(one, v!))) }
  return Object.entries(x).map(([name, value]) => {
    const odds = powerOf(value, n)
    return [name, divideRational(odds, addRational(one, odds))] as const
  })
}

const decideClaims = (claims: ReadonlyArray<Claim>, n: number, proved: string): ExactVerdict => {
  const { variables } = claims[0]!.polynomial
  const coordinates: ReadonlyArray<string> = variables.map((name) => (name === "p_w" ? "u" : "v"))
  const [u, v] = ["u", "v"].map((name) => variable(coordinates, coordinates.indexOf(name))) as [
    OddsPolynomial,
    OddsPolynomial
  ]
  const unit = constant(coordinates, 1n)
  const inPolicies = (a: OddsPolynomial): OddsPolynomial =>
    makeSubstitution(
      variables.map((name) => (name === "p_w" ? u : unit)),
      variables.map((name) => (name === "p_w" ? unit : multiply(u, add(unit, v)))),
      a.degrees
    )(a)
  const certificate = []
  let isOpen = false
  for (const { claim, polynomial } of claims) {
    const inside = inPolicies(polynomial)
    const sign = decideSign(inside)
    if (sign.verdict === "fails") {
      const point = ["u", "v"].map((name) => sign.witness[coordinates.indexOf(name)]!)
      const witness = witnessOf(probabilities(point, n))
      return { verdict: "refuted", witness, explanation: `not ${claim} at ${witnessText(witness)}` }
    }
    if (sign.verdict === "undecided") isOpen = true
    else certificate.push(certificateOf(claim, inside, sign))
  }
  return isOpen
    ? { verdict: "undecided", explanation: "no proof and no counterexample within the budget" }
    : { verdict: "proved", explanation: proved, certificate }
}

/**
 * The verdict on a property of the absolute loss with every odds to the power b.
 * @param counts over p_w and p_l
 * @returns undefined when b is no fraction m/n of numbers up to 10, or the counts speak of more than p_w and p_l
 */
export const decideSteps = (counts: OddsCounts, name: StepProperty, b: number): ExactVerdict | undefined => {
  const fraction = smallFraction(b)
  if (fraction === undefined || [...counts.variables].sort().join() !== "p_l,p_w") return undefined
  const q = quantitiesOf(counts, fraction)
  if (name !== "level-invariant") return decideClaims(claimsOf(q, name), q.n, `${statements[name]} with odds^${b}`)
  const identity = decideIdentity("a_w + a_l = 0", add(q.aw, q.al), "absolute")
  // Its witness is a point of x, not of p.
  if (identity.verdict !== "refuted") return identity
  return { verdict: "refuted", explanation: `a_w + a_l is not 0 everywhere with odds^${b}` }
}

const statements = {
  "chosen-safe": "no gradient step on a tabular softmax pushes log p_w down",
  "rejected-safe": "no gradient step on a tabular softmax pushes log p_l up",
  "chosen-led": "|a_l| <= 2 a_w at every policy"
} as const
