/**
 * Whether a system of polynomial conditions has a solution with all variables positive: a rational point, or a subdivision in
 * every part of which one condition is violated at sight (docs/theory.md §8). Parts are open orthants and the walls between
 * them, so that strict and non-strict conditions are told apart everywhere.
 */
import {
  addRational,
  compareRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  zero
} from "../logic/rational.ts"
import { aboveOne, belowOne } from "./axisShift.ts"
import {
  add,
  constant,
  fromTerms,
  hasNoNegative,
  isZero,
  multiply,
  type OddsPolynomial,
  primitive,
  signAt,
  termsOf,
  variable,
  withDegrees
} from "./oddsPolynomial.ts"

/** `polynomial > 0`, or `>= 0` where it is not strict. All conditions of a system are over the same variables. */
export interface Condition {
  readonly polynomial: OddsPolynomial
  readonly strict: boolean
}

/** What was found: a solution, that there is none, or neither at the budget. */
export type Feasibility =
  | { readonly verdict: "solution"; readonly point: ReadonlyArray<Rational> }
  | { readonly verdict: "empty"; readonly parts: number }
  | { readonly verdict: "undecided" }

type Lift = (point: ReadonlyArray<Rational>) => ReadonlyArray<Rational>

/** A part of the orthant in coordinates of its own: a positive orthant again, of as many variables or fewer. */
interface Part {
  readonly conditions: ReadonlyArray<Condition>
  readonly variables: number
  readonly depth: number
  readonly lift: Lift
}

/**
 * Whether no point meets both of two conditions because `a + t b`, for some t > 0, has no positive coefficient (and, being
 * not zero, is negative on the open orthant): each coefficient bounds t from one side.
 */
const excludeEachOther = (a: OddsPolynomial, b: OddsPolynomial): boolean => {
  const degrees = a.degrees.map((degree, k) => Math.max(degree, b.degrees[k]!))
  const [p, q] = [withDegrees(a, degrees).coefficients, withDegrees(b, degrees).coefficients]
  let low = zero
  let high: Rational | undefined
  for (let e = 0; e < p.length; e++) {
    const [x, y] = [p[e]!, q[e]!]
    if (y === 0n ? x > 0n : y > 0n && x >= 0n) return false
    if (y === 0n || (y < 0n && x <= 0n)) continue
    const bound = rational(-x, y)
    if (y < 0n) low = compareRational(bound, low) > 0 ? bound : low
    else high = high === undefined || compareRational(bound, high) < 0 ? bound : high
    if (high !== undefined && compareRational(low, high) > 0) return false
  }
  // Where both ends meet, the sum may be zero everywhere: then both conditions hold where both polynomials are 0.
  const t = high ?? addRational(low, one)
  return p.some((x, e) => x * t.den + t.num * q[e]! !== 0n)
}

/** `x^a (1 + x)^b` with a + b <= 2, for the k-th variable. */
const multipliersOf = (variables: ReadonlyArray<string>, k: number): ReadonlyArray<OddsPolynomial> => {
  const [unit, x] = [constant(variables, 1n), variable(variables, k)]
  const above = add(unit, x)
  return [unit, x, above, multiply(x, x), multiply(x, above), multiply(above, above)]
}

/**
 * The same after each was multiplied by something positive: what rules out two conditions that touch in a single, perhaps
 * irrational, point of the boundary, which no subdivision gets to.
 */
const excludeEachOtherMultiplied = (conditions: ReadonlyArray<Condition>): boolean => {
  const variables = conditions[0]?.polynomial.variables ?? []
  return variables.some((_, k) => {
    const multipliers = multipliersOf(variables, k)
    const products = conditions.map(({ polynomial }) => multipliers.map((factor) => multiply(polynomial, factor)))
    return products.some((some, i) =>
      products.slice(i + 1).some((others) => some.some((a) => others.some((b) => excludeEachOther(a, b))))
    )
  })
}

/** The conditions that are not met at sight; undefined when one cannot be met. */
const openConditions = (conditions: ReadonlyArray<Condition>): ReadonlyArray<Condition> | undefined => {
  const open: Array<Condition> = []
  for (const { polynomial, strict } of conditions) {
    if (isZero(polynomial)) {
      if (strict) return undefined
      continue
    }
    if (hasNoNegative(polynomial)) continue
    if (polynomial.coefficients.every((c) => c <= 0n)) return undefined
    open.push({ polynomial: primitive(polynomial), strict })
  }
  const clash = open.some(({ polynomial: a }, i) =>
    open.some(({ polynomial: b }, j) => i < j && excludeEachOther(a, b))
  )
  return clash ? undefined : open
}

/** Coordinates that are tried in a part: all 1, then each far out either way, alone and together. */
const trialPoints = (variables: number): ReadonlyArray<ReadonlyArray<Rational>> => {
  const middle = Array.from({ length: variables }, () => one)
  const far = [rational(1, 8), rational(8), rational(1, 1000), rational(1000)]
  const alone = middle.flatMap((_, k) => far.map((value) => middle.with(k, value)))
  return [middle, ...alone, ...far.map((value) => middle.map(() => value))]
}

const isMet = ({ polynomial, strict }: Condition, point: ReadonlyArray<Rational>): boolean =>
  signAt(polynomial, point) >= (strict ? 1 : 0)

