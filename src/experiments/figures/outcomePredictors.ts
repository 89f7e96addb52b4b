/** @file Figure: how much of each outcome each predictor accounts for, and how much of it any predictor of losses could. */
import { distinct } from "./drawing/intervals.ts"
import { type ChartPart, vegaLite } from "./drawing/lineChart.ts"
import {
  answered,
  linesOf,
  lineTitle,
  outcomeLines,
  predictorTitle,
  type Regression
} from "./drawing/regressionRows.ts"
import { figureWidth, fontSize, ink, okabeIto } from "./drawing/theme.ts"
import type { Figure } from "./figure.ts"
import type { Records } from "./records.ts"

const barHeight = 12
const labelWidth = 92
const gap = 14

const rule = (value: number, dash: readonly number[]): ChartPart => ({
  data: { values: [{ value }] },
  mark: { type: "rule", color: ink.text, strokeWidth: 1, strokeDash: dash },
  encoding: { x: { field: "value", type: "quantitative" } }
})

const panel = (
  one: Regression | undefined,
  order: readonly string[],
  look: { readonly outcome: string; readonly width: number; readonly named: boolean; readonly bottom: boolean }
): ChartPart => {
  const shares = one?.shares ?? []
  const x = {
    field: "share",
    type: "quantitative",
    title: look.bottom ? outcomeLines(look.outcome) : null,
    scale: { domain: [0, 1], nice: false },
    axis: { values: [0, 0.5, 1], format: "~g", labels: look.bottom }
  }
  const y = {
    field: "predictor",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: order.map(predictorTitle) },
    axis: look.named
      ? { labelFontSize: fontSize.tiny, labelOverlap: false, ticks: false, domain: false, labelPadding: 4 }
      : { labels: false, ticks: false, domain: false }
  }
  const values = shares.map(({ predictor, share }) => ({ predictor: predictorTitle(predictor), share }))
  return {
    width: look.width,
    height: order.length * barHeight,
    layer: [
      {
        data: { values },
        mark: { type: "bar", color: okabeIto.blue, height: barHeight - 4 },
        encoding: { x, y }
      },
      ...(one === undefined ? [] : [rule(one.model.r2, []), rule(one.model.ceiling, [2, 2])])
    ]
  }
}

const shown = (records: Records): readonly Regression[] => answered(records.regression)

/** Shapley shares of R², a panel an outcome. */
export const outcomePredictorsFigure: Figure = {
  id: "outcome-predictors",
  title: "What predicts the outcome",
  needs: ["regression"],
  applies: (records) => shown(records).length > 0,
  caption: (records) => {
    const models = shown(records).map(({ model }) => model)
    const seeds = distinct(models.map((model) => model.seeds))
    const losses = distinct(models.map((model) => model.losses))
    const meanings = distinct(
      shown(records).flatMap(({ shares }) => shares.map((row) => `${predictorTitle(row.predictor)}: ${row.meaning}`))
    )
    return (
      "Share of the variance of each outcome within seeds that each predictor accounts for: its mean gain in R² over all orders" +
      ` of the predictors. Linear regressions over ${losses.join(" or ")} truth tables and ${seeds.join(" or ")} seeds; the bars of a` +
      " panel sum to R² (solid line). Dashed line: what a level for every loss with its reading and cross-entropy weight would" +
      " reach. Shares describe these runs; the table has cross-validated values and the figure of effects has intervals." +
      ` ${meanings.join("; ")}.`
    )
  },
  alt: (records) =>
    `Bars for ${distinct(shown(records).flatMap(({ shares }) => shares.map((row) => row.predictor))).length} predictors of` +
    ` ${distinct(shown(records).map(({ model }) => model.outcome)).length} outcomes.`,
  draw: (records) => {
    const all = shown(records)
    const outcomes = distinct(all.map(({ model }) => model.outcome))
    const analyses = distinct(all.map(({ model }) => model.analysis)).length
    const lines = linesOf(all)
    const width = Math.min(120, Math.floor((figureWidth - labelWidth) / outcomes.length) - gap)
    return vegaLite({
      spacing: 12,
      vconcat: lines.map((line, position) => {
        const order = distinct(line.flatMap(({ shares }) => shares.map((row) => row.predictor)))
        return {
          title: { text: lineTitle(line[0] as Regression, analyses), fontSize: fontSize.label, offset: 4 },
          spacing: gap,
          bounds: "flush",
          hconcat: outcomes.map((outcome, index) =>
            panel(
              line.find(({ model }) => model.outcome === outcome),
              order,
              { outcome, width, named: index === 0, bottom: position === lines.length - 1 }
            )
          )
        }
      })
    })
  }
}
