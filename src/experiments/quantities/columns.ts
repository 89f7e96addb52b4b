/**
 * @file What formulas over bandit records may name: metrics with their titles (`rewards_second` for those of a scope),
 * probabilities of arms (`arm0`), the same before the first update (`initial_…`) or averaged over the checkpoints so far
 * (`average_…`), and the settings of a run (`step`, `beta` of the loss, swept settings of the study; `tau_or_beta`: the first of
 * them that the run has). Pure.
 */
import { metrics, partialMetrics, scopedMetrics } from "../../bandit/metrics/registry.ts"
import { nearest } from "../../loss/nearest.ts"

/** What some regimes and methods add to a trajectory, and the loss. */
const facts: Readonly<Record<string, string>> = {
  averageExploitability: "exploitability of the average policy",
  moduleGap: "gap between fast and slow module",
  lossValue: "loss"
}

const titles = new Map<string, string>([
  ...[...metrics, ...partialMetrics].map(({ id, title }) => [id, title] as const),
  ...Object.entries(facts)
])

/** Metrics that formulas may name, besides those of a scope. */
export const metricNames: ReadonlyArray<string> = [...titles.keys()]

/** `rewards_second` is the column `rewards.second`: the metric of a scope, and its title; undefined for any other name. */
const scopedColumn = (name: string): { readonly column: string; readonly title: string } | undefined => {
  const metric = scopedMetrics.find(({ id }) => name.startsWith(`${id}_`))
  if (metric === undefined) return undefined
  const scope = name.slice(metric.id.length + 1)
  return { column: `${metric.id}.${scope}`, title: `${metric.title}, ${scope}` }
}

/** The column of the records that a metric's name stands for. */
export const columnOfMetric = (name: string): string => scopedColumn(name)?.column ?? name

/** Settings that every run has. */
export const runSettings = ["step", "seed", "ceWeight", "reference"] as const

/** Before a metric's name: its value before the first update. */
export const initialPrefix = "initial_"

/** Before a metric's name: its mean over the checkpoints so far, that before the first update among them. */
export const averagePrefix = "average_"

/** The metric that a name is made from, and the prefix in front of it. */
export const prefixOf = (name: string): { readonly plain: string; readonly prefix: string } => {
  const prefix = [initialPrefix, averagePrefix].find((one) => name.startsWith(one)) ?? ""
  return { plain: name.slice(prefix.length), prefix }
}

/** The arm that `arm3` names, or undefined. */
export const armOf = (name: string): number | undefined => {
  const match = /^arm(0|[1-9]\d{0,3})$/.exec(name)
  return match === null ? undefined : Number(match[1])
}

const isMetric = (name: string): boolean =>
  titles.has(name) || armOf(name) !== undefined || scopedColumn(name) !== undefined

/** The alternatives in a name: `tau_or_beta` is tau where a run has one, else beta. */
export const alternatives = (name: string): ReadonlyArray<string> => name.split("_or_")

/** Why a formula may not use a name, or undefined. @param settings parameters and swept settings of the runs it is about */
export const nameProblem = (name: string, settings: ReadonlyArray<string>): string | undefined => {
  const { plain } = prefixOf(name)
  const known = [...runSettings, ...settings]
  if (isMetric(plain) || (plain === name && alternatives(name).every((one) => known.includes(one)))) return undefined
  const allowed = [...metricNames, ...known, "arm0", `${initialPrefix}expectedReward`]
  const wrong = alternatives(name).find((one) => !allowed.includes(one)) ?? name
  return `unknown name ${JSON.stringify(wrong)}; ${nearest(wrong, allowed)}`
}

const greek: Readonly<Record<string, string>> = {
  alpha: "α",
  beta: "β",
  gamma: "γ",
  delta: "δ",
  lambda: "λ",
  tau: "τ"
}

/** How an axis calls a formula: a metric by its title, a parameter by its letter, anything else as it is written. */
export const formulaTitle = (source: string): string =>
  titles.get(source) ??
  scopedColumn(source)?.title ??
  (source === "step"
    ? "update step"
    : alternatives(source)
        .map((one) => greek[one] ?? one)
        .join(" or "))
