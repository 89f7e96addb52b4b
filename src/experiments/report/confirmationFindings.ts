/** @file What finetuning made of the predictions, as sentences. */
import { type ConfirmationCount, confirmationCounts } from "../bridge/confirm.ts"
import { distinct } from "../figures/drawing/intervals.ts"
import { lossName } from "../figures/drawing/lossNames.ts"
import type { Records } from "../figures/records.ts"
import { counted, listed } from "./phrases.ts"

const total = (counts: readonly ConfirmationCount[], key: "confirmed" | "refuted" | "untested"): number =>
  counts.reduce((sum, count) => sum + count[key], 0)

const sentence = (name: string, counts: readonly ConfirmationCount[]): string => {
  const [confirmed, refuted, untested] = [
    total(counts, "confirmed"),
    total(counts, "refuted"),
    total(counts, "untested")
  ]
  const all = counted(confirmed + refuted + untested, "prediction")
  return `${name}: of ${all}, ${confirmed} confirmed, ${refuted} refuted, ${untested} untested.`
}

/** Counts by what predicted, then the refuted lines one by one. */
export const confirmationFindings = (records: Records): readonly string[] => {
  const lines = records.confirmations
  if (lines.length === 0) return []
  const counts = confirmationCounts(lines)
  const refuted = lines.filter(({ status }) => status === "refuted")
  return [
    ...distinct(counts.map(({ evidence }) => evidence)).map((evidence) =>
      sentence(
        /^P\d+$/.test(evidence) ? `Predicted from ${evidence}` : `Predicted from the bandit “${evidence}”`,
        counts.filter((count) => count.evidence === evidence)
      )
    ),
    ...distinct(refuted.map(({ question }) => question)).map((question) => {
      const losses = distinct(
        refuted.filter((line) => line.question === question).map(({ loss }) => lossName(records, loss))
      )
      return `Refuted on “${question}”: predictions about ${listed(losses)}.`
    })
  ]
}
