import { exactDecision } from "../exact.ts"
import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, nonNegative, type Property } from "../property.ts"
import { changeText } from "../table.ts"

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

/**
 * With a_l ≤ 0 ≤ a_w and |a_l| ≤ 2 a_w: if S ≤ π_w + π_l both terms of P9 are ≥ 0; else the sum is at least
 * `a_w (1 - 2 π_w + S - 2 (S - π_w - π_l)) = a_w (1 - S + 2 π_l) ≥ 0`.
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
  decide: (subject) => {
    // The published argument (1 - S + 2 π_l >= 0) uses a_l <= 0, which is monotonicity; without it the criterion can fail.
    const monotone = exactDecision(subject, "preference-monotone")
    if (monotone?.verdict === "proved") {
      return {
        verdict: "proved",
        certificate: `a_w >= 0 >= a_l (${monotone.certificate}); then a_w (1 - 2 p_w + S) + a_l (S - p_w - p_l) >= min(a_w (1 - 2 p_w + S), a_w (1 - S + 2 p_l)) >= 0`
      }
    }
    const safe = exactDecision(subject, "chosen-safe")
    return safe?.verdict === "proved"
      ? { verdict: "proved", certificate: `the conclusion holds at every policy, P9: ${safe.certificate}` }
      : undefined
  },
  check
}
