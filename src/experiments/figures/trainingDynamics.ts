/**
 * @file Figure: what finetuning does to the log-probabilities of chosen and rejected responses, one small panel per loss.
 * Whether the chosen one falls too ("displacement") is the most asked question about preference losses.
 */
import { type CurvePoint, curve, extent } from "./drawing/curves.ts"
import { brokenPhrase, finishedRows } from "./drawing/finetuneRows.ts"
import { grouped, intervalPhrase } from "./drawing/intervals.ts"
import { endLabelRoom, lineView, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { figureWidth, ink, okabeIto, type SeriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type FinetuneRow, finite, type Records } from "./records.ts"

const sides = {
  chosen: { metric: "logps/chosen", label: "chosen", look: { colour: okabeIto.blue, dash: [], shape: "circle" } },
  rejected: {
    metric: "logps/rejected",
    label: "rejected",
    look: { colour: okabeIto.vermilion, dash: [6, 3], shape: "square" }
  }
} as const satisfies Readonly<Record<string, { metric: string; label: string; look: SeriesLook }>>

type Side = keyof typeof sides

/** Held-out evaluations where they carry the log-probabilities, else the training steps' own batches. */
const source = (records: Records): { readonly rows: readonly FinetuneRow[]; readonly heldOut: boolean } => {
  const has = (row: FinetuneRow) =>
    finite(row["logps/chosen"]) !== undefined && finite(row["logps/rejected"]) !== undefined
  const rows = finishedRows(records)
  const evaluations = rows.filter((row) => row.kind === "evaluation" && has(row))
  const steps = new Set(evaluations.map((row) => row.step))
  if (steps.size >= 3) return { rows: evaluations, heldOut: true }
  return { rows: rows.filter((row) => row.kind === "step" && has(row)), heldOut: false }
}

const pointsOf = (rows: readonly FinetuneRow[]): readonly CurvePoint[] =>
  (Object.keys(sides) as Side[]).flatMap((side) => curve(side, rows, (row) => finite(row[sides[side].metric])))

/** Level of each side at the first step: the reference model, from which every loss starts. */
const startRules = (points: readonly CurvePoint[]) => {
  const first = Math.min(...points.map((point) => point.step))
  const values = points.filter((point) => point.step === first)
  return [
    {
      data: { values },
      mark: { type: "rule", color: ink.axis, strokeDash: [1, 3], strokeWidth: 1 },
      encoding: { y: { field: "mean", type: "quantitative" } }
    }
  ]
}

const height = ([low, high]: readonly [number, number]): number => high - low

/** Multiples of the median panel's height beyond which a panel would make flat lines of all others. */
const outlying = 8

/** Panels of one loss each; one that goes {@link outlying} far has a scale of its own, all others share theirs. */
const panelsOf = (records: Records) => {
  const { rows, heldOut } = source(records)
  const names = lossNames(
    records,
    rows.map((row) => row.loss)
  )
  const made = [...grouped(rows, (row) => row.loss)].map(([loss, group]) => ({
    name: names.get(loss) ?? loss,
    points: pointsOf(group)
  }))
  const heights = made.map((panel) => height(extent(panel.points))).sort((a, b) => a - b)
  const most = outlying * (heights[Math.floor((heights.length - 1) / 2)] ?? 0)
  const panels = made.map((panel) => ({ ...panel, own: height(extent(panel.points)) > most }))
  return { rows, heldOut, panels, own: panels.filter((panel) => panel.own).map((panel) => panel.name) }
}

const columns = (count: number): number => (count <= 3 ? count : count === 4 ? 2 : 3)

/** Log-probabilities of chosen and rejected responses against the step. */
export const trainingDynamicsFigure: Figure = {
  id: "training-dynamics",
  title: "Training dynamics of chosen and rejected log-probabilities",
  needs: ["finetune"],
  applies: (records) => source(records).rows.length > 0,
  caption: (records) => {
    const { rows, heldOut, own } = panelsOf(records)
    return (
      "Mean log-probability that the finetuned model gives to the chosen (solid) and the rejected (dashed) response of" +
      ` ${heldOut ? "held-out pairs" : "the training batch"}, against the update step;` +
      ` all panels share both axes${own.length === 0 ? "" : `, except that the vertical scale of ${own.join(" and ")} is wider`};` +
      " dotted lines mark the level of the reference model, where every loss starts. A solid curve below its dotted line means that" +
      ` the loss makes even the chosen responses less likely. ${intervalPhrase(rows)}${brokenPhrase(records)}`
    )
  },
  alt: (records) => {
    const titles = panelsOf(records).panels.map((panel) => panel.name)
    return `Curves of chosen and rejected log-probability over training, one panel for each of ${titles.join(", ")}.`
  },
  draw: (records) => {
    const { panels, own } = panelsOf(records)
    const shared = own.length === 0
    const all = panels.flatMap((panel) => panel.points)
    const common = extent(panels.filter((panel) => !panel.own).flatMap((panel) => panel.points))
    const labelRoom = endLabelRoom(Object.values(sides).map((side) => side.label))
    const perRow = columns(panels.length)
    const width = Math.floor((figureWidth - 60) / perRow) - labelRoom - (shared ? 16 : 44)
    const steps: readonly [number, number] = [Math.min(...all.map((p) => p.step)), Math.max(...all.map((p) => p.step))]
    return vegaLite({
      columns: perRow,
      bounds: "flush",
      spacing: { column: labelRoom + (shared ? 14 : 44), row: 56 },
      concat: panels.map((panel, index) =>
        lineView({
          title: panel.own ? `${panel.name} (wider scale)` : panel.name,
          width,
          height: Math.round(Math.min(190, width * 0.9)),
          x: { title: "update step", domain: steps, ticks: 4, format: ",d" },
          y: { title: "log π(y|x), nats", domain: panel.own ? extent(panel.points) : common, ticks: 5 },
          points: panel.points,
          look: (series) => sides[series as Side].look,
          endLabel: (series) => sides[series as Side].label,
          yAxis: index % perRow === 0 ? "full" : shared ? "bare" : "numbers",
          showXTitle: index + perRow >= panels.length,
          under: startRules(panel.points)
        })
      )
    })
  }
}
