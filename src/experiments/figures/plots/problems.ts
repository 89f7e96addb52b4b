/** @file What is wrong with the plots of a study beyond their shape: columns that its records do not have. Pure. */
import { nearest } from "../../../loss/nearest.ts"
import { type ClaimProblem, formulaProblems, type Runs, settingsOf } from "../../claims/problems.ts"
import { alternatives } from "../../quantities/columns.ts"
import { parseFormula } from "../../quantities/formula.ts"
import { selectionProblems } from "../../quantities/select.ts"
import { axisOf, categories, isLying, measuresOf, type Plot } from "./plot.ts"

const channelProblem = (channel: string | undefined, runs: Runs): string | undefined => {
  const allowed = [...categories, "ceWeight", ...settingsOf(runs)]
  const wrong = channel === undefined ? undefined : alternatives(channel).find((one) => !allowed.includes(one))
  return wrong === undefined ? undefined : `no run has ${JSON.stringify(wrong)}; ${nearest(wrong, allowed)}`
}

const at = (path: ReadonlyArray<PropertyKey>, issues: ReadonlyArray<string | undefined>): ReadonlyArray<ClaimProblem> =>
  issues.flatMap((issue) => (issue === undefined ? [] : [{ path, issue }]))

const axisProblems = (plot: Plot, runs: Runs): ReadonlyArray<ClaimProblem> => {
  const x = axisOf(plot.x).value
  const asChannel = isLying(plot) || plot.mark === "cells"
  const y = measuresOf(plot)
  return [
    ...at(["x"], asChannel ? [channelProblem(x, runs)] : formulaProblems(x, runs)),
    ...(plot.mark === "cells"
      ? at(["y"], y.length === 1 ? [channelProblem(y[0]!.value, runs)] : ["cells have one y, a channel"])
      : y.flatMap(({ value }, i) => at(Array.isArray(plot.y) ? ["y", i] : ["y"], formulaProblems(value, runs)))),
    ...y.flatMap((measure, i) => at(["y", i, "x"], formulaProblems(String(measure.x ?? 0), runs))),
    ...(plot.fill === undefined ? [] : at(["fill", "value"], formulaProblems(String(plot.fill.value), runs)))
  ]
}

const referenceProblems = (plot: Plot, runs: Runs): ReadonlyArray<ClaimProblem> =>
  plot.references.flatMap(({ x, y, curve, of, point, runs: from }, i) => {
    const formula = parseFormula(axisOf(plot.x).value)
    const name = formula._tag === "Success" && formula.success.names.length === 1 ? formula.success.names[0] : undefined
    const own = parseFormula(String(curve ?? 0))
    const foreign = own._tag === "Success" ? own.success.names.filter((one) => one !== name) : []
    return [
      ...at(["references", i, "x"], formulaProblems(String(x ?? 0), runs)),
      ...at(["references", i, "y"], formulaProblems(String(y ?? 0), runs)),
      ...(curve !== undefined && (plot.mark === "cells" || isLying(plot))
        ? at(["references", i, "curve"], ["only where the horizontal axis is a number"])
        : at(
            ["references", i, "curve"],
            foreign.map(
              (one) => `${JSON.stringify(one)} is not the horizontal axis's own name${name ? ` (${name})` : ""}`
            )
          )),
      ...(point ?? []).flatMap((formula, k) =>
        at(["references", i, "point", k], formulaProblems(String(formula), runs))
      ),
      ...[["of", of] as const, ["runs", from] as const].flatMap(([key, selection]) =>
        selectionProblems(selection ?? {}, runs.conditions, runs.derived).map(({ path, issue }) => ({
          path: ["references", i, key, ...path],
          issue
        }))
      )
    ]
  })

/** Everything in a plot that the study's records will not have. */
export const plotProblems = (plot: Plot, runs: Runs): ReadonlyArray<ClaimProblem> => [
  ...selectionProblems(plot.of, runs.conditions, runs.derived).map(({ path, issue }) => ({
    path: ["of", ...path],
    issue
  })),
  ...axisProblems(plot, runs),
  ...(["colour", "row", "column"] as const).flatMap((key) => at([key], [channelProblem(plot[key], runs)])),
  ...referenceProblems(plot, runs)
]

/** The problems of a list of plots. @param taken ids that other figures have */
export const plotsProblems = (
  plots: ReadonlyArray<Plot>,
  runs: Runs,
  taken: ReadonlyArray<string>
): ReadonlyArray<ClaimProblem> =>
  plots.flatMap((plot, i) => [
    ...(taken.includes(plot.id) || plots.findIndex(({ id }) => id === plot.id) < i
      ? [{ path: [i, "id"], issue: `another figure is called ${JSON.stringify(plot.id)}` }]
      : []),
    ...plotProblems(plot, runs).map(({ path, issue }) => ({ path: [i, ...path], issue }))
  ])
