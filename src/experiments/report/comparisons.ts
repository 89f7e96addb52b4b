/** @file The comparisons that a report's sentences rest on, each paired by seed, each with its 95 % interval. */
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
  return { ...interval, resolved: interval.seeds > 1 && (interval.low > 0 || interval.high < 0) }
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

/** The last value of a finetuning metric over seeds. */
export const lastValue = (records: Records, loss: string, metric: string): SeedChange | undefined => {
  const seeds = [...grouped(rowsWith(records, loss, metric), (row) => `${row.seed}`).values()]
  return seedChange(seeds.map((rows) => finite([...rows].sort((a, b) => a.step - b.step).at(-1)?.[metric])))
}

/** The class with the largest mean of a metric, the runner-up, and the lead, paired by seed. */
export interface ClassGap {
  readonly best: BehaviourClass
  readonly next: BehaviourClass
  readonly difference: SeedChange
}

const seedMeans = (rows: readonly BanditRow[], metric: keyof BanditRow): ReadonlyMap<string, number> =>
  new Map(
    [...grouped(rows, (row) => `${row.seed}`)].flatMap(([seed, group]) => {
      const mean = seedInterval(group.map((row) => finite(row[metric])))?.mean
      return mean === undefined ? [] : [[seed, mean] as const]
    })
  )

/** Compares the classes in final rows of one environment; undefined when fewer than two classes have the metric. */
export const classGap = (rows: readonly BanditRow[], metric: keyof BanditRow): ClassGap | undefined => {
  const classes = distinct(rows.flatMap((row) => row.class ?? []))
    .map((id) => ({
      id,
      means: seedMeans(
        rows.filter((row) => row.class === id),
        metric
      )
    }))
    .map((entry) => ({ ...entry, mean: seedInterval([...entry.means.values()])?.mean }))
    .filter((entry): entry is typeof entry & { mean: number } => entry.mean !== undefined)
    .sort((a, b) => b.mean - a.mean)
  const [best, next] = classes
  if (best === undefined || next === undefined) return undefined
  const lead = seedChange(
    [...best.means].map(([seed, value]) => {
      const other = next.means.get(seed)
      return other === undefined ? undefined : value - other
    })
  )
  return lead === undefined ? undefined : { best: best.id, next: next.id, difference: lead }
}

/** The loss with the largest mean of a metric at the end of finetuning, the runner-up, and the lead, paired by seed. */
export interface LossLead {
  readonly best: string
  readonly next: string
  readonly difference: SeedChange
}

const lastBySeed = (records: Records, loss: string, metric: string): ReadonlyMap<string, number> =>
  new Map(
    [...grouped(rowsWith(records, loss, metric), (row) => `${row.seed}`)].flatMap(([seed, rows]) => {
      const value = finite([...rows].sort((a, b) => a.step - b.step).at(-1)?.[metric])
      return value === undefined ? [] : [[seed, value] as const]
    })
  )

/** Compares the losses at their last records; undefined when fewer than two losses, or no common seed, have the metric. */
export const finalLead = (records: Records, metric: string): LossLead | undefined => {
  const [best, next] = distinct(records.finetune.map((row) => row.loss))
    .map((loss) => ({ loss, values: lastBySeed(records, loss, metric) }))
    .filter(({ values }) => values.size > 0)
    .sort(
      (a, b) => (seedInterval([...b.values.values()])?.mean ?? 0) - (seedInterval([...a.values.values()])?.mean ?? 0)
    )
  if (best === undefined || next === undefined) return undefined
  const lead = seedChange(
    [...best.values].map(([seed, value]) => {
      const other = next.values.get(seed)
      return other === undefined ? undefined : value - other
    })
  )
  return lead === undefined ? undefined : { best: best.loss, next: next.loss, difference: lead }
}

/** For how many of the losses trained on bandits and in a model the mean drift of the chosen log-probability has one sign. */
export const driftAgreement = (records: Records): { readonly same: number; readonly losses: number } => {
  const pairs = distinct(records.finetune.map((row) => row.loss)).flatMap((loss) => {
    const model = changes(records, loss, "logps/chosen")?.mean
    const rows = records.bandit.filter((row) => row.loss === loss && row.final)
    const bandit = seedInterval(rows.map((row) => finite(row.chosenLogpDrift)))?.mean
    return model === undefined || bandit === undefined ? [] : [[model, bandit] as const]
  })
  return { same: pairs.filter(([a, b]) => Math.sign(a) === Math.sign(b)).length, losses: pairs.length }
}

/** The losses with the smallest and second smallest mean regret in final rows of one environment, and the difference. */
export const regretLead = (rows: readonly BanditRow[]): LossLead | undefined => {
  const [best, next] = [...grouped(rows, (row) => row.loss)]
    .map(([loss, group]) => ({ loss, means: seedMeans(group, "regret") }))
    .filter(({ means }) => means.size > 0)
    .sort((a, b) => (seedInterval([...a.means.values()])?.mean ?? 0) - (seedInterval([...b.means.values()])?.mean ?? 0))
  if (best === undefined || next === undefined) return undefined
  const lead = seedChange(
    [...next.means].map(([seed, value]) => {
      const other = best.means.get(seed)
      return other === undefined ? undefined : value - other
    })
  )
  return lead === undefined ? undefined : { best: best.loss, next: next.loss, difference: lead }
}
