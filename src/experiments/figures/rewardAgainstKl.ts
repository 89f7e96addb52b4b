/**
 * @file Figure: gold reward against the distance from the reference model, the plane in which over-optimisation shows:
 * finetuned models on the left, bandit policies on the right, one path for each loss.
 */

import { spread } from "./drawing/curves.ts"
import { distinct, grouped, intervalPhrase, type SeedInterval, seedInterval } from "./drawing/intervals.ts"
import { type ChartPart, panelTitle, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { fontSize, ink, type SeriesLook, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type BanditRow, finite, landscapeNodes, type RecordNumber, type Records } from "./records.ts"

/** One checkpoint of one run, whatever it was that trained. */
interface Place {
  readonly loss: string
  readonly seed: number
  readonly step: number
  readonly kl: number
  readonly reward: number
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
  records.finetune.filter((row) => row.kind === "evaluation").flatMap((row) => place(row, row.kl, row["gold/reward"]))

/** The plain condition of a bandit study: no cross-entropy term and no added reference, where it was run. */
const plainRows = (records: Records): readonly BanditRow[] => {
  const plain = records.bandit.filter((row) => row.ceWeight === 0 && !row.reference)
  return plain.length > 0 ? plain : records.bandit
}

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
      reward: seedInterval(group.map((one) => one.reward)) as SeedInterval
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

const size = { width: 235, height: 225 } as const

const padded = (values: readonly number[], floor?: number): readonly [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const pad = 0.05 * (high - low || 1)
  return [floor ?? low - pad, high + pad]
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
const keyEntry = (name: string, look: SeriesLook, y: number): readonly ChartPart[] => {
  const at = (x: number) => ({ x: { value: size.width + x }, y: { value: y } })
  return [
    {
      data: { values: [{}] },
      mark: { type: "rule", color: look.colour, strokeDash: look.dash, strokeWidth: 1.8 },
      encoding: { ...at(8), x2: { value: size.width + 32 } }
    },
    {
      data: { values: [{}] },
      mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 46, opacity: 1 },
      encoding: at(20)
    },
    {
      data: { values: [{}] },
      mark: { type: "text", text: name, align: "left", color: ink.text, fontWeight: "bold" },
      encoding: at(37)
    }
  ]
}

const view = (panel: Panel, names: ReadonlyMap<string, string>, looks: ReadonlyMap<string, SeriesLook>): ChartPart => {
  const paths = [...grouped(panel.places, (one) => one.loss)].map(([loss, places]) => path(loss, places))
  const points = paths.flat()
  const lastOf = paths.map((one) => one.at(-1) as PathPoint)
  const yDomain = padded([...points.map((p) => p.reward.mean), ...lastOf.flatMap((p) => [p.reward.low, p.reward.high])])
  const most = Math.max(...points.map((p) => p.kl.mean), ...lastOf.map((p) => p.kl.high))
  const least = Math.min(0, ...points.map((p) => p.kl.mean))
  const x = {
    field: "kl",
    type: "quantitative",
    title: "KL(π ‖ reference), nats",
    scale: { type: "sqrt", domain: [least, 1.05 * most], nice: false },
    axis: { tickCount: 5 }
  }
  const y = {
    field: "reward",
    type: "quantitative",
    title: panel.reward,
    scale: { domain: yDomain, nice: false, zero: false },
    axis: { tickCount: 5 }
  }
  const toPixel = (value: number) => size.height * (1 - (value - yDomain[0]) / (yDomain[1] - yDomain[0]))
  const labels = spread(
    lastOf.map((p) => toPixel(p.reward.mean)),
    fontSize.small + 2,
    4,
    size.height - 4
  )
  return {
    ...size,
    layer: [
      ...panelTitle(panel.title),
      ...paths.flatMap((one) => {
        const look = looks.get(one[0]?.series ?? "") ?? seriesLook(0)
        const values = one.map((p) => ({ kl: p.kl.mean, reward: p.reward.mean, step: p.step }))
        const line: ChartPart = {
          data: { values },
          mark: {
            type: "line",
            color: look.colour,
            strokeDash: look.dash,
            point: { filled: true, size: 14, color: look.colour },
            clip: true
          },
          encoding: { x, y, order: { field: "step", type: "quantitative" } }
        }
        return [line, ...endMarks(one, look, x, y)]
      }),
      ...lastOf.flatMap((p, index) =>
        keyEntry(names.get(p.series) ?? p.series, looks.get(p.series) ?? seriesLook(0), labels[index] ?? 0)
      )
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
    const parts = panelsOf(records).map((panel) => `${panel.title}: ${intervalPhrase(panel.places)}`)
    return (
      "Reward against the Kullback–Leibler divergence from the reference (square-root axis), each loss a path through its" +
      " checkpoints from the reference on the left to its last step, which the large symbol marks with its intervals in both" +
      " directions. A path that turns down has gained distance and lost reward: over-optimisation." +
      ` ${tuned.length > 0 ? "The gold reward is the mean score of sampled answers to held-out prompts; its KL is estimated from the same samples. " : ""}` +
      parts.join(" ")
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
    return vegaLite({ spacing: 30, hconcat: panels.map((panel) => view(panel, names, looks)) })
  }
}
