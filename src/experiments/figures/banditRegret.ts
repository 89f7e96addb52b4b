/**
 * @file Figure for bandit-only studies: regret to the KL-regularised optimum against training steps, one panel per
 * environment, one curve per loss or policy gradient (the bandit of Contrastive Policy Gradient, docs/experiments.md 2.2).
 */
import { type CurvePoint, curve, ends, extent } from "./drawing/curves.ts"
import { distinct, grouped, intervalPhrase } from "./drawing/intervals.ts"
import { endLabelRoom, lineView, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { figureWidth, seriesLook } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import { type BanditRow, finite, type Records } from "./records.ts"

/** More curves than this in one panel cannot be told apart. */
const mostCurves = 8

/** Environments with trajectories (three steps or more) of few enough losses to draw, with their rows. */
const panelRows = (records: Records): ReadonlyMap<string, readonly BanditRow[]> =>
  new Map(
    [...grouped(records.bandit, (row) => row.environment)].filter(
      ([, rows]) =>
        distinct(rows.map((row) => row.step)).length >= 3 &&
        distinct(rows.map((row) => row.loss)).length <= mostCurves &&
        rows.some((row) => finite(row.regret) !== undefined)
    )
  )

const points = (rows: readonly BanditRow[]): readonly CurvePoint[] =>
  [...grouped(rows, (row) => row.loss)].flatMap(([loss, group]) => curve(loss, group, (row) => finite(row.regret)))

/** Regret of bandit policies against the training step. */
export const banditRegretFigure: Figure = {
  id: "bandit-regret",
  title: "Regret of bandit policies during training",
  needs: ["bandit"],
  applies: (records) => records.finetune.length === 0 && panelRows(records).size > 0,
  caption: (records) => {
    const rows = [...panelRows(records).values()].flat()
    return (
      "Regret J(π*) − J(π) against the update step, where J is expected reward minus β times the KL divergence from the" +
      " reference and π* its exact maximiser; 0 is the best that any policy reaches. Every loss meets the same environments," +
      ` data and batches. ${intervalPhrase(rows)}`
    )
  },
  alt: (records) =>
    `Curves of regret over training in ${[...panelRows(records).keys()].join(" and ")}, one per loss, from the same start.`,
  draw: (records) => {
    const panels = [...panelRows(records)].map(([environment, rows]) => ({ environment, points: points(rows) }))
    const losses = distinct(panels.flatMap((panel) => ends(panel.points).map((point) => point.series)))
    const names = lossNames(records, losses)
    const labelRoom = endLabelRoom([...names.values()], true)
    const perRow = panels.length > 1 && labelRoom < 110 ? 2 : 1
    const width = Math.min(440, Math.floor((figureWidth - 50) / perRow) - labelRoom - 44)
    return vegaLite({
      columns: perRow,
      bounds: "flush",
      spacing: { column: labelRoom + 44, row: 56 },
      concat: panels.map((panel, index) => {
        const [low, high] = extent(panel.points)
        return lineView({
          title: `Environment: ${panel.environment}`,
          width,
          height: 200,
          x: {
            title: "update step",
            domain: [0, Math.max(...panel.points.map((p) => p.step))],
            ticks: 5,
            format: ",d"
          },
          y: { title: "regret, reward units", domain: [Math.min(0, low), high], ticks: 5 },
          points: panel.points,
          look: (series) => seriesLook(losses.indexOf(series)),
          endLabel: (series) => names.get(series),
          sampled: true,
          yAxis: index % perRow === 0 ? "full" : "numbers"
        })
      })
    })
  }
}
