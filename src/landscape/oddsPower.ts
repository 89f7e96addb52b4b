/**
 * The second beta (docs/theory.md §11): every odds to the power b > 0. The map `o -> o^b` is a bijection of the positive orthant
 * with `d rho(o^b)/d log o_i = b (d rho/d log o_i)(o^b)`, so whatever is a statement about rho and `θ_i = d rho/d log o_i` over
 * the whole orthant has one verdict for all b: signs of single derivatives, symmetries, the range of rho and its escapes. In
 * the relative reading `a_i = d rho/d log p_i = θ_i`, so there also what compares the two derivatives.
 *
 * Chosen-safe, relative, rho monotone: at fixed odds let p and `r = p/o` go to 0, one other arm taking all. The rate of
 * log p_w tends to `2 a_w + a_l`, so chosen-safe needs `|a_l| <= 2 a_w`; that is enough (P11). So chosen-safe is chosen-led,
 * rejected-safe is its mirror image, and both hold for all b or for none. (For a pair: further responses add terms.)
 */
import { propositionParts } from "../logic/proposition.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import { decideProperty, type ExactPropertyName } from "./exactProperties.ts"
import { decideIdentity } from "./identity.ts"
import { hasRho } from "./limits.ts"
import { type OddsCounts, oddsCounts, oddsVariables } from "./odds.ts"
import { multiply, subtract } from "./oddsPolynomial.ts"
import { atPower, decideSteps, type StepProperty } from "./oddsPowerSteps.ts"
import type { ExactVerdict } from "./verdict.ts"

/** Statements about rho over all odds, whatever the reading. */
const aboutOdds: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>([
  "preference-monotone",
  "strictly-monotone",
  "swap-antisymmetric",
  "reference-free",
  "complement-swap-self-dual",
  "margin-range",
  "unbounded-margin",
  "bounded-below",
  "infimum-attained",
  "escapes-on-policies"
])

/** Statements about `a_w`, `a_l` over all odds: where `a_i = θ_i`, in the relative reading. */
const aboutSlopes: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>([
  "chosen-led",
  "level-invariant",
  "reference-invariant",
  "reference-form"
])

/** What a rho without reference has at any power. */
const aboutReference: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>([
  "reference-invariant",
  "reference-form"
])

const aboutSteps: ReadonlySet<ExactPropertyName> = new Set<ExactPropertyName>(["chosen-safe", "rejected-safe"])

/**
 * Whether the verdict on a property of rho is the verdict for every power of the odds. Where this is false the property has
 * to be decided, or tried, at the power itself.
 */
export const sameAtEveryOddsBeta = (
  name: ExactPropertyName,
  semantics: Semantics,
  structure: AnyStructure
): boolean => {
  if (aboutOdds.has(name)) return true
  if (aboutReference.has(name) && semantics === "absolute") {
    return structure.propositions.every((proposition) => propositionParts(proposition).model === "M")
  }
  if (semantics === "absolute" || !hasRho(structure)) return false
  if (!aboutSteps.has(name)) return aboutSlopes.has(name)
  const isPair = structure.propositions.every((proposition) => /^[wl]$/.test(propositionParts(proposition).response))
  return isPair && decideProperty(structure, semantics, "preference-monotone").verdict === "proved"
}

const isStep = (name: ExactPropertyName): name is StepProperty =>
  name === "chosen-safe" || name === "rejected-safe" || name === "chosen-led" || name === "level-invariant"

/**
 * The verdict on a property of the loss with every odds to the power b: the one at power 1 where that is the same, else decided
 * at b where `decideSteps` covers it.
 * @returns undefined where neither does
 */
export const decideAtOddsBeta = (
  structure: AnyStructure,
  semantics: Semantics,
  name: ExactPropertyName,
  b: number
): ExactVerdict | undefined => {
  if (b === 1) return decideProperty(structure, semantics, name)
  if (sameAtEveryOddsBeta(name, semantics, structure)) {
    const found = decideProperty(structure, semantics, name)
    const explanation = `${found.explanation}; decided with odds to the power 1, and the verdict is the same at every power`
    return { ...found, explanation }
  }
  if (semantics === "relative" || !isStep(name) || !hasRho(structure)) return undefined
  const variables = [...new Set(["p_w", "p_l", ...oddsVariables(structure.propositions)])]
  const found = decideSteps(oddsCounts(structure, variables), name, b)
  // Evidence that leaves the program is checked against the claims at power 1.
  return found && { verdict: found.verdict, explanation: found.explanation }
}

/**
 * Whether the families `beta rho` and `rho` with odds to the power beta are one. They are iff `rho(o^2) = 2 rho(o)`, iff N and D
 * in lowest terms are monomials, so that rho is a signed sum of log-odds.
 *
 * Proof. If `N(o^b)/D(o^b) = (N(o)/D(o))^c` for b = 2, orders of vanishing along an irreducible factor make c rational, and for
 * coprime N, D unique factorisation gives `N(o^2)^n = k N(o)^m`, c = m/n; degrees give c = 2 unless rho is constant. Extreme
 * monomials have coefficient 1, so k = 1; at o = 1 the number of monomials t of N satisfies `t = t^2`: t = 1. The same for D.
 * The converse is plain. (Coefficients 0/1, as those of structures without copies are.)
 */
export const oneBetaFamily = ({ ticks, crosses }: OddsCounts, semantics: Semantics): ExactVerdict =>
  decideIdentity(
    "rho(odds^2) = 2 rho(odds)",
    subtract(
      multiply(atPower(ticks, 2), multiply(crosses, crosses)),
      multiply(atPower(crosses, 2), multiply(ticks, ticks))
    ),
    semantics
  )
