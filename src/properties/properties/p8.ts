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
    return nonNegative(Math.min(-step.value.dlw, step.value.dll), identityTolerance * step.scale)
  },
  describe: (subject, pair) => {
    const { dlw, dll } = pairStep(subject, pair).value
    const wrong =
      dlw > 0
        ? `raising log π(w) alone raises the loss (derivative ${changeText(dlw)}): it asks for a less likely chosen answer`
        : `raising log π(l) alone lowers the loss (derivative ${changeText(dll)}): it asks for a more likely rejected answer`
    return describeStep(subject, pair, `At this policy ${wrong}.`)
  }
}

/** Signs of the two derivatives: decided on the whole open cube where the loss is a structure. */
export const p8: Property = {
  id: "P8",
  aliases: ["preference-monotone"],
  title: "Monotone in the preference",
  statement: "rho never falls as the chosen answer becomes more likely and never rises as the rejected answer does.",
  quantifiers:
    "for all p_w, p_l (and all other propositions' probabilities) in (0, 1), each moved alone; a loss without a structure is asked " +
    "for the signs of its own derivatives on bandits",
  source: "docs/experiments.md P8; docs/theory.md §9",
  appliesTo: needsPair,
  decide: (subject) => exactDecision(subject, "preference-monotone"),
  check
}
