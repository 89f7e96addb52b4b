import { bradleyTerryFit, minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type WinCase, winCases, winEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

/** The KL-regularised optimum on the rewards of the fit: π_ref exp(r / temperature), normalised. */
const twoStages = (subject: LossSubject, value: WinCase) => {
  const environment = winEnvironment(value)
  const rewards = bradleyTerryFit(environment)
  const weights = rewards?.map((r, k) => environment.reference[k]! * Math.exp(r / subject.temperature))
  const sum = weights?.reduce((a, b) => a + b, 0)
  return { environment, rewards, optimum: weights?.map((weight) => weight / sum!) }
}

const check: Check<WinCase> = {
  mostRuns: 20,
  arbitrary: () => winCases({ flips: false }),
  predicate: (subject, value) => {
    const { environment, optimum } = twoStages(subject, value)
    if (optimum === undefined) return { outside: "no Bradley–Terry model fits best" }
    const gradient = relativeGradient(subject.loss, environment, optimum)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    const { attained, policy } = minimise(subject.loss, environment)
    const gap = attained ? optimum.reduce((top, p, k) => Math.max(top, Math.abs(p - policy[k]!)), 0) : 1
    return { holds: gap <= optimumTolerance, margin: optimumTolerance - gap }
  },
  describe: (subject, value) => {
    const { environment, rewards, optimum } = twoStages(subject, value)
    const found = minimise(subject.loss, environment)
    return {
      arms: populationRows(value, {
        "fitted reward": (rewards ?? []).map(numberText),
        "KL optimum on it": (optimum ?? []).map(numberText),
        [found.attained ? "minimiser of the loss" : "where the loss went"]: [...found.policy].map(numberText)
      }),
      facts: { temperature: subject.temperature, "P(first beats later), tenths": value.wins.join(" ") },
      explanation:
        "Fitting Bradley–Terry rewards to these preferences and optimising them with a KL penalty leads elsewhere than this loss: it is " +
        "no shortcut of the two stages."
    }
  }
}

/** DPO is the fit, read in log-ratios; on preferences that no rewards explain other proper losses project otherwise. */
export const p23: Property = {
  id: "P23",
  aliases: ["rlhf-equivalent"],
  title: "One stage does the work of two",
  statement:
    "Whatever the preferences, the population minimum is the KL-regularised optimum on the rewards of the Bradley–Terry model fitted to them.",
  quantifiers:
    "for all preference matrices without certain wins, Bradley–Terry or not, references and full-support behaviour policies on bandits of " +
    "2 or 3 arms; the temperature is the loss's own beta (or tau)",
  source: "docs/experiments.md P23; arXiv 2310.12036, Proposition 4",
  appliesTo: (subject) => {
    const population = needsPopulation(subject)
    if (population !== true) return population
    return subject.extras.length === 0
      ? true
      : `the loss reads ${subject.extras.join(", ")}, which preferences do not give`
  },
  check
}
