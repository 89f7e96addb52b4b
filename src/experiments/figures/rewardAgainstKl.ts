/**
 * @file Figure: gold reward against the distance from the reference model, the plane in which over-optimisation shows:
 * finetuned models on the left, bandit policies on the right, one path for each loss.
 */

import { plainRows } from "./drawing/banditRows.ts"
import { spread } from "./drawing/curves.ts"
import { brokenPhrase, finishedRows } from "./drawing/finetuneRows.ts"
import { textWidth } from "./drawing/fonts.ts"
import { distinct, grouped, intervalPhrase, type SeedInterval, seedInterval, seedPhrase } from "./drawing/intervals.ts"
import { type ChartPart, panelTitle, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { figureWidth, fontSize, ink, type SeriesLook, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type BanditRow, finite, landscapeNodes, type RecordNumber, type Records } from "./records.ts"

/** One checkpoint of one run, whatever it was that trained. */
interface Place {
  readonly loss: string
  readonly seed: number
  readonly step: number
  readonly kl: number
  readonly reward: number
  /** Standard error of the reward over held-out prompts, where it was measured. */
  readonly error?: number
}

/** A checkpoint's mean over seeds. */
interface PathPoint {
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

/** Half width of a 95 % interval in standard errors. */
const normalQuantile = 1.959963984540054

/** Over seeds; of a single run, over the held-out prompts. */
const rewardInterval = (group: readonly Place[]): SeedInterval => {
  const interval = seedInterval(group.map((one) => one.reward)) as SeedInterval
  const error = group[0]?.error
  if (interval.seeds > 1 || error === undefined) return interval
  return { ...interval, low: interval.mean - normalQuantile * error, high: interval.mean + normalQuantile * error }
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

const panelIntervals = (places: readonly Place[]): string =>
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

const path = (series: string, places: readonly Place[]): readonly PathPoint[] =>
  [...grouped(places, (one) => `${one.step}`).values()]
    .map((group) => ({
      series,
      step: group[0]?.step ?? 0,
      kl: seedInterval(group.map((one) => one.kl)) as SeedInterval,
      reward: rewardInterval(group)
    }))
    .sort((a, b) => a.step - b.step)

/** A panel: its places, its title, the axis titles. */
interface Panel {
  readonly title: string
  readonly places: readonly Place[]
  readonly reward: string
}

const panelsOf = (records: Records): readonly Panel[] => {
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

/** Size of a plot, and whether the panels stand under each other because the losses' names are long. */
interface Layout {
  readonly width: number
  readonly height: number
  readonly stacked: boolean
}

/** Room left of a plot for its axis, and between plot and loss name for the sample of the path. */
const room = { axis: 62, sample: 37 } as const

const layoutOf = (panels: number, names: readonly string[]): Layout => {
  const label = Math.max(...names.map((name) => textWidth(name, fontSize.small, "bold")))
  const beside = Math.floor(figureWidth / Math.max(2, panels) - room.axis - room.sample - label)
  return beside >= 200
    ? { width: Math.min(beside, 250), height: 225, stacked: false }
    : { width: Math.floor(Math.min(430, figureWidth - room.axis - room.sample - label)), height: 210, stacked: true }
}

const padded = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const pad = 0.05 * (high - low || 1)
  return [low - pad, high + pad]
}

const endMarks = (points: readonly PathPoint[], look: SeriesLook, x: ChartPart, y: ChartPart): readonly ChartPart[] => {
  const last = points.at(-1) as PathPoint
  const values = [
    {
      kl: last.kl.mean,
      reward: last.reward.mean,
      klLow: last.kl.low,
      klHigh: last.kl.high,
      rewardLow: last.reward.low,
      rewardHigh: last.reward.high
    }
  ]
  const bar = (encoding: ChartPart): ChartPart => ({
    data: { values },
    mark: { type: "rule", color: look.colour, strokeWidth: 1.2, clip: true },
    encoding
  })
  return [
    bar({ x: { ...x, field: "klLow" }, x2: { field: "klHigh" }, y }),
    bar({ x, y: { ...y, field: "rewardLow" }, y2: { field: "rewardHigh" } }),
    {
      data: { values },
      mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 70, opacity: 1 },
      encoding: { x, y }
    }
  ]
}

/** An entry beside the plot, at the height of its path's end: a piece of the line, its symbol, the loss's name. */
const keyEntry = (name: string, look: SeriesLook, width: number, y: number): readonly ChartPart[] => {
  const at = (x: number) => ({ x: { value: width + x }, y: { value: y } })
  return [
    {
      data: { values: [{}] },
      mark: { type: "rule", color: look.colour, strokeDash: look.dash, strokeWidth: 1.8 },
      encoding: { ...at(8), x2: { value: width + 32 } }
    },
    {
      data: { values: [{}] },
      mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 46, opacity: 1 },
      encoding: at(20)
    },
    {
      data: { values: [{}] },
      mark: { type: "text", text: name, align: "left", color: ink.text, fontWeight: "bold" },
      encoding: at(room.sample)
    }
  ]
}

/** Checkpoints up to which each is marked; beyond, the marks would run into a band. */
const markedCheckpoints = 12

const pathLine = (points: readonly PathPoint[], look: SeriesLook, x: ChartPart, y: ChartPart): ChartPart => ({
  data: { values: points.map((p) => ({ kl: p.kl.mean, reward: p.reward.mean, step: p.step })) },
  mark: {
    type: "line",
    color: look.colour,
    strokeDash: look.dash,
    clip: true,
    ...(points.length <= markedCheckpoints ? { point: { filled: true, size: 14, color: look.colour } } : {})
  },
  encoding: { x, y, order: { field: "step", type: "quantitative" } }
})

/** Share of the spread of the means by which the frame may exceed them to show intervals; longer ones are cut. */
const beyond = 0.75

/** Range of the means, widened to hold the intervals as far as {@link beyond} allows. */
const framed = (means: readonly number[], intervals: readonly SeedInterval[]): readonly [number, number] => {
  const [low, high] = [Math.min(...means), Math.max(...means)]
  const allowed = beyond * (high - low || 1)
  const lowest = Math.max(Math.min(low, ...intervals.map((one) => one.low)), low - allowed)
  const highest = Math.min(Math.max(high, ...intervals.map((one) => one.high)), high + allowed)
  return padded([lowest, highest])
}

/** Whether one path goes so much farther than the others that a square-root axis would press these into a corner. */
const farApart = (paths: readonly (readonly PathPoint[])[]): boolean => {
  const ends = paths.map((one) => (one.at(-1) as PathPoint).kl.mean).sort((a, b) => a - b)
  return (ends.at(-1) ?? 0) > 6 * (ends[Math.floor((ends.length - 1) / 2)] ?? 0) && (ends.at(-1) ?? 0) > 6
}

const klAxis = (paths: readonly (readonly PathPoint[])[]): ChartPart => {
  const points = paths.flat()
  const [, most] = framed(
    points.map((p) => p.kl.mean),
    paths.map((one) => (one.at(-1) as PathPoint).kl)
  )
  const least = Math.min(0, ...points.map((p) => p.kl.mean))
  const far = farApart(paths)
  return {
    field: "kl",
    type: "quantitative",
    title: "KL(π ‖ reference), nats",
    scale: { domain: [least, most], nice: false, ...(far ? { type: "symlog", constant: 1 } : { type: "sqrt" }) },
    axis: far ? { values: [0, 1, 3, 10, 30, 100, 300, 1000, 3000].filter((value) => value <= most) } : { tickCount: 5 }
  }
}

const axes = (paths: readonly (readonly PathPoint[])[], reward: string) => {
  const rewards = framed(
    paths.flat().map((p) => p.reward.mean),
    paths.map((one) => (one.at(-1) as PathPoint).reward)
  )
  const y: ChartPart = {
    field: "reward",
    type: "quantitative",
    title: reward,
    scale: { domain: rewards, nice: false, zero: false },
    axis: { tickCount: 5 }
  }
  return { x: klAxis(paths), y, rewards }
}

const view = (
  panel: Panel,
  layout: Layout,
  names: ReadonlyMap<string, string>,
  looks: ReadonlyMap<string, SeriesLook>
): ChartPart => {
  const paths = [...grouped(panel.places, (one) => one.loss)].map(([loss, places]) => path(loss, places))
  const { x, y, rewards } = axes(paths, panel.reward)
  const lookOf = (one: readonly PathPoint[]) => looks.get(one[0]?.series ?? "") ?? seriesLook(0)
  const ends = paths.map(
    (one) => (layout.height * (rewards[1] - (one.at(-1) as PathPoint).reward.mean)) / (rewards[1] - rewards[0])
  )
  const places = spread(ends, fontSize.small + 3, 4, layout.height - 4)
  const key = (one: readonly PathPoint[], index: number) => {
    const loss = one[0]?.series ?? ""
    return keyEntry(names.get(loss) ?? loss, lookOf(one), layout.width, places[index] ?? 0)
  }
  return {
    width: layout.width,
    height: layout.height,
    layer: [
      ...panelTitle(panel.title),
      ...paths.flatMap((one) => [pathLine(one, lookOf(one), x, y), ...endMarks(one, lookOf(one), x, y)]),
      ...paths.flatMap(key)
    ]
  }
}

/** Gold reward against KL to the reference. */
export const rewardAgainstKlFigure: Figure = {
  id: "reward-against-kl",
  title: "Reward against distance from the reference",
  needs: [],
  applies: (records) => panelsOf(records).length > 0,
  caption: (records) => {
    const tuned = records.finetune.filter((row) => row.kind === "evaluation")
    const parts = panelsOf(records).map((panel) => `${panel.title}: ${panelIntervals(panel.places)}`)
    return (
      "Reward against the Kullback–Leibler divergence from the reference (square-root axis; where one loss goes much farther" +
      " than the others, logarithmic beyond 1 nat), each loss a path through its" +
      " checkpoints from the reference on the left to its last step, which the large symbol marks with its intervals in both" +
      " directions (cut where they leave the frame). A path that turns down has gained distance and lost reward: over-optimisation." +
      ` ${tuned.length > 0 ? "The gold reward is the mean score of sampled answers to held-out prompts; its KL is estimated from the same samples. " : ""}` +
      parts.join(" ") +
      brokenPhrase(records)
    )
  },
  alt: (records) =>
    `Paths of reward against KL divergence, in ${panelsOf(records)
      .map((panel) => panel.title)
      .join(" and ")}.`,
  draw: (records) => {
    const panels = panelsOf(records)
    const losses = distinct(panels.flatMap((panel) => panel.places.map((one) => one.loss)))
    const names = lossNames(records, losses)
    const looks = new Map(losses.map((loss, index) => [loss, seriesLook(index)]))
    const layout = layoutOf(panels.length, [...names.values()])
    const views = panels.map((panel) => view(panel, layout, names, looks))
    return vegaLite(layout.stacked ? { spacing: 16, vconcat: views } : { spacing: 24, hconcat: views })
  }
}
