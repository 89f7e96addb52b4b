/**
 * Whether given evidence shows how two losses stand: certificates of the directions that hold, exact witnesses of those that
 * fail, on the cube and on the simplex. Works with the checker alone, never with the prover.
 */
import { evaluateExact, negate, type Polynomial } from "../logic/polynomial.ts"
import { ratioName } from "../logic/proposition.ts"
import { signRational } from "../logic/rational.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import { dominanceClaims } from "./certificate.ts"
import {
  certifies,
  countsOf,
  type ExactPoint,
  inCoordinates,
  isPolicy,
  oddsAt,
  riseOf,
  roomFor,
  simplexCoordinates
} from "./claims.ts"
import type { Examined } from "./propertyClaims.ts"

/** A relation with its evidence, as a document carries it. */
export interface ClaimedDominance {
  readonly verdict: string
  readonly onSimplex?: string
  readonly certificates: ReadonlyArray<unknown>
  readonly witnesses: ReadonlyArray<ExactPoint>
}

/** What is known of one direction, `rho_A <= rho_B` say: it holds, it fails, or nothing was shown. */
type Known = "holds" | "fails" | "open"

const relationOf = (below: Known, above: Known): string => {
  if (below === "holds") return above === "holds" ? "equal" : above === "fails" ? "A<=B" : "at least A<=B"
  if (above === "holds") return below === "fails" ? "B<=A" : "at least B<=A"
  return below === "fails" && above === "fails" ? "incomparable" : "nothing"
}

const polynomialsOf = (
  a: AnyStructure,
  b: AnyStructure,
  names: ReadonlyArray<string>
): ReadonlyMap<string, Polynomial> => {
  const rise = riseOf(countsOf(a), countsOf(b))
  const onSimplex = inCoordinates(rise, simplexCoordinates(names), roomFor([rise]))
  return new Map([
    [dominanceClaims.below, rise],
    [dominanceClaims.above, negate(rise)],
    [dominanceClaims.belowOnSimplex, onSimplex],
    [dominanceClaims.aboveOnSimplex, negate(onSimplex)]
  ])
}

const claimOf = (certificate: unknown): unknown =>
  typeof certificate === "object" && certificate !== null ? (certificate as { claim?: unknown }).claim : undefined

/** The sign of `rho_B - rho_A` at each witness. @throws RangeError when a witness is no point of the open cube */
const signsAt = (
  rise: Polynomial,
  names: ReadonlyArray<string>,
  semantics: Semantics,
  witnesses: ReadonlyArray<ExactPoint>
): ReadonlyArray<{ readonly sign: number; readonly policy: boolean }> =>
  witnesses.map((point) => ({
    sign: signRational(evaluateExact(rise, oddsAt(point, names, semantics))),
    policy: isPolicy(point)
  }))

/** Which of both directions are known, on the cube or on policies alone, as the relation that this makes. */
const shownRelation = (
  claims: ReadonlySet<unknown>,
  signs: ReturnType<typeof signsAt>,
  onPolicies: boolean
): string => {
  const known = (failing: number, ...claimed: ReadonlyArray<string>): Known => {
    if (claimed.some((claim) => claims.has(claim))) return "holds"
    return signs.some(({ sign, policy }) => sign === failing && (policy || !onPolicies)) ? "fails" : "open"
  }
  const { below, above, belowOnSimplex, aboveOnSimplex } = dominanceClaims
  return onPolicies
    ? relationOf(known(-1, below, belowOnSimplex), known(1, above, aboveOnSimplex))
    : relationOf(known(-1, below), known(1, above))
}

const refused = (reason: string): Examined => ({ shown: false, reason })

/** Whether the certificates and witnesses show the relation, and that on the simplex. */
export const examineDominance = (
  a: AnyStructure,
  b: AnyStructure,
  semantics: Semantics,
  { verdict, onSimplex, certificates, witnesses }: ClaimedDominance
): Examined => {
  const names = [...new Set([...a.propositions, ...b.propositions].map(ratioName))]
  const polynomials = polynomialsOf(a, b, names)
  for (const certificate of certificates) {
    const claimed = polynomials.get(String(claimOf(certificate)))
    if (claimed === undefined || !certifies(certificate, [claimed]))
      return refused(`the certificate of "${String(claimOf(certificate))}" does not show it`)
  }
  let signs: ReturnType<typeof signsAt>
  try {
    signs = signsAt(polynomials.get(dominanceClaims.below)!, names, semantics, witnesses)
  } catch (error) {
    if (error instanceof RangeError) return refused(`a witness shows nothing: ${error.message}`)
    throw error
  }
  if (signs.some(({ sign }) => sign === 0)) return refused("a witness has rho_A = rho_B")
  const claims = new Set(certificates.map(claimOf))
  const found = shownRelation(claims, signs, false)
  if (verdict !== "undecided" && found !== verdict) return refused(`the evidence shows "${found}", not "${verdict}"`)
  const real = shownRelation(claims, signs, true)
  if (onSimplex !== undefined && onSimplex !== "undecided" && real !== onSimplex)
    return refused(`on the simplex the evidence shows "${real}", not "${onSimplex}"`)
  return { shown: true, certificates: certificates.length, witnesses: witnesses.length, identities: 0 }
}
