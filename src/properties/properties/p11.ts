import { displacementCriterion } from "../../landscape/criterion.ts"
import type { Witness } from "../../landscape/verdict.ts"
import { countsOf, exactDecision, plainDecision } from "../exact.ts"
import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, nonNegative, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { changeText } from "../table.ts"
import type { Decision } from "../verdict.ts"
import type { Weights } from "../weights.ts"

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    if (outside !== undefined) return { outside }
    const { dlw, dll } = step.value
    if (!(dlw <= 0 && Math.abs(dll) <= -2 * dlw)) return { outside: "|a_l| > 2 a_w here" }
    return nonNegative(step.velocities[0]!, identityTolerance * step.scale)
  },
  describe: (subject, pair) => {
    const { value, velocities } = pairStep(subject, pair)
    return describeStep(
      subject,
      pair,
      `Here |a_l| / a_w = ${Math.abs(value.dll / value.dlw).toPrecision(4)} is at most 2, and still one gradient step changes log π(w) by ` +
        `${changeText(velocities[0]!)}: the loss raises the rejected answer (its derivative by log π(l) is ` +
        `${changeText(value.dll)}), and the criterion is a theorem only for a loss that does not.`
    )
  }
}

/** The policy of a witness as integer weights, rounded and with other arms as few as still show it. */
const caseOf = (subject: LossSubject, { point }: Witness): PairCase | undefined => {
  const weights = (first: number, second: number, others: number, scale: number): Weights => {
    const rest = Math.max(0, 1 - first - second) / others
    const shares = [first, second, ...Array.from({ length: others }, () => rest)]
    return shares.map((share) => Math.max(1, Math.round(share * scale)))
  }
  for (let others = 1; others <= 64; others *= 2) {
    for (const scale of [1e2, 1e4, 1e7, 1e10, 1e13]) {
      const policy = weights(point.p_w!, point.p_l!, others, scale)
      const reference = weights(point.r_w ?? 1 / 3, point.r_l ?? 1 / 3, others, scale)
      const pair = { policy, ...(subject.usesReference ? { reference } : {}) }
      const outcome = check.predicate(subject, pair)
      if ("holds" in outcome && !outcome.holds) return pair
    }
  }
  return undefined
}

const decide = (subject: LossSubject): Decision | undefined => {
  // The published argument (1 - S + 2 π_l >= 0) uses a_l <= 0, which is monotonicity; without it the criterion can fail.
  const monotone = exactDecision(subject, "preference-monotone")
  if (monotone?.verdict === "proved") {
    return {
      verdict: "proved",
      certificate: `a_w >= 0 >= a_l (${monotone.certificate}); then a_w (1 - 2 p_w + S) + a_l (S - p_w - p_l) >= min(a_w (1 - 2 p_w + S), a_w (1 - S + 2 p_l)) >= 0`
    }
  }
  const counts = countsOf(subject)
  const found = counts && displacementCriterion(counts, subject.loss.semantics)
  // A link with a target asks for the criterion on one side of it only: a witness may lie on the other.
  if (found === undefined || (found.verdict === "refuted" && !subject.fallingLink)) return undefined
  const decision = plainDecision(found)
  if (decision?.verdict !== "refuted" || found.witness === undefined || subject.extras.length > 0) return decision
  const value = caseOf(subject, found.witness)
  return value === undefined ? decision : { ...decision, case: value }
}

/**
 * With a_l ≤ 0 ≤ a_w and |a_l| ≤ 2 a_w: if S ≤ π_w + π_l both terms of P9 are ≥ 0; else the sum is at least
 * `a_w (1 - 2 π_w + S - 2 (S - π_w - π_l)) = a_w (1 - S + 2 π_l) ≥ 0`. With a_l > 0 it is decided, see landscape/criterion.ts.
 */
export const p11: Property = {
  id: "P11",
  aliases: ["displacement-criterion"],
  title: "Displacement needs |a_l| > 2 a_w",
  statement:
    "Wherever the derivative of rho by log π(l) is at most twice the one by log π(w) in size, a gradient step does not lower the chosen answer.",
  quantifiers: "for all policies with |a_l| <= 2 a_w, one pair, gradient descent on the logits of a tabular softmax",
  source: "docs/experiments.md P11",
  appliesTo: needsPair,
  decide,
  check
}
