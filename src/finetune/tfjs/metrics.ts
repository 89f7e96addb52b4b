/**
 * @file Metrics of a batch of pairs under TRL's names. A reward is the implicit one, `scale × (log π - log π_ref)`, per token
 * for losses of per-token probabilities; `scale` is the loss's beta where it has one, else 1.
 */

import type { Metrics } from "../events.ts"
import type { FixedColumns } from "./objective.ts"

/** How implicit rewards are read off a loss. */
export interface RewardReading {
  readonly scale: number
  readonly perToken: boolean
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * `rewards/*` and `logps/*` of pairs: means of rewards, their margin, the share of pairs with a positive margin (a margin of
 * zero counts half), log-probabilities summed over tokens and, as `logps_per_token/*`, divided by the token count.
 * @param answers policy log-probabilities, chosen at 2i, rejected at 2i + 1
 */
export const pairMetrics = (answers: Float64Array, fixed: FixedColumns, reading: RewardReading): Metrics => {
  const indices = Array.from({ length: answers.length / 2 }, (_, i) => i)
  const reward = (side: 0 | 1) => (i: number) => {
    const reference = side === 0 ? fixed.rw![i]! : fixed.rl![i]!
    const length = side === 0 ? fixed.nw![i]! : fixed.nl![i]!
    return (reading.scale * (answers[2 * i + side]! - reference)) / (reading.perToken ? length : 1)
  }
  const [chosen, rejected] = [indices.map(reward(0)), indices.map(reward(1))]
  const margins = indices.map((i) => chosen[i]! - rejected[i]!)
  return {
    "rewards/chosen": mean(chosen),
    "rewards/rejected": mean(rejected),
    "rewards/margins": mean(margins),
    "rewards/accuracies": mean(margins.map((margin) => (margin > 0 ? 1 : margin === 0 ? 0.5 : 0))),
    "logps/chosen": mean(indices.map((i) => answers[2 * i]!)),
    "logps/rejected": mean(indices.map((i) => answers[2 * i + 1]!)),
    "logps_per_token/chosen": mean(indices.map((i) => answers[2 * i]! / fixed.nw![i]!)),
    "logps_per_token/rejected": mean(indices.map((i) => answers[2 * i + 1]! / fixed.nl![i]!))
  }
}

/** Mean of values and its standard error, as `name` and `name_se`; a single value has no error, so none is given. */
export const withError = (name: string, values: ReadonlyArray<number>): Metrics => {
  const average = mean(values)
  if (values.length < 2) return { [name]: average }
  const square = values.reduce((sum, value) => sum + (value - average) ** 2, 0)
  return { [name]: average, [`${name}_se`]: Math.sqrt(square / (values.length - 1) / values.length) }
}
