/**
 * What a gradient step on a tabular softmax does to the pair's own probabilities (docs/theory.md §9, P9 to P11). Ascending
 * rho on the logits changes log p_x at the rate `Σ_i a_i ([i = x] - p_x - p_i + S)`, with `a_i = d rho / d log p_i` over
 * the named responses i and S the sum of all squared arm probabilities. It is linear in S, and S ranges between
 * `Σ p_i²` (the rest spread over ever more arms) and that plus `(1 - Σ p_i)²` (one other arm): both ends are decided, in
 * simplex coordinates `u_i = p_i / (mass of the other arms)`, where the simplex is a positive orthant.
 */
import {
  addRational,
  compareRational,
  divideRational,
  one,
  type Rational,
  subtractRational,
  zero
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import { commonFactor, divideExactly } from "./factor.ts"
import { type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  evaluate,
  hasNoNegative,
  isZero,
  multiply,
  type OddsPolynomial,
  scale,
  substitute,
  subtract,
  variable,
  withDegrees
} from "./oddsPolynomial.ts"
import { decideSign } from "./sign.ts"
import { certificateOf, type ExactVerdict, witnessOf, witnessText } from "./verdict.ts"

/**
 * Coordinates for the probabilities: what replaces each odds variable, and the way back. `exact` says that every point of
 * the orthant is a policy (and a reference) on its simplex; otherwise the reference's odds are free, which proves more
 * but may refute at a reference that does not exist.
 */
interface Frame {
  readonly variables: ReadonlyArray<string>
  readonly numerators: ReadonlyArray<OddsPolynomial>
  readonly denominators: ReadonlyArray<OddsPolynomial>
  readonly exact: boolean
  readonly probabilities: (point: ReadonlyArray<Rational>) => ReadonlyArray<readonly [string, Rational]>
}

const sumOf = (values: ReadonlyArray<Rational>): Rational => values.reduce(addRational, zero)
const shares = (names: ReadonlyArray<string>, values: ReadonlyArray<Rational>) => {
  const total = addRational(one, sumOf(values))
  return names.map((name, k) => [name, divideRational(values[k]!, total)] as const)
}

/** Coordinates u of the policy's simplex, then those of the reference: `v` on its simplex, or free odds `o`. */
const frameOf = (names: ReadonlyArray<string>, semantics: Semantics, exact: boolean): Frame => {
  const policy = names.filter((name) => name.startsWith("p_"))
  const reference =
    semantics === "relative"
      ? policy.map((name) => name.replace("p_", "r_"))
      : names.filter((name) => name.startsWith("r_"))
  const count = policy.length
  const variables = [...policy, ...reference].map((name, k) => `${k < count ? "u" : exact ? "v" : "o"}${name.slice(1)}`)
  const x = variables.map((_, k) => variable(variables, k))
  const unit = constant(variables, 1n)
  const total = x.slice(0, count).reduce(add, unit)
  const referenceTotal = x.slice(count).reduce(add, unit)
  const quotient = (name: string): readonly [OddsPolynomial, OddsPolynomial] => {
    const k = policy.indexOf(name)
    const r = count + (k < 0 ? reference.indexOf(name) : k)
    if (semantics === "relative")
      return exact ? [multiply(x[k]!, referenceTotal), multiply(x[r]!, total)] : [x[r]!, unit]
    if (k >= 0) return [x[k]!, subtract(total, x[k]!)]
    return exact ? [x[r]!, subtract(referenceTotal, x[r]!)] : [x[r]!, unit]
  }
  const odds = names.map(quotient)
  const probabilities = (point: ReadonlyArray<Rational>) => {
    const p = shares(policy, point.slice(0, count))
    const rest = point.slice(count)
    if (exact) return [...p, ...shares(reference, rest)]
    const free = (o: Rational, k: number): Rational =>
      semantics === "relative" ? divideRational(p[k]![1], o) : divideRational(o, addRational(one, o))
    return [...p, ...reference.map((name, k) => [name, free(rest[k]!, k)] as const)]
  }
  return { variables, numerators: odds.map(([n]) => n), denominators: odds.map(([, d]) => d), exact, probabilities }
}

/** `a_i` of every policy variable up to one common positive factor, as polynomials in odds; empty when rho is constant. */
const weightsOf = (counts: OddsCounts, semantics: Semantics): ReadonlyArray<OddsPolynomial> => {
  const unit = constant(counts.variables, 1n)
  const weights = counts.variables.flatMap((name, k) => {
    if (!name.startsWith("p_")) return []
    const odds = variable(counts.variables, k)
    const rate = semantics === "absolute" ? multiply(odds, add(unit, odds)) : odds
    return [multiply(rate, slope(counts, k))]
  })
  const common = weights.reduce(commonFactor, constant(counts.variables, 0n))
  if (isZero(common) || !hasNoNegative(common)) return weights
  return weights.map((weight) => divideExactly(weight, common) ?? weight)
}

/** The weights in the coordinates of a frame, one common positive denominator cleared. */
const weightsIn = (frame: Frame, weights: ReadonlyArray<OddsPolynomial>): ReadonlyArray<OddsPolynomial> => {
  const degrees = weights[0]!.degrees.map((_, k) => Math.max(...weights.map((weight) => weight.degrees[k]!)))
  return weights.map((weight) => substitute(withDegrees(weight, degrees), frame.numerators, frame.denominators))
}

/** A claim about the weights in coordinates: polynomials that are to be ≥ 0, and how a point that refutes it reads. */
interface Claims {
  readonly claims: ReadonlyArray<{ readonly claim: string; readonly polynomial: OddsPolynomial }>
  readonly refuted: (point: ReadonlyArray<Rational>) => string
}

const isInside = (frame: Frame, point: ReadonlyArray<Rational>): boolean =>
  frame.exact ||
  compareRational(
    sumOf(frame.probabilities(point).flatMap(([name, value]) => (name.startsWith("r_") ? [value] : []))),
    one
  ) < 0

const decideIn = (frame: Frame, { claims, refuted }: Claims, proved: string): ExactVerdict | undefined => {
  const signs = claims.map(({ polynomial }) => decideSign(polynomial))
  if (signs.every((sign) => sign.verdict === "holds")) {
    const certificate = claims.map(({ claim, polynomial }, i) => {
      const sign = signs[i]!
      if (sign.verdict !== "holds") throw new RangeError("decideIn: no proof")
      return certificateOf(claim, polynomial, sign)
    })
    return { verdict: "proved", explanation: proved, certificate }
  }
  for (const sign of signs) {
    if (sign.verdict !== "fails" || !isInside(frame, sign.witness)) continue
    const witness = witnessOf(frame.probabilities(sign.witness))
    return { verdict: "refuted", witness, explanation: `${refuted(sign.witness)} at ${witnessText(witness)}` }
  }
  return undefined
}

/** Decides claims first with free odds of the reference (fewer and lower terms), then on its simplex. */
const decideOnPolicies = (
  counts: OddsCounts,
  semantics: Semantics,
  claimsIn: (frame: Frame, weights: ReadonlyArray<OddsPolynomial>, policy: ReadonlyArray<string>) => Claims,
  proved: string
): ExactVerdict => {
  const weights = weightsOf(counts, semantics)
  const policy = counts.variables.filter((name) => name.startsWith("p_"))
  for (const exact of [false, true]) {
    const frame = frameOf(counts.variables, semantics, exact)
    const verdict = decideIn(frame, claimsIn(frame, weightsIn(frame, weights), policy), proved)
    if (verdict !== undefined) return verdict
  }
  return { verdict: "undecided", explanation: "no proof and no counterexample within the budget" }
}

/** The smallest number of equally likely other arms at which a rate, linear in 1/arms, is negative. */
const otherArms = (thin: Rational, single: Rational): bigint => {
  if (compareRational(single, zero) < 0) return 1n
  // thin + (single - thin)/m < 0 with thin < 0 <= single.
  const least = divideRational(subtractRational(single, thin), subtractRational(zero, thin))
  return least.num / least.den + 1n
}

const shareClaims = (target: string, direction: bigint): Parameters<typeof decideOnPolicies>[2] => {
  return (frame, weights, policy) => {
    const u = policy.map((_, k) => variable(frame.variables, k))
    const total = u.reduce(add, constant(frame.variables, 1n))
    const x = policy.indexOf(target)
    const squares = u.reduce((sum, value) => add(sum, multiply(value, value)), constant(frame.variables, 0n))
    const rate = (squaresOfAll: OddsPolynomial): OddsPolynomial =>
      weights.reduce(
        (sum, weight, i) => {
          const own = i === x ? multiply(total, total) : constant(frame.variables, 0n)
          const factor = add(subtract(own, multiply(add(u[x]!, u[i]!), total)), squaresOfAll)
          return add(sum, scale(multiply(weight, factor), direction))
        },
        constant(frame.variables, 0n)
      )
    const [thin, single] = [rate(squares), rate(add(squares, constant(frame.variables, 1n)))]
    const verb = direction > 0n ? "falls" : "rises"
    const never = `log ${target} never ${verb}`
    return {
      claims: [
        { claim: `${never}, the rest spread over many arms`, polynomial: thin },
        { claim: `${never}, one other arm`, polynomial: single }
      ],
      refuted: (point) => {
        const arms = otherArms(evaluate(thin, point), evaluate(single, point))
        return `log ${target} ${verb} with ${arms} equally likely other ${arms === 1n ? "arm" : "arms"}`
      }
    }
  }
}

/** P9: no gradient step on a tabular softmax pushes log p_w down, whatever the policy, the reference and the number of arms. */
export const chosenSafe = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(
    counts,
    semantics,
    shareClaims("p_w", 1n),
    "no gradient step on a tabular softmax pushes log p_w down"
  )

/** P10: no gradient step on a tabular softmax pushes log p_l up. */
export const rejectedSafe = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(
    counts,
    semantics,
    shareClaims("p_l", -1n),
    "no gradient step on a tabular softmax pushes log p_l up"
  )

/** P11's sufficient criterion for {@link chosenSafe}: `|a_l| <= 2 a_w` at every policy. */
export const chosenLed = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideOnPolicies(
    counts,
    semantics,
    (_, weights, policy) => {
      const [w, l] = [weights[policy.indexOf("p_w")]!, weights[policy.indexOf("p_l")]!]
      const twice = scale(w, 2n)
      return {
        claims: [
          { claim: "2 a_w - a_l >= 0", polynomial: subtract(twice, l) },
          { claim: "2 a_w + a_l >= 0", polynomial: add(twice, l) }
        ],
        refuted: () => "|a_l| > 2 a_w"
      }
    },
    "|a_l| <= 2 a_w everywhere, a_i = d rho/d log p_i"
  )
