/** @file Several plots of a study on one sheet, lettered, with one caption. */
import * as Schema from "effect/Schema"
import { nearest } from "../../../loss/nearest.ts"
import type { ClaimProblem } from "../../claims/problems.ts"
import { type ChartPart, vegaLite } from "../drawing/lineChart.ts"
import { figureWidth } from "../drawing/theme.ts"
import { type Figure, figureApplies } from "../figure.ts"
import type { Records } from "../records.ts"
import { FigureName, type Plot } from "./plot.ts"
import { plotFigure, plotSpec } from "./plotFigure.ts"

/** A sheet as a study file describes it. */
export const SheetSpec = Schema.Struct({
  id: FigureName.annotateKey({ description: "Name of its files." }),
  title: Schema.NonEmptyString,
  caption: Schema.NonEmptyString.annotateKey({ description: "What is seen; the captions of the plots follow it." }),
  rows: Schema.NonEmptyArray(Schema.NonEmptyArray(FigureName)).annotateKey({
    description: "Ids of plots, row by row; those of one row stand beside each other. They are not drawn alone then."
  })
}).annotate({ identifier: "Sheet" })
export type Sheet = typeof SheetSpec.Type

/** The letter of the n-th part. */
const letter = (index: number): string => String.fromCharCode(97 + index)

const gap = 30

/** The parts of a sheet: those of its plots that the records can show. */
const partsOf = (sheet: Sheet, plots: readonly Plot[], records: Records): readonly (readonly Plot[])[] =>
  sheet.rows
    .map((row) =>
      row
        .flatMap((id) => plots.find((plot) => plot.id === id) ?? [])
        .filter((plot) => figureApplies(plotFigure(plot), records))
    )
    .filter((row) => row.length > 0)

/** The figure of a sheet. @param plots all plots of the study */
export const sheetFigure = (sheet: Sheet, plots: readonly Plot[]): Figure => ({
  id: sheet.id,
  title: sheet.title,
  needs: ["bandit"],
  applies: (records) => partsOf(sheet, plots, records).length > 0,
  caption: (records) => {
    const parts = partsOf(sheet, plots, records).flat()
    return [
      sheet.caption,
      ...parts.map((plot, i) => `(${letter(i)}) ${plot.title}. ${plotFigure(plot).caption(records)}`)
    ].join(" ")
  },
  alt: (records) =>
    `${sheet.title}: ${partsOf(sheet, plots, records)
      .flat()
      .map((plot, i) => `(${letter(i)}) ${plotFigure(plot).alt(records)}`)
      .join(" ")}`,
  draw: (records) => {
    let index = 0
    const rows = partsOf(sheet, plots, records).map((row) => {
      const width = Math.floor((figureWidth - gap * (row.length - 1)) / row.length)
      return row.map((plot) => {
        const drawn = plotSpec(plot, records, { width, heading: `${letter(index++)}   ${plot.title}` })
        if (drawn.kind !== "vega-lite") throw new RangeError(`plot ${plot.id} is no Vega-Lite figure`)
        return drawn.spec as unknown as ChartPart
      })
    })
    return vegaLite({ spacing: gap, vconcat: rows.map((row) => ({ spacing: gap, hconcat: row })) })
  }
})

/** What is wrong with the sheets of a study: plots that there are not, and names that are taken. */
export const sheetsProblems = (
  sheets: readonly Sheet[],
  plots: readonly Plot[],
  taken: readonly string[]
): readonly ClaimProblem[] => {
  const ids = plots.map(({ id }) => id)
  return sheets.flatMap((sheet, i) => [
    ...([...taken, ...ids].includes(sheet.id) || sheets.findIndex(({ id }) => id === sheet.id) < i
      ? [{ path: [i, "id"], issue: `another figure is called ${JSON.stringify(sheet.id)}` }]
      : []),
    ...sheet.rows.flatMap((row, r) =>
      row.flatMap((id, c) =>
        ids.includes(id)
          ? []
          : [{ path: [i, "rows", r, c], issue: `there is no plot ${JSON.stringify(id)}; ${nearest(id, ids)}` }]
      )
    )
  ])
}
