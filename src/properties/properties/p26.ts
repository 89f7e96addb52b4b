import type { Environment } from "../../bandit/environment.ts"
import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment, rewardOptimum } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

/** Shares of the mass that the unseen answer is given. */
const unseenMasses = [1 / 4, 3 / 4] as const

/** The case with its last answer in no pair. */
const withoutLast = (value: RewardCase): RewardCase => ({ ...value, behaviour: [...value.behaviour.slice(0, -1), 0] })

/** The KL-regularised odds among the seen answers, the unseen one keeping the given mass. */
const seenOptimum = (value: RewardCase, temperature: number, unseen: number): ReadonlyArray<number> => {
  const { policy } = rewardOptimum(value, temperature)
  const seen = policy.slice(0, -1)
  const sum = seen.reduce((a, b) => a + b, 0)
  return [...seen.map((p) => (p / sum) * (1 - unseen)), unseen]
}

const environmentOf = (subject: LossSubject, value: RewardCase): Environment =>
  rewardEnvironment(withoutLast(value), subject.temperature)

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases("reference", 3),
  predicate: (subject, value) => {
    const environment = environmentOf(subject, value)
    const gradients = unseenMasses.map((mass) =>
      relativeGradient(subject.loss, environment, seenOptimum(value, subject.temperature, mass))
    )
    if (gradients.some(Number.isNaN)) return { outside: "the loss is not finite on this bandit" }
    const gradient = Math.max(...gradients)
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    // Stationary everywhere on the line: a minimum if the search ends on it too.
    const { attained, policy } = minimise(subject.loss, environment)
    const expected = seenOptimum(value, subject.temperature, policy.at(-1)!)
    const gap = attained ? expected.reduce((top, p, k) => Math.max(top, Math.abs(p - policy[k]!)), 0) : 1
    return { holds: gap <= optimumTolerance, margin: optimumTolerance - gap }
  },
  describe: (subject, value) => {
    const environment = environmentOf(subject, value)
    const columns = unseenMasses.map((mass) => {
      const policy = seenOptimum(value, subject.temperature, mass)
      const gradient = relativeGradient(subject.loss, environment, policy)
      return [`unseen mass ${numberText(mass)}`, policy.map(numberText), gradient] as const
    })
    const found = minimise(subject.loss, environment)
    return {
      arms: populationRows(withoutLast(value), {
        reward: [...environment.reward].map(numberText),
        ...Object.fromEntries(columns.map(([name, policy]) => [name, policy])),
        [found.attained ? "minimiser of the loss" : "where the loss went"]: [...found.policy].map(numberText)
      }),
      facts: {
        temperature: subject.temperature,
        ...Object.fromEntries(columns.map(([name, , gradient]) => [`relative gradient at ${name}`, gradient]))
      },
      explanation:
        "The last answer is in no pair. With the KL-regularised odds among the others it should not matter to the loss how much mass they " +
        "have together; it does, or these are not the odds that the loss asks for."
    }
  }
}

/** The positive side of P15: what data without an answer determine, and what they leave open. */
export const p26: Property = {
  id: "P26",
  aliases: ["unseen-mass-free"],
  title: "Data without an answer fix the odds of the others, and no more",
  statement:
    "With one answer in no pair, the population minima are the policies with the KL-regularised odds among the others, whatever mass it keeps.",
  quantifiers:
    "for all rewards, references and behaviour policies on bandits of 3 or 4 arms whose last arm is in no pair, Bradley–Terry labels; the " +
    "temperature is the loss's own beta (or tau), masses 1/4 and 3/4",
  source: "docs/experiments.md P26, P36; arXiv 2404.10719, Theorem 4.1; arXiv 2406.19185",
  appliesTo: needsPopulation,
  check
}
