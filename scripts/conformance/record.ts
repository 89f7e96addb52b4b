/** The rows of assets/conformance.jsonl. */
import type { TargetInfo } from "../../src/audit/protocol.ts"
import type { ConformanceRow } from "../../src/experiments/conformance.ts"
import { type ConformanceResult, targetOf } from "./run.ts"
import { guessOf, titles, verdictOf } from "./table.ts"

/** A result as a record. @param info of any row that ran @param checked the day, `2026-01-31` */
export const recordOf = (result: ConformanceResult, info: TargetInfo, checked: string): ConformanceRow => {
  const { row, report, refused } = result
  const found = refused ?? guessOf(result)
  return {
    project: "TRL",
    trainer: titles[row.trainer],
    code: targetOf(row),
    loss: row.loss,
    verdict: verdictOf(result),
    ...(report === undefined ? {} : { compared: report.of, differing: report.of - report.met }),
    ...(found === undefined ? {} : { found }),
    ...(row.because === undefined ? {} : { because: row.because }),
    version: info.trl!,
    torch: info.torch,
    checked
  }
}
