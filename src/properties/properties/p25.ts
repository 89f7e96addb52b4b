import { fullBatch } from "../../bandit/batch.ts"
import { createObjective } from "../../bandit/objective.ts"
import { pairLossFamily } from "../../bandit/pairLoss.ts"
import { exactPairs } from "../../bandit/pairs.ts"
import { compileKernel } from "../../loss/kernel.ts"
import { needsPopulation } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment } from "../populationCase.ts"
import { type Check, identityTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** Expected gradient of the loss over pairs drawn from the policy itself, and -∇J; both by the logits. */
const gradients = (subject: LossSubject, value: RewardCase) => {
  const environment = rewardEnvironment(value, subject.temperature)
  const policy = probabilities(value.behaviour)
  const objective = createObjective(pairLossFamily("case", compileKernel(subject.loss.program)), 1, policy.length)
  const expected = new Float64Array(policy.length)
  objective.lossAndGradientInto(fullBatch(exactPairs(environment)), Float64Array.from(policy, Math.log), expected)
  const regularised = policy.map(
    (p, k) => environment.reward[k]! - subject.temperature * Math.log(p / environment.reference[k]!)
  )
  const mean = policy.reduce((sum, p, k) => sum + p * regularised[k]!, 0)
  return { expected: [...expected], downhill: policy.map((p, k) => -p * (regularised[k]! - mean)) }
}

const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => a.reduce((sum, x, k) => sum + x * b[k]!, 0)

/** 1 - cosine of the two, or undefined where one of them vanishes. */
const misalignment = ({ expected, downhill }: ReturnType<typeof gradients>): number | undefined => {
  const size = Math.sqrt(dot(expected, expected) * dot(downhill, downhill))
  return size < 1e-12 ? undefined : 1 - dot(expected, downhill) / size
}

const check: Check<RewardCase> = {
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const angle = misalignment(gradients(subject, value))
    if (angle === undefined || Number.isNaN(angle)) return { outside: "a gradient vanishes or is not finite here" }
    return { holds: angle <= identityTolerance, margin: -angle }
  },
  describe: (subject, value) => {
    const { expected, downhill } = gradients(subject, value)
    const environment = rewardEnvironment(value, subject.temperature)
    return {
      arms: populationRows(value, {
        reward: [...environment.reward].map(numberText),
        "loss gradient": expected.map(numberText),
        "-gradient of J": downhill.map(numberText)
      }),
      facts: { temperature: subject.temperature },
      explanation:
        "The policy is the behaviour column and both answers are drawn from it. The expected gradient of the loss does not point along the " +
        "policy gradient of the KL-regularised reward."
    }
  }
}

/** CoPG: the expectation is exactly 2 ∇J; REBEL and reward regressions share the direction. */
export const p25: Property = {
  id: "P25",
  aliases: ["on-policy-gradient"],
  title: "On-policy it is the policy gradient",
  statement:
    "With both answers drawn from the policy itself, the expected gradient is a positive multiple of the regularised policy gradient.",
  quantifiers:
    "for all rewards, references and policies on bandits of 2 to 4 arms, the temperature being the loss's own",
  source: "docs/experiments.md P25; arXiv 2406.19185, Property 1",
  appliesTo: (subject) => {
    const population = needsPopulation(subject)
    if (population !== true) return population
    return subject.extras.includes("s_w") ? true : "the loss reads no rewards"
  },
  check
}
