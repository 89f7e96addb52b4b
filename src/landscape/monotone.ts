/** Signs of the derivatives of rho by single probabilities, and what is decided from them (docs/theory.md §9, P8). */
import type { Semantics } from "../logic/structure.ts"
import { type OddsCounts, slope } from "./odds.ts"
import { isZero, type OddsPolynomial, scale } from "./oddsPolynomial.ts"
import { decideSign } from "./sign.ts"
import { isOnSimplex } from "./simplex.ts"
import { certificateOf, type ExactVerdict, witnessAt, witnessText } from "./verdict.ts"

/** What is asked of a polynomial: the claim that it is ≥ 0, in words, and how to say that it fails. */
export interface SignClaim {
  readonly claim: string
  readonly polynomial: OddsPolynomial
}

/**
 * Decides several signs at once: `proved` when all hold, `refuted` at the first that fails, else `undecided`.
 * @param where what a refuting point shows, `rho falls as p_w rises` for instance
 */
export const decideClaims = (claims: ReadonlyArray<SignClaim>, semantics: Semantics, proved: string): ExactVerdict => {
  const signs = claims.map(({ polynomial }) =>
    decideSign(polynomial, {
      prefer: (odds) => semantics === "relative" || isOnSimplex(polynomial.variables, odds)
    })
  )
  for (const [i, sign] of signs.entries()) {
    if (sign.verdict !== "fails") continue
    const witness = witnessAt(claims[i]!.polynomial.variables, sign.witness, semantics)
    return { verdict: "refuted", witness, explanation: `not ${claims[i]!.claim} at ${witnessText(witness)}` }
  }
  const open = signs.findIndex((sign) => sign.verdict === "undecided")
  if (open >= 0)
    return { verdict: "undecided", explanation: `whether ${claims[open]!.claim}: no decision in the budget` }
  return {
    verdict: "proved",
    explanation: proved,
    certificate: claims.flatMap(({ claim, polynomial }, i) => {
      const sign = signs[i]!
      return sign.verdict === "holds" ? [certificateOf(claim, polynomial, sign)] : []
    })
  }
}

/** The slope of rho in one probability, or zero when the structure does not speak of it. */
export const slopeBy = (counts: OddsCounts, name: string): OddsPolynomial | undefined => {
  const k = counts.variables.indexOf(name)
  return k < 0 ? undefined : slope(counts, k)
}

const decideMonotone = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const [up, down] = [slopeBy(counts, "p_w"), slopeBy(counts, "p_l")]
  const claims = [
    ...(up === undefined ? [] : [{ claim: "d rho/d p_w >= 0", polynomial: up }]),
    ...(down === undefined ? [] : [{ claim: "d rho/d p_l <= 0", polynomial: scale(down, -1n) }])
  ]
  return decideClaims(claims, semantics, "rho never falls as p_w rises and never rises as p_l rises")
}

const verdicts = new WeakMap<OddsCounts, ExactVerdict>()

/** Rho never falls as p_w rises and never rises as p_l rises, all else fixed, on the open cube. Kept with the counts. */
export const preferenceMonotone = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  const verdict = verdicts.get(counts) ?? decideMonotone(counts, semantics)
  verdicts.set(counts, verdict)
  return verdict
}

/** Monotone, and neither derivative is zero identically. */
export const strictlyMonotone = (counts: OddsCounts, semantics: Semantics): ExactVerdict => {
  for (const name of ["p_w", "p_l"]) {
    const change = slopeBy(counts, name)
    if (change === undefined || isZero(change)) {
      return { verdict: "refuted", explanation: `rho does not depend on ${name}` }
    }
  }
  const monotone = preferenceMonotone(counts, semantics)
  return monotone.verdict === "proved"
    ? { ...monotone, explanation: "rho rises with p_w and falls with p_l" }
    : monotone
}
