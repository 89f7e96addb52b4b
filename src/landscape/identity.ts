/** Properties that say that a polynomial is zero identically: symmetries and invariances (P6, P7, P15, P27). */

import { swapResponses } from "../logic/proposition.ts"
import type { Rational } from "../logic/rational.ts"
import { rowSetOf, rowsOf } from "../logic/rows.ts"
import {
  type AnyStructure,
  isWeighted,
  makeStructure,
  type Semantics,
  type Structure,
  type WeightedStructure
} from "../logic/structure.ts"
import { type OddsCounts, slope } from "./odds.ts"
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
import { certificateOf, type ExactVerdict, witnessAt, witnessText } from "./verdict.ts"
import { findNonZero } from "./witness.ts"

/** A point where a polynomial ≠ 0 does not vanish: on the grid, which has more points along an axis than the degree. */
const nonZeroPoint = (a: OddsPolynomial, semantics: Semantics): ReadonlyArray<Rational> => {
  const found = findNonZero(a, (odds) => semantics === "relative" || isOnSimplex(a.variables, odds))
  if (found === undefined) throw new RangeError("nonZeroPoint: the polynomial is zero, or its degree exceeds the grid")
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
  const witness = witnessAt(polynomial.variables, nonZeroPoint(polynomial, semantics), semantics)
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

const responseOf = (name: string): string => name.slice(2)

/**
 * Rho is that of a loss without reference minus `log(r_w / r_l)` (docs/experiments.md 1.4): times `r_w / r_l` no reference
 * probability is left in it. Asked of the absolute reading; the relative one carries its reference in every odds.
 */
const referenceAdded = (counts: OddsCounts): ExactVerdict => {
  const { variables } = counts
  const [w, l] = [variables.indexOf("r_w"), variables.indexOf("r_l")]
  const claim = "rho + log(r_w / r_l) does not depend on the reference"
  if (w < 0 || l < 0) return { verdict: "refuted", explanation: `not ${claim}: r_w or r_l does not occur` }
  const unit = constant(variables, 1n)
  const [ow, ol] = [variable(variables, w), variable(variables, l)]
  // r_w / r_l = o_w (1 + o_l) / (o_l (1 + o_w)) in odds.
  const lifted: OddsCounts = {
    variables,
    ticks: multiply(counts.ticks, multiply(ow, add(unit, ol))),
    crosses: multiply(counts.crosses, multiply(ol, add(unit, ow)))
  }
  const changes = variables.flatMap((name, k) => (name.startsWith("r_") ? [slope(lifted, k)] : []))
  return decideIdentity(claim, changes.find((change) => !isZero(change)) ?? changes[0]!, "absolute")
}

/** Rho depends on `p_x / r_x` alone, for every response x, so that it has a relative structure (docs/theory.md §11). */
const referenceRelative = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const claim = "rho depends on p/r alone"
  if (semantics === "relative") return { verdict: "proved", explanation: `${claim}: the reading is relative` }
  const responses = [...new Set(counts.variables.map(responseOf))]
  const changes = responses.map((response) => scaling(counts, (name) => responseOf(name) === response, semantics))
  return decideIdentity(claim, changes.find((change) => !isZero(change)) ?? changes[0]!, semantics)
}

/** How a reference enters rho: `none`, `added`, `relative`, both of these, or `mixed`. */
export const referenceForm = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const free = referenceFree(counts, semantics)
  if (free.verdict === "proved") return { ...free, value: "none" }
  const relative = referenceRelative(counts, semantics)
  const added = semantics === "absolute" ? referenceAdded(counts) : undefined
  const forms = [
    ...(added?.verdict === "proved" ? [{ name: "added", by: added }] : []),
    ...(relative.verdict === "proved" ? [{ name: "relative", by: relative }] : [])
  ]
  const evidence = forms.length > 0 ? forms.map(({ by }) => by) : [relative]
  const certificate = evidence.flatMap((one) => one.certificate ?? [])
  const witness = evidence.find((one) => one.witness !== undefined)?.witness
  return {
    verdict: "proved",
    value: forms.length === 0 ? "mixed" : forms.map(({ name }) => name).join(" and "),
    explanation:
      forms.length === 0
        ? `the reference is neither added nor does rho depend on p/r alone: ${relative.explanation}`
        : evidence.map(({ explanation }) => explanation).join("; "),
    ...(certificate.length === 0 ? {} : { certificate }),
    ...(witness === undefined ? {} : { witness })
  }
}

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
