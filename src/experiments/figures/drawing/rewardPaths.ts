/** @file Paths in the plane of reward and KL divergence: checkpoints of finetuned models and of bandits, averaged over seeds. */
import { normalQuantile } from "../../statistics.ts"
import { type BanditRow, finite, landscapeNodes, type RecordNumber, type Records } from "../records.ts"
import { plainRows } from "./banditRows.ts"
import { finishedRows } from "./finetuneRows.ts"
import { distinct, grouped, intervalPhrase, type SeedInterval, seedInterval, seedPhrase } from "./intervals.ts"

/** One checkpoint of one run, whatever it was that trained. */
export interface Place {
  readonly loss: string
  readonly seed: number
  readonly step: number
  readonly kl: number
  readonly reward: number
  /** Standard error of the reward over held-out prompts, where it was measured. */
  readonly error?: number
}

/** A checkpoint's mean over seeds. */
export interface PathPoint {
  readonly series: string
  readonly step: number
  readonly kl: SeedInterval
  readonly reward: SeedInterval
}

const place = (
  row: { readonly loss: string; readonly seed: number; readonly step: number },
  kl: RecordNumber | undefined,
  reward: RecordNumber | undefined
): readonly Place[] => {
  const [x, y] = [finite(kl), finite(reward)]
  return x === undefined || y === undefined
    ? []
    : [{ loss: row.loss, seed: row.seed, step: row.step, kl: x, reward: y }]
}

const finetunePlaces = (records: Records): readonly Place[] =>
  finishedRows(records)
    .filter((row) => row.kind === "evaluation")
    .flatMap((row) => {
      const error = finite(row["gold/reward_se"])
      return place(row, row.kl, row["gold/reward"]).map((one) => (error === undefined ? one : { ...one, error }))
    })

/** Over seeds; of a single run, over the held-out prompts. */
const rewardInterval = (group: readonly Place[]): SeedInterval => {
  const interval = seedInterval(group.map((one) => one.reward)) as SeedInterval
  const error = group[0]?.error
  if (interval.seeds > 1 || error === undefined) return interval
  return { ...interval, low: interval.mean - normalQuantile * error, high: interval.mean + normalQuantile * error }
}

/** The paths of a panel, one for each loss. */
export const rewardPaths = (panel: RewardPanel): readonly (readonly PathPoint[])[] =>
  [...grouped(panel.places, (one) => one.loss)].map(([loss, places]) => path(loss, places))

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

/** What the intervals of a panel are over, in words. */
export const panelIntervals = (places: readonly Place[]): string =>
  distinct(places.map((one) => one.seed)).length === 1 && places.some((one) => one.error !== undefined)
    ? `one run (${seedPhrase(places)}), rewards with normal 95 % intervals over held-out prompts.`
    : lowerFirst(intervalPhrase(places))

/** Losses shown for a bandit: those that are finetuned too, else one of each behaviour class, else the first eight. */
const banditLosses = (records: Records, rows: readonly BanditRow[]): readonly string[] => {
  const all = distinct(rows.map((row) => row.loss))
  const finetuned = all.filter((loss) => records.finetune.some((row) => row.loss === loss))
  if (finetuned.length >= 2) return finetuned.slice(0, 8)
  const known = landscapeNodes(records).filter((node) => all.includes(node.id))
  const byClass = distinct(known.map((node) => node.class)).map(
    (name) => known.find((node) => node.class === name)?.id ?? ""
  )
  return byClass.length >= 2 ? byClass : all.slice(0, 8)
}

const banditPlaces = (records: Records, environment: string): readonly Place[] => {
  const rows = plainRows(records).filter((row) => row.environment === environment)
  const shown = new Set(banditLosses(records, plainRows(records)))
  return rows.filter((row) => shown.has(row.loss)).flatMap((row) => place(row, row.klToReference, row.expectedReward))
}

/** The path of one loss: its checkpoints' means, steps ascending. */
const path = (series: string, places: readonly Place[]): readonly PathPoint[] =>
  [...grouped(places, (one) => `${one.step}`).values()]
    .map((group) => ({
      series,
      step: group[0]?.step ?? 0,
      kl: seedInterval(group.map((one) => one.kl)) as SeedInterval,
      reward: rewardInterval(group)
    }))
    .sort((a, b) => a.step - b.step)

/** A panel: its title, its places, the title of its reward axis. */
export interface RewardPanel {
  readonly title: string
  readonly places: readonly Place[]
  readonly reward: string
}

/** Finetuned models beside one bandit, or two bandits: environments in the order of the records. */
export const rewardPanels = (records: Records): readonly RewardPanel[] => {
  const tuned = finetunePlaces(records)
  const finetune = tuned.length === 0 ? [] : [{ title: "Finetuned models", places: tuned, reward: "gold reward" }]
  const environments = distinct(plainRows(records).map((row) => row.environment)).slice(
    0,
    finetune.length === 0 ? 2 : 1
  )
  const bandits = environments
    .map((name) => ({ title: `Bandit “${name}”`, places: banditPlaces(records, name), reward: "expected reward" }))
    .filter((panel) => panel.places.length > 0)
  return [...finetune, ...bandits]
}
