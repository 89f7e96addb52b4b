/** What rho does at the edge of the cube: vanishing probabilities (P13), and whether it is bounded. */
import {
  add,
  constantPolynomial,
  mul,
  type Polynomial,
  polynomialText,
  sub,
  variablePolynomial
} from "../logic/polynomial.ts"
import { propositionParts, ratioName } from "../logic/proposition.ts"
import { type AnyStructure, isDegenerate, type Semantics } from "../logic/structure.ts"
import { commonFactor, divideExactly } from "./factor.ts"
import { type OddsCounts, rowWeights } from "./odds.ts"
import {
  fromPolynomial,
  hasNoNegative,
  type OddsPolynomial,
  scale,
  subtract,
  termsOf,
  toPolynomial
} from "./oddsPolynomial.ts"
import { decideSign } from "./sign.ts"
import { certificateOf, type ExactVerdict } from "./verdict.ts"

/** The least number of true policy propositions in a side's rows, and the part of the count that those rows make up. */
const leadingPart = (structure: AnyStructure, side: AnyStructure["ticks"], semantics: Semantics) => {
  const isPolicy = structure.propositions.map((p) => propositionParts(p).model === "M")
  const order = (row: number): number => isPolicy.filter((policy, k) => policy && (row >> k) & 1).length
  const rows = rowWeights(side)
  const degree = Math.min(...rows.map(([row]) => order(row)))
  const unit = constantPolynomial(1)
  const literal = (k: number, positive: boolean): Polynomial => {
    const name = ratioName(structure.propositions[k]!)
    if (positive) return variablePolynomial(name)
    // A false policy literal weighs 1 - p → 1, or r in the relative reading; a false reference literal keeps 1 - r.
    if (isPolicy[k]) return semantics === "relative" ? variablePolynomial(name.replace("p_", "r_")) : unit
    return sub(unit, variablePolynomial(name))
  }
  const part = rows
    .filter(([row]) => order(row) === degree)
    .map(([row, weight]) =>
      structure.propositions.reduce(
        (product, _, k) => mul(product, literal(k, ((row >> k) & 1) === 1)),
        constantPolynomial(weight)
      )
    )
    .reduce(add, constantPolynomial(0))
  return { degree, part }
}

const bracketed = (text: string): string => (/[*/ ]/.test(text) ? `(${text})` : text)

/** `log N/D` with common factors cancelled: `log p_w/p_l`, `0`, `-log p_l`. */
const logText = (numerator: Polynomial, denominator: Polynomial): string => {
  const variables = [
    ...new Set([numerator, denominator].flatMap((a) => [...a.terms.values()].flatMap((t) => t.powers.map(([n]) => n))))
  ].sort()
  const [n, d] = [fromPolynomial(numerator, variables), fromPolynomial(denominator, variables)]
  const common = commonFactor(n, d)
  const text = (a: OddsPolynomial): string => polynomialText(toPolynomial(divideExactly(a, common) ?? a))
  const [top, bottom] = [text(n), text(d)]
  if (top === bottom) return "0"
  if (bottom === "1") return `log ${bracketed(top)}`
  return top === "1" ? `-log ${bracketed(bottom)}` : `log ${bracketed(top)}/${bracketed(bottom)}`
}

/** The four behaviours at vanishing probabilities, by whether the rows without a true policy proposition are ticks, crosses. */
export type VanishingClass = "cross only" | "neither" | "both" | "tick only"

/**
 * P13: what rho tends to as all policy probabilities go to 0 at fixed ratios, the reference fixed: the counts are then their
 * parts of lowest degree in the policy. `value` is that limit; the explanation names the class. Weighted rows with weights
 * that are no integers are scaled to integers first, which rho does not see.
 */
export const vanishingClass = (structure: AnyStructure, semantics: Semantics): ExactVerdict => {
  const [ticks, crosses] = [
    leadingPart(structure, structure.ticks, semantics),
    leadingPart(structure, structure.crosses, semantics)
  ]
  const scaled = integral(ticks.part, crosses.part)
  const value = logText(scaled[0], scaled[1])
  const kind: VanishingClass =
    ticks.degree > 0 ? (crosses.degree > 0 ? "neither" : "cross only") : crosses.degree > 0 ? "tick only" : "both"
  const pull = Math.sign(crosses.degree - ticks.degree)
  const tail = pull > 0 ? "rho grows without bound" : pull < 0 ? "rho falls without bound" : "rho keeps a finite limit"
  return {
    verdict: "proved",
    value,
    explanation: `as the policy's probabilities vanish at fixed ratios, rho - (${value}) -> 0: ${tail} (both invalid: ${kind})`
  }
}

const integral = (a: Polynomial, b: Polynomial): readonly [Polynomial, Polynomial] => {
  const denominators = [...a.terms.values(), ...b.terms.values()].map((term) => term.coefficient.den)
  const factor = constantPolynomial({ num: denominators.reduce((product, den) => product * den, 1n), den: 1n })
  return [mul(a, factor), mul(b, factor)]
}

/** Integer directions along which odds go to 0 or infinity. */
const directions = (n: number): Array<Array<number>> =>
  n === 0 ? [[]] : directions(n - 1).flatMap((head) => [0, 1, -1, 2, -2].map((entry) => [...head, entry]))

const growth = (a: OddsPolynomial, direction: ReadonlyArray<number>): number =>
  Math.max(...termsOf(a).map((term) => term.exponents.reduce((sum, e, k) => sum + e * direction[k]!, 0)))

/**
 * Whether rho has no upper bound on the open cube, so that a decreasing link's infimum is not attained. With coefficients
 * ≥ 0, `N/D` is unbounded iff some direction of the log-odds makes N grow faster than D; it is bounded when `c D - N >= 0`
 * for some c (at once so when every monomial of N occurs in D).
 */
export const unboundedMargin = ({ variables, ticks, crosses }: OddsCounts): ExactVerdict => {
  const outward = directions(variables.length).find((d) => growth(ticks, d) > growth(crosses, d))
  if (outward !== undefined) {
    const path = variables.flatMap((name, k) => (outward[k] === 0 ? [] : [`odds(${name}) = t^${outward[k]}`]))
    return {
      verdict: "proved",
      value: path.join(", "),
      explanation: `rho -> infinity along ${path.join(", ")} as t -> infinity`
    }
  }
  for (const bound of [1n, 2n, 4n, 16n, 256n]) {
    const slack = subtract(scale(crosses, bound), ticks)
    const sign = hasNoNegative(slack) ? decideSign(slack) : bound === 256n ? decideSign(slack) : undefined
    if (sign?.verdict !== "holds") continue
    const claim = `rho <= log ${bound} everywhere`
    return { verdict: "refuted", explanation: claim, certificate: [certificateOf(`${bound} D - N >= 0`, slack, sign)] }
  }
  return { verdict: "undecided", explanation: "no bound of rho and no way to infinity within the budget" }
}

/** Whether a loss of the structure is bounded below: the links logistic, hinge, exponential and squared are never negative. */
export const boundedBelow = (): ExactVerdict => ({
  verdict: "proved",
  explanation: "the logistic, hinge, exponential and squared links are never negative"
})

/** Whether the structure has finite rho at all. */
export const hasRho = (structure: AnyStructure): boolean => !isDegenerate(structure)
