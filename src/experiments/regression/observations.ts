/** @file Bandit records as observations of a regression. */
import * as Result from "effect/Result"
import { type LossSet, lossesOf } from "../../derive/index.ts"
import { structureSpec } from "../../logic/structureText.ts"
import type { Json } from "../canonical.ts"
import type { Observation } from "./design.ts"
import { type PredictedLoss, type PredictorName, predictedLoss, predictors } from "./predictors.ts"

type Record_ = Readonly<Record<string, Json>>

/** Which rows and which column. */
export interface Question {
  readonly environment: string
  readonly outcome: string
  /** After the last update, or a KL level in nats. */
  readonly at: "end" | number
  readonly losses: LossSet | "all"
  readonly predictors: ReadonlyArray<PredictorName>
  /** Conditions that have coefficients of their own, and are compared within. */
  readonly within: ReadonlyArray<PredictorName>
}

/** The observations, and what is none. */
export interface Observations {
  readonly observations: ReadonlyArray<Observation>
  /** The condition of every observation: its loss with its reading, and the cross-entropy weight. */
  readonly conditions: ReadonlyArray<string>
  /** Runs without the outcome: broken off, or never that far from the reference. */
  readonly missing: number
  /** Losses left out, each with the reason. */
  readonly leftOut: ReadonlyArray<string>
}

const tablesOf = (set: LossSet | "all"): ReadonlySet<string> | undefined =>
  set === "all"
    ? undefined
    : new Set(
        lossesOf(set).flatMap((text) => {
          const found = predictedLoss(text, false)
          return Result.isSuccess(found) ? [structureSpec(found.success.table)] : []
        })
      )

const outcomeOf = (row: Record_, { at, outcome }: Question): number | undefined => {
  const value = row[outcome]
  const usable = at === "end" ? row.failure === undefined : row.reached === true
  return usable && typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** @param rows of `records/bandit.jsonl` (at the end) or `records/bandit-kl.jsonl` (at a level) */
export const observationsOf = (rows: ReadonlyArray<Record_>, question: Question): Observations => {
  const { environment, at } = question
  const wanted = tablesOf(question.losses)
  const known = new Map<string, Result.Result<PredictedLoss, string>>()
  const observations: Array<Observation> = []
  const conditions: Array<string> = []
  const leftOut = new Set<string>()
  let missing = 0
  for (const row of rows) {
    if (row.environment !== environment || (at === "end" ? row.final !== true : row.kl !== at)) continue
    const [text, reference] = [String(row.loss), row.reference === true]
    const key = `${text} ${reference}`
    const found = known.get(key) ?? predictedLoss(text, reference)
    known.set(key, found)
    if (Result.isFailure(found)) leftOut.add(found.failure)
    if (Result.isFailure(found)) continue
    const unit = structureSpec(found.success.table)
    if (wanted !== undefined && !wanted.has(unit)) continue
    const outcome = outcomeOf(row, question)
    if (outcome === undefined) missing += 1
    if (outcome === undefined) continue
    const subject = { ...found.success, ceWeight: Number(row.ceWeight) }
    const values = question.predictors.map((name) => [name, predictors[name].valueOf(subject)] as const)
    const stratum = question.within.map((name) => `${name} ${predictors[name].valueOf(subject)}`).join(", ")
    observations.push({ seed: String(row.seed), stratum, unit, outcome, values: Object.fromEntries(values) })
    conditions.push(`${key} ${row.ceWeight}`)
  }
  return { observations, conditions, missing, leftOut: [...leftOut] }
}
