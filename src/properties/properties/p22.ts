import { needsGapLoss } from "../gapLoss.ts"
import { minimise, relativeGradient } from "../population.ts"
import { populationRows, type WinCase, winCases, winEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** The clean optimum at the temperature that label noise should amount to: π_ref (π / π_ref)^(1 - 2 eps), normalised. */
const rescaled = (clean: ArrayLike<number>, value: WinCase): Array<number> => {
  const reference = probabilities(value.reference)
  const raised = reference.map((r, k) => r * (clean[k]! / r) ** (1 - value.flips / 5))
  const sum = raised.reduce((a, b) => a + b, 0)
  return raised.map((p) => p / sum)
}

const both = (subject: LossSubject, value: WinCase) => {
  const clean = minimise(subject.loss, winEnvironment(value, 0))
  const noisy = winEnvironment(value)
  return { clean, noisy, expected: rescaled(clean.policy, value) }
}

const check: Check<WinCase> = {
  mostRuns: 20,
  arbitrary: () => winCases({ flips: true }),
  predicate: (subject, value) => {
    const { clean, noisy, expected } = both(subject, value)
    if (!clean.attained) return { outside: "no minimum on the clean labels" }
    const gradient = relativeGradient(subject.loss, noisy, expected)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    return { holds: gradient <= optimumTolerance, margin: optimumTolerance - gradient }
  },
  describe: (subject, value) => {
    const { clean, noisy, expected } = both(subject, value)
    const found = minimise(subject.loss, noisy)
    return {
      arms: populationRows(value, {
        "clean minimum": [...clean.policy].map(numberText),
        "clean, rescaled": expected.map(numberText),
        "noisy minimum": [...found.policy].map(numberText)
      }),
      facts: { "flip rate": value.flips / 10, "P(first beats later), tenths": value.wins.join(" ") },
      explanation:
        `Flipping ${value.flips * 10} % of the labels does not shrink the log-ratios of the optimum by ${numberText(1 - value.flips / 5)}: for this loss ` +
        `label noise is no change of temperature.`
    }
  }
}

/** Linear in the preferences: IPO's log-ratios are win rates over tau, and flips shrink win rates around 1/2. */
export const p22: Property = {
  id: "P22",
  aliases: ["noise-is-temperature"],
  title: "Label noise is a temperature",
  statement: "Flipping labels at rate eps moves the optimum to the clean one with temperature divided by 1 - 2 eps.",
  quantifiers:
    "for all preference matrices, references, full-support behaviour policies and flip rates below 1/2 on bandits of 2 or 3 arms",
  source: "docs/experiments.md P22",
  appliesTo: needsGapLoss,
  check
}
