/**
 * @file A figure as a study file describes it: what to draw from the bandit records, in which panels and colours. Its columns
 * are those of claims (quantities/columns.ts); bands and whiskers are always 95 % intervals over seeds.
 */
import * as Schema from "effect/Schema"
import { defaulted } from "../../fields.ts"
import { type FitForm, fitForms } from "../../quantities/fits.ts"
import { At, FormulaText } from "../../quantities/quantity.ts"
import { oneOrMore, Selection } from "../../quantities/select.ts"

/** Channels that are no numbers. `family`: the loss without its parameters; `measure`: which of several y. */
export const categories = ["loss", "family", "study", "environment", "measure", "with-reference"] as const
export type Category = (typeof categories)[number]

const Scale = Schema.Literals(["linear", "log", "sqrt"])
const Range = Schema.Tuple([Schema.Finite, Schema.Finite])

const axisFields = {
  value: FormulaText.annotateKey({ description: "A formula, or a category." }),
  title: Schema.optionalKey(Schema.NonEmptyString),
  scale: Schema.optionalKey(Scale),
  domain: Schema.optionalKey(Range)
} as const

const Axis = Schema.Union([FormulaText, Schema.Struct(axisFields)])

/** Several measures have a panel row each, unless `measure` is a channel. */
const Measure = Schema.Union([
  FormulaText,
  Schema.Struct({
    ...axisFields,
    name: Schema.optionalKey(Schema.NonEmptyString),
    x: Schema.optionalKey(FormulaText).annotateKey({ description: "Its own horizontal place, instead of the plot's." })
  })
])

/** A category, or a parameter or swept setting. */
const Channel = Schema.NonEmptyString

const Reference = Schema.Struct({
  y: Schema.optionalKey(FormulaText).annotateKey({
    description:
      "A horizontal line: a number, or a formula of the runs at their ends, a line for each condition where they differ."
  }),
  x: Schema.optionalKey(FormulaText).annotateKey({ description: "A vertical line." }),
  curve: Schema.optionalKey(FormulaText).annotateKey({
    description: "A curve: a formula of the horizontal axis's name."
  }),
  point: Schema.optionalKey(Schema.Tuple([FormulaText, FormulaText])).annotateKey({
    description: "A cross, at two formulas of the runs at their ends."
  }),
  runs: Schema.optionalKey(Selection).annotateKey({
    description: "The runs that a point is read from, which need not be shown. Default: those of the panel."
  }),
  label: Schema.optionalKey(Schema.NonEmptyString),
  of: Schema.optionalKey(Selection).annotateKey({ description: "Only in panels that show one of these runs." })
}).check(
  Schema.makeFilter(({ x, y, curve, point, runs }) =>
    [x, y, curve, point].filter((one) => one !== undefined).length !== 1
      ? "needs exactly one of x, y, curve, point"
      : runs !== undefined && point === undefined
        ? { path: ["runs"], issue: "only a point is read from runs" }
        : undefined
  )
)
export type Reference = typeof Reference.Type

export const plotMarks = ["line", "points", "bars", "cells"] as const

/** Name of a figure of a study, and of its files. */
export const FigureName = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]*$/u, { expected: "lower-case letters, digits and '-'" })
)

