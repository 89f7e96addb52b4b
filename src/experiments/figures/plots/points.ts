/** @file What a plot shows, as points: means over seeds with intervals, each in its panel, series and path. Pure. */
import { formulaTitle } from "../../quantities/columns.ts"
import { knownFormula } from "../../quantities/formula.ts"
import { lossBase } from "../../quantities/lossBase.ts"
import { readRun } from "../../quantities/quantity.ts"
import {
  type Condition,
  conditionKey,
  type Group,
  groupsOf,
  type Run,
  scopeOf,
  settingOf
} from "../../quantities/runs.ts"
import { selects } from "../../quantities/select.ts"
import { distinct, grouped, type SeedInterval, seedInterval } from "../drawing/intervals.ts"
import { lossNames } from "../drawing/lossNames.ts"
import type { Records } from "../records.ts"
import { type AxisOf, axisOf, isCategory, measuresOf, type Plot } from "./plot.ts"

/** A value of a channel: what tells it from others, how it is called, and the number that it is, if it is one. */
export interface ChannelValue {
  readonly key: string
  readonly label: string
  readonly number?: number
}

/** A point: a mean over seeds. `x` is a number, or a category's value. */
export interface PlotPoint extends SeedInterval {
  readonly x: number
  readonly category: ChannelValue
  readonly measure: AxisOf
  readonly row: ChannelValue
  readonly column: ChannelValue
  readonly series: ChannelValue
  /** Points of one path are joined by a line, in the order of `order`. */
  readonly path: string
  readonly order: number
  readonly group: Group
}

const none: ChannelValue = { key: "", label: "" }

/** The groups that a plot is about. */
export const plotGroups = (plot: Plot, records: Records): readonly Group[] =>
  groupsOf(records.bandit).filter(({ condition }) => selects(plot.of, condition))

/** How values of channels are called in one plot. */
export const channelNames = (plot: Plot, records: Records, groups: readonly Group[]) => {
  const losses = groups.map(({ condition }) => condition.loss)
  const names = lossNames(records, losses)
  const families = lossNames(records, losses.map(lossBase))
  const text = (channel: string, { loss, study, environment, reference }: Condition, measure: AxisOf): string => {
    switch (channel) {
      case "loss":
        return names.get(loss) ?? loss
      case "family":
        return families.get(lossBase(loss)) ?? loss
      case "study":
        return study
      case "environment":
        return environment
      case "with-reference":
        return reference ? "with reference" : "without reference"
      default:
        return measure.name ?? measure.title ?? formulaTitle(measure.value)
    }
  }
  return (channel: string | undefined, condition: Condition, measure: AxisOf): ChannelValue => {
    if (channel === undefined) return none
    if (!isCategory(channel)) {
      const number = settingOf(condition, channel)
      if (number === undefined) return none
      const key = String(number)
      const label = plot.labels[`${channel}=${key}`] ?? plot.labels[key] ?? key.replace("-", "−")
      return { key, label, number }
    }
    const key = text(channel, condition, measure)
    const raw = channel === "loss" ? condition.loss : channel === "family" ? lossBase(condition.loss) : key
    return { key, label: plot.labels[raw] ?? plot.labels[key] ?? key }
  }
}

interface Place {
  readonly x: number
  readonly order: number
  readonly interval: SeedInterval
}

/** The mean; of equal numbers that number, which a sum of them may miss by its last digit. */
const meanOf = (values: readonly (number | undefined)[]): number | undefined => {
  const present = values.filter((value) => value !== undefined)
  return present.every((value) => value === present[0]) ? present[0] : seedInterval(present)?.mean
}

/** Every checkpoint at which a seed has a value. */
const everyCheckpoint = (runs: readonly Run[], x: string | number, y: string): readonly Place[] => {
  const [fx, fy] = [knownFormula(x), knownFormula(y)]
  const readings = runs.flatMap((run) =>
    run.rows.map((row) => {
      const scope = scopeOf(run, row)
      return { step: row.step, x: fx.evaluate(scope), y: fy.evaluate(scope) }
    })
  )
  return [...grouped(readings, ({ step }) => String(step)).values()].flatMap((own) => {
    const whole = own.filter((one) => one.x !== undefined && one.y !== undefined)
    const [mean, interval] = [meanOf(whole.map((one) => one.x)), seedInterval(whole.map((one) => one.y))]
    return mean === undefined || interval === undefined ? [] : [{ x: mean, order: own[0]!.step, interval }]
  })
}

/** One place a group: the reading, and x at the end of the run. */
const onePlace = (runs: readonly Run[], plot: Plot, x: string | number | undefined, y: string): readonly Place[] => {
  const at = plot.at === undefined || plot.at === "every" ? ("final" as const) : plot.at
  const readings = runs.map((run) => ({
    x: x === undefined ? 0 : readRun(run, { value: x }),
    y: readRun(run, { value: y, at })
  }))
  const whole = readings.filter((one) => one.x !== undefined && one.y !== undefined)
  const [mean, interval] = [meanOf(whole.map((one) => one.x)), seedInterval(whole.map((one) => one.y))]
  return mean === undefined || interval === undefined ? [] : [{ x: mean, order: mean, interval }]
}

/** Whether a plot goes through every checkpoint. */
export const throughCheckpoints = (plot: Plot): boolean => plot.mark === "line" && (plot.at ?? "every") === "every"

/**
 * The points of a plot, panels and series in order of first appearance. Runs that stopped early are left out.
 * @param horizontal formula of the horizontal axis; undefined where that is a category
 */
export const plotPoints = (plot: Plot, records: Records, horizontal: string | undefined): readonly PlotPoint[] => {
  const groups = plotGroups(plot, records)
  const named = channelNames(plot, records, groups)
  const fill = plot.fill && { ...plot.fill, value: String(plot.fill.value) }
  const measures: readonly AxisOf[] = plot.mark === "cells" && fill ? [fill] : measuresOf(plot)
  // Several measures need a panel each unless a channel tells them apart.
  const channels = [plot.colour, plot.row, plot.column, axisOf(plot.x).value]
  const row = plot.row ?? (measures.length > 1 && !channels.includes("measure") ? "measure" : undefined)
  return groups.flatMap((group) =>
    measures.flatMap((measure) => {
      const runs = group.runs.filter(({ failed }) => !failed)
      const every = horizontal !== undefined && throughCheckpoints(plot)
      const x = measure.x ?? horizontal
      const places =
        every && x !== undefined
          ? everyCheckpoint(runs, x, measure.value)
          : onePlace(runs, plot, horizontal === undefined ? undefined : x, measure.value)
      const of = (channel: string | undefined) => named(channel, group.condition, measure)
      // The rows of a table of cells are its vertical channel.
      const series = of(plot.mark === "cells" ? measuresOf(plot)[0]!.value : plot.colour)
      const path = JSON.stringify([measure.value, every ? conditionKey(group.condition) : series.key])
      const place = { measure, row: of(row), column: of(plot.column), series, path, group }
      const category = horizontal === undefined ? of(axisOf(plot.x).value) : none
      return places.map(({ x, order, interval }) => ({ ...place, ...interval, category, x, order }))
    })
  )
}

/** Distinct values of a channel: numbers ascending, names in order of first appearance. */
export const channelValues = (values: readonly ChannelValue[]): readonly ChannelValue[] => {
  const found = distinct(values.map(({ key }) => key)).map((key) => values.find((value) => value.key === key)!)
  return found.every(({ number }) => number !== undefined) ? found.toSorted((a, b) => a.number! - b.number!) : found
}
