/**
 * @file Figure: where bandit policies end under each loss, losses grouped by behaviour class (docs/experiments.md E14): does
 * the single bit "what happens to the row in which both responses are invalid" order the outcomes?
 */
import { failurePhrase, outcomeRows, plainRows } from "./drawing/banditRows.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "./drawing/intervals.ts"
import { type ChartPart, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { classLooks, fontSize, ink } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type BanditRow, type BehaviourClass, finite, type Records } from "./records.ts"

type Metric = "expectedReward" | "rankingAccuracy" | "unseenMassChange" | "entropy" | "chosenLogpDrift"

const metrics: readonly { readonly id: Metric; readonly title: readonly string[] }[] = [
  { id: "expectedReward", title: ["expected", "reward"] },
  { id: "rankingAccuracy", title: ["ranking", "accuracy"] },
  { id: "unseenMassChange", title: ["change of mass on", "unseen arms"] },
  { id: "entropy", title: ["entropy,", "nats"] },
  { id: "chosenLogpDrift", title: ["drift of chosen", "log π, nats"] }
]

/** A group of losses in the figure: a behaviour class, or the losses that belong to none (other propositions). */
interface Group {
  readonly id: BehaviourClass | undefined
  readonly label: string
  readonly colour: string
  readonly tint: string
  readonly shape: string
}

const groups: readonly Group[] = [
  ...classLooks,
  { id: undefined, label: "other losses (no class)", colour: ink.soft, tint: "#f2f2f2", shape: "cross" }
]

/** One loss in one environment: its interval in one metric. */
interface Dot {
  readonly loss: string
  readonly class: BehaviourClass | undefined
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** Level of a metric before the first update, the same for all losses; undefined when step 0 was not recorded. */
const startLevel = (records: Records, environment: string, metric: Metric): number | undefined => {
  const start = plainRows(records).filter((row) => row.environment === environment && row.step === 0)
  return seedInterval(start.map((row) => finite(row[metric])))?.mean
}

const dots = (rows: readonly BanditRow[], metric: Metric, names: ReadonlyMap<string, string>): readonly Dot[] =>
  [...grouped(rows, (row) => row.loss)].flatMap(([loss, group]) => {
    const interval = seedInterval(group.map((row) => finite(row[metric])))
    if (interval === undefined) return []
    return [
      {
        loss: names.get(loss) ?? loss,
        class: group[0]?.class,
        mean: interval.mean,
        low: interval.low,
        high: interval.high
      }
    ]
  })

const rowHeight = 13

const classOrder = (rows: readonly BanditRow[], names: ReadonlyMap<string, string>): readonly string[] =>
  groups.flatMap((look) =>
    distinct(rows.filter((row) => row.class === look.id).map((row) => names.get(row.loss) ?? row.loss))
  )

/** Tinted stripes behind the losses of each class: the class is seen without colour, too, by place and symbol. */
const stripes = (
  order: readonly string[],
  rows: readonly BanditRow[],
  names: ReadonlyMap<string, string>,
  width: number
): ChartPart[] =>
  groups.flatMap((look) => {
    const members = order.filter((name) =>
      rows.some((row) => row.class === look.id && (names.get(row.loss) ?? row.loss) === name)
    )
    const first = order.indexOf(members[0] ?? "")
    if (first < 0) return []
    return [
      {
        data: { values: [{}] },
        mark: { type: "rect", color: look.tint },
        encoding: {
          x: { value: 0 },
          x2: { value: width },
          y: { value: first * rowHeight + 0.5 },
          y2: { value: (first + members.length) * rowHeight - 0.5 }
        }
      }
    ]
  })

const panel = (
  values: readonly Dot[],
  order: readonly string[],
  options: {
    readonly width: number
    readonly title: readonly string[]
    readonly named: boolean
    readonly under: readonly ChartPart[]
    readonly bottom: boolean
    readonly start: number | undefined
  }
): ChartPart => {
  const start = options.start === undefined ? [] : [options.start]
  const low = Math.min(...start, ...values.map((dot) => dot.low))
  const high = Math.max(...start, ...values.map((dot) => dot.high))
  const pad = 0.07 * (high - low || 1)
  const x = {
    field: "mean",
    type: "quantitative",
    title: options.bottom ? options.title : null,
    scale: { domain: [low - pad, high + pad], nice: false, zero: false },
    axis: { tickCount: 3 }
  }
  const y = {
    field: "loss",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: order },
    axis: options.named
      ? { labelFontSize: fontSize.tiny, labelOverlap: false, ticks: false, domain: false, labelPadding: 4 }
      : { labels: false, ticks: false, domain: false }
  }
  const startRule: readonly ChartPart[] = start.map((mean) => ({
    data: { values: [{ mean }] },
    mark: { type: "rule", color: ink.text, strokeWidth: 1, strokeDash: [2, 2] },
    encoding: { x }
  }))
  const byClass = groups.flatMap((look): readonly ChartPart[] => {
    const own = values.filter((dot) => dot.class === look.id)
    if (own.length === 0) return []
    return [
      {
        data: { values: own },
        mark: { type: "rule", color: look.colour, strokeWidth: 1.6 },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y }
      },
      {
        data: { values: own },
        mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 42, opacity: 1 },
        encoding: { x, y }
      }
    ]
  })
  return { width: options.width, height: order.length * rowHeight, layer: [...options.under, ...startRule, ...byClass] }
}

