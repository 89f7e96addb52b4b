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
import { addRational, divideRational, one, rationalText } from "../logic/rational.ts"
import { type AnyStructure, isDegenerate, type Semantics } from "../logic/structure.ts"
import { commonFactor, divideExactly } from "./factor.ts"
import { type OddsCounts, rowWeights } from "./odds.ts"
import { fromPolynomial, type OddsPolynomial, termsOf, toPolynomial } from "./oddsPolynomial.ts"
import { type Bound, boundText, leadingAlong, pathText, rhoRange, type Supremum } from "./range.ts"
import type { ExactVerdict } from "./verdict.ts"

/** The rows of a side with the fewest true policy propositions, and how many those are: all that counts as p vanishes. */
const leadingRows = (structure: AnyStructure, side: AnyStructure["ticks"]) => {
  const isPolicy = structure.propositions.map((p) => propositionParts(p).model === "M")
  const orders = rowWeights(side).map(([row, weight]) => {
    const order = isPolicy.reduce((sum, policy, k) => (policy && (row >> k) & 1 ? sum + 1 : sum), 0)
    return { row, weight, order }
  })
  const degree = Math.min(...orders.map(({ order }) => order))
  return { degree, rows: orders.filter(({ order }) => order === degree) }
}

type LeadingRows = ReturnType<typeof leadingRows>["rows"]

