/** Properties that say that a polynomial is zero identically: symmetries and invariances (P6, P7, P15, P27). */

import { swapResponses } from "../logic/proposition.ts"
import type { Rational } from "../logic/rational.ts"
import { moveRows } from "../logic/rows.ts"
import { makeStructure, type Semantics, type Structure } from "../logic/structure.ts"
import { type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  isZero,
  multiply,
  type OddsPolynomial,
  renameVariables,
  scale,
  subtract,
  variable
} from "./oddsPolynomial.ts"
import { isOnSimplex } from "./simplex.ts"
import { certificateOf, type ExactVerdict, witnessAt, witnessText } from "./verdict.ts"
import { findNegative } from "./witness.ts"

/** A point where a polynomial ≠ 0 does not vanish: on the grid, which has more points along an axis than the degree. */
const findNonZero = (a: OddsPolynomial, semantics: Semantics): ReadonlyArray<Rational> => {
  const prefer = (odds: ReadonlyArray<number>) => semantics === "relative" || isOnSimplex(a.variables, odds)
  const found = findNegative(a, prefer) ?? findNegative(scale(a, -1n), prefer)
  if (found === undefined) throw new RangeError("findNonZero: the polynomial is zero, or its degree exceeds the grid")
  return found
}

/** `proved` when the polynomial is zero identically, else `refuted` at a point where it is not. */
export const decideIdentity = (claim: string, polynomial: OddsPolynomial, semantics: Semantics): ExactVerdict => {
  if (isZero(polynomial)) {
    const certificate = certificateOf(`${claim} (difference of both sides)`, polynomial, {
      verdict: "holds",
      proof: { kind: "coefficients" }
    })
    return { verdict: "proved", explanation: claim, certificate: [certificate] }
  }
  const witness = witnessAt(polynomial.variables, findNonZero(polynomial, semantics), semantics)
  return { verdict: "refuted", witness, explanation: `not ${claim} at ${witnessText(witness)}` }
}

const swappedName = (name: string): string =>
  name.endsWith("_w") ? `${name.slice(0, -1)}l` : name.endsWith("_l") ? `${name.slice(0, -1)}w` : name

/** The list with the swapped partner of every variable. */
export const closedUnderSwap = (variables: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set([...variables, ...variables.map(swappedName)])
]

/**
 * `rho(l, w) = -rho(w, l)`, w and l exchanged in every proposition: `N(w,l) N(l,w) = D(w,l) D(l,w)` (P6).
 * @param counts over variables closed under the swap
 */
export const swapAntisymmetric = ({ variables, ticks, crosses }: OddsCounts, semantics: Semantics): ExactVerdict => {
  const target = variables.map((name) => variables.indexOf(swappedName(name)))
  const product = (a: OddsPolynomial) => multiply(a, renameVariables(a, target))
  return decideIdentity("rho(l, w) = -rho(w, l)", subtract(product(ticks), product(crosses)), semantics)
}

/** Σ over the named variables of `d rho / d log (probability)`, times the positive `N D`: how rho reacts to a common factor. */
const scaling = (counts: OddsCounts, names: (name: string) => boolean, semantics: Semantics): OddsPolynomial => {
  const unit = constant(counts.variables, 1n)
  let sum = constant(counts.variables, 0n)
  counts.variables.forEach((name, k) => {
    if (!names(name)) return
    const odds = variable(counts.variables, k)
    // d log odds / d log p is 1/(1-p) = 1 + o in the absolute reading and 1 in the relative one.
    const rate = semantics === "absolute" ? multiply(odds, add(unit, odds)) : odds
    sum = add(sum, multiply(rate, slope(counts, k)))
  })
  return sum
}

/** Rho is unchanged when every policy probability of the pair is multiplied by one factor (P15). */
export const levelInvariant = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideIdentity(
    "rho is unchanged when all policy probabilities are multiplied by one factor",
    scaling(counts, (name) => name.startsWith("p_"), semantics),
    semantics
  )

/**
 * Rho is unchanged when every reference probability is multiplied by one factor, so that an unnormalised reference serves as
 * well (P27); true at sight of a loss without reference.
 */
export const referenceInvariant = (counts: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideIdentity(
    "rho is unchanged when all reference probabilities are multiplied by one factor",
    // In the relative reading the odds p/r carry the reference: r times c divides all of them by c.
    scaling(counts, (name) => name.startsWith(semantics === "relative" ? "p_" : "r_"), semantics),
    semantics
  )

/** Rho does not depend on any reference probability. */
export const referenceFree = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const prefix = semantics === "relative" ? "p_" : "r_"
  for (const [k, name] of counts.variables.entries()) {
    const change = slope(counts, k)
    if (!name.startsWith(prefix) || isZero(change)) continue
    return decideIdentity(`rho does not depend on ${name.replace("p_", "r_")}`, change, semantics)
  }
  return { verdict: "proved", explanation: "no reference probability occurs in rho" }
}

/**
 * The complement-swap dual (P7): `rho_dual(p_w, p_l) = rho(1 - p_l, 1 - p_w)`, every literal negated and w, l exchanged; of
 * two propositions it exchanges the rows TT and FF.
 * @returns undefined when the list of propositions is not closed under the swap
 */
export const complementSwapDual = ({ propositions, ticks, crosses }: Structure): Structure | undefined => {
  const target = propositions.map((p) => propositions.indexOf(swapResponses(p)))
  if (target.includes(-1)) return undefined
  const n = propositions.length
  const all = 2 ** n - 1
  const flipped = (set: bigint): bigint => {
    let result = 0n
    for (let row = 0; row <= all; row++) if ((set >> BigInt(row)) & 1n) result |= 1n << BigInt(all ^ row)
    return moveRows(result, target, n)
  }
  return makeStructure(propositions, flipped(ticks), flipped(crosses))
}