const fields = Schema.Struct({
  id: FigureName.annotateKey({ description: "Name of its files." }),
  title: Schema.NonEmptyString,
  caption: Schema.NonEmptyString.annotateKey({ description: "What is seen; seeds and intervals are added." }),
  mark: Schema.Literals(plotMarks).annotateKey({
    description:
      "`line` with bands; `points` and `bars` with whiskers; `cells`: a table of coloured means, x and y its two channels."
  }),
  of: defaulted(Selection, {}),
  at: Schema.optionalKey(Schema.Union([Schema.Literal("every"), At])).annotateKey({
    description:
      "Which checkpoints: `every` (of a line unless it says otherwise), or where a claim could read (default `final`)."
  }),
  x: Axis,
  y: Schema.Union([Measure, Schema.NonEmptyArray(Measure)]),
  fill: Schema.optionalKey(
    Schema.Struct({ ...axisFields, scheme: defaulted(Schema.Literals(["sequential", "diverging"]), "sequential") })
  ).annotateKey({ description: "Cells only: the formula whose means colour them." }),
  colour: Schema.optionalKey(Channel),
  row: Schema.optionalKey(Channel),
  column: Schema.optionalKey(Channel),
  references: defaulted(Schema.Array(Reference), []),
  fit: Schema.optionalKey(
    Schema.Struct({ form: oneOrMore(Schema.Literals(fitForms)), floor: Schema.optionalKey(Schema.Finite) })
  ).annotateKey({
    description:
      "Curves fitted to all points of all runs of a panel, dotted and dashed; those with x below `floor` are left out. Of several measures the first is fitted."
  }),
  triangle: Schema.optionalKey(Schema.Tuple([Schema.String, Schema.String, Schema.String])).annotateKey({
    description:
      "Names of the corners (0, 0), (1, 0) and (1/2, √3/2) of a triangle that is drawn instead of axes, for policies over three arms."
  }),
  height: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 40, maximum: 600 }))).annotateKey({
    description: "Height of a panel with two numeric axes, pixels. Default: by the width and the number of rows."
  }),
  key: defaulted(Schema.Boolean, true).annotateKey({
    description:
      "Whether the series are named, at the right or at the ends of their lines; not where a plot beside it names them."
  }),
  sharedAxes: defaulted(Schema.Boolean, true).annotateKey({
    description: "Whether panels that share a measure share its axis."
  }),
  labels: defaulted(Schema.Record(Schema.String, Schema.String), {}).annotateKey({
    description: "Other names for values of channels: `{d1: a total order, `beta=1`: as published}`."
  })
})
export type Plot = typeof fields.Type

const problemsOf = (plot: Plot) => [
  ...(plot.mark === "cells" && plot.fill === undefined ? [{ path: ["fill"], issue: "cells need a fill" }] : []),
  ...(plot.mark !== "cells" && plot.fill !== undefined ? [{ path: ["fill"], issue: "only cells have a fill" }] : []),
  ...(plot.mark !== "line" && plot.at === "every" ? [{ path: ["at"], issue: "every checkpoint is for lines" }] : []),
  ...(plot.fit !== undefined && (plot.mark !== "line" || plot.at !== undefined)
    ? [{ path: ["fit"], issue: "a fit is for lines through every checkpoint" }]
    : []),
  ...(plot.triangle !== undefined && plot.mark !== "line"
    ? [{ path: ["triangle"], issue: "only lines are drawn in a triangle" }]
    : [])
]

/** One declared figure. */
export const PlotSpec = fields.check(Schema.makeFilter(problemsOf)).annotate({ identifier: "Plot" })

/** An axis or measure with all its parts. */
export interface AxisOf {
  readonly value: string
  readonly title?: string
  readonly scale?: typeof Scale.Type
  readonly domain?: readonly [number, number]
  readonly name?: string
  readonly x?: string | number
}

/** An axis written short, written out. */
export const axisOf = (axis: Plot["x"] | Exclude<Plot["y"], ReadonlyArray<unknown>>): AxisOf =>
  typeof axis === "object" ? { ...axis, value: String(axis.value) } : { value: String(axis) }

/** The measures of a plot. */
export const measuresOf = ({ y }: Plot): ReadonlyArray<AxisOf> =>
  (Array.isArray(y) ? (y as ReadonlyArray<Parameters<typeof axisOf>[0]>) : [y as Parameters<typeof axisOf>[0]]).map(
    axisOf
  )

/** The forms that are fitted. */
export const fitFormsOf = ({ fit }: Plot): ReadonlyArray<FitForm> =>
  fit === undefined ? [] : typeof fit.form === "string" ? [fit.form] : fit.form

/** Whether a channel is a category. */
export const isCategory = (channel: string): channel is Category =>
  (categories as ReadonlyArray<string>).includes(channel)

/** Whether the plot lies on its side: names of a category at the left, values to the right. */
export const isLying = (plot: Plot): boolean => plot.mark === "bars" || isCategory(axisOf(plot.x).value)
