import { ipoOptimum } from "../../bandit/optima.ts"
import { needsGapLoss } from "../gapLoss.ts"
import { minimise, relativeGradient } from "../population.ts"
import { populationRows, type WinCase, winCases, winEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

const closedForm = (subject: LossSubject, value: WinCase) => {
  const environment = winEnvironment(value)
  const behaviour = Float64Array.from(probabilities(value.behaviour))
  return { environment, optimum: [...ipoOptimum(environment, behaviour, subject.temperature)] }
}

const check: Check<WinCase> = {
  mostRuns: 20,
  arbitrary: () => winCases({ flips: false }),
  predicate: (subject, value) => {
    const { environment, optimum } = closedForm(subject, value)
    const gradient = relativeGradient(subject.loss, environment, optimum)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    const found = minimise(subject.loss, environment)
    const gap = found.attained ? optimum.reduce((top, p, k) => Math.max(top, Math.abs(p - found.policy[k]!)), 0) : 1
    return { holds: gap <= optimumTolerance, margin: optimumTolerance - gap }
  },
  describe: (subject, value) => {
    const { environment, optimum } = closedForm(subject, value)
    const found = minimise(subject.loss, environment)
    return {
      arms: populationRows(value, {
        "IPO optimum": optimum.map(numberText),
        [found.attained ? "minimiser of the loss" : "where the loss went"]: [...found.policy].map(numberText)
      }),
      facts: { tau: subject.temperature, "P(first beats later), tenths": value.wins.join(" ") },
      explanation: `The policy proportional to reference · exp(P(y beats behaviour) / ${numberText(subject.temperature)}) is not the minimum of this loss.`
    }
  }
}

/** Theorem 2 of the IPO paper, for arbitrary preferences. */
export const p20: Property = {
  id: "P20",
  aliases: ["ipo-optimum"],
  title: "The optimum is IPO's",
  statement: "The population minimum is the reference times exp(win rate against the behaviour policy / tau).",
  quantifiers:
    "for all preference matrices, references and full-support behaviour policies (both answers drawn from it) on bandits of 2 or 3 arms",
  source: "docs/experiments.md P20; arXiv 2310.12036, Theorem 2",
  appliesTo: needsGapLoss,
  check
}
