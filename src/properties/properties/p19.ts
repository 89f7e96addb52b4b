import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { uniform } from "../weights.ts"

const bothBehaviours = (subject: LossSubject, value: RewardCase) => {
  const here = rewardEnvironment(value, 1)
  const even = rewardEnvironment({ ...value, behaviour: uniform(value.behaviour.length) }, 1)
  return { here, even, minimum: minimise(subject.loss, even) }
}

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases("behaviour"),
  predicate: (subject, value) => {
    const { here, minimum } = bothBehaviours(subject, value)
    if (!minimum.attained) return { outside: "the loss attains no minimum on this bandit" }
    const gradient = relativeGradient(subject.loss, here, [...minimum.policy])
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    return { holds: gradient <= optimumTolerance, margin: optimumTolerance - gradient }
  },
  describe: (subject, value) => {
    const { here, minimum } = bothBehaviours(subject, value)
    const other = minimise(subject.loss, here)
    return {
      arms: populationRows(value, {
        reward: [...here.reward].map(numberText),
        "minimiser, this behaviour": [...other.policy].map(numberText),
        "minimiser, uniform behaviour": [...minimum.policy].map(numberText)
      }),
      facts: { "relative gradient of one at the other": relativeGradient(subject.loss, here, [...minimum.policy]) },
      explanation:
        "Drawing the compared answers from another behaviour policy with the same support moves the minimum: what this loss converges to " +
        "depends on how the data were collected."
    }
  }
}

/** The minimiser under uniform behaviour, asked for stationarity under another one. */
export const p19: Property = {
  id: "P19",
  aliases: ["behaviour-invariant"],
  title: "The optimum does not depend on the behaviour policy",
  statement:
    "On Bradley–Terry data the population minimum is the same whichever full-support policy the compared answers are drawn from.",
  quantifiers:
    "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms where the minimum is attained",
  source: "docs/experiments.md P19; arXiv 2406.19185, Theorem 1",
  appliesTo: needsPopulation,
  check
}
