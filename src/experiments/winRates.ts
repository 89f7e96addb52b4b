/**
 * @file Win rates of finetuned models against the baseline's, prompt by prompt: both models answer the same held-out prompts
 * with the same random numbers, and the gold reward says whose answer is better. Pure: rows in, rows out.
 */
import type { Json } from "./canonical.ts"
import type { WinRateRow } from "./figures/records.ts"
import { type Interval, resolved, studentInterval } from "./statistics.ts"

/** The gold reward of one sampled completion: a row of `records/rewards.jsonl`. */
export interface RewardRow {
  readonly cell: string
  readonly loss: string
  readonly ceWeight: number
  readonly seed: number
  /** Number of the held-out prompt, and of the completion among those of the prompt. */
  readonly prompt: number
  readonly sample: number
  readonly reward: number
}

/** A comparison's points: 1 for a win, 1/2 for a tie, 0 for a loss. */
const points = (own: number, other: number): number => (own > other ? 1 : own === other ? 0.5 : 0)

interface Comparison {
  readonly seed: number
  readonly prompt: number
  readonly points: number
}

const key = ({ seed, prompt, sample }: RewardRow): string => `${seed} ${prompt} ${sample}`

/** One comparison for every completion that both have. */
const compared = (own: ReadonlyArray<RewardRow>, others: ReadonlyArray<RewardRow>): ReadonlyArray<Comparison> => {
  const byKey = new Map(others.map((row) => [key(row), row.reward]))
  return own.flatMap((row) => {
    const other = byKey.get(key(row))
    return other === undefined ? [] : [{ seed: row.seed, prompt: row.prompt, points: points(row.reward, other) }]
  })
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The interval of means over groups, one observation a group. */
const overGroups = (comparisons: ReadonlyArray<Comparison>, group: (one: Comparison) => number): Interval =>
  studentInterval([...Map.groupBy(comparisons, group).values()].map((ones) => mean(ones.map((one) => one.points))))

const rowsOf = (
  first: RewardRow,
  against: string,
  comparisons: ReadonlyArray<Comparison>
): ReadonlyArray<WinRateRow> => {
  const share = (value: number): number => comparisons.filter((one) => one.points === value).length / comparisons.length
  const counts = {
    loss: first.loss,
    ceWeight: first.ceWeight,
    against,
    wins: share(1),
    ties: share(0.5),
    losses: share(0),
    seeds: new Set(comparisons.map((one) => one.seed)).size,
    comparisons: comparisons.length
  }
  const overs = [
    ["seeds", overGroups(comparisons, (one) => one.seed)],
    ["prompts", overGroups(comparisons, (one) => one.prompt)]
  ] as const
  return overs.map(([over, { mean: winRate, low, high, n }]) => ({
    ...counts,
    over,
    n,
    winRate,
    low: low ?? ("NaN" as const),
    high: high ?? ("NaN" as const),
    resolved:
      low !== undefined && high !== undefined && resolved({ mean: winRate - 0.5, low: low - 0.5, high: high - 0.5, n })
  }))
}

/**
 * Win rates `P(reward > baseline's reward) + P(equal) / 2` of each loss and weight of the cross-entropy term against the
 * baseline at that weight (at its first where it has not that one), twice: with Student's 95 % interval over seeds (one mean a
 * seed), and over prompts (one mean a prompt, over its completions under all seeds). `resolved`: the interval leaves 1/2 out.
 * A single seed or prompt has no interval: `low` and `high` are NaN.
 * @param rows of `records/rewards.jsonl`
 */
export const winRates = (
  rows: ReadonlyArray<Readonly<Record<string, Json>>>,
  baseline: string | undefined
): ReadonlyArray<WinRateRow> => {
  const rewards = rows as unknown as ReadonlyArray<RewardRow>
  const conditions = [...Map.groupBy(rewards, ({ loss, ceWeight }) => JSON.stringify([loss, ceWeight])).values()]
  const baselines = conditions.filter(([first]) => first!.loss === baseline)
  return conditions.flatMap((own) => {
    const first = own[0]!
    if (first.loss === baseline) return []
    const others = baselines.find(([one]) => one!.ceWeight === first.ceWeight) ?? baselines[0]
    const comparisons = others === undefined ? [] : compared(own, others)
    return comparisons.length === 0 ? [] : rowsOf(first, baseline!, comparisons)
  })
}
