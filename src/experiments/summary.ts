/**
 * @file Outcomes as means with 95 % intervals, and the claims that the intervals allow. Pure: rows in, rows out.
 *
 * Over seeds: Student's t on one number a seed; differences are paired by seed, since losses of one seed share their data.
 * Over prompts: normal, from the standard errors over held-out prompts that evaluations carry. Both evaluations of a
 * difference answer the same prompts with the same random numbers; that correlation is left out of account, and the prompts
 * being the same under every seed, seeds do not shrink the interval: it is too wide rather than too narrow.
 */
import type { Json } from "./canonical.ts"
import type { SummaryRow } from "./figures/records.ts"
import { plainCondition } from "./plainCondition.ts"
import { type Interval, normalQuantile, resolved, studentInterval } from "./statistics.ts"

type Record_ = Readonly<Record<string, Json>>

/** A summary row with what the interval is over. */
export interface Claim extends SummaryRow {
  /** `seeds` or `prompts`. */
  readonly over: "seeds" | "prompts"
  /** What the metric is compared with: the model before training, or another loss. */
  readonly against?: string
}

const finiteNumber = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

const groupBy = <A>(items: ReadonlyArray<A>, key: (item: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

/** An interval as the bounds of a row; without spread there are none. */
const bounds = ({ mean, low, high }: Interval) => ({
  mean,
  low: low ?? ("NaN" as const),
  high: high ?? ("NaN" as const)
})

const overSeeds = (
  loss: string,
  metric: string,
  values: ReadonlyArray<number | undefined>,
  against?: string
): ReadonlyArray<Claim> => {
  const usable = values.filter((value) => value !== undefined)
  if (usable.length === 0) return []
  const interval = studentInterval(usable)
  const n = usable.length
  return [
    {
      loss,
      metric,
      ...bounds(interval),
      seeds: n,
      n,
      resolved: resolved(interval),
      over: "seeds",
      ...(against === undefined ? {} : { against })
    }
  ]
}

/** First and last evaluation of one run. */
export interface FinetuneRun {
  readonly loss: string
  readonly seed: string
  readonly first: Record_
  readonly last: Record_
}

/** The plain condition's runs that were evaluated at least twice. @param rows of `records/finetune.jsonl` */
export const finetuneRuns = (rows: ReadonlyArray<Record_>): ReadonlyArray<FinetuneRun> =>
  [
    ...groupBy(
      plainCondition(rows).filter((row) => row.kind === "evaluation"),
      (row) => String(row.cell)
    ).values()
  ].flatMap((group) => {
    const ordered = [...group].sort((a, b) => Number(a.step) - Number(b.step))
    const [first, last] = [ordered[0], ordered.at(-1)]
    return first && last && first !== last ? [{ loss: String(first.loss), seed: String(first.seed), first, last }] : []
  })

const levels = ["gold/reward", "kl", "rewards/accuracies"] as const
const changes = ["gold/reward", "logps/chosen", "logps/rejected"] as const

/** A metric at the last evaluation less that at the first. */
export const runChange = (run: FinetuneRun, metric: string): number | undefined => {
  const [before, after] = [finiteNumber(run.first[metric]), finiteNumber(run.last[metric])]
  return before === undefined || after === undefined ? undefined : after - before
}

/** The change of the gold reward with the interval over prompts. @param prompts how many were judged */
const overPrompts = (loss: string, runs: ReadonlyArray<FinetuneRun>, prompts: number): ReadonlyArray<Claim> => {
  const parts = runs.flatMap((run) => {
    const difference = runChange(run, "gold/reward")
    const [before, after] = [finiteNumber(run.first["gold/reward_se"]), finiteNumber(run.last["gold/reward_se"])]
    return difference === undefined || before === undefined || after === undefined
      ? []
      : [{ difference, error: Math.hypot(before, after) }]
  })
  if (parts.length === 0) return []
  const mean = parts.reduce((sum, { difference }) => sum + difference, 0) / parts.length
  const half = (normalQuantile * parts.reduce((sum, { error }) => sum + error, 0)) / parts.length
  const interval = { mean, low: mean - half, high: mean + half, n: prompts }
  return [
    {
      loss,
      metric: "gold/reward − reference, over prompts",
      ...bounds(interval),
      seeds: parts.length,
      n: prompts,
      resolved: resolved(interval),
      over: "prompts",
      against: "reference"
    }
  ]
}

/** Differences of two losses at the end, paired by seed. */
const pairedDifferences = (
  runs: ReadonlyArray<FinetuneRun>,
  others: ReadonlyArray<FinetuneRun>,
  metric: string
): ReadonlyArray<number | undefined> => {
  const bySeed = new Map(others.map((run) => [run.seed, finiteNumber(run.last[metric])]))
  return runs.map((run) => {
    const [own, other] = [finiteNumber(run.last[metric]), bySeed.get(run.seed)]
    return own === undefined || other === undefined ? undefined : own - other
  })
}

/**
 * Claims about finetuning: where each loss ends, how far that is from the model before training, and from the baseline.
 * @param rows of `records/finetune.jsonl` @param prompts how many held-out prompts were judged
 */
export const summariseFinetuning = (
  rows: ReadonlyArray<Record_>,
  prompts: number,
  baseline: string | undefined
): ReadonlyArray<Claim> => {
  const byLoss = groupBy(finetuneRuns(rows), ({ loss }) => loss)
  const reference = baseline === undefined ? undefined : byLoss.get(baseline)
  return [...byLoss].flatMap(([loss, runs]) => [
    ...levels.flatMap((metric) =>
      overSeeds(
        loss,
        metric,
        runs.map((run) => finiteNumber(run.last[metric]))
      )
    ),
    ...changes.flatMap((metric) =>
      overSeeds(
        loss,
        `${metric} − reference`,
        runs.map((run) => runChange(run, metric)),
        "reference"
      )
    ),
    ...overPrompts(loss, runs, prompts),
    ...(reference === undefined || loss === baseline
      ? []
      : overSeeds(loss, `gold/reward − ${baseline}`, pairedDifferences(runs, reference, "gold/reward"), baseline))
  ])
}

/** Where a bandit row belongs: one condition of one environment. */
export interface BanditClaim extends Claim {
  readonly environment: string
  readonly reference: boolean
  readonly ceWeight: number
}

const banditLevels = [
  "expectedReward",
  "regret",
  "klToReference",
  "rankingAccuracy",
  "unseenMassChange",
  "entropy",
  "chosenLogpDrift",
  "rejectedLogpDrift"
] as const

/** A run that stopped early has no outcome. */
const outcome = (row: Record_ | undefined, metric: string): number | undefined =>
  row === undefined || row.failure !== undefined ? undefined : finiteNumber(row[metric])

const condition = (row: Record_): string => JSON.stringify([row.environment, row.reference, row.ceWeight])

/**
 * Claims about bandits: final outcomes of each loss in each condition, and their differences from the baseline there.
 * @param rows of `records/bandit.jsonl`
 */
export const summariseBandits = (
  rows: ReadonlyArray<Record_>,
  baseline: string | undefined
): ReadonlyArray<BanditClaim> => {
  const finals = rows.filter((row) => row.final === true)
  return [...groupBy(finals, condition).values()].flatMap((group) => {
    const first = group[0]!
    const where = {
      environment: String(first.environment),
      reference: first.reference === true,
      ceWeight: Number(first.ceWeight)
    }
    const byLoss = groupBy(group, (row) => String(row.loss))
    const others = new Map(
      (baseline === undefined ? [] : (byLoss.get(baseline) ?? [])).map((row) => [row.seed, row] as const)
    )
    return [...byLoss].flatMap(([loss, runs]) =>
      banditLevels.flatMap((metric) => {
        const differences = runs.map((row) => {
          const [own, other] = [outcome(row, metric), outcome(others.get(row.seed ?? null), metric)]
          return own === undefined || other === undefined ? undefined : own - other
        })
        const contrast =
          loss === baseline || others.size === 0
            ? []
            : overSeeds(loss, `${metric} − ${baseline}`, differences, baseline)
        return [
          ...overSeeds(
            loss,
            metric,
            runs.map((row) => outcome(row, metric))
          ),
          ...contrast
        ].map((claim) => ({
          ...where,
          ...claim
        }))
      })
    )
  })
}
