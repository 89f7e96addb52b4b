/** @file Which bandit rows figures and tables speak about: the plain condition, and runs that reached their last step. */
import type { BanditRow, Records } from "../records.ts"
import { distinct } from "./intervals.ts"

/** Rows of the plain condition (no cross-entropy term, no added reference) where it was run, else all. */
export const plainRows = (records: Records): readonly BanditRow[] => {
  const plain = records.bandit.filter((row) => row.ceWeight === 0 && !row.reference)
  return plain.length > 0 ? plain : records.bandit
}

/** Last rows of the plain condition's runs that reached their last step. */
export const outcomeRows = (records: Records): readonly BanditRow[] =>
  plainRows(records).filter((row) => row.final && row.failure === undefined)

/** Runs that stopped before their last step because a number was no longer finite, in words; "" when there are none. */
export const failurePhrase = (records: Records): string => {
  const failed = plainRows(records).filter((row) => row.failure !== undefined)
  if (failed.length === 0) return ""
  const losses = distinct(failed.map((row) => row.loss)).join(", ")
  return ` Left out: ${failed.length === 1 ? "one run" : `${failed.length} runs`} (${losses}) in which a number stopped being finite.`
}
