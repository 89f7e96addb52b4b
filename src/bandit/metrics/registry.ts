/** All metrics. A new one is its definition in a file here, and its name in one of these lists. */
import { entropy, entropyReferenceTopK, entropyTopK, massReferenceTopK, massTopK } from "./concentration.ts"
import {
  chosenLogpDrift,
  chosenSequentialKl,
  rejectedLogpDrift,
  rejectedSequentialKl,
  unseenLargestGain,
  unseenMass,
  unseenMassChange
} from "./data.ts"
import {
  heldOutAccuracy,
  implicitAccuracy,
  implicitAccuracyByDomain,
  implicitRanking,
  implicitRankingByDomain,
  policyRanking
} from "./ranking.ts"
import {
  expectedReward,
  frontDistance,
  klFromReference,
  klToReference,
  matchedRegret,
  namedRewards,
  regret
} from "./reward.ts"
import { bestOf4WinRate, exploitability, winRate, winRateByOpponent, worstOf4WinRate } from "./winning.ts"

/** Every environment has these columns. */
export const metrics = [
  expectedReward,
  klToReference,
  klFromReference,
  regret,
  matchedRegret,
  winRate,
  chosenLogpDrift,
  rejectedLogpDrift,
  unseenMass,
  unseenMassChange,
  unseenLargestGain,
  entropy,
  policyRanking,
  implicitRanking,
  bestOf4WinRate,
  worstOf4WinRate
] as const

/** Columns of some environments. */
export const partialMetrics = [
  massTopK,
  entropyTopK,
  massReferenceTopK,
  entropyReferenceTopK,
  implicitAccuracy,
  heldOutAccuracy,
  exploitability,
  frontDistance,
  chosenSequentialKl,
  rejectedSequentialKl
] as const

/** Columns `id.scope`: one for each reward table, domain or opponent. */
export const scopedMetrics = [
  namedRewards,
  implicitRankingByDomain,
  implicitAccuracyByDomain,
  winRateByOpponent
] as const

export type MetricId = (typeof metrics)[number]["id"]
export type PartialMetricId = (typeof partialMetrics)[number]["id"]
export type ScopedMetricId = (typeof scopedMetrics)[number]["id"]
