import { mixtureNash } from "../../bandit/solvers/regularisedNash.ts"
import { gameOf, selfPlayEnvironment } from "../games.ts"
import { needsGapLoss } from "../gapLoss.ts"
import { relativeGradient } from "../population.ts"
import { populationRows, type WinCase, winCases } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** Shares of the reference in the mixture that answers are drawn from: the policy itself, and half of each. */
const shares = [0, 1 / 2] as const

/** The claimed fixed points with the gradient of the loss there, pairs from the mixture held fixed. */
const fixedPoints = (subject: LossSubject, value: WinCase) => {
  const reference = Float64Array.from(probabilities(value.reference))
  const game = gameOf(value)
  return shares.map((share) => {
    const { policy, mixture } = mixtureNash(game, reference, subject.temperature, share)
    const environment = selfPlayEnvironment(value, mixture, reference)
    return { share, policy, mixture, gradient: relativeGradient(subject.loss, environment, [...policy]) }
  })
}

const check: Check<WinCase> = {
  mostRuns: 30,
  arbitrary: () => winCases({ flips: false }),
  predicate: (subject, value) => {
    const gradient = Math.max(...fixedPoints(subject, value).map((point) => point.gradient))
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    return { holds: gradient <= optimumTolerance, margin: optimumTolerance - gradient }
  },
  describe: (subject, value) => {
    const points = fixedPoints(subject, value)
    return {
      arms: populationRows(
        { ...value, behaviour: value.reference },
        Object.fromEntries(
          points.map(({ share, policy }) => [
            share === 0 ? "regularised Nash" : "fixed point, half reference",
            [...policy].map(numberText)
          ])
        )
      ),
      facts: {
        temperature: subject.temperature,
        ...Object.fromEntries(points.map(({ share, gradient }) => [`relative gradient, share ${share}`, gradient])),
        "P(first beats later), tenths": value.wins.join(" ")
      },
      explanation:
        "Trained on pairs of its own answers this loss moves on from the regularised Nash equilibrium: its gradient there is not 0, so it " +
        "converges to something else or not at all."
    }
  }
}

/** Online IPO, and IPO-MD for the mixture: the mixture is then the equilibrium at tau / (1 - share). */
export const p30: Property = {
  id: "P30",
  aliases: ["online-nash"],
  title: "Online training ends at the regularised Nash equilibrium",
  statement:
    "On pairs of the current policy the loss's fixed point is the policy proportional to reference · exp(P(y beats it) / temperature); on " +
    "pairs of its geometric mixture with the reference, the same against the mixture.",
  quantifiers:
    "for all preference matrices without certain wins and references on bandits of two or three arms; no gradient through the sampling; " +
    "shares 0 and 1/2 of the reference; the temperature is the loss's own beta (or tau)",
  source: "docs/experiments.md P30, E8; arXiv 2403.08635",
  appliesTo: needsGapLoss,
  check
}
