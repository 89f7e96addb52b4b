/** @file Which finetuning rows figures and sentences speak about: runs that came to their end. */
import type { FinetuneRow, Records } from "../records.ts"
import { distinct } from "./intervals.ts"

const brokenOff = (records: Records): ReadonlySet<string> =>
  new Set(records.finetune.filter((row) => row.failure !== undefined).map((row) => row.cell))

/** Rows of the runs that reached their last step. */
export const finishedRows = (records: Records): readonly FinetuneRow[] => {
  const broken = brokenOff(records)
  return broken.size === 0 ? records.finetune : records.finetune.filter((row) => !broken.has(row.cell))
}

/** Runs that broke off, in words; "" when there are none. */
export const brokenPhrase = (records: Records): string => {
  const broken = brokenOff(records)
  if (broken.size === 0) return ""
  const losses = distinct(records.finetune.filter((row) => broken.has(row.cell)).map((row) => row.loss)).join(", ")
  return ` Left out: ${broken.size === 1 ? "one run" : `${broken.size} runs`} that broke off (${losses}).`
}
