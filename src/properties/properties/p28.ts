import type { Loss } from "../../loss/loss.ts"
import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** The parameter that scales the loss's log-ratios, if its program has one. */
const temperatureName = ({ loss }: LossSubject): "beta" | "tau" | undefined =>
  (["beta", "tau"] as const).find((name) => loss.program.params[name] !== undefined)

/** The same loss with its temperature parameter doubled. */
const doubled = ({ loss }: LossSubject, name: "beta" | "tau"): Loss => {
  const params = { ...loss.program.params, [name]: 2 * loss.program.params[name]! }
  return { ...loss, program: { ...loss.program, params } }
}

const both = (subject: LossSubject, value: RewardCase) => {
  const environment = rewardEnvironment(value, subject.temperature)
  const minimum = minimise(subject.loss, environment)
  const reference = probabilities(value.reference)
  const raised = reference.map((r, k) => Math.sqrt(r * minimum.policy[k]!))
  const sum = raised.reduce((a, b) => a + b, 0)
  return { environment, minimum, halved: raised.map((p) => p / sum) }
}

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const { environment, minimum, halved } = both(subject, value)
    if (!minimum.attained) return { outside: "the loss attains no minimum on this bandit" }
    // Between its kinks a hinge may be flat: then there is no one optimum whose log-ratios could scale.
    if (!minimum.unique) return { outside: "the loss has more than one minimum on this bandit" }
    const gradient = relativeGradient(doubled(subject, temperatureName(subject)!), environment, halved)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    return { holds: gradient <= optimumTolerance, margin: optimumTolerance - gradient }
  },
  describe: (subject, value) => {
    const { environment, minimum, halved } = both(subject, value)
    const name = temperatureName(subject)!
    const found = minimise(doubled(subject, name), environment)
    return {
      arms: populationRows(value, {
        reward: [...environment.reward].map(numberText),
        minimum: [...minimum.policy].map(numberText),
        "half its log-ratios": halved.map(numberText),
        [`minimum at twice the ${name}`]: [...found.policy].map(numberText)
      }),
      facts: { [name]: subject.loss.program.params[name]! },
      explanation: `Doubling ${name} does not halve the optimum's log-ratios to the reference: ${name} is no temperature of a KL problem here.`
    }
  }
}

/** The optimum at 2 beta is π_ref (π / π_ref)^(1/2), normalised. */
export const p28: Property = {
  id: "P28",
  aliases: ["beta-is-temperature"],
  title: "beta is a temperature",
  statement: "On Bradley–Terry data the optimum's log-ratios to the reference scale as 1 / beta (or 1 / tau).",
  quantifiers:
    "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms where one minimum is attained; beta doubled",
  source: "docs/experiments.md P28",
  appliesTo: (subject) => {
    const population = needsPopulation(subject)
    if (population !== true) return population
    return temperatureName(subject) === undefined ? "the loss program has no parameter beta or tau" : true
  },
  check
}
