/** @file The comparisons that a report's sentences rest on, each paired by seed, each with its 95 % interval. */
import { outcomeRows } from "../figures/drawing/banditRows.ts"
import { finishedRows } from "../figures/drawing/finetuneRows.ts"
import { distinct, grouped, seedInterval } from "../figures/drawing/intervals.ts"
import {
  type BanditRow,
  type BehaviourClass,
  type FinetuneRow,
  finite,
  type Records,
  type SummaryRow
} from "../figures/records.ts"
import { resolved, rounding } from "../statistics.ts"

/** A mean change or difference over seeds; resolved: two seeds or more, and the interval leaves zero out. */
export interface SeedChange {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly seeds: number
  readonly resolved: boolean
  /** Set where the interval is over held-out prompts and not over seeds. */
  readonly over?: "prompts"
}

const seedChange = (values: readonly (number | undefined)[]): SeedChange | undefined => {
  const interval = seedInterval(values)
  if (interval === undefined) return undefined
  return { ...interval, resolved: interval.seeds > 1 && resolved({ ...interval, n: interval.seeds }) }
}

/** Rows that carry the metric: evaluations when there are two or more steps of them, else training steps. */
const rowsWith = (records: Records, loss: string, metric: string): readonly FinetuneRow[] => {
  const rows = finishedRows(records).filter((row) => row.loss === loss && finite(row[metric]) !== undefined)
  const evaluations = rows.filter((row) => row.kind === "evaluation")
  return distinct(evaluations.map((row) => row.step)).length >= 2
    ? evaluations
    : rows.filter((row) => row.kind === "step")
}

/** Change of a finetuning metric from each seed's first record to its last; undefined when a seed has fewer than two. */
export const changes = (records: Records, loss: string, metric: string): SeedChange | undefined => {
  const seeds = [...grouped(rowsWith(records, loss, metric), (row) => `${row.seed}`).values()]
  if (seeds.length === 0 || seeds.some((rows) => distinct(rows.map((row) => row.step)).length < 2)) return undefined
  return seedChange(
    seeds.map((rows) => {
      const ordered = [...rows].sort((a, b) => a.step - b.step)
      const [first, last] = [finite(ordered.at(0)?.[metric]), finite(ordered.at(-1)?.[metric])]
      return first === undefined || last === undefined ? undefined : last - first
    })
  )
}

const claimed = (row: SummaryRow): SeedChange | undefined => {
  const [mean, low, high] = [finite(row.mean), finite(row.low), finite(row.high)]
  if (mean === undefined) return undefined
  const bounded = low !== undefined && high !== undefined
  return {
    mean,
    low: low ?? mean,
    high: high ?? mean,
    seeds: row.seeds,
    resolved: bounded && row.resolved,
    ...(bounded && row.over === "prompts" ? { over: "prompts" as const } : {})
  }
}

/**
 * How a finetuning metric ended against the model before training (`reference`) or another loss, as the summary records
 * claim it: over seeds where there are several, else over prompts. Without a summary the change over steps is taken.
 */
export const difference = (records: Records, loss: string, metric: string, against: string): SeedChange | undefined => {
  const rows = records.summary.filter(
    (row) => row.loss === loss && row.against === against && row.metric.startsWith(`${metric} −`)
  )
  const overSeeds = rows.find((row) => row.over !== "prompts" && finite(row.low) !== undefined)
  const chosen = overSeeds ?? rows.find((row) => row.over === "prompts") ?? rows[0]
  if (chosen !== undefined) return claimed(chosen)
  return against === "reference" ? changes(records, loss, metric) : undefined
}

/** The best of several by the mean of a metric over seeds, the runner-up, and the lead (0 or more on average), paired by seed. */
export interface Lead<Id> {
  readonly best: Id
  readonly next: Id
  readonly difference: SeedChange
}

/** One of those compared, with its value for every seed that has one. */
interface Contender<Id> {
  readonly id: Id
  readonly values: ReadonlyMap<string, number>
}

/** Undefined when fewer than two have a value, or the first two share no seed. */
const leadOf = <Id>(contenders: readonly Contender<Id>[], better: "larger" | "smaller"): Lead<Id> | undefined => {
  const sign = better === "larger" ? 1 : -1
  const mean = ({ values }: Contender<Id>): number => seedInterval([...values.values()])?.mean ?? 0
  const [best, next] = contenders.filter(({ values }) => values.size > 0).sort((a, b) => sign * (mean(b) - mean(a)))
  if (best === undefined || next === undefined) return undefined
  const difference = seedChange(
    [...best.values].map(([seed, value]) => {
      const other = next.values.get(seed)
      return other === undefined ? undefined : sign * (value - other)
    })
  )
  return difference === undefined ? undefined : { best: best.id, next: next.id, difference }
}

