import { exactDecision } from "../exact.ts"
import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, nonNegative, type Property } from "../property.ts"
import { changeText, fractionText } from "../table.ts"
import { total } from "../weights.ts"

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    return outside === undefined ? nonNegative(-step.velocities[1]!, identityTolerance * step.scale) : { outside }
  },
  describe: (subject, pair) => {
    const { velocities } = pairStep(subject, pair)
    return describeStep(
      subject,
      pair,
      `The policy gives the chosen answer w probability ${fractionText(pair.policy[0]!, total(pair.policy))} and the rejected answer l ` +
        `${fractionText(pair.policy[1]!, total(pair.policy))}. One step of gradient descent on the loss changes log π(l) by ` +
        `${changeText(velocities[1]!)} per unit of step: the rejected answer becomes more likely although the loss falls ` +
        `(log π(w) moves by ${changeText(velocities[0]!)}).`
    )
  }
}

/** P9 with the two answers exchanged. */
export const p10: Property = {
  id: "P10",
  aliases: ["rejected-safe"],
  title: "The rejected answer never gains probability",
  statement: "A gradient step on the loss never raises the log-probability of the rejected answer.",
  quantifiers:
    "for all softmax policies over two or more arms, all references and rewards, one pair, gradient descent on the logits; where " +
    "the link has a target, while the loss still asks for a larger margin",
  source: "docs/experiments.md P10",
  appliesTo: needsPair,
  decide: (subject) => exactDecision(subject, "rejected-safe"),
  check
}
