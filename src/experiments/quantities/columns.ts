/**
 * @file What formulas over bandit records may name: metrics with their titles, probabilities of arms (`arm0`), the same before
 * the first update (`initial_…`), and the settings of a run (`step`, `beta` of the loss, swept settings of the study). Pure.
 */
import type { StepMetrics } from "../../bandit/metrics.ts"
import { nearest } from "../../loss/nearest.ts"

/** Metrics that are one number, as axis titles. One more metric: its line here, which the compiler asks for. */
const titles = {
  expectedReward: "expected gold reward",
  klToReference: "KL(π ‖ reference), nats",
  klFromReference: "KL(reference ‖ π), nats",
  regret: "regret, reward units",
  winRate: "win rate against the reference",
  chosenLogpDrift: "change of log π(chosen), nats",
  rejectedLogpDrift: "change of log π(rejected), nats",
  unseenMass: "mass on unseen arms",
  unseenMassChange: "change of mass on unseen arms",
  entropy: "entropy, nats",
  rankingAccuracy: "ranking accuracy",
  implicitRankingAccuracy: "ranking accuracy of the implicit reward",
  lossValue: "loss"
} satisfies Readonly<Record<Exclude<keyof StepMetrics, "step" | "loss" | "armProbabilities"> | "lossValue", string>>

const titleOf: Readonly<Record<string, string>> = titles

/** Metrics that formulas may name. */
export const metricNames: ReadonlyArray<string> = Object.keys(titles)

/** Settings that every run has. */
export const runSettings = ["step", "seed", "ceWeight", "reference"] as const

/** Before a metric's name: its value before the first update. */
export const initialPrefix = "initial_"

/** The arm that `arm3` names, or undefined. */
export const armOf = (name: string): number | undefined => {
  const match = /^arm(0|[1-9]\d{0,3})$/.exec(name)
  return match === null ? undefined : Number(match[1])
}

const isMetric = (name: string): boolean => Object.hasOwn(titles, name) || armOf(name) !== undefined

/** Why a formula may not use a name, or undefined. @param settings parameters and swept settings of the runs it is about */
export const nameProblem = (name: string, settings: ReadonlyArray<string>): string | undefined => {
  const plain = name.startsWith(initialPrefix) ? name.slice(initialPrefix.length) : name
  if (isMetric(plain) || (plain === name && [...runSettings, ...settings].includes(name))) return undefined
  const allowed = [...metricNames, ...runSettings, ...settings, "arm0", `${initialPrefix}expectedReward`]
  return `unknown name ${JSON.stringify(name)}; ${nearest(name, allowed)}`
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
  titleOf[source] ?? greek[source] ?? (source === "step" ? "update step" : source)