/** Column of class names at the right of an environment's panels, each at its stripe. */
const classKey = (
  order: readonly string[],
  rows: readonly BanditRow[],
  names: ReadonlyMap<string, string>
): ChartPart => {
  const entries = groups.flatMap((look) => {
    const places = order
      .map((name, index) => ({ name, index }))
      .filter(({ name }) => rows.some((row) => row.class === look.id && (names.get(row.loss) ?? row.loss) === name))
      .map(({ index }) => (index + 0.5) * rowHeight)
    return places.length === 0 ? [] : [{ look, y: places.reduce((sum, value) => sum + value, 0) / places.length }]
  })
  return {
    width: 92,
    height: order.length * rowHeight,
    layer: entries.flatMap(({ look, y }): readonly ChartPart[] => [
      {
        data: { values: [{}] },
        mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 60, opacity: 1 },
        encoding: { x: { value: 6 }, y: { value: y } }
      },
      {
        data: { values: [{}] },
        mark: {
          type: "text",
          text: look.label.split(" (").map((part) => part.replace(")", "")),
          align: "left",
          lineHeight: 12,
          dy: -6
        },
        encoding: { x: { value: 16 }, y: { value: y } }
      }
    ])
  }
}

/** Final bandit outcomes by behaviour class, one row of panels per environment. */
export const banditOutcomesFigure: Figure = {
  id: "bandit-outcomes",
  title: "Bandit outcomes by behaviour class",
  needs: ["bandit"],
  applies: (records) =>
    distinct(outcomeRows(records).flatMap((row) => (row.class === undefined ? [] : [row.class]))).length >= 2,
  caption: (records) => {
    const rows = outcomeRows(records)
    const steps = distinct(rows.map((row) => row.step))
    const classes = classLooks
      .filter((look) => rows.some((row) => row.class === look.id))
      .map((look) => `${look.label}: ${look.meaning}`)
    return (
      `Outcomes of bandit policies after ${steps.join(" or ")} updates under each loss, one row of panels per environment` +
      ` (${distinct(rows.map((row) => row.environment)).join(", ")}). Losses are grouped by behaviour class, that is by the` +
      ` status of the truth-table row FF in which neither response is valid (${classes.join("; ")}).` +
      " Dashed lines mark the level before the first update." +
      " Expected reward and ranking accuracy are better when larger; unseen arms are those that occur in no training pair." +
      ` ${intervalPhrase(rows)}${failurePhrase(records)}`
    )
  },
  alt: (records) =>
    `Dots with intervals for ${distinct(outcomeRows(records).map((row) => row.loss)).length} losses in` +
    ` ${metrics.length} metrics, grouped by behaviour class.`,
  draw: (records) => {
    const all = outcomeRows(records)
    const names = lossNames(
      records,
      all.map((row) => row.loss)
    )
    const environments = [...grouped(all, (row) => row.environment)]
    const width = 106
    return vegaLite({
      spacing: 16,
      vconcat: environments.map(([environment, rows], position) => {
        const order = classOrder(rows, names)
        const under = stripes(order, rows, names, width)
        const bottom = position === environments.length - 1
        return {
          title: { text: `Environment: ${environment}`, fontSize: fontSize.label, offset: 4 },
          spacing: 9,
          hconcat: [
            ...metrics.map(({ id, title }, index) =>
              panel(dots(rows, id, names), order, {
                width,
                title,
                named: index === 0,
                under,
                bottom,
                start: startLevel(records, environment, id)
              })
            ),
            classKey(order, rows, names)
          ]
        }
      })
    })
  }
}
