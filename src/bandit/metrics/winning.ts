/** Metrics of winning: against the reference, other policies, the best answer, and with several draws. */
import type { Environment } from "../environment.ts"
import { winRateAgainst } from "../optima.ts"
import { bestRanks, higherRank, reversed } from "../orderStatistics.ts"
import { contextMean, type Measure, type Metric, type PartialMetric, type ScopedMetric, type World } from "./metric.ts"

/** Win rate of every response against a policy, from the table of wins where there is one. */
const winsOver = ({ environment, wins }: World, other: Float64Array): Float64Array => {
  const table = wins()
  if (table === undefined) return winRateAgainst(environment, other)
  const { arms } = environment
  const found = new Float64Array(other.length)
  for (let i = 0; i < found.length; i++) {
    const from = i - (i % arms)
    let total = 0
    for (let b = 0; b < arms; b++) total += other[from + b]! * table[i * arms + b]!
    found[i] = total
  }
  return found
}

/** E_x Σ_{y, y'} π(y) other(y') P(y ≻ y'): prepared O(contexts · arms²), then O(contexts · arms) a policy. */
const against = (world: World, other: Float64Array): Measure => {
  const wins = winsOver(world, other)
  return ({ prob }) => contextMean(world.environment, (i) => prob[i]! * wins[i]!)
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
  prepare: (world) => against(world, world.environment.reference)
}

export const winRateByOpponent: ScopedMetric<"winRate"> = {
  ...winRate,
  definition: "E_x Σ_{y, y'} π(y) other(y') P(y ≻ y') for every named opponent; absent without opponents",
  prepare: (world) =>
    Object.entries(world.opponents).map(([name, policy]): [string, Measure] => [name, against(world, policy)])
}

export const exploitability: PartialMetric<"exploitability"> = {
  id: "exploitability",
  title: "exploitability",
  unit: "share",
  better: "lower",
  definition:
    "E_x max_y Σ_y' π(y') P(y ≻ y') - 1/2, in [0, 1/2]: what the best single response wins above a tie; 0 exactly at a Nash equilibrium " +
    "of every context's win-rate game; absent above 2^20 pairs",
  prepare: ({ environment, wins }) => {
    const table = wins()
    if (table === undefined) return undefined
    const { contexts, arms, contextWeights } = environment
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
  (kind: "best" | "worst"): Metric["prepare"] =>
  ({ environment, rewardRanks }) => {
    const { arms, contextWeights, reference } = environment
    const row = (values: Float64Array, c: number) => values.subarray(c * arms, (c + 1) * arms)
    const rankings = kind === "best" ? rewardRanks() : rewardRanks().map(reversed)
    const opponents = rankings.map((ranking, c) => bestRanks(ranking, row(reference, c), draws))
    return ({ prob }) => {
      let total = 0
      rankings.forEach((ranking, c) => {
        const wins = higherRank(bestRanks(ranking, row(prob, c), draws), opponents[c]!)
        total += contextWeights[c]! * (kind === "best" ? wins : 1 - wins)
      })
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
  prepare: severalDraws("best")
}

export const worstOf4WinRate: Metric<"worstOf4WinRate"> = {
  id: "worstOf4WinRate",
  title: "win rate, worst of 4",
  unit: "share",
  better: "higher",
  definition:
    "E_x probability that the worst of 4 draws from π has more gold reward than the worst of 4 draws from π_ref (a tie counts 1/2), exact; 1/2 at the reference",
  prepare: severalDraws("worst")
}
