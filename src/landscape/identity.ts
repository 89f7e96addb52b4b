/** Properties that say that a polynomial is zero identically: symmetries and invariances (P6, P7, P15, P27). */

import { swapResponses } from "../logic/proposition.ts"
import { type Rational, rationalToNumber } from "../logic/rational.ts"
import { rowSetOf, rowsOf } from "../logic/rows.ts"
import {
  type AnyStructure,
  isWeighted,
  makeStructure,
  type Semantics,
  type Structure,
  type WeightedStructure
} from "../logic/structure.ts"
import { countsAt, keptCountsAt } from "./countsAt.ts"
import { difference, type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  isZero,
  multiply,
  type OddsPolynomial,
  renameVariables,
  subtract,
  variable
} from "./oddsPolynomial.ts"
import { isOnSimplex } from "./simplex.ts"
import { certificateOf, type ExactVerdict, type Witness, witnessAt, witnessText } from "./verdict.ts"
import { findNonZero, readablePoints } from "./witness.ts"

/** A point where a polynomial ≠ 0 does not vanish: on the grid, which has more points along an axis than the degree. */
const nonZeroPoint = (a: OddsPolynomial, semantics: Semantics): ReadonlyArray<Rational> => {
  const found = findNonZero(a, (odds) => semantics === "relative" || isOnSimplex(a.variables, odds))
  if (found === undefined) throw new RangeError("nonZeroPoint: the polynomial is zero, or its degree exceeds the grid")
  return found
}

const refutedAt = (claim: string, witness: Witness): ExactVerdict => ({
  verdict: "refuted",
  witness,
  explanation: `not ${claim} at ${witnessText(witness)}`
})

/** `proved` when the polynomial is zero identically, else `refuted` at a point where it is not. */
export const decideIdentity = (claim: string, polynomial: OddsPolynomial, semantics: Semantics): ExactVerdict => {
  if (isZero(polynomial)) {
    const certificate = certificateOf(`${claim} (difference of both sides)`, polynomial, {
      verdict: "holds",
      proof: { kind: "coefficients" }
    })
    return { verdict: "proved", explanation: claim, certificate: [certificate] }
  }
  return refutedAt(claim, witnessAt(polynomial.variables, nonZeroPoint(polynomial, semantics), semantics))
}

/** A sum that is zero identically iff a claim holds: at exact odds and as a polynomial, each up to a positive factor. */
export interface VanishingSum {
  readonly variables: ReadonlyArray<string>
  readonly at: (odds: ReadonlyArray<Rational>) => bigint
  readonly polynomial: () => OddsPolynomial
}

/** The first readable point, a real policy if there is one, at which the sum is not zero. */
const readableNonZero = (sum: VanishingSum, semantics: Semantics): ReadonlyArray<Rational> | undefined => {
  let fallback: ReadonlyArray<Rational> | undefined
  for (const point of readablePoints(sum.variables.length)) {
    const isPolicy = semantics === "relative" || isOnSimplex(sum.variables, point.map(rationalToNumber))
    if ((!isPolicy && fallback !== undefined) || sum.at(point) === 0n) continue
    if (isPolicy) return point
    fallback = point
  }
  return fallback
}

/** Decides that a sum vanishes: most that do not show it at a readable point, before a polynomial is made. */
export const decideSum = (claim: string, sum: VanishingSum, semantics: Semantics): ExactVerdict => {
  const point = readableNonZero(sum, semantics)
  return point === undefined
    ? decideIdentity(claim, sum.polynomial(), semantics)
    : refutedAt(claim, witnessAt(sum.variables, point, semantics))
}

const swappedName = (name: string): string =>
  name.endsWith("_w") ? `${name.slice(0, -1)}l` : name.endsWith("_l") ? `${name.slice(0, -1)}w` : name

/** The list with the swapped partner of every variable. */
export const closedUnderSwap = (variables: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set([...variables, ...variables.map(swappedName)])
]

/** Position of every variable's swapped partner. */
const swapTarget = (variables: ReadonlyArray<string>): ReadonlyArray<number> =>
  variables.map((name) => variables.indexOf(swappedName(name)))

/**
 * `rho(l, w) = -rho(w, l)`, w and l exchanged in every proposition: `N(w,l) N(l,w) = D(w,l) D(l,w)` (P6).
 * @param counts over variables closed under the swap
 */
