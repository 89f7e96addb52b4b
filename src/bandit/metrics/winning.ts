/** Metrics of winning: against the reference, other policies, the best answer, and with several draws. */
import type { Environment } from "../environment.ts"
import { winRateAgainst } from "../optima.ts"
import { bestOfWinRate } from "../orderStatistics.ts"
import {
  contextMean,
  type Measure,
  type Metric,
  type PartialMetric,
  pairwiseFits,
  type ScopedMetric
} from "./metric.ts"

/** E_x Σ_{y, y'} π(y) other(y') P(y ≻ y'): prepared O(contexts · arms²), then O(contexts · arms) a policy. */
const against = (environment: Environment, other: Float64Array): Measure => {
  const wins = winRateAgainst(environment, other)
  return ({ prob }) => contextMean(environment, (i) => prob[i]! * wins[i]!)
}

/** Win rate of one policy against another, `E_x Σ_{y, y'} π(y) other(y') P(y ≻ y')`; 1/2 against itself. */
export const policyWinRate = (environment: Environment, policy: Float64Array, other: Float64Array): number => {
  const wins = winRateAgainst(environment, other)
  return contextMean(environment, (i) => policy[i]! * wins[i]!)
}

export const winRate: Metric<"winRate"> = {
  id: "winRate",
  title: "win rate against the reference",
  unit: "share",
  better: "higher",
  definition: "E_x Σ_{y, y'} π(y) π_ref(y') P(y ≻ y'); 1/2 at the reference",
  prepare: ({ environment }) => against(environment, environment.reference)
}

export const winRateByOpponent: ScopedMetric<"winRate"> = {
  ...winRate,
  definition: "E_x Σ_{y, y'} π(y) other(y') P(y ≻ y') for every named opponent; absent without opponents",
  prepare: ({ environment, opponents }) =>
    Object.entries(opponents).map(([name, policy]): [string, Measure] => [name, against(environment, policy)])
}

export const exploitability: PartialMetric<"exploitability"> = {
  id: "exploitability",
  title: "exploitability",
  unit: "share",
  better: "lower",
  definition:
    "E_x max_y Σ_y' π(y') P(y ≻ y') - 1/2, in [0, 1/2]: what the best single response wins above a tie; 0 exactly at a Nash equilibrium " +
    "of every context's win-rate game; absent above 2^20 pairs",
  prepare: ({ environment }) => {
    if (!pairwiseFits(environment)) return undefined
    const { contexts, arms, contextWeights, preference } = environment
    const table = Float64Array.from({ length: contexts * arms * arms }, (_, i) =>
      preference.probability(Math.floor(i / (arms * arms)), Math.floor(i / arms) % arms, i % arms)
    )
    return ({ prob }) => {
      let total = 0
      for (let c = 0; c < contexts; c++) total += contextWeights[c]! * (bestResponse(table, prob, c, arms) - 0.5)
      return total
    }
  }
}

/** max_y Σ_y' π(y') P(y ≻ y') of one context. */
const bestResponse = (table: Float64Array, prob: Float64Array, context: number, arms: number): number => {
  let best = 0
  for (let y = 0; y < arms; y++) {
    const row = (context * arms + y) * arms
    let wins = 0
    for (let other = 0; other < arms; other++) wins += prob[context * arms + other]! * table[row + other]!
    if (wins > best) best = wins
  }
  return best
}

/** Draws of the best-of and worst-of metrics. */
const draws = 4

const severalDraws =
  (sign: 1 | -1): Metric["prepare"] =>
  ({ environment }) => {
    const { contexts, arms, contextWeights, reference } = environment
    const reward = environment.reward.map((r) => sign * r)
    return ({ prob }) => {
      let total = 0
      for (let c = 0; c < contexts; c++) {
        const row = (values: Float64Array) => values.subarray(c * arms, (c + 1) * arms)
        const wins = bestOfWinRate(row(reward), row(prob), row(reference), draws)
        total += contextWeights[c]! * (sign === 1 ? wins : 1 - wins)
      }
      return total
    }
  }

export const bestOf4WinRate: Metric<"bestOf4WinRate"> = {
  id: "bestOf4WinRate",
  title: "win rate, best of 4",
  unit: "share",
  better: "higher",
  definition:
    "E_x probability that the best of 4 draws from π has more gold reward than the best of 4 draws from π_ref (a tie counts 1/2), exact; 1/2 at the reference",
  prepare: severalDraws(1)
}

export const worstOf4WinRate: Metric<"worstOf4WinRate"> = {
  id: "worstOf4WinRate",
  title: "win rate, worst of 4",
  unit: "share",
  better: "higher",
  definition:
    "E_x probability that the worst of 4 draws from π has more gold reward than the worst of 4 draws from π_ref (a tie counts 1/2), exact; 1/2 at the reference",
  prepare: severalDraws(-1)
}
