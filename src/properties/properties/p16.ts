import { type PairCase, pairCases } from "../pairCase.ts"
import { describeStep, outsideRegion, pairStep } from "../pairStep.ts"
import { type Check, equalWithin, identityTolerance, needsReference, type Property } from "../property.ts"
import { changeText } from "../table.ts"
import { uniform } from "../weights.ts"

const atReference = (pair: PairCase): PairCase => ({ ...pair, policy: pair.reference ?? uniform(pair.policy.length) })

const check: Check<PairCase> = {
  arbitrary: (subject) => pairCases(subject),
  predicate: (subject, pair) => {
    const step = pairStep(subject, atReference(pair))
    const { value, scale } = step
    // Rewards can put the target below the reference; a link of rho alone that rises there starts the wrong way.
    const outside = subject.extras.length > 0 ? outsideRegion(subject, step) : undefined
    if (outside !== undefined) return { outside }
    if (!Number.isFinite(scale)) return { outside: "the loss is not finite at the reference" }
    if (scale === 0) return { outside: "the loss is flat at the reference" }
    if (value.dlw > 0) return { holds: false, margin: -value.dlw }
    return equalWithin(value.dll, -value.dlw, identityTolerance * scale)
  },
  describe: (subject, pair) => {
    const { value } = pairStep(subject, atReference(pair))
    return describeStep(
      subject,
      atReference(pair),
      `With the policy at the reference the derivatives by log π(w) and log π(l) are ${changeText(value.dlw)} and ${changeText(value.dll)}: ` +
        `not a multiple of DPO's (-1, +1), so the first step goes another way.`
    )
  }
}

/** Any convex link of the log-ratio gap with a negative slope at 0 starts in DPO's direction. */
export const p16: Property = {
  id: "P16",
  aliases: ["dpo-direction-at-reference"],
  title: "Starts in DPO's direction",
  statement: "With the policy at the reference, the gradient is a positive multiple of DPO's.",
  quantifiers:
    "for all references and extra inputs, one pair; where the link has a target, while the loss asks for a larger margin",
  source: "docs/experiments.md P16",
  appliesTo: needsReference,
  check
}
