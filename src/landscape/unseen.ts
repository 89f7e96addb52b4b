/**
 * P12, proved where it can be: does every answer that is in no pair move with the rejected answer's lead? Its log-probability
 * changes at the rate `E = (S - p_u) (a_w + a_l) - p_w a_w - p_l a_l`, linear in `q = S - p_u` (S the sum of all squared
 * probabilities), which ranges over no more than
 * from `p_w² + p_l² + R² - R` (u has all the rest R) or, for R ≥ 1/2, `p_w² + p_l² - 1/4` (u has 1/2, the rest is spread thin)
 * up to `p_w² + p_l² + R²` (u has next to nothing, one other arm the rest).
 * The claim is `(p_l - p_w) E >= 0` at all three ends.
 */
import type { Semantics } from "../logic/structure.ts"
import type { OddsCounts } from "./odds.ts"
import { add, constant, multiply, type OddsPolynomial, scale, subtract, variable } from "./oddsPolynomial.ts"
import { type Frame, frameOf, weightsIn } from "./policyFrame.ts"
import { decideSign } from "./sign.ts"
import { certificateOf, type ExactVerdict } from "./verdict.ts"

const ends = ["u has all the rest", "u has half of everything", "u has next to nothing"] as const

/** `(p_l - p_w) E` at the three ends of q, up to positive factors. */
const claimsIn = (
  frame: Frame,
  weights: readonly [OddsPolynomial, OddsPolynomial],
  order: readonly [number, number]
): ReadonlyArray<OddsPolynomial> => {
  const [w, l] = order.map((k) => variable(frame.variables, k)) as [OddsPolynomial, OddsPolynomial]
  const [aw, al] = weights
  const unit = constant(frame.variables, 1n)
  const total = add(add(w, l), unit)
  const squares = add(multiply(w, w), multiply(l, l))
  const own = multiply(total, add(multiply(w, aw), multiply(l, al)))
  // q · total², the second times 4.
  const alone = subtract(add(squares, unit), total)
  const half = subtract(scale(squares, 4n), multiply(total, total))
  const rate = (q: OddsPolynomial, factor: bigint) => subtract(multiply(q, add(aw, al)), scale(own, factor))
  return [rate(alone, 1n), rate(half, 4n), rate(add(squares, unit), 1n)].map((e) => multiply(subtract(l, w), e))
}

/**
 * Proves that an answer in no pair gains exactly while the rejected one leads.
 * @returns undefined where the counts speak of other answers than the pair's; `undecided` where there is no proof at all ends
 */
export const unseenFollowsLead = (counts: OddsCounts, semantics: Semantics): ExactVerdict | undefined => {
  const policy = counts.variables.filter((name) => name.startsWith("p_"))
  if ([...policy].sort().join() !== "p_l,p_w") return undefined
  const order = [policy.indexOf("p_w"), policy.indexOf("p_l")] as const
  for (const exact of [false, true]) {
    const frame = frameOf(counts.variables, semantics, exact)
    const weights = weightsIn(frame, counts, semantics, true)
    const claims = claimsIn(frame, [weights[order[0]]!, weights[order[1]]!], order)
    const signs = claims.map((polynomial) => decideSign(polynomial))
    const certificate = signs.flatMap((sign, k) =>
      sign.verdict === "holds" ? [certificateOf(`(p_l - p_w) d log p_u >= 0, ${ends[k]}`, claims[k]!, sign)] : []
    )
    if (certificate.length < claims.length) continue
    const explanation = `d log p_u has the sign of p_l - p_w: ${ends.join(", ")}`
    return { verdict: "proved", explanation, certificate }
  }
  return { verdict: "undecided", explanation: "no proof at every division of the rest among the unseen answers" }
}
