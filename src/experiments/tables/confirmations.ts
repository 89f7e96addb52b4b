/** @file Tables of the predictions: each with its end, and how many ended how. */
import { confirmationCounts, evidenceName } from "../bridge/confirm.ts"
import { lossNames } from "../figures/drawing/lossNames.ts"
import type { Records } from "../figures/records.ts"
import type { Table } from "./table.ts"

/** Counts by question and by what the prediction rests on. */
export const confirmationCountsTable = (records: Records): Table => ({
  name: "confirmation-counts",
  title: "Predictions and what became of them",
  caption:
    "Predictions made before finetuning, from exact verdicts (P9, P10, P13) and from bandits (by environment), each decided by a 95 %" +
    " interval over seeds of the finetuned model's held-out metrics; untested where the interval covers zero, nothing was predicted, or" +
    " the metric is not recorded.",
  columns: [
    { key: "question", title: "question", kind: "text" },
    { key: "evidence", title: "predicted by", kind: "text" },
    { key: "confirmed", title: "confirmed", kind: "number" },
    { key: "refuted", title: "refuted", kind: "number" },
    { key: "untested", title: "untested", kind: "number" }
  ],
  rows: confirmationCounts(records.confirmations).map(({ question, evidence, confirmed, refuted, untested }) => [
    question,
    evidence,
    confirmed,
    refuted,
    untested
  ])
})

/** Every line. */
export const confirmationsTable = (records: Records): Table => {
  const names = lossNames(
    records,
    records.confirmations.flatMap(({ loss, other }) => [loss, ...(other === undefined ? [] : [other])])
  )
  return {
    name: "confirmations",
    title: "Predictions, line by line",
    caption: "What was predicted of each loss, by what, and what the finetuned model did: 95 % intervals over seeds.",
    filesOnly: true,
    columns: [
      { key: "question", title: "question", kind: "text" },
      { key: "loss", title: "loss", kind: "text" },
      { key: "other", title: "than", kind: "text" },
      { key: "prediction", title: "predicted", kind: "text" },
      { key: "evidence", title: "by", kind: "text" },
      { key: "status", title: "status", kind: "text" },
      { key: "reason", title: "reason", kind: "text" },
      { key: "observed", title: "observed", kind: "interval" },
      { key: "metric", title: "metric", kind: "text" }
    ],
    rows: records.confirmations.map((line) => {
      const [first] = line.observed
      return [
        line.question,
        names.get(line.loss),
        line.other === undefined ? undefined : names.get(line.other),
        line.class ?? line.prediction,
        evidenceName(line),
        line.status,
        line.reason,
        first && { mean: first.mean, low: first.low ?? first.mean, high: first.high ?? first.mean, seeds: first.seeds },
        line.observed.map(({ metric }) => metric).join(", ")
      ]
    })
  }
}
