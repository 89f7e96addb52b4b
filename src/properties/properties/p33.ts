import { bradleyTerry } from "../../bandit/preferences.ts"
import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment } from "../populationCase.ts"
import { type Check, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { probabilities } from "../weights.ts"

/** Rewards of the compared objective `r_k = T log odds`, of the margin objective `r_m = -T log (odds of the next arm)`. */
const world = (subject: LossSubject, value: RewardCase) => {
  const { params } = subject.loss
  const [own, other] = [params.w_k!, params.w_m!]
  // The scale of its log-ratio gap is beta / w_k.
  const beta = params.beta!
  const compared = rewardEnvironment(value, beta)
  const arms = compared.arms
  const margins = compared.reward.map((_, y) => -compared.reward[(y + 1) % arms]!)
  // The labels are of the one objective, the rewards that the loss reads are of the other.
  const environment = { ...compared, reward: margins, preference: bradleyTerry(compared.reward, arms, 1) }
  const weights = compared.reference.map(
    (r, y) => r * Math.exp((own * compared.reward[y]! + other * margins[y]!) / beta)
  )
  return { environment, compared: compared.reward, margins, optimum: probabilities([...weights]) }
}

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const { environment, optimum } = world(subject, value)
    const gradient = relativeGradient(subject.loss, environment, optimum)
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    const { attained, policy } = minimise(subject.loss, environment)
    const gap = attained ? optimum.reduce((top, p, y) => Math.max(top, Math.abs(p - policy[y]!)), 0) : 1
    return { holds: gap <= optimumTolerance, margin: optimumTolerance - gap }
  },
  describe: (subject, value) => {
    const { environment, compared, margins, optimum } = world(subject, value)
    const found = minimise(subject.loss, environment)
    return {
      arms: populationRows(value, {
        "compared reward": [...compared].map(numberText),
        "margin reward": [...margins].map(numberText),
        "optimum of both": optimum.map(numberText),
        [found.attained ? "minimiser of the loss" : "where the loss went"]: [...found.policy].map(numberText)
      }),
      facts: { beta: subject.loss.params.beta!, w_k: subject.loss.params.w_k!, w_m: subject.loss.params.w_m! },
      explanation:
        "Labels compare the one objective, margins come from the other one's rewards: the minimum is not the KL-regularised optimum of " +
        "their weighted sum."
    }
  }
}

/** `(beta h - w_m Δr_m) / w_k = Δr_k` at the optimum. Margins that are off by e move its log-ratios by `w_m e / beta`. */
export const p33: Property = {
  id: "P33",
  aliases: ["margins-scalarise"],
  title: "Margins add the other objective",
  statement:
    "On Bradley–Terry labels of one reward and exact margins of another, the population minimum is the reference times exp of the weighted sum over beta.",
  quantifiers:
    "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms; weights w_k and w_m, beta the loss's own",
  source: "docs/experiments.md P33, E11; arXiv 2310.03708",
  appliesTo: (subject) => {
    const population = needsPopulation(subject)
    if (population !== true) return population
    const { params, inputs } = subject.loss
    return inputs.includes("s_w") && params.beta !== undefined && params.w_k !== undefined && params.w_m !== undefined
      ? true
      : "the loss has no weights w_k, w_m of a compared and a margin objective (MODPO)"
  },
  check
}
