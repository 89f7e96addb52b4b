/**
 * P11's criterion, decided: does every policy with `|a_l| <= 2 a_w` keep the chosen answer? Where `a_l <= 0` it does (theorem, see
 * properties/p11.ts). Where `a_l > 0` the rate `a_w (1 - 2 p_w + S) + a_l (S - p_w - p_l)` of log p_w rises with S, the sum of all
 * squared probabilities, so that it is least at `S = p_w² + p_l²`, the rest spread over ever more arms (or no rest at all).
 *
 * Relative reading: `a_w`, `a_l` are functions of the odds `o = p/r` alone, and the policies with these odds fill the triangle
 * `p_w/o_w + p_l/o_l < 1` of the simplex. With `t = a_l / a_w`, log p_w falls inside the circle around
 * `c = (2 + t, t) / (2 (1 + t))` with squared radius `t² / (2 (1 + t)²)`. Its centre is on the line `p_w + p_l = 1`, so it meets the
 * triangle iff c is in it, or the corner `(o_w, 0)` is in the circle (`o_w > 1 / (1 + t)`; the other corner never is), or the circle
 * crosses the side between the corners, the foot of c lying between them.
 */
import {
  addRational,
  compareRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  rationalText,
  rationalToNumber,
  subtractRational
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import { type Condition, findSolution } from "./feasible.ts"
import { type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  evaluate,
  multiply,
  type OddsPolynomial,
  primitive,
  scale,
  subtract,
  variable
} from "./oddsPolynomial.ts"
import { makeSubstitution } from "./substitution.ts"
import { type ExactVerdict, type Witness, witnessOf, witnessText } from "./verdict.ts"

const answers = ["p_w", "p_l"] as const

/** Coordinates of all policies on an open orthant: probabilities are masses over their total. */
interface Setting {
  readonly variables: ReadonlyArray<string>
  /** The mass of each answer, and of all. */
  readonly w: OddsPolynomial
  readonly l: OddsPolynomial
  readonly total: OddsPolynomial
}

/** Other arms have mass 1, and the two answers `u_w`, `u_l`; or there are no others, and the rejected one has mass 1. */
const settingOf = (others: boolean, reference: ReadonlyArray<string>): Setting => {
  const variables = [...(others ? ["u_w", "u_l"] : ["u_w"]), ...reference]
  const unit = constant(variables, 1n)
  const w = variable(variables, 0)
  const l = others ? variable(variables, 1) : unit
  return { variables, w, l, total: others ? add(add(w, l), unit) : add(w, unit) }
}

/** Polynomials in odds as polynomials in the masses (the reference's odds stay), all times one positive factor. */
const inMasses = (
  polynomials: ReadonlyArray<OddsPolynomial>,
  counts: OddsCounts,
  { variables, w, l, total }: Setting
): ReadonlyArray<OddsPolynomial> => {
  const quotients = counts.variables.map((name): readonly [OddsPolynomial, OddsPolynomial] => {
    if (name.startsWith("r_")) return [variable(variables, variables.indexOf(name)), constant(variables, 1n)]
    const own = name === "p_w" ? w : l
    return [own, subtract(total, own)]
  })
  const substitute = makeSubstitution(
    quotients.map(([n]) => n),
    quotients.map(([, d]) => d),
    counts.variables.map((_, k) => Math.max(...polynomials.map((a) => a.degrees[k]!)))
  )
  return polynomials.map(substitute)
}

const slopeBy = (counts: OddsCounts, name: string): OddsPolynomial => slope(counts, counts.variables.indexOf(name))

const positive = (polynomial: OddsPolynomial): Condition => ({ polynomial, strict: true })
const notNegative = (polynomial: OddsPolynomial): Condition => ({ polynomial, strict: false })

/** Absolute: `0 < a_l <= 2 a_w` and a falling log p_w, at the policy with these masses, the rest spread thin. */
const absoluteViolation = (counts: OddsCounts, setting: Setting): ReadonlyArray<Condition> => {
  const { variables, w, l, total } = setting
  const unit = constant(counts.variables, 1n)
  const rates = answers.map((name) => {
    const odds = variable(counts.variables, counts.variables.indexOf(name))
    return multiply(multiply(odds, add(unit, odds)), slopeBy(counts, name))
  })
  const [aw, al] = inMasses(rates, counts, setting) as [OddsPolynomial, OddsPolynomial]
  const squares = add(multiply(w, w), multiply(l, l))
  const gain = add(subtract(multiply(total, total), scale(multiply(w, total), 2n)), squares)
  const loss = subtract(multiply(add(w, l), total), squares)
  const reference = ["r_w", "r_l"].flatMap((name) =>
    variables.includes(name) ? [variable(variables, variables.indexOf(name))] : []
  )
  return [
    // The signs of both weights, each in its lowest terms.
    ...answers.flatMap((name) => inMasses([primitive(slopeBy(counts, name))], counts, setting).map(positive)),
    notNegative(subtract(scale(aw, 2n), al)),
    positive(subtract(multiply(al, loss), multiply(aw, gain))),
    // Follows from the others: where it fails the criterion is enough.
    positive(subtract(scale(loss, 2n), gain)),
    // r_w + r_l < 1, for odds r / (1 - r).
    ...(reference.length === 2 ? [positive(subtract(constant(variables, 1n), reference.reduce(multiply)))] : [])
  ]
}

/** Relative: the three ways in which the circle meets the triangle, as systems in the odds `o = p/r`. */
const relativeViolations = (counts: OddsCounts): ReadonlyArray<ReadonlyArray<Condition>> => {
  const [ow, ol] = answers.map((name) => variable(counts.variables, counts.variables.indexOf(name))) as [
    OddsPolynomial,
    OddsPolynomial
  ]
  const [aw, al] = [multiply(ow, slopeBy(counts, "p_w")), multiply(ol, slopeBy(counts, "p_l"))]
  const both = add(aw, al)
  // 2 (a_w + a_l) c.
  const [cw, cl] = [add(scale(aw, 2n), al), al]
  const beyond = subtract(add(multiply(cw, ol), multiply(cl, ow)), scale(multiply(both, multiply(ow, ol)), 2n))
  const squares = add(multiply(ow, ow), multiply(ol, ol))
  const along = subtract(multiply(ol, cl), multiply(ow, cw))
  const shared = [
    ...answers.map((name) => positive(primitive(slopeBy(counts, name)))),
    notNegative(subtract(scale(aw, 2n), al))
  ]
  return [
    [...shared, positive(subtract(multiply(both, ow), aw))],
    [...shared, notNegative(scale(beyond, -1n))],
    [
      ...shared,
      positive(beyond),
      positive(subtract(scale(multiply(multiply(al, al), squares), 2n), multiply(beyond, beyond))),
      positive(add(scale(multiply(both, multiply(ow, ow)), 2n), along)),
      positive(subtract(scale(multiply(both, multiply(ol, ol)), 2n), along))
    ]
  ]
}

/** Probabilities at a point of the masses. */
const policyAt = (point: ReadonlyArray<Rational>, { variables, w, l, total }: Setting): Witness => {
  const sum = evaluate(total, point)
  const reference = variables.flatMap(
    (name, k): ReadonlyArray<readonly [string, Rational]> =>
      name.startsWith("r_") ? [[name, divideRational(point[k]!, addRational(one, point[k]!))]] : []
  )
  return witnessOf([
    ["p_w", divideRational(evaluate(w, point), sum)],
    ["p_l", divideRational(evaluate(l, point), sum)],
    ...reference
  ])
}

const nearest = (value: number): Rational => rational(BigInt(Math.round(value * 2 ** 52)), 2n ** 52n)

/** Policies just inside the triangle of given odds where the circle of `t` may reach: near its centre, its foot and the corner. */
function* trianglePolicies(ow: number, ol: number, t: number): Generator<readonly [number, number]> {
  const [cw, cl] = [(2 + t) / (2 * (1 + t)), t / (2 * (1 + t))]
  const along = Math.min(1, Math.max(0, (ow * (ow - cw) + ol * cl) / (ow * ow + ol * ol)))
  const foot = [ow * (1 - along), ol * along] as const
  for (let j = 3; j <= 24; j += 3) {
    const inside = 1 - 2 ** -j
    yield [inside * cw, inside * cl]
    yield [inside * foot[0], inside * foot[1]]
    for (let i = 0; i <= 24; i += 4) yield [inside * Math.min(1, ow), 2 ** -j * 2 ** -i * Math.min(1, ol)]
  }
}

/** `a_l (p_w + p_l - S) - a_w (1 - 2 p_w + S)`, by which log p_w falls, the rest spread thin. */
const fall = (pw: number, pl: number, t: number): number => {
  const squares = pw * pw + pl * pl
  return t * (pw + pl - squares) - (1 - 2 * pw + squares)
}

/** The same, exactly positive. */
const falls = (pw: Rational, pl: Rational, aw: Rational, al: Rational): boolean => {
  const squares = addRational(multiplyRational(pw, pw), multiplyRational(pl, pl))
  const gain = addRational(subtractRational(one, addRational(pw, pw)), squares)
  const loss = subtractRational(addRational(pw, pl), squares)
  return compareRational(multiplyRational(al, loss), multiplyRational(aw, gain)) > 0
}

/** A policy and a reference with the given odds at which log p_w falls, found by doubles and confirmed exactly. */
const fallingPolicy = (counts: OddsCounts, odds: ReadonlyArray<Rational>): Witness | undefined => {
  const place = (name: string) => counts.variables.indexOf(name)
  const [ow, ol] = answers.map((name) => odds[place(name)]!) as [Rational, Rational]
  const [aw, al] = answers.map((name) =>
    multiplyRational(odds[place(name)]!, evaluate(slopeBy(counts, name), odds))
  ) as [Rational, Rational]
  const t = rationalToNumber(divideRational(al, aw))
  const isOne = (a: Rational, b: Rational) => a.num > 0n && b.num > 0n && compareRational(addRational(a, b), one) < 0
  const found = [...trianglePolicies(rationalToNumber(ow), rationalToNumber(ol), t)]
    .sort(([a, b], [c, d]) => fall(c, d, t) - fall(a, b, t))
    .map(([w, l]) => [nearest(w), nearest(l)] as const)
    .find(([pw, pl]) => isOne(pw, pl) && isOne(divideRational(pw, ow), divideRational(pl, ol)) && falls(pw, pl, aw, al))
  if (found === undefined) return undefined
  const [pw, pl] = found
  return witnessOf([
    ["p_w", pw],
    ["p_l", pl],
    ["r_w", divideRational(pw, ow)],
    ["r_l", divideRational(pl, ol)]
  ])
}

interface Question {
  readonly conditions: ReadonlyArray<Condition>
  readonly refuted: (point: ReadonlyArray<Rational>) => Pick<ExactVerdict, "explanation" | "witness">
}

const absoluteQuestions = (counts: OddsCounts): ReadonlyArray<Question> =>
  [true, false].map((others) => {
    const setting = settingOf(
      others,
      counts.variables.filter((name) => name.startsWith("r_"))
    )
    const rest = others ? "the rest spread over enough other arms" : "with no other arm"
    return {
      conditions: absoluteViolation(counts, setting),
      refuted: (point) => {
        const witness = policyAt(point, setting)
        return { witness, explanation: `${violated} at ${witnessText(witness)}, ${rest}` }
      }
    }
  })

const relativeQuestions = (counts: OddsCounts): ReadonlyArray<Question> =>
  relativeViolations(counts).map((conditions) => ({
    conditions,
    refuted: (point) => {
      const odds = counts.variables.map((name, k) => `${name}/${name.replace("p_", "r_")} = ${rationalText(point[k]!)}`)
      const witness = fallingPolicy(counts, point)
      const where = witness === undefined ? `some policy with ${odds.join(", ")}` : witnessText(witness)
      return { explanation: `${violated} at ${where}`, ...(witness === undefined ? {} : { witness }) }
    }
  }))

const proved = "wherever |a_l| <= 2 a_w, no gradient step pushes log p_w down"
const violated = "0 < a_l <= 2 a_w, and log p_w falls,"

/**
 * Decides P11's criterion on a structure's counts over p_w, p_l and, absolute, r_w, r_l.
 * @returns undefined where the counts speak of other answers, which add terms to the rate
 */
export const displacementCriterion = (counts: OddsCounts, semantics: Semantics): ExactVerdict | undefined => {
  const allowed = semantics === "absolute" ? /^[pr]_[wl]$/ : /^p_[wl]$/
  if (!counts.variables.every((name) => allowed.test(name))) return undefined
  if (!answers.every((name) => counts.variables.includes(name))) return undefined
  let isOpen = false
  let parts = 0
  for (const { conditions, refuted } of semantics === "absolute"
    ? absoluteQuestions(counts)
    : relativeQuestions(counts)) {
    const found = findSolution(conditions)
    if (found.verdict === "solution") return { verdict: "refuted", ...refuted(found.point) }
    if (found.verdict === "undecided") isOpen = true
    else parts += found.parts
  }
  if (isOpen) return { verdict: "undecided", explanation: "no proof and no counterexample within the budget" }
  const explanation = `${proved}: policies with 0 < a_l <= 2 a_w at which it falls are ruled out in ${parts} parts`
  return { verdict: "proved", explanation }
}
