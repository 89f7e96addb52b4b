import { unseenFollowsLead } from "../../landscape/unseen.ts"
import { countsOf, exactDecision, plainDecision } from "../exact.ts"
import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, type Property } from "../property.ts"
import { changeText } from "../table.ts"

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { fewestArms: 3 }),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    if (outside !== undefined) return { outside }
    if (step.scale === 0) return { outside: "the loss is flat here" }
    const unseen = step.velocities[2]! / step.scale
    const lead = step.policy[1]! - step.policy[0]!
    // Equal probabilities ask for a velocity of 0; otherwise the signs must agree.
    const margin = lead === 0 ? -Math.abs(unseen) : Math.sign(lead) * unseen
    return { holds: margin >= -identityTolerance, margin }
  },
  describe: (subject, pair) => {
    const { policy, velocities } = pairStep(subject, pair)
    const lead = policy[1]! - policy[0]!
    const expected =
      lead > 0 ? "gain, the rejected answer being ahead" : lead < 0 ? "lose, the chosen answer being ahead" : "stay"
    return describeStep(
      subject,
      pair,
      `An answer u that is in no pair should ${expected}; one gradient step changes log π(u) by ${changeText(velocities[2]!)}.`
    )
  }
}

/** With a_w = -a_l = a: d log π(u) = a (π_l - π_w), whatever the other arms are. Other losses: see landscape/unseen.ts. */
export const p12: Property = {
  id: "P12",
  aliases: ["unseen-follows-lead"],
  title: "Unseen answers follow the rejected one's lead",
  statement:
    "A gradient step raises an answer that is in no pair exactly while the rejected answer is more likely than the chosen one.",
  quantifiers:
    "for all policies over three or more arms, all unseen arms, one pair, gradient descent on the logits; where the link has a target, " +
    "while the loss still asks for a larger margin",
  source: "docs/experiments.md P12",
  appliesTo: needsPair,
  decide: (subject) => {
    const level = exactDecision(subject, "level-invariant")
    const strict = exactDecision(subject, "strictly-monotone")
    if (level?.verdict === "proved" && strict?.verdict === "proved") {
      return {
        verdict: "proved",
        certificate: `level-invariant, so a_w + a_l = 0 (${level.certificate}), and monotone: d log π(u) = a_w (π_l - π_w)`
      }
    }
    const counts = countsOf(subject)
    const found = counts && unseenFollowsLead(counts, subject.loss.semantics)
    return found?.verdict === "proved" ? plainDecision(found) : undefined
  },
  check
}
