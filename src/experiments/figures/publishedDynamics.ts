/**
 * @file Figure: where finetuning ends, beside the published runs of the same losses: log-probability per token of the chosen
 * and the rejected answer, with and without the cross-entropy term.
 */
import { runEnds } from "./drawing/finetuneRows.ts"
import { grouped, intervalPhrase, type SeedInterval, seedInterval } from "./drawing/intervals.ts"
import { type ChartPart, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { publishedCards, publishedStart } from "./drawing/publishedCards.ts"
import { figureWidth, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { finite, type Records } from "./records.ts"

/** One run or mean of runs: where its two sides ended. */
interface End {
  readonly row: string
  readonly chosen: SeedInterval
  readonly rejected: SeedInterval
}

const rowName = (name: string, ceWeight: number): string => (ceWeight === 0 ? name : `${name}, CE ${ceWeight}`)

const perToken = { chosen: "logps_per_token/chosen", rejected: "logps_per_token/rejected" } as const

const namesOf = (records: Records): ReadonlyMap<string, string> =>
  lossNames(
    records,
    records.finetune.map((row) => row.loss)
  )

const ownEnds = (records: Records): readonly End[] => {
  const names = namesOf(records)
  return [...grouped(runEnds(records), ({ loss, ceWeight = 0 }) => `${loss}\u0000${ceWeight}`).values()].flatMap(
    (runs) => {
      const side = (metric: string) => seedInterval(runs.map((row) => finite(row[metric])))
      const [chosen, rejected] = [side(perToken.chosen), side(perToken.rejected)]
      const first = runs[0]
      if (first === undefined || chosen === undefined || rejected === undefined) return []
      return [{ row: rowName(names.get(first.loss) ?? first.loss, first.ceWeight ?? 0), chosen, rejected }]
    }
  )
}

const single = (value: number): SeedInterval => ({ mean: value, low: value, high: value, seeds: 1 })

const publishedEnds = (records: Records): readonly End[] => {
  const names = namesOf(records)
  return publishedCards
    .filter(({ loss }) => names.has(loss))
    .map(({ loss, ceWeight, chosen, rejected }) => ({
      row: rowName(names.get(loss) ?? loss, ceWeight),
      chosen: single(chosen),
      rejected: single(rejected)
    }))
}

/** Mean level at the first step: where the finetuned model started. */
const ownStart = (records: Records): number | undefined =>
  seedInterval(
    records.finetune
      .filter((row) => row.kind === "evaluation" && row.step === 0)
      .map((row) => finite(row[perToken.chosen]))
  )?.mean

const sides = [
  { key: "chosen", colour: okabeIto.blue, shape: "circle" },
  { key: "rejected", colour: okabeIto.vermilion, shape: "square" }
] as const

const axis = (ends: readonly End[], start: number | undefined): ChartPart => {
  const values = [...ends.flatMap(({ chosen, rejected }) => [chosen.low, rejected.low]), start ?? 0]
  const far = Math.min(...values) < 12 * Math.max(...values)
  return {
    type: "quantitative",
    title: `log π(y|x) per token, nats${far ? " (logarithmic below −1)" : ""}`,
    scale: { domain: [Math.min(...values) * 1.15, 0], nice: false, ...(far ? { type: "symlog", constant: 1 } : {}) },
    axis: far ? { values: [0, -1, -3, -10, -30] } : { tickCount: 5 }
  }
}

interface Panel {
  readonly title: string
  readonly ends: readonly End[]
  readonly start: number | undefined
  readonly rows: readonly string[]
  readonly named: boolean
}

const panel = ({ title, ends, start, rows, named }: Panel): ChartPart => {
  const x = axis(ends, start)
  const y = {
    field: "row",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: rows },
    axis: { labels: named, labelFontSize: fontSize.small, labelLimit: 220, ticks: false, domain: false, grid: true }
  }
  const values = ends.flatMap(({ row, ...end }) =>
    sides.map(({ key }) => ({ row, side: key, mean: end[key].mean, low: end[key].low, high: end[key].high }))
  )
  const bars = ends.map(({ row, chosen, rejected }) => ({ row, from: rejected.mean, to: chosen.mean }))
  return {
    title: { text: title, fontSize: fontSize.label, anchor: "start" },
    width: Math.floor((figureWidth - 240) / 2),
    height: rows.length * 19,
    layer: [
      ...(start === undefined
        ? []
        : [
            {
              data: { values: [{ start }] },
              mark: { type: "rule", color: ink.axis, strokeDash: [1, 3] },
              encoding: { x: { ...x, field: "start" } }
            }
          ]),
      {
        data: { values: bars },
        mark: { type: "rule", color: ink.axis, strokeWidth: 1 },
        encoding: { x: { ...x, field: "from" }, x2: { field: "to" }, y }
      },
      ...sides.flatMap(({ key, colour, shape }) => {
        const own = values.filter(({ side }) => side === key)
        return [
          {
            data: { values: own },
            mark: { type: "rule", color: colour, strokeWidth: 2.4 },
            encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y }
          },
          {
            data: { values: own },
            mark: { type: "point", filled: true, color: colour, shape, size: 46, opacity: 1 },
            encoding: { x: { ...x, field: "mean" }, y }
          }
        ]
      })
    ]
  }
}

/** Ends of this study's runs and of the published ones, a line for each loss and weight of the cross-entropy term. */
export const publishedDynamicsFigure: Figure = {
  id: "published-dynamics",
  title: "Where training ends, beside the published runs",
  needs: ["finetune"],
  applies: (records) => ownEnds(records).length > 0 && publishedEnds(records).length > 1,
  caption: (records) =>
    "Log-probability per token of the chosen (blue circles) and the rejected answer (orange squares) of held-out pairs at the last" +
    " evaluation, by loss and weight of the cross-entropy term (CE; 0 where none is named); dotted: where training started. Left: this" +
    ` study. ${intervalPhrase(runEnds(records))} Right: the training cards published with the logic paper's models (Qwen1.5 0.5 B,` +
    " UltraFeedback; one run each, the weight 0 inferred where a card names none). Models, data and number of updates differ: compare the" +
    " order of the losses and what the term does, not the levels.",
  alt: (records) =>
    `Two panels of chosen and rejected log-probability per token for ${ownEnds(records).length} settings of this study and` +
    ` ${publishedEnds(records).length} published runs.`,
  draw: (records) => {
    const [own, published] = [ownEnds(records), publishedEnds(records)]
    const rows = [...new Set([...own, ...published].map(({ row }) => row))].sort((a, b) => a.localeCompare(b, "en"))
    return vegaLite({
      spacing: 18,
      bounds: "flush",
      hconcat: [
        panel({ title: "This study", ends: own, start: ownStart(records), rows, named: true }),
        panel({ title: "Published", ends: published, start: publishedStart, rows, named: false })
      ]
    })
  }
}
