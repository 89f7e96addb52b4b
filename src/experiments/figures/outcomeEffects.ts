/** @file Figure: effects of class, depth and the other predictors on each outcome, with intervals over seeds and over losses. */
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
import type { Records, RegressionCoefficientRow } from "./records.ts"

const rowHeight = 13
const labelWidth = 140
const gap = 14

/** Terms with more levels than a figure can name are left to the table. */
const mostLevels = 6

const termOf = ({ predictor, level }: RegressionCoefficientRow): string =>
  level === undefined ? `${predictorTitle(predictor)}, per unit` : `${predictorTitle(predictor)}: ${level}`

const drawable = ({ coefficients }: Regression): readonly RegressionCoefficientRow[] =>
  coefficients.filter(
    (row) =>
      row.estimate !== undefined &&
      row.stratum === undefined &&
      coefficients.filter((other) => other.predictor === row.predictor).length <= mostLevels
  )

const dotsOf = (one: Regression) =>
  drawable(one).flatMap((row) => {
    const { estimate, low = estimate, high = estimate, lossLow = estimate, lossHigh = estimate } = row
    const scaled = (value: number | undefined) => (value ?? 0) / one.model.spread
    return [
      {
        term: termOf(row),
        mean: scaled(estimate),
        low: scaled(low),
        high: scaled(high),
        lossLow: scaled(lossLow),
        lossHigh: scaled(lossHigh)
      }
    ]
  })

const panel = (
  one: Regression | undefined,
  order: readonly string[],
  domain: readonly [number, number],
  look: { readonly outcome: string; readonly width: number; readonly named: boolean; readonly bottom: boolean }
): ChartPart => {
  const values = one === undefined ? [] : dotsOf(one)
  const x = {
    field: "mean",
    type: "quantitative",
    title: look.bottom ? outcomeLines(look.outcome) : null,
    scale: { domain, nice: false, zero: false },
    axis: { tickCount: 3, labels: look.bottom }
  }
  const y = {
    field: "term",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: order },
    axis: look.named
      ? { labelFontSize: fontSize.tiny, labelOverlap: false, ticks: false, domain: false, labelPadding: 4 }
      : { labels: false, ticks: false, domain: false }
  }
  const line = (low: string, high: string, strokeWidth: number): ChartPart => ({
    data: { values },
    mark: { type: "rule", color: okabeIto.blue, strokeWidth },
    encoding: { x: { ...x, field: low }, x2: { field: high }, y }
  })
  return {
    width: look.width,
    height: order.length * rowHeight,
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: "rule", color: ink.axis, strokeDash: [2, 2] },
        encoding: { x: { ...x, field: "zero" } }
      },
      line("lossLow", "lossHigh", 1),
      line("low", "high", 3),
      {
        data: { values },
        mark: { type: "point", filled: true, color: ink.text, size: 20, opacity: 1 },
        encoding: { x, y }
      }
    ]
  }
}

const shown = (records: Records): readonly Regression[] =>
  answered(records.regression).filter((one) => drawable(one).length > 0)

/** Coefficients in standard deviations of the outcome, a panel an outcome. */
export const outcomeEffectsFigure: Figure = {
  id: "outcome-effects",
  title: "Effects on the outcome",
  needs: ["regression"],
  applies: (records) => shown(records).length > 0,
  caption: (records) => {
    const against = distinct(
      shown(records).flatMap((one) =>
        drawable(one).flatMap((row) =>
          row.against === undefined ? [] : [`${predictorTitle(row.predictor)}: ${row.against}`]
        )
      )
    )
    return (
      "Coefficients of the linear regressions, in standard deviations of the outcome within seeds. Levels are compared with the" +
      ` level left out (${against.join("; ")}); numbers are per unit. Thick: 95 % interval over seeds (these losses, other worlds);` +
      " thin: over losses (other truth tables), both robust to dependence within a seed or a loss."
    )
  },
  alt: (records) =>
    `Effects with intervals for ${distinct(shown(records).map(({ model }) => model.outcome)).length} outcomes in` +
    ` ${distinct(shown(records).map(({ model }) => model.environment)).length} environments.`,
  draw: (records) => {
    const all = shown(records)
    const outcomes = distinct(all.map(({ model }) => model.outcome))
    const analyses = distinct(all.map(({ model }) => model.analysis)).length
    const lines = linesOf(all)
    const dots = all.flatMap(dotsOf)
    const domain = [
      Math.min(0, ...dots.map(({ low, lossLow }) => Math.min(low, lossLow))) - 0.1,
      Math.max(0, ...dots.map(({ high, lossHigh }) => Math.max(high, lossHigh))) + 0.1
    ] as const
    const width = Math.min(120, Math.floor((figureWidth - labelWidth) / outcomes.length) - gap)
    return vegaLite({
      spacing: 12,
      vconcat: lines.map((line, position) => {
        const order = distinct(line.flatMap((one) => drawable(one).map(termOf)))
        return {
          title: { text: lineTitle(line[0] as Regression, analyses), fontSize: fontSize.label, offset: 4 },
          spacing: gap,
          bounds: "flush",
          hconcat: outcomes.map((outcome, index) =>
            panel(
              line.find(({ model }) => model.outcome === outcome),
              order,
              domain,
              { outcome, width, named: index === 0, bottom: position === lines.length - 1 }
            )
          )
        }
      })
    })
  }
}
