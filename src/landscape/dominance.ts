/**
 * The true order of losses: `a <= b` iff `rho_a <= rho_b` at every weighting of the open cube, i.e. iff
 * `N_b D_a - N_a D_b >= 0` for all positive odds (docs/theory.md §8). Entailment implies it; the converse fails.
 */
import { logRational, type Rational, rationalToNumber } from "../logic/rational.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import { type Certificate, certificatesText, dominanceClaims } from "./certificate.ts"
import { commonCounts, difference, type OddsCounts } from "./odds.ts"
import { evaluate, isZero, type OddsPolynomial, scale } from "./oddsPolynomial.ts"
import { decideSign, type SignOptions, type SignVerdict } from "./sign.ts"
import { isOnSimplex, oddsOnSimplex, restrictToSimplex } from "./simplex.ts"
import { certificateOf, type Witness, witnessAt } from "./verdict.ts"

/** How two losses stand: `A<=B` says rho_A <= rho_B everywhere, so loss A is the larger for a decreasing link. */
export type Relation = "A<=B" | "B<=A" | "equal" | "incomparable" | "undecided"

/** A point with both core ratios there, in nats. */
export interface DominanceWitness extends Witness {
  readonly rhoA: number
  readonly rhoB: number
}

/** The relation with its evidence. */
export interface Dominance {
  readonly verdict: Relation
  /** Where the relation is not `A<=B`: a point with rho_A > rho_B; where it is not `B<=A`: one with rho_A < rho_B. */
  readonly witnesses: ReadonlyArray<DominanceWitness>
  /** Of the inequality that holds; of both for `equal`; then of those that hold on the simplex alone. */
  readonly certificates: ReadonlyArray<Certificate>
  /** The certificates in words; absent when nothing holds. */
  readonly certificate?: string
  /** The relation on the simplexes of the models alone, `p_w + p_l <= 1`, where more pairs are ordered. */
  readonly onSimplex: Relation
}

/** The sign on the cube, and on the simplex (the same when it holds on the cube, or fails at a point of the simplex). */
interface TwoSigns {
  readonly cube: SignVerdict
  readonly simplex: SignVerdict
}

const decideTwice = (a: OddsPolynomial, semantics: Semantics): TwoSigns => {
  const inside = (odds: ReadonlyArray<number>) => semantics === "relative" || isOnSimplex(a.variables, odds)
  const options: SignOptions = { prefer: inside }
  const cube = decideSign(a, options)
  if (cube.verdict !== "fails" || inside(cube.witness.map(rationalToNumber))) return { cube, simplex: cube }
  const simplex = decideSign(restrictToSimplex(a))
  if (simplex.verdict !== "fails") return { cube, simplex }
  const moved: SignVerdict = { verdict: "fails", witness: oddsOnSimplex(a.variables, simplex.witness) }
  return { cube: moved, simplex: moved }
}

const relationOf = (below: SignVerdict, above: SignVerdict): Relation => {
  if (below.verdict === "holds") return above.verdict === "holds" ? "equal" : "A<=B"
  if (above.verdict === "holds") return "B<=A"
  return below.verdict === "fails" && above.verdict === "fails" ? "incomparable" : "undecided"
}

const logRatio = ({ ticks, crosses }: OddsCounts, odds: ReadonlyArray<Rational>): number =>
  logRational(evaluate(ticks, odds)) - logRational(evaluate(crosses, odds))

const certified = (claim: string, a: OddsPolynomial, sign: SignVerdict): ReadonlyArray<Certificate> =>
  sign.verdict === "holds" ? [certificateOf(claim, a, sign)] : []

const onSimplexAlone = (claim: string, a: OddsPolynomial, { cube, simplex }: TwoSigns): ReadonlyArray<Certificate> =>
  cube.verdict === "holds" ? [] : certified(claim, restrictToSimplex(a), simplex)

/**
 * The relation of two losses, exactly. Propositions that one side lacks are free there; copies share their odds.
 * @param semantics of both: it changes which probabilities a witness names and what the simplex is, not the relation
 * @throws RangeError when one is degenerate
 */
export const dominance = (a: AnyStructure, b: AnyStructure, semantics: Semantics = "absolute"): Dominance => {
  const [first, second] = commonCounts(a, b)
  const rise = difference(first, second)
  const below = decideTwice(rise, semantics)
  const above = decideTwice(scale(rise, -1n), semantics)
  const witnesses = [below.cube, above.cube].flatMap((sign): ReadonlyArray<DominanceWitness> => {
    if (sign.verdict !== "fails") return []
    const rho = { rhoA: logRatio(first, sign.witness), rhoB: logRatio(second, sign.witness) }
    return [{ ...witnessAt(rise.variables, sign.witness, semantics), ...rho }]
  })
  const certificates = [
    ...certified(dominanceClaims.below, rise, below.cube),
    ...certified(dominanceClaims.above, scale(rise, -1n), above.cube)
  ]
  return {
    verdict: relationOf(below.cube, above.cube),
    witnesses,
    certificates: [
      ...certificates,
      ...onSimplexAlone(dominanceClaims.belowOnSimplex, rise, below),
      ...onSimplexAlone(dominanceClaims.aboveOnSimplex, scale(rise, -1n), above)
    ],
    ...(certificates.length > 0 ? { certificate: certificatesText(certificates) } : {}),
    onSimplex: relationOf(below.simplex, above.simplex)
  }
}

/** The relation of two counts over the same variables alone, without witnesses named or the simplex asked about. */
export const relation = (first: OddsCounts, second: OddsCounts): Relation => {
  const rise = difference(first, second)
  if (isZero(rise)) return "equal"
  return relationOf(decideSign(rise), decideSign(scale(rise, -1n)))
}