/** Mean of a metric over the rows of each seed. */
const seedMeans = (rows: readonly BanditRow[], metric: keyof BanditRow): ReadonlyMap<string, number> =>
  new Map(
    [...grouped(rows, (row) => `${row.seed}`)].flatMap(([seed, group]) => {
      const mean = seedInterval(group.map((row) => finite(row[metric])))?.mean
      return mean === undefined ? [] : [[seed, mean] as const]
    })
  )

/** Which class has the largest mean of a metric in final rows of one environment. */
export const classGap = (rows: readonly BanditRow[], metric: keyof BanditRow): Lead<BehaviourClass> | undefined =>
  leadOf(
    distinct(rows.flatMap((row) => row.class ?? [])).map((id) => ({
      id,
      values: seedMeans(
        rows.filter((row) => row.class === id),
        metric
      )
    })),
    "larger"
  )

/**
 * How far the class of a loss decides a metric: variance of the losses' means between classes over their whole variance
 * (η²), in [0, 1]. Undefined where no class has two losses, there is one class only, or all means are equal.
 */
export const classShare = (rows: readonly BanditRow[], metric: keyof BanditRow): number | undefined => {
  const losses = [...grouped(rows, (row) => row.loss).values()].flatMap((own) => {
    const mean = seedInterval(own.map((row) => finite(row[metric])))?.mean
    const id = own[0]?.class
    return mean === undefined || id === undefined ? [] : [{ id, mean }]
  })
  const classes = [...grouped(losses, ({ id }) => id).values()]
  if (classes.length < 2 || classes.length === losses.length) return undefined
  const meanOf = (group: readonly { readonly mean: number }[]): number =>
    group.reduce((sum, { mean }) => sum + mean, 0) / group.length
  const middle = meanOf(losses)
  const total = losses.reduce((sum, { mean }) => sum + (mean - middle) ** 2, 0)
  const between = classes.reduce((sum, group) => sum + group.length * (meanOf(group) - middle) ** 2, 0)
  return total < rounding ? undefined : between / total
}

/** Which loss has the smallest mean regret in final rows of one environment. */
export const regretLead = (rows: readonly BanditRow[]): Lead<string> | undefined =>
  leadOf(
    [...grouped(rows, (row) => row.loss)].map(([id, group]) => ({ id, values: seedMeans(group, "regret") })),
    "smaller"
  )

const lastBySeed = (records: Records, loss: string, metric: string): ReadonlyMap<string, number> =>
  new Map(
    [...grouped(rowsWith(records, loss, metric), (row) => `${row.seed}`)].flatMap(([seed, rows]) => {
      const value = finite([...rows].sort((a, b) => a.step - b.step).at(-1)?.[metric])
      return value === undefined ? [] : [[seed, value] as const]
    })
  )

/** The last value of a finetuning metric over seeds. */
export const lastValue = (records: Records, loss: string, metric: string): SeedChange | undefined =>
  seedChange([...lastBySeed(records, loss, metric).values()])

/** Which loss has the largest mean of a finetuning metric at its last record. */
export const finalLead = (records: Records, metric: string): Lead<string> | undefined =>
  leadOf(
    distinct(records.finetune.map((row) => row.loss)).map((id) => ({ id, values: lastBySeed(records, id, metric) })),
    "larger"
  )

/**
 * For how many of the losses trained on bandits (in the plain condition) and in a model the mean drift of the chosen
 * log-probability has one sign.
 */
export const driftAgreement = (records: Records): { readonly same: number; readonly losses: number } => {
  const outcomes = outcomeRows(records)
  const pairs = distinct(records.finetune.map((row) => row.loss)).flatMap((loss) => {
    const model = changes(records, loss, "logps/chosen")?.mean
    const rows = outcomes.filter((row) => row.loss === loss)
    const bandit = seedInterval(rows.map((row) => finite(row.chosenLogpDrift)))?.mean
    return model === undefined || bandit === undefined ? [] : [[model, bandit] as const]
  })
  return { same: pairs.filter(([a, b]) => Math.sign(a) === Math.sign(b)).length, losses: pairs.length }
}
