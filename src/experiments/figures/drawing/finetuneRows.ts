/**
 * @file Which finetuning rows figures and sentences speak about: runs that came to their end, in the plain condition where
 * several weights of the cross-entropy term were trained.
 */
import { plainCondition } from "../../plainCondition.ts"
import type { FinetuneRow, Records } from "../records.ts"
import { distinct, grouped } from "./intervals.ts"

const brokenOff = (rows: readonly FinetuneRow[]): ReadonlySet<string> =>
  new Set(rows.filter((row) => row.failure !== undefined).map((row) => row.cell))

/** Rows of the runs that reached their last step, in every condition. */
export const finishedRuns = (rows: readonly FinetuneRow[]): readonly FinetuneRow[] => {
  const broken = brokenOff(rows)
  return rows.filter((row) => !broken.has(row.cell))
}

/** Rows of the plain condition's runs that reached their last step. */
export const finishedRows = (records: Records): readonly FinetuneRow[] => finishedRuns(plainCondition(records.finetune))

/** The evaluations of every run that reached its last step, in every condition. */
export const finishedEvaluations = (records: Records): readonly FinetuneRow[] =>
  finishedRuns(records.finetune).filter((row) => row.kind === "evaluation")

/** The last evaluation of every run that reached its last step, in every condition. */
export const runEnds = (records: Records): readonly FinetuneRow[] =>
  [...grouped(finishedEvaluations(records), (row) => row.cell).values()].map((rows) =>
    rows.reduce((last, row) => (row.step > last.step ? row : last))
  )

/** Runs that broke off, in words; "" when there are none. */
export const brokenPhrase = (records: Records): string => {
  const rows = plainCondition(records.finetune)
  const broken = brokenOff(rows)
  if (broken.size === 0) return ""
  const losses = distinct(rows.filter((row) => broken.has(row.cell)).map((row) => row.loss)).join(", ")
  return ` Left out: ${broken.size === 1 ? "one run" : `${broken.size} runs`} that broke off (${losses}).`
}