/** The part of the count that leading rows make up as the policy vanishes, in probabilities. */
const leadingPart = ({ propositions }: AnyStructure, rows: LeadingRows, semantics: Semantics): Polynomial => {
  const unit = constantPolynomial(1)
  const literals = propositions.map((proposition) => {
    const name = ratioName(proposition)
    const positive = variablePolynomial(name)
    // A false policy literal weighs 1 - p → 1, or r in the relative reading; a false reference literal keeps 1 - r.
    if (propositionParts(proposition).model !== "M") return [sub(unit, positive), positive] as const
    return [semantics === "relative" ? variablePolynomial(name.replace("p_", "r_")) : unit, positive] as const
  })
  return rows
    .map(({ row, weight }) =>
      literals.reduce((product, literal, k) => mul(product, literal[(row >> k) & 1]!), constantPolynomial(weight))
    )
    .reduce(add, constantPolynomial(0))
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

const integral = (a: Polynomial, b: Polynomial): readonly [Polynomial, Polynomial] => {
  const denominators = [...a.terms.values(), ...b.terms.values()].map((term) => term.coefficient.den)
  const factor = constantPolynomial({ num: denominators.reduce((product, den) => product * den, 1n), den: 1n })
  return [mul(a, factor), mul(b, factor)]
}

const limits = new Map<string, string>()

/** The limit as text. Many structures share their leading rows: kept by these, for some thousand of them. */
const limitText = (structure: AnyStructure, ticks: LeadingRows, crosses: LeadingRows, semantics: Semantics): string => {
  const rows = (side: LeadingRows): string => side.map(({ row, weight }) => `${row}*${rationalText(weight)}`).join()
  const key = `${semantics} ${structure.propositions.join()} ${rows(ticks)} ${rows(crosses)}`
  const known = limits.get(key)
  if (known !== undefined) return known
  const [top, bottom] = integral(leadingPart(structure, ticks, semantics), leadingPart(structure, crosses, semantics))
  const text = logText(top, bottom)
  if (limits.size >= 5000) limits.clear()
  limits.set(key, text)
  return text
}

/** The four behaviours at vanishing probabilities, by whether the rows without a true policy proposition are ticks, crosses. */
export const vanishingClasses = ["cross only", "neither", "both", "tick only"] as const

/** One of the four behaviours. */
export type VanishingClass = (typeof vanishingClasses)[number]

/** The behaviour of a structure: what decides it is the rows in which no policy proposition is true. */
export const vanishingKind = (structure: AnyStructure): VanishingClass => {
  const policy = structure.propositions.reduce(
    (set, p, k) => (propositionParts(p).model === "M" ? set | (1 << k) : set),
    0
  )
  const has = (side: AnyStructure["ticks"]): boolean => rowWeights(side).some(([row]) => (row & policy) === 0)
  const [tick, cross] = [has(structure.ticks), has(structure.crosses)]
  return tick ? (cross ? "both" : "tick only") : cross ? "cross only" : "neither"
}

/**
 * P13: what rho tends to as all policy probabilities go to 0 at fixed ratios, the reference fixed: the counts are then their
 * parts of lowest degree in the policy. `value` is that limit; the explanation names the class. Weighted rows with weights
 * that are no integers are scaled to integers first, which rho does not see.
 */
export const vanishingClass = (structure: AnyStructure, semantics: Semantics): ExactVerdict => {
  const [ticks, crosses] = [leadingRows(structure, structure.ticks), leadingRows(structure, structure.crosses)]
  const value = limitText(structure, ticks.rows, crosses.rows, semantics)
  const kind = vanishingKind(structure)
  const pull = Math.sign(crosses.degree - ticks.degree)
  const tail = pull > 0 ? "rho grows without bound" : pull < 0 ? "rho falls without bound" : "rho keeps a finite limit"
  return {
    verdict: "proved",
    value,
    explanation: `as the policy's probabilities vanish at fixed ratios, rho - (${value}) -> 0: ${tail} (both invalid: ${kind})`
  }
}

/** Whether rho has no upper bound on the open cube, so that a decreasing link's infimum 0 is only approached. */
export const unboundedMargin = (counts: OddsCounts): ExactVerdict => {
  const { upper } = rhoRange(counts)
  if (upper === undefined) {
    return { verdict: "undecided", explanation: "no bound of rho and no way to infinity within the budget" }
  }
  const path = pathText(counts.variables, upper.path)
  if (upper.bound === "infinite") {
    return { verdict: "proved", value: path, explanation: `rho -> infinity along ${path} as t -> infinity` }
  }
  return {
    verdict: "refuted",
    explanation: `rho <= ${boundText(upper.bound)} everywhere`,
    ...(upper.certificate === undefined ? {} : { certificate: upper.certificate })
  }
}

const end = (bound: Supremum | undefined, variables: ReadonlyArray<string>, sign: 1 | -1): string =>
  bound === undefined ? "?" : `${boundText(bound.bound, sign)} (${pathText(variables, bound.path)})`

/** The range of rho, each end with the path along which it is approached as t -> infinity. */
export const marginRange = (counts: OddsCounts): ExactVerdict => {
  const { upper, lower } = rhoRange(counts)
  const [low, high] = [end(lower, counts.variables, -1), end(upper, counts.variables, 1)]
  if (upper === undefined || lower === undefined) {
    return { verdict: "undecided", explanation: `an end of rho's range is open: from ${low} to ${high}` }
  }
  const value = `${boundText(lower.bound, -1)} to ${boundText(upper.bound)}`
  const certificate = [lower, upper].flatMap((one) => one.certificate ?? [])
  return {
    verdict: "proved",
    value,
    explanation: upper.attained ? `rho is ${boundText(upper.bound)} everywhere` : `rho comes from ${low} to ${high}`,
    ...(certificate.length === 0 ? {} : { certificate })
  }
}

/** Least value of `log(1 + e^-rho)`: 0 for an unbounded rho, `log(1 + 1/bound)` else. */
const leastLogistic = (bound: Bound): string => {
  if (bound === "infinite") return "0"
  return `log ${rationalText(addRational(one, divideRational(one, bound)))}`
}

/**
 * Whether a loss of the structure is bounded below: it is, for the links logistic, hinge, exponential and squared are never
 * negative. `value` is the infimum of the plain semantic loss `log(1 + e^-rho)` in nats.
 */
export const boundedBelow = (counts: OddsCounts): ExactVerdict => {
  const { upper } = rhoRange(counts)
  return {
    verdict: "proved",
    ...(upper === undefined ? {} : { value: leastLogistic(upper.bound) }),
    explanation:
      "the logistic, hinge, exponential and squared links are never negative" +
      (upper === undefined ? "" : `; the plain logistic loss has the infimum ${leastLogistic(upper.bound)}`)
  }
}

/** Whether some weighting attains the infimum of a decreasing link; `value` says where it escapes to when none does (P14). */
export const infimumAttained = (counts: OddsCounts): ExactVerdict => {
  const { upper } = rhoRange(counts)
  if (upper === undefined)
    return { verdict: "undecided", explanation: "the supremum of rho is not decided in the budget" }
  if (upper.attained) return { verdict: "proved", value: "everywhere", explanation: "rho is constant" }
  const value = pathText(counts.variables, upper.path)
  return {
    verdict: "refuted",
    value,
    explanation: `rho rises to ${boundText(upper.bound)} along ${value} as t -> infinity and is less everywhere`
  }
}

/** Ways in which the masses of chosen, rejected and all other answers part on a simplex: orders of chosen and rejected against the rest. */
const partings = [
  { words: "the rejected answer vanishes", chosen: 0, rejected: -1 },
  { words: "the chosen answer takes all", chosen: 1, rejected: 0 },
  { words: "both vanish at one rate", chosen: -1, rejected: -1 },
  { words: "both vanish, the rejected faster", chosen: -1, rejected: -2 },
  { words: "both vanish, the chosen faster", chosen: -2, rejected: -1 },
  { words: "the chosen answer vanishes", chosen: -1, rejected: 0 },
  { words: "the rejected answer takes all", chosen: 0, rejected: 1 }
] as const

/**
 * Where on the policies' simplex rho grows without bound, the reference fixed, other answers comparable to the rest of the
 * mass: a decreasing link's infimum 0 escapes there (docs/experiments.md P14 is "both vanish at one rate"). With masses
 * `p_i ~ t^m_i` (the rest `t^0`) the odds `p_i/(1 - p_i)` are of order `m_i - max(0, m_j, j != i)`; `p_i/r_i` stops at `1/r_i`.
 */
export const policyEscape = ({ variables, ticks, crosses }: OddsCounts, semantics: Semantics): ExactVerdict => {
  const [top, bottom] = [termsOf(ticks), termsOf(crosses)]
  const isEscape = ({ chosen, rejected }: (typeof partings)[number]): boolean => {
    const mass = variables.map((name) => (name === "p_w" ? chosen : name === "p_l" ? rejected : 0))
    const direction = variables.map((name, k) => {
      if (!name.startsWith("p_")) return 0
      const others = mass.filter((_, j) => j !== k && variables[j]!.startsWith("p_"))
      // In the relative reading a mass that takes all has odds 1/r at most.
      return semantics === "relative" ? mass[k]! - Math.max(0, ...mass) : mass[k]! - Math.max(0, ...others)
    })
    return leadingAlong(top, direction).most > leadingAlong(bottom, direction).most
  }
  const value = partings.filter(isEscape).map(({ words }) => words)
  return value.length === 0
    ? { verdict: "refuted", value: "nowhere", explanation: "rho stays bounded on the way to every face of the simplex" }
    : { verdict: "proved", value: value.join("; "), explanation: `rho -> infinity where ${value.join("; where ")}` }
}

/** Whether the structure has finite rho at all. */
export const hasRho = (structure: AnyStructure): boolean => !isDegenerate(structure)
