/**
 * Dominance at one fixed reference, relative reading (docs/theory.md §11). With r free the odds `p/r` fill the positive
 * orthant; for fixed r they stop at `1/r`, and on the policies' simplex `Σ r_i o_i < 1`. Both regions are a positive orthant
 * again, `o = t/(r(1 + t))` and `o_i = u_i/(r_i (1 + Σ u))`, so the same exact signs decide them, and more pairs may be ordered.
 */
import { one, type Rational, rationalToNumber, subtractRational } from "../logic/rational.ts"
import { lossClasses } from "./classes.ts"
import type { Relation } from "./dominance.ts"
import { difference, type OddsCounts } from "./odds.ts"
import { add, constant, isZero, type OddsPolynomial, scale, variable } from "./oddsPolynomial.ts"
import { decideSign, proveAtSight, type SignVerdict } from "./sign.ts"
import { makeSubstitution } from "./substitution.ts"

/** Where the policy may be: each probability below 1 on its own, or all together below 1. */
export type PolicyRegion = "box" | "simplex"

/** The same polynomial on the region at the references `r_k`, one for each variable, positive denominators cleared. */
const atReference = (a: OddsPolynomial, reference: ReadonlyArray<Rational>, region: PolicyRegion): OddsPolynomial => {
  const { variables } = a
  const unit = constant(variables, 1n)
  const own = variables.map((_, k) => variable(variables, k))
  const total = own.reduce(add, unit)
  return makeSubstitution(
    own.map((x, k) => scale(x, reference[k]!.den)),
    own.map((x, k) => scale(region === "box" ? add(unit, x) : total, reference[k]!.num)),
    a.degrees
  )(a)
}

/** The sign on the region: what holds at all odds holds there, and is sometimes easier to prove. */
const signAtReference = (
  a: OddsPolynomial,
  reference: ReadonlyArray<Rational>,
  region: PolicyRegion
): SignVerdict["verdict"] => {
  if (proveAtSight(a) !== undefined) return "holds"
  const { verdict } = decideSign(atReference(a, reference, region))
  return verdict === "undecided" && decideSign(a).verdict === "holds" ? "holds" : verdict
}

const relationOf = (below: SignVerdict["verdict"], above: SignVerdict["verdict"]): Relation => {
  if (below === "holds") return above === "holds" ? "equal" : "A<=B"
  if (above === "holds") return "B<=A"
  return below === "fails" && above === "fails" ? "incomparable" : "undecided"
}

/**
 * How two losses stand for all policies of the region and this one reference, under the relative reading.
 * @param reference r of each variable of the counts, in their order, each in (0, 1)
 * @throws RangeError when a reference is not inside (0, 1) or their number is wrong
 */
export const relationAtReference = (
  first: OddsCounts,
  second: OddsCounts,
  reference: ReadonlyArray<Rational>,
  region: PolicyRegion
): Relation => {
  if (reference.length !== first.variables.length)
    throw new RangeError(`relationAtReference: ${reference.length} references for ${first.variables.length} odds`)
  if (reference.some((r) => r.num <= 0n || subtractRational(one, r).num <= 0n))
    throw new RangeError(`relationAtReference: a reference lies outside (0, 1): ${reference.map(rationalToNumber)}`)
  const rise = difference(first, second)
  if (isZero(rise)) return "equal"
  return relationOf(signAtReference(rise, reference, region), signAtReference(scale(rise, -1n), reference, region))
}

/** Ordered pairs (a, b), a ≠ b, of distinct losses with rho_a <= rho_b at the reference, and those left open. */
export interface ReferencePairs {
  readonly ordered: number
  readonly undecided: number
}

/**
 * Counts the ordered pairs of distinct losses over the propositions at one reference probability r of every response.
 * @throws RangeError for more than three propositions, or r outside (0, 1)
 */
export const pairsAtReference = (
  propositions: ReadonlyArray<string>,
  r: Rational,
  region: PolicyRegion
): ReferencePairs => {
  const classes = lossClasses(propositions)
  const total = { ordered: 0, undecided: 0 }
  const known = new Map<string, SignVerdict["verdict"]>()
  const reference = (classes[0]?.counts.variables ?? []).map(() => r)
  const count = (rise: OddsPolynomial): void => {
    const key = `${rise.degrees.join()}:${rise.coefficients.join()}`
    const verdict = known.get(key) ?? signAtReference(rise, reference, region)
    known.set(key, verdict)
    if (verdict === "holds") total.ordered++
    if (verdict === "undecided") total.undecided++
  }
  classes.forEach((a, i) => {
    for (const b of classes.slice(i + 1)) {
      const rise = difference(a.counts, b.counts)
      count(rise)
      count(scale(rise, -1n))
    }
  })
  return total
}
