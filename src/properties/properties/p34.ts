import { bestOfBounds } from "../../bandit/decoding.ts"
import { bestOf, bestOfWinRate } from "../../bandit/orderStatistics.ts"
import { minimise, needsPopulation, relativeGradient } from "../population.ts"
import { populationRows, type RewardCase, rewardCases, rewardEnvironment } from "../populationCase.ts"
import { type Check, identityTolerance, optimumTolerance, type Property } from "../property.ts"
import type { LossSubject } from "../subject.ts"
import { numberText } from "../table.ts"

const draws = [2, 4, 16] as const

/** The loss's minimum decoded by best-of-n on the gold reward: how far it goes from the minimum, and how often it wins. */
const decoded = (subject: LossSubject, value: RewardCase) => {
  const environment = rewardEnvironment(value, subject.temperature)
  const { attained, policy } = minimise(subject.loss, environment)
  const rows = draws.map((n) => {
    const best = bestOf(environment.reward, policy, n)
    const kl = best.reduce((sum, p, y) => (p > 0 ? sum + p * Math.log(p / policy[y]!) : sum), 0)
    // One draw from each distribution: the best of one is the distribution itself.
    const wins = bestOfWinRate(environment.reward, best, policy, 1)
    return { n, best, kl, wins, bounds: bestOfBounds(n) }
  })
  return { attained, policy, rows }
}

const check: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const { attained, rows } = decoded(subject, value)
    if (!attained) return { outside: "the loss attains no minimum on this bandit" }
    const room = Math.min(...rows.map(({ kl, wins, bounds }) => Math.min(bounds.kl - kl, bounds.winRate - wins)))
    return { holds: room >= -identityTolerance, margin: room }
  },
  describe: (subject, value) => {
    const { policy, rows } = decoded(subject, value)
    return {
      arms: populationRows(value, {
        minimum: [...policy].map(numberText),
        ...Object.fromEntries(rows.map(({ n, best }) => [`best of ${n}`, [...best].map(numberText)]))
      }),
      facts: Object.fromEntries(
        rows.flatMap(({ n, kl, wins, bounds }) => [
          [`KL, best of ${n} (bound ${numberText(bounds.kl)})`, kl],
          [`win rate, best of ${n} (bound ${numberText(bounds.winRate)})`, wins]
        ])
      ),
      explanation:
        "The best of several draws goes further from the policy, or wins more often, than any order statistics can."
    }
  }
}

/** A theorem about every policy, hence about the minimum of every loss: a failure is an error in the decoding, not in the loss. */
export const p34: Property = {
  id: "P34",
  aliases: ["best-of-n-bounds"],
  title: "Best-of-n keeps to its bounds",
  statement:
    "Decoding the loss's minimum by the best of n draws stays within KL log n - (n - 1) / n of it and wins at most n / (n + 1) of the time.",
  quantifiers:
    "for all rewards, references and behaviour policies on bandits of 2 to 4 arms where a minimum is attained; n = 2, 4, 16",
  source: "docs/experiments.md P34, E12; arXiv 2401.01879",
  appliesTo: needsPopulation,
  check
}

/** Strictly increasing: rewards and their cubes plus themselves. */
const transformed = (reward: Float64Array): Float64Array => reward.map((r) => r + r ** 3)

const both = (subject: LossSubject, value: RewardCase) => {
  const environment = rewardEnvironment(value, 1)
  const { attained, policy } = minimise(subject.loss, environment)
  const other = { ...environment, reward: transformed(environment.reward) }
  return { environment, other, attained, policy }
}

const orderOnly: Check<RewardCase> = {
  mostRuns: 20,
  arbitrary: () => rewardCases(),
  predicate: (subject, value) => {
    const { other, attained, policy } = both(subject, value)
    if (!attained) return { outside: "the loss attains no minimum on this bandit" }
    const gradient = relativeGradient(subject.loss, other, [...policy])
    if (Number.isNaN(gradient)) return { outside: "the loss is not finite on this bandit" }
    return { holds: gradient <= optimumTolerance, margin: optimumTolerance - gradient }
  },
  describe: (subject, value) => {
    const { environment, other, policy } = both(subject, value)
    const found = minimise(subject.loss, other)
    return {
      arms: populationRows(value, {
        reward: [...environment.reward].map(numberText),
        minimum: [...policy].map(numberText),
        "reward + reward³": [...other.reward].map(numberText),
        "its minimum": [...found.policy].map(numberText)
      }),
      facts: { temperature: subject.temperature },
      explanation:
        "Both rewards order the answers alike, and the loss ends elsewhere: it reads how much better an answer is. Calibrating rewards to " +
        "their quantiles under the reference first would take that freedom away."
    }
  }
}

/** The other half of P34: raw rewards are not invariant; calibrated ones are, being quantiles. */
export const rewardOrder: Property = {
  id: "reward-order",
  aliases: ["transformation-invariant"],
  title: "Only the order of rewards matters",
  statement: "Replacing all rewards by a strictly increasing function of them does not move the population minimum.",
  quantifiers:
    "for all rewards, references and full-support behaviour policies on bandits of 2 to 4 arms, labels unchanged; searched at r + r³",
  source: "docs/experiments.md P34, E12; arXiv 2412.19792",
  appliesTo: (subject) => {
    const population = needsPopulation(subject)
    if (population !== true) return population
    return subject.loss.inputs.includes("s_w") ? true : "the loss reads no rewards"
  },
  check: orderOnly
}