const solutionIn = ({ conditions, variables, lift }: Part): ReadonlyArray<Rational> | undefined => {
  const found = trialPoints(variables).find((point) => conditions.every((condition) => isMet(condition, point)))
  return found && lift(found)
}

const mapped = (part: Part, change: (a: OddsPolynomial) => OddsPolynomial): Part["conditions"] =>
  part.conditions.map(({ polynomial, strict }) => ({ polynomial: change(polynomial), strict }))

/** The polynomial where the k-th variable is 1. */
const atOne = (a: OddsPolynomial, k: number): OddsPolynomial =>
  fromTerms(
    a.variables.filter((_, i) => i !== k),
    termsOf(a).map(({ exponents, coefficient }) => ({ exponents: exponents.filter((_, i) => i !== k), coefficient }))
  )

/** Below, at and above the place where the k-th variable is 1. */
const splitAtOne = (part: Part, k: number): ReadonlyArray<Part> => {
  const { variables, lift } = part
  const depth = part.depth + 1
  const shifted = (change: typeof belowOne, at: (t: Rational) => Rational): Part => ({
    variables,
    depth,
    conditions: mapped(part, (a) => change(a, k)),
    lift: (point) => lift(point.with(k, at(point[k]!)))
  })
  return [
    shifted(belowOne, (t) => divideRational(t, addRational(one, t))),
    shifted(aboveOne, (t) => addRational(one, t)),
    {
      variables: variables - 1,
      depth,
      conditions: mapped(part, (a) => atOne(a, k)),
      lift: (point) => lift(point.toSpliced(k, 0, one))
    }
  ]
}

/** The part after `variable i := variable i · (variable j)^sign`, monomials left out. */
const askew = (part: Part, i: number, j: number, sign: 1 | -1): Part => {
  const change = (a: OddsPolynomial): OddsPolynomial => {
    const terms = termsOf(a)
    const lowest = Math.min(...terms.map(({ exponents }) => exponents[j]! + sign * exponents[i]!))
    return fromTerms(
      a.variables,
      terms.map(({ exponents, coefficient }) => ({
        exponents: exponents.with(j, exponents[j]! + sign * exponents[i]! - lowest),
        coefficient
      }))
    )
  }
  const factor = (point: ReadonlyArray<Rational>) => (sign > 0 ? point[j]! : divideRational(one, point[j]!))
  return {
    ...part,
    conditions: mapped(part, change),
    lift: (point) => part.lift(point.with(i, multiplyRational(point[i]!, factor(point))))
  }
}

/** The part split where one variable is 1, where two are equal and where they are inverse. */
function* splitsOf(part: Part): Generator<ReadonlyArray<Part>> {
  for (let k = 0; k < part.variables; k++) yield splitAtOne(part, k)
  for (let i = 0; i < part.variables; i++) {
    for (let j = i + 1; j < part.variables; j++) {
      for (const sign of [1, -1] as const) yield splitAtOne(askew(part, i, j, sign), i)
    }
  }
}

/** Share of the coefficients, by size, that speak against the nearest condition to fail: 0 for a part that is empty at sight. */
const distance = (conditions: ReadonlyArray<Condition>): number =>
  Math.min(
    ...conditions.map(({ polynomial }) => {
      let [positive, total] = [0, 0]
      for (const c of polynomial.coefficients) {
        const size = Math.abs(Number(c))
        total += size
        if (c > 0n) positive += size
      }
      return total === 0 ? 1 : positive / total
    })
  )

const simplified = (part: Part): Part | undefined => {
  const conditions = openConditions(part.conditions)
  return conditions && { ...part, conditions }
}

/**
 * Parts left after a split: the one that leaves least to do, and every other time each variable in turn, so that parts away from
 * the corners shrink in all directions.
 */
const split = (part: Part): ReadonlyArray<Part> => {
  const { depth, variables } = part
  if (depth % 2 === 1) return splitAtOne(part, ((depth - 1) / 2) % variables).flatMap((one) => simplified(one) ?? [])
  let best: ReadonlyArray<Part> = []
  let least = Number.POSITIVE_INFINITY
  for (const parts of splitsOf(part)) {
    const left = parts.flatMap((one) => simplified(one) ?? [])
    const score = left.reduce((sum, { conditions }) => sum + (conditions.length === 0 ? 0 : distance(conditions)), 0)
    if (score < least) [best, least] = [left, score]
  }
  return best
}

/**
 * Looks for positive values of all variables that meet every condition.
 * @param conditions at least one, over the same variables
 * @param budget parts looked at before giving up
 */
export const findSolution = (conditions: ReadonlyArray<Condition>, budget = 2000): Feasibility => {
  const variables = conditions[0]!.polynomial.variables.length
  const start = simplified({ conditions, variables, depth: 0, lift: (point) => point })
  if (start === undefined || excludeEachOtherMultiplied(start.conditions)) return { verdict: "empty", parts: 1 }
  const queue = [start]
  let parts = 0
  // First in, first out: a solution anywhere ends it, so no part is gone into deeply before the others.
  for (let next = 0; next < queue.length; next++) {
    const part = queue[next]!
    parts++
    const point = solutionIn(part)
    if (point !== undefined) return { verdict: "solution", point }
    // A point alone meets its conditions or not.
    if (part.variables === 0) continue
    if (parts > budget) return { verdict: "undecided" }
    queue.push(...split(part))
  }
  return { verdict: "empty", parts }
}
