/** @file A plot of a study file as a figure like all others. */
import { intervalPhrase } from "../drawing/intervals.ts"
import type { Figure, FigureSpec } from "../figure.ts"
import type { Records } from "../records.ts"
import { showable } from "./axes.ts"
import { cellsSpec } from "./cells.ts"
import { lyingSpec } from "./lying.ts"
import { numericSpec } from "./numeric.ts"
import { fitsPhrase } from "./panelFits.ts"
import { type Place, wholeFigure } from "./place.ts"
import { axisOf, isLying, type Plot } from "./plot.ts"
import { plotGroups, plotPoints } from "./points.ts"

const horizontal = (plot: Plot): string | undefined =>
  plot.mark === "cells" || isLying(plot) ? undefined : axisOf(plot.x).value

const intervals: Readonly<Record<Plot["mark"], string>> = {
  line: "Bands",
  points: "Whiskers",
  bars: "Whiskers",
  cells: "Numbers"
}

const seedsPhrase = (plot: Plot, records: Records): string => {
  const runs = plotGroups(plot, records).flatMap((group) => group.runs)
  const finished = runs.filter(({ failed }) => !failed)
  const said = intervalPhrase(finished)
  const mean = said.replace(/^Means with Student's 95 % intervals/, "")
  const what =
    plot.mark === "cells" ? "Numbers: means" : `Means; ${intervals[plot.mark].toLowerCase()}: Student's 95 % intervals`
  const failures = runs.length - finished.length
  const left =
    failures === 0
      ? ""
      : ` Left out: ${failures} ${failures === 1 ? "run" : "runs"} in which a number stopped being finite.`
  return `${mean === said ? said : `${what}${mean}`}${left}`
}

/** Points that a logarithmic axis has no place for, in words. */
const hiddenPhrase = (plot: Plot, records: Records): string => {
  const x = horizontal(plot)
  const points = plotPoints(plot, records, x)
  const xs = axisOf(plot.x).scale ?? "linear"
  const hidden = points.filter(
    ({ x: value, mean, measure }) =>
      !(x === undefined || showable(xs, value)) || !showable(measure.scale ?? "linear", mean)
  )
  return hidden.length === 0 ? "" : ` ${hidden.length} of ${points.length} points have no place on a logarithmic axis.`
}

/** The picture of a plot. */
export const plotSpec = (plot: Plot, records: Records, place: Place = wholeFigure): FigureSpec =>
  plot.mark === "cells"
    ? cellsSpec(plot, records, place)
    : isLying(plot)
      ? lyingSpec(plot, records, place)
      : numericSpec(plot, records, place)

/** The figure of a plot. */
export const plotFigure = (plot: Plot): Figure => ({
  id: plot.id,
  title: plot.title,
  needs: ["bandit"],
  applies: (records) => plotPoints(plot, records, horizontal(plot)).length > 0,
  caption: (records) =>
    `${plot.caption} ${seedsPhrase(plot, records)}${plot.mark === "cells" ? "" : hiddenPhrase(plot, records)}` +
    fitsPhrase(plot, plot.fit === undefined ? [] : plotPoints(plot, records, horizontal(plot))),
  alt: (records) => {
    const count = plotGroups(plot, records).length
    return `${plot.title}: ${plot.mark} for ${count} ${count === 1 ? "condition" : "conditions"}.`
  },
  draw: (records) => plotSpec(plot, records)
})
