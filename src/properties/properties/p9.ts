import { exactDecision } from "../exact.ts"
import { armNames, type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, nonNegative, type Property } from "../property.ts"
import { changeText, fractionText } from "../table.ts"
import { total } from "../weights.ts"

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    return outside === undefined ? nonNegative(step.velocities[0]!, identityTolerance * step.scale) : { outside }
  },
  describe: (subject, pair) => {
    const { velocities } = pairStep(subject, pair)
    const gainer = velocities.indexOf(Math.max(...velocities))
    return describeStep(
      subject,
      pair,
      `The policy gives the chosen answer w probability ${fractionText(pair.policy[0]!, total(pair.policy))} and the rejected answer l ` +
        `${fractionText(pair.policy[1]!, total(pair.policy))}. One step of gradient descent on the loss changes log π(w) by ` +
        `${changeText(velocities[0]!)} per unit of step: the preferred answer becomes less likely although the loss falls. ` +
        `The largest gain goes to ${armNames(pair.policy.length)[gainer]!} (${changeText(velocities[gainer]!)}).`
    )
  }
}

/** The sign of `a_w (1 - 2 π_w + S) + a_l (S - π_w - π_l)`: docs/experiments.md P9. */
export const p9: Property = {
  id: "P9",
  aliases: ["chosen-safe"],
  title: "The chosen answer never loses probability",
  statement: "A gradient step on the loss never lowers the log-probability of the chosen answer.",
  quantifiers:
    "for all softmax policies over two or more arms (3 to 7 when searched), all references and rewards, one pair, gradient " +
    "descent on the logits; where the link has a target, while the loss still asks for a larger margin",
  source: "docs/experiments.md P9; fixed-feature case in arXiv 2410.08847",
  appliesTo: needsPair,
  decide: (subject) => exactDecision(subject, "chosen-safe"),
  check
}