export const swapAntisymmetric = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const { variables, ticks, crosses } = counts
  const target = swapTarget(variables)
  const product = (a: OddsPolynomial) => multiply(a, renameVariables(a, target))
  const sum: VanishingSum = {
    variables,
    at: (odds) => {
      const [own, swapped] = [
        keptCountsAt(counts, odds),
        countsAt(
          counts,
          target.map((k) => odds[k]!)
        )
      ]
      return own.ticks * swapped.ticks - own.crosses * swapped.crosses
    },
    polynomial: () => subtract(product(ticks), product(crosses))
  }
  return decideSum("rho(l, w) = -rho(w, l)", sum, semantics)
}

/**
 * `rho(p_w, p_l) = rho(1 - p_l, 1 - p_w)`: rho is that of its {@link complementSwapDual}, whose counts are those at
 * inverse odds, w and l exchanged (P7).
 * @param dual the counts of the dual over the same variables, closed under the swap
 */
export const complementSwapSelfDual = (counts: OddsCounts, dual: OddsCounts, semantics: Semantics): ExactVerdict => {
  const { variables } = counts
  const target = swapTarget(variables)
  const sum: VanishingSum = {
    variables,
    at: (odds) => {
      const inverse = target.map((k) => ({ num: odds[k]!.den, den: odds[k]!.num }))
      const [own, flipped] = [keptCountsAt(counts, odds), countsAt(counts, inverse)]
      return flipped.ticks * own.crosses - own.ticks * flipped.crosses
    },
    polynomial: () => difference(counts, dual)
  }
  return decideSum("rho is its own dual", sum, semantics)
}

/** Σ over the named variables of `d rho / d log (probability)`, times the positive `N D`: how rho reacts to a common factor. */
export const scaling = (counts: OddsCounts, names: (name: string) => boolean, semantics: Semantics): VanishingSum => {
  const { variables } = counts
  const chosen = variables.flatMap((name, k) => (names(name) ? [k] : []))
  return {
    variables,
    at: (odds) => {
      const { weights, growths } = keptCountsAt(counts, odds)
      // d log odds / d log p is 1/(1-p) = 1 + o in the absolute reading and 1 in the relative one.
      return chosen.reduce((sum, k) => sum + (semantics === "absolute" ? weights : growths)[k]!, 0n)
    },
    polynomial: () => {
      const unit = constant(variables, 1n)
      return chosen.reduce(
        (sum, k) => {
          const odds = variable(variables, k)
          const rate = semantics === "absolute" ? multiply(odds, add(unit, odds)) : odds
          return add(sum, multiply(rate, slope(counts, k)))
        },
        constant(variables, 0n)
      )
    }
  }
}

/** Rho is unchanged when every policy probability of the pair is multiplied by one factor (P15). */
export const levelInvariant = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideSum(
    "rho is unchanged when all policy probabilities are multiplied by one factor",
    scaling(counts, (name) => name.startsWith("p_"), semantics),
    semantics
  )

/**
 * Rho is unchanged when every reference probability is multiplied by one factor, so that an unnormalised reference serves as
 * well (P27); true at sight of a loss without reference.
 */
export const referenceInvariant = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideSum(
    "rho is unchanged when all reference probabilities are multiplied by one factor",
    // In the relative reading the odds p/r carry the reference: r times c divides all of them by c.
    scaling(counts, (name) => name.startsWith(semantics === "relative" ? "p_" : "r_"), semantics),
    semantics
  )

/**
 * The complement-swap dual (P7): `rho_dual(p_w, p_l) = rho(1 - p_l, 1 - p_w)`, every literal negated and w, l exchanged; of
 * two propositions it exchanges the rows TT and FF. Weights go with their rows.
 * @returns undefined when the list of propositions is not closed under the swap
 */
export function complementSwapDual(structure: Structure): Structure | undefined
export function complementSwapDual(structure: AnyStructure): AnyStructure | undefined
export function complementSwapDual(structure: AnyStructure): AnyStructure | undefined {
  const { propositions } = structure
  const target = propositions.map((p) => propositions.indexOf(swapResponses(p)))
  if (target.includes(-1)) return undefined
  const moved = (row: number): number =>
    target.reduce((image, to, k) => ((row >> k) & 1 ? image : image | (1 << to)), 0)
  if (!isWeighted(structure)) {
    const side = (set: bigint): bigint => rowSetOf(rowsOf(set).map(moved))
    return makeStructure(propositions, side(structure.ticks), side(structure.crosses))
  }
  const side = (rows: WeightedStructure["ticks"]) => new Map([...rows].map(([row, weight]) => [moved(row), weight]))
  return { propositions, ticks: side(structure.ticks), crosses: side(structure.crosses) }
}
