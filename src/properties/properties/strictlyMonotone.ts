import { exactDecision } from "../exact.ts"
import { type PairCase, pairCases, pointOf } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, identityTolerance, needsPair, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import type { Weights } from "../weights.ts"

const otherPolicies: ReadonlyArray<Weights> = [1, 2, 5, 20, 1000].flatMap((ratio) => [
  [ratio, 1, 1],
  [1, ratio, 1],
  [1, 1, ratio],
  [ratio, ratio, 1]
])

/** Whether the derivative is other than 0 at some policy, reference and extra inputs being those of the case. */
const reacts = (subject: LossSubject, { reference, inputs }: PairCase, derivative: "dlw" | "dll"): boolean => {
  const rest = {
    ...(reference === undefined ? {} : { reference: [reference[0]!, reference[1]!, 1] }),
    ...(inputs === undefined ? {} : { inputs })
  }
  return otherPolicies.some((policy) => subject.at(pointOf({ policy, ...rest }))[derivative] !== 0)
}

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject, { fewestArms: 3 }),
  predicate: (subject, pair) => {
    const step = pairStep(subject, pair)
    const outside = outsideRegion(subject, step)
    if (outside !== undefined) return { outside }
    const margin = Math.min(-step.value.dlw, step.value.dll) / Math.max(step.scale, Number.MIN_VALUE)
    if (margin < -identityTolerance) return { holds: false, margin }
    // A derivative of 0 here says nothing yet: it must vanish at all the other policies too.
    const { dlw, dll } = step.value
    const blind = (dlw === 0 && !reacts(subject, pair, "dlw")) || (dll === 0 && !reacts(subject, pair, "dll"))
    return { holds: !blind, margin: blind ? -1 : margin }
  },
  describe: (subject, pair) =>
    describeStep(
      subject,
      pair,
      "At this policy the loss does not react to both answers in the sense of the preference: one of the two derivatives has the wrong sign, " +
        "or is 0 here and at every other policy tried."
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
