/**
 * @file Figure for bandit-only studies: the probability of every arm against the training step, one panel per loss and
 * environment (DPO against IPO under deterministic preferences, docs/experiments.md E1).
 */
import { type CurvePoint, curve } from "./drawing/curves.ts"
import { distinct, grouped, intervalPhrase } from "./drawing/intervals.ts"
import { endLabelRoom, lineView, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { figureWidth, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { BanditRow, Records } from "./records.ts"

/** Arms that can be told apart in one panel, and panels that fit on a page. */
const most = { arms: 6, panels: 16 } as const

const traced = (records: Records): readonly BanditRow[] =>
  records.bandit.filter((row) => row.armProbabilities !== undefined && row.armProbabilities.length <= most.arms)

const panelRows = (records: Records): readonly (readonly BanditRow[])[] =>
  [...grouped(traced(records), (row) => `${row.environment}\u0000${row.loss}`).values()]
    .filter((rows) => distinct(rows.map((row) => row.step)).length >= 3)
    .slice(0, most.panels)

const armName = (arm: number): string => `arm ${String.fromCharCode(97 + arm)}`

const points = (rows: readonly BanditRow[]): readonly CurvePoint[] =>
  Array.from({ length: rows[0]?.armProbabilities?.length ?? 0 }, (_, arm) =>
    curve(armName(arm), rows, (row) => row.armProbabilities?.[arm])
  ).flat()

/** Probability of each arm against the step. */
export const armProbabilitiesFigure: Figure = {
  id: "arm-probabilities",
  title: "Arm probabilities during training",
  needs: ["bandit"],
  applies: (records) => panelRows(records).length > 0,
  caption: (records) =>
    "Probability of each arm under the trained policy against the update step, one panel per environment and loss. A loss" +
    " without a finite optimum drives an arm to probability 1 however long it trains; one with a finite optimum levels off." +
    ` ${intervalPhrase(panelRows(records).flat())}`,
  alt: (records) => `Curves of arm probabilities in ${panelRows(records).length} panels.`,
  draw: (records) => {
    const panels = panelRows(records)
    const names = lossNames(
      records,
      panels.flat().map((row) => row.loss)
    )
    const environments = distinct(panels.map((rows) => rows[0]?.environment))
    const perRow = Math.min(panels.length, 4)
    const labelRoom = endLabelRoom([armName(0)])
    const width = Math.min(220, Math.floor((figureWidth - 60) / perRow) - labelRoom - 16)
    return vegaLite({
      columns: perRow,
      bounds: "flush",
      spacing: { column: labelRoom + 14, row: 56 },
      concat: panels.map((rows, index) => {
        const first = rows[0] as BanditRow
        const name = names.get(first.loss) ?? first.loss
        return lineView({
          title: environments.length > 1 ? `${name}, ${first.environment}` : name,
          width,
          height: Math.round(Math.max(100, 0.8 * width)),
          x: { title: "update step", domain: [0, Math.max(...rows.map((row) => row.step))], ticks: 3, format: ",d" },
          y: { title: "probability", domain: [0, 1], ticks: 5 },
          points: points(rows),
          look: (series) => seriesLook(series.charCodeAt(4) - 97),
          endLabel: (series) => series,
          yAxis: index % perRow === 0 ? "full" : "bare",
          showXTitle: index + perRow >= panels.length
        })
      })
    })
  }
}
