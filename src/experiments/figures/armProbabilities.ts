/**
 * @file Figure for bandit-only studies: the probability of every arm against the training step, one panel per loss and
 * environment (DPO against IPO under deterministic preferences, docs/experiments.md E1).
 */
import { type CurvePoint, curve } from "./drawing/curves.ts"
import { textWidth } from "./drawing/fonts.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "./drawing/intervals.ts"
import { type ChartPart, endLabelRoom, lineView, panelTitle, vegaLite } from "./drawing/lineChart.ts"
import { lossNames } from "./drawing/lossNames.ts"
import { figureWidth, fontSize, seriesLook } from "./drawing/theme.ts"
import type { Figure, FigureSpec } from "./figure.ts"
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

/** Last rows with few arms, by environment, where only the end of training was recorded. */
const finalRows = (records: Records): ReadonlyMap<string, readonly BanditRow[]> =>
  new Map(
    [
      ...grouped(
        traced(records).filter((row) => row.final),
        (row) => row.environment
      )
    ]
      .filter(([, rows]) => distinct(rows.map((row) => row.loss)).length >= 2)
      .slice(0, 4)
  )

const dotRow = 22

/** Where each arm's probability ended: one line per loss, one symbol per arm, with intervals. */
const finalView = (title: string, rows: readonly BanditRow[], names: ReadonlyMap<string, string>): ChartPart => {
  const losses = distinct(rows.map((row) => row.loss))
  const arms = rows[0]?.armProbabilities?.length ?? 0
  const x = { field: "mean", type: "quantitative", title: "probability at the end", scale: { domain: [0, 1] } }
  const y = {
    field: "loss",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: losses.map((loss) => names.get(loss) ?? loss) },
    axis: { ticks: false, domain: false, labelOverlap: false, labelPadding: 6, grid: true }
  }
  const layers = Array.from({ length: arms }, (_, arm): readonly ChartPart[] => {
    const look = seriesLook(arm)
    const values = losses.flatMap((loss) => {
      const own = rows.filter((row) => row.loss === loss)
      const interval = seedInterval(own.map((row) => row.armProbabilities?.[arm]))
      return interval === undefined ? [] : [{ loss: names.get(loss) ?? loss, ...interval }]
    })
    return [
      {
        data: { values },
        mark: { type: "rule", color: look.colour, strokeWidth: 1.6, clip: true },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y }
      },
      {
        data: { values },
        mark: { type: "point", filled: true, shape: look.shape, color: look.colour, size: 60, opacity: 1 },
        encoding: { x, y }
      }
    ]
  })
  const key = Array.from({ length: arms }, (_, arm): readonly ChartPart[] => [
    {
      data: { values: [{}] },
      mark: {
        type: "point",
        filled: true,
        shape: seriesLook(arm).shape,
        color: seriesLook(arm).colour,
        size: 60,
        opacity: 1
      },
      encoding: { x: { value: finalWidth + 14 }, y: { value: 10 + 17 * arm } }
    },
    {
      data: { values: [{}] },
      mark: { type: "text", text: armName(arm), align: "left" },
      encoding: { x: { value: finalWidth + 24 }, y: { value: 10 + 17 * arm } }
    }
  ])
  return {
    width: finalWidth,
    height: losses.length * dotRow,
    layer: [...panelTitle(title), ...layers.flat(), ...key.flat()]
  }
}

const finalWidth = 420

const finalSpec = (records: Records): FigureSpec => {
  const panels = [...finalRows(records)]
  const names = lossNames(
    records,
    panels.flatMap(([, rows]) => rows.map((row) => row.loss))
  )
  return vegaLite({
    spacing: 16,
    vconcat: panels.map(([environment, rows]) => finalView(`Environment: ${environment}`, rows, names))
  })
}

/** Size of the panels, and how many stand beside each other: as many as leave every title its room. */
const gridOf = (titles: readonly string[]) => {
  const labelRoom = endLabelRoom([armName(0)])
  const widest = Math.max(...titles.map((title) => textWidth(title, fontSize.label, "bold")))
  const pitch = (columns: number) => Math.floor((figureWidth - 60) / columns)
  const columns = [4, 3, 2].find((count) => count <= titles.length && pitch(count) >= widest + 8) ?? 1
  const width = Math.min(220, pitch(columns) - labelRoom - 16)
  return { columns, labelRoom, width, height: Math.round(Math.max(100, 0.8 * Math.min(width, 160))) }
}

/** The panels of one environment, one for each loss, under the environment's name where there are several. */
const environmentView = (
  panels: readonly (readonly BanditRow[])[],
  names: ReadonlyMap<string, string>,
  titled: boolean
): ChartPart => {
  const title = (rows: readonly BanditRow[]): string => names.get(rows[0]?.loss ?? "") ?? ""
  const { columns, labelRoom, width, height } = gridOf(panels.map(title))
  const heading = { text: `Environment: ${panels[0]?.[0]?.environment}`, fontSize: fontSize.title, offset: 12 }
  return {
    ...(titled ? { title: heading } : {}),
    columns,
    bounds: "flush",
    spacing: { column: labelRoom + 14, row: 56 },
    concat: panels.map((rows, index) =>
      lineView({
        title: title(rows),
        width,
        height,
        x: { title: "update step", domain: [0, Math.max(...rows.map((row) => row.step))], ticks: 3, format: ",d" },
        y: { title: "probability", domain: [0, 1], ticks: 5 },
        points: points(rows),
        look: (series) => seriesLook(series.charCodeAt(4) - 97),
        endLabel: (series) => series,
        yAxis: index % columns === 0 ? "full" : "bare",
        showXTitle: index + columns >= panels.length
      })
    )
  }
}

const curveSpec = (panels: readonly (readonly BanditRow[])[], records: Records): FigureSpec => {
  const names = lossNames(
    records,
    panels.flat().map((row) => row.loss)
  )
  const environments = [...grouped(panels, (rows) => rows[0]?.environment ?? "").values()]
  return vegaLite({
    spacing: 30,
    vconcat: environments.map((own) => environmentView(own, names, environments.length > 1))
  })
}

/** Probability of each arm against the step. */
export const armProbabilitiesFigure: Figure = {
  id: "arm-probabilities",
  title: "Arm probabilities",
  needs: ["bandit"],
  applies: (records) => panelRows(records).length > 0 || (records.finetune.length === 0 && finalRows(records).size > 0),
  caption: (records) => {
    const panels = panelRows(records)
    return panels.length > 0
      ? "Probability of each arm under the trained policy against the update step, one panel per environment and loss. A loss" +
          " without a finite optimum drives an arm to probability 1 however long it trains; one with a finite optimum levels off." +
          ` ${intervalPhrase(panels.flat())}`
      : "Probability of each arm under the policy at the end of training, one line per loss, one panel per environment. A loss" +
          " without a finite optimum comes close to a corner of the simplex whatever its strength of regularisation." +
          ` ${intervalPhrase([...finalRows(records).values()].flat())}`
  },
  alt: (records) =>
    panelRows(records).length > 0
      ? `Curves of arm probabilities in ${panelRows(records).length} panels.`
      : `Dots of final arm probabilities in ${finalRows(records).size} panels, one line per loss.`,
  draw: (records) => {
    const panels = panelRows(records)
    return panels.length > 0 ? curveSpec(panels, records) : finalSpec(records)
  }
}
