import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment, rewardOptimum } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import { numberText } from "../table.ts"

const largestGap = (a: ReadonlyArray<number>, b: ArrayLike<number>): number =>
  a.reduce((top, entry, k) => Math.max(top, Math.abs(entry - b[k]!)), 0)

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const environment = rewardEnvironment(value, subject.temperature)
    const optimum = rewardOptimum(value, subject.temperature).policy
    const gradient = relativeGradient(subject.loss, environment, optimum)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    // A minimum is stationary: no need to search for it elsewhere.
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    const found = minimise(subject.loss, environment)
    const gap = found.attained ? largestGap(optimum, found.policy) : 1
    return { holds: gap <= optimumTolerance, margin: optimumTolerance - gap }
  },
  describe: (subject, value) => {
    const environment = rewardEnvironment(value, subject.temperature)
    const optimum = rewardOptimum(value, subject.temperature)
    const found = minimise(subject.loss, environment)
    const gradient = relativeGradient(subject.loss, environment, optimum.policy)
    return {
      arms: populationRows(value, {
        reward: [...environment.reward].map(numberText),
        "KL optimum": optimum.text,
        [found.attained ? "minimiser of the loss" : "where the loss went"]: [...found.policy].map(numberText)
      }),
      facts: { temperature: subject.temperature, "relative gradient at the KL optimum": gradient },
      explanation:
        `Labels are Bradley–Terry in the rewards, every pair is compared. The policy proportional to reference · exp(reward / ` +
        `${numberText(subject.temperature)}) is not a minimum of this loss: its gradient there is ${numberText(gradient)} of the single pairs' size.`
    }
  }
}

/** Stationarity at the closed form, then the minimiser itself; both to 1e-6. */
export const p18: Property = {
  id: "P18",
  aliases: ["kl-optimum"],
  title: "The optimum is the KL-regularised one",
  statement: "On Bradley–Terry data the population minimum is the reference times exp(reward / temperature).",
  quantifiers:
    "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms; the temperature is the loss's own beta (or tau)",
  source: "docs/experiments.md P18; arXiv 2310.12036, Proposition 1",
  appliesTo: needsPopulation,
  check
}
