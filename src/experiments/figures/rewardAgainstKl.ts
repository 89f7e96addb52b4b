/**
 * @file Figure: gold reward against the distance from the reference model, the plane in which over-optimisation shows:
 * finetuned models on the left, bandit policies on the right, one path for each loss.
 */
import { spread } from "./drawing/curves.ts"
import { brokenPhrase } from "./drawing/finetuneRows.ts"
import { textWidth } from "./drawing/fonts.ts"
import { distinct, type SeedInterval } from "./drawing/intervals.ts"
import { type ChartPart, keyEntry, keySample, panelTitle, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { type PathPoint, panelIntervals, type RewardPanel, rewardPanels, rewardPaths } from "./drawing/rewardPaths.ts"
import { figureWidth, fontSize, type SeriesLook, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"

/** Size of a plot, and whether the panels stand under each other because the losses' names are long. */
interface Layout {
  readonly width: number
  readonly height: number
  readonly stacked: boolean
}

/** Room left of a plot for its axis, and between plot and loss name for the sample of the path. */
const room = { axis: 62, sample: keySample } as const

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

/** Least distance of two tick labels, pixels. */
const tickGap = 30

/** Round numbers on an axis that is not linear, thinned from the right so that their labels keep apart; 0 always. */
const roundTicks = (place: (value: number) => number, most: number, width: number, far: boolean): readonly number[] => {
  const round = Array.from({ length: 9 }, (_, k) => (far ? [1, 3] : [1, 2, 3, 5]).map((m) => Number(`${m}e${k - 3}`)))
  const at = (value: number) => (width * (place(value) - place(0))) / (place(most) - place(0))
  const ticks: number[] = []
  for (const value of round.flat().reverse()) {
    const before = ticks.at(-1)
    if (value > most || at(value) < tickGap) continue
    if (before === undefined || at(before) - at(value) >= tickGap) ticks.push(value)
  }
  return [0, ...ticks.reverse()]
}

const klAxis = (paths: readonly (readonly PathPoint[])[], width: number): ChartPart => {
  const points = paths.flat()
  const [, most] = framed(
    points.map((p) => p.kl.mean),
    paths.map((one) => (one.at(-1) as PathPoint).kl)
  )
  const least = Math.min(0, ...points.map((p) => p.kl.mean))
  const far = farApart(paths)
  const values = roundTicks(far ? Math.log1p : Math.sqrt, most, width, far)
  return {
    field: "kl",
    type: "quantitative",
    title: `KL(π ‖ reference), nats (${far ? "logarithmic beyond 1" : "square-root scale"})`,
    scale: { domain: [least, most], nice: false, ...(far ? { type: "symlog", constant: 1 } : { type: "sqrt" }) },
    axis: { values, labelExpr: "'' + datum.value" }
  }
}

const axes = (paths: readonly (readonly PathPoint[])[], reward: string, width: number) => {
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
  return { x: klAxis(paths, width), y, rewards }
}

const view = (
  panel: RewardPanel,
  layout: Layout,
  names: ReadonlyMap<string, string>,
  looks: ReadonlyMap<string, SeriesLook>
): ChartPart => {
  const paths = rewardPaths(panel)
  const { x, y, rewards } = axes(paths, panel.reward, layout.width)
  const lookOf = (one: readonly PathPoint[]) => looks.get(one[0]?.series ?? "") ?? seriesLook(0)
  const ends = paths.map(
    (one) => (layout.height * (rewards[1] - (one.at(-1) as PathPoint).reward.mean)) / (rewards[1] - rewards[0])
  )
  const places = spread(ends, fontSize.small + 3, 4, layout.height - 4)
  const key = (one: readonly PathPoint[], index: number) => {
    const loss = one[0]?.series ?? ""
    return keyEntry({
      name: names.get(loss) ?? loss,
      look: lookOf(one),
      symbol: true,
      x: layout.width,
      y: places[index] ?? 0
    })
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
  applies: (records) => rewardPanels(records).length > 0,
  caption: (records) => {
    const tuned = records.finetune.filter((row) => row.kind === "evaluation")
    const parts = rewardPanels(records).map((panel) => `${panel.title}: ${panelIntervals(panel.places)}`)
    return (
      "Reward against the Kullback–Leibler divergence from the reference, each loss a path through its" +
      " checkpoints from the reference on the left to its last step, which the large symbol marks with its intervals in both" +
      " directions (cut where they leave the frame). A path that turns down has gained distance and lost reward: over-optimisation." +
      ` ${tuned.length > 0 ? "The gold reward is the mean score of sampled answers to held-out prompts; its KL is estimated from the same samples. " : ""}` +
      parts.join(" ") +
      brokenPhrase(records)
    )
  },
  alt: (records) =>
    `Paths of reward against KL divergence, in ${rewardPanels(records)
      .map((panel) => panel.title)
      .join(" and ")}.`,
  draw: (records) => {
    const panels = rewardPanels(records)
    const losses = distinct(panels.flatMap((panel) => panel.places.map((one) => one.loss)))
    const names = lossNames(records, losses)
    const looks = new Map(losses.map((loss, index) => [loss, seriesLook(index)]))
    const layout = layoutOf(panels.length, [...names.values()])
    const views = panels.map((panel) => view(panel, layout, names, looks))
    return vegaLite(layout.stacked ? { spacing: 16, vconcat: views } : { spacing: 24, hconcat: views })
  }
}
