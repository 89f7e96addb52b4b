/** @file The curves fitted in the panels of a plot, drawn by layers.ts and told by the caption. Pure. */
import { type Fit, fitForm, formTexts } from "../../quantities/fits.ts"
import { fitPoints } from "../../quantities/quantity.ts"
import { distinct, grouped } from "../drawing/intervals.ts"
import { number } from "../drawing/notation.ts"
import { axisOf, fitFormsOf, measuresOf, type Plot } from "./plot.ts"
import type { PlotPoint } from "./points.ts"

/** Fits to the checkpoints of all runs in a panel, a fit a form; none but of the first measure. */
export const panelFits = (plot: Plot, points: readonly PlotPoint[]): readonly Fit[] => {
  const [first] = points
  if (first === undefined || first.measure.value !== measuresOf(plot)[0]!.value) return []
  const runs = distinct(points.map(({ group }) => group)).flatMap((group) => group.runs)
  const forms = fitFormsOf(plot)
  const raw = forms.length === 0 ? [] : fitPoints(runs, axisOf(plot.x).value, first.measure.value, plot.fit?.floor)
  return forms.flatMap(
    (form) =>
      fitForm(
        form,
        raw.map(([x]) => x),
        raw.map(([, y]) => y)
      ) ?? []
  )
}

/** Where there are several forms, which of them fits how well in each panel; else "". */
export const fitsPhrase = (plot: Plot, points: readonly PlotPoint[]): string => {
  if (fitFormsOf(plot).length < 2) return ""
  const panels = [...grouped(points, ({ row, column }) => JSON.stringify([row.key, column.key])).values()]
  const said = panels.flatMap((own) => {
    const fits = panelFits(plot, own)
    const name = [own[0]!.column.label, own[0]!.row.label].filter((label) => label !== "").join(", ")
    return fits.length === 0 ? [] : [`${name} ${fits.map(({ rmse }) => number(rmse, 3)).join(" and ")}`]
  })
  const forms = fitFormsOf(plot).map((form) => formTexts[form])
  return said.length === 0 ? "" : ` Root mean squared errors of ${forms.join(" and ")}: ${said.join(", ")}.`
}
