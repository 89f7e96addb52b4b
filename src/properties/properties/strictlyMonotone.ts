import { exactDecision } from "../exact.ts"
import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, needsPair, type Property } from "../property.ts"

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { fewestArms: 3 }),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    if (outside !== undefined) return { outside }
    if (step.scale === 0) return { outside: "the loss is flat here" }
    const margin = Math.min(-step.value.dlw, step.value.dll)
    return { holds: margin > 0, margin }
  },
  describe: (subject, pair) =>
    describeStep(
      subject,
      pair,
      "At this policy the loss does not react to both answers in the sense of the preference: one of the two derivatives is 0 or has the wrong sign."
    )
}

/** Besides P8: neither derivative is identically zero. CE ignores the rejected answer, fUNL the chosen one. */
export const strictlyMonotone: Property = {
  id: "strictly-monotone",
  aliases: [],
  title: "Strictly monotone in the preference",
  statement: "rho is monotone in the preference, and depends on both the chosen and the rejected answer.",
  quantifiers: "for all p_w, p_l in (0, 1): monotone everywhere, and neither derivative is zero everywhere",
  source: "docs/theory.md §9",
  appliesTo: needsPair,
  decide: (subject) => exactDecision(subject, "strictly-monotone"),
  check
}
