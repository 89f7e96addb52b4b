import { bradleyTerryFit, minimise, needsPopulation, populationLoss, relativeGradient } from "../population.ts"
import { populationRows, type WinCase, winCases, winEnvironment } from "../populationCase.ts"
import { type Check, identityTolerance, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"
import { logProbabilities, probabilities } from "../weights.ts"

/** `exp(r / T)` that a fitted reward gives the answer without data: anything. */
const unseenOdds = [1 / 4, 1, 4] as const

const withoutLast = (value: WinCase): WinCase => ({ ...value, behaviour: [...value.behaviour.slice(0, -1), 0] })

/** KL-regularised optima of all fitted rewards that are tried. */
const reachable = (subject: LossSubject, value: WinCase) => {
  const environment = winEnvironment(withoutLast(value))
  const rewards = bradleyTerryFit(environment)
  if (rewards === undefined) return undefined
  const policies = unseenOdds.map((odds) => {
    const fitted = rewards.map((r, y) => (y === rewards.length - 1 ? odds : Math.exp(r / subject.temperature)))
    return probabilities(fitted.map((weight, y) => weight * environment.reference[y]!))
  })
  return { environment, rewards, policies }
}

const forward: Check<WinCase> = {
  mostRuns: 20,
  arbitrary: () => winCases({ flips: false, fewest: 3 }),
  predicate: (subject, value) => {
    const found = reachable(subject, value)
    if (found === undefined) return { outside: "no Bradley–Terry model fits best" }
    const { environment, policies } = found
    const gradients = policies.map((policy) => relativeGradient(subject.loss, environment, policy))
    if (gradients.some(Number.isNaN)) return { outside: "the loss is not finite on this bandit" }
    const gradient = Math.max(...gradients)
    if (gradient > optimumTolerance) return { holds: false, margin: -gradient }
    const { loss } = minimise(subject.loss, environment)
    const excess = Math.max(...policies.map((policy) => populationLoss(subject.loss, environment, policy) - loss))
    return { holds: excess <= optimumTolerance, margin: -excess }
  },
  describe: (subject, value) => {
    const { environment, rewards, policies } = reachable(subject, value)!
    const minimum = minimise(subject.loss, environment)
    return {
      arms: populationRows(withoutLast(value), {
        "fitted reward": rewards.map((r, y) => (y === rewards.length - 1 ? "any" : numberText(r))),
        ...Object.fromEntries(policies.map((policy, k) => [`reachable ${k + 1}`, policy.map(numberText)])),
        [minimum.attained ? "minimiser of the loss" : "where the loss went"]: [...minimum.policy].map(numberText)
      }),
      facts: {
        temperature: subject.temperature,
        "lowest loss found": minimum.loss,
        ...Object.fromEntries(
          policies.map((policy, k) => [`loss at ${k + 1}`, populationLoss(subject.loss, environment, policy)])
        ),
        "P(first beats later), tenths": value.wins.join(" ")
      },
      explanation:
        "The last answer is in no pair, so a fitted reward may give it anything. The KL-regularised policies of such rewards do not all " +
        "minimise this loss."
    }
  }
}

const needsLabelsOnly = (subject: LossSubject): true | string => {
  const population = needsPopulation(subject)
  if (population !== true) return population
  return subject.extras.length === 0
    ? true
    : `the loss also reads ${subject.extras.join(", ")}, which no reward model gives`
}

/** One direction of Theorem 4.1. */
export const p36: Property = {
  id: "P36",
  aliases: ["rlhf-solutions-minimise"],
  title: "Every solution of reward fitting and KL-regularised training minimises the loss",
  statement:
    "With one answer in no pair, the KL-regularised optimum of every reward that fits the preferences attains the loss's infimum.",
  quantifiers:
    "for all preference matrices without certain wins, references and behaviour policies on three arms whose last arm is in no pair; " +
    "fitted rewards that give it exp(r / temperature) = 1/4, 1, 4; the temperature is the loss's own beta (or tau)",
  source: "docs/experiments.md P36, E2; arXiv 2404.10719, Theorem 4.1",
  appliesTo: needsLabelsOnly,
  check: forward
}

/** Masses that are given to an answer the reference excludes. */
const outsideMasses = [1 / 4, 9 / 10] as const

/** The loss on both labels of the pair, the two answers' minimum scaled down to leave mass for a third. */
const alongMass = (subject: LossSubject, value: WinCase) => {
  const { attained, policy } = minimise(subject.loss, winEnvironment(value))
  const reference = logProbabilities(value.reference)
  const wins = value.wins[0]! / 10
  const lossAt = (mass: number): number => {
    const logs = [...policy].map((p) => Math.log(p * (1 - mass)))
    const labelled = (w: number, l: number) =>
      subject.at({ lw: logs[w]!, ll: logs[l]!, rw: reference[w]!, rl: reference[l]!, nw: 1, nl: 1, s_w: 0, s_l: 0 })
        .loss
    return wins * labelled(0, 1) + (1 - wins) * labelled(1, 0)
  }
  return { attained, policy, inside: lossAt(0), outside: outsideMasses.map(lossAt) }
}

const reverse: Check<WinCase> = {
  mostRuns: 20,
  arbitrary: () => winCases({ flips: false, most: 2 }),
  predicate: (subject, value) => {
    const { attained, inside, outside } = alongMass(subject, value)
    if (!attained) return { outside: "the loss attains no minimum on the two answers" }
    if (!outside.every(Number.isFinite)) return { outside: "the loss is not finite here" }
    const rise = Math.min(...outside) - inside
    return { holds: rise > identityTolerance * (1 + Math.abs(inside)), margin: rise }
  },
  describe: (subject, value) => {
    const { policy, inside, outside } = alongMass(subject, value)
    const columns = outsideMasses.map((mass) => [
      `mass ${mass} outside`,
      [...policy].map((p) => numberText(p * (1 - mass)))
    ])
    const rows = populationRows(value, { minimum: [...policy].map(numberText), ...Object.fromEntries(columns) })
    const third = {
      arm: "c",
      reference: "0",
      behaviour: "0",
      minimum: "0",
      ...Object.fromEntries(outsideMasses.map((mass) => [`mass ${mass} outside`, numberText(mass)]))
    }
    return {
      arms: [...rows, third],
      facts: {
        "loss at the minimum": inside,
        ...Object.fromEntries(outside.map((loss, k) => [`loss with mass ${outsideMasses[k]} outside`, loss])),
        "P(a beats b), tenths": value.wins.join(" ")
      },
      explanation:
        "The reference gives c no probability, so no KL-regularised training ever reaches a policy that does. This loss is no higher there: " +
        "minimising it does not keep to the reference's support."
    }
  }
}

/** The reverse inclusion of Theorem 4.1, false of every loss that only sees the ratio of the two answers. */
export const keepsSupport: Property = {
  id: "keeps-support",
  aliases: ["only-rlhf-solutions"],
  title: "Minimisers keep to the reference's support",
  statement:
    "Moving mass from the compared answers to one that the reference excludes raises the loss above its minimum.",
  quantifiers:
    "for all preferences without certain wins and references on two compared answers where a minimum is attained, a third with reference " +
    "probability 0; masses 1/4 and 9/10",
  source: "docs/experiments.md P36, E2; arXiv 2404.10719, Theorem 4.1",
  appliesTo: needsPopulation,
  check: reverse
}
