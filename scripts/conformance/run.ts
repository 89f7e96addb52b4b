/** Runs rows of the conformance table: one Python process for all of them. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeAdapter } from "../../src/audit/adapter.ts"
import { type AuditReport, audit } from "../../src/audit/audit.ts"
import { openSession } from "../../src/audit/session.ts"
import { parseTarget } from "../../src/audit/target.ts"
import { findPython, workerEnvironment } from "../../src/finetune/python.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import type { ConformanceRow } from "./rows.ts"

/** The target of a row as the command line takes it. */
export const targetOf = ({ trainer, settings }: ConformanceRow): string =>
  `trl:${trainer}${settings === "" ? "" : `?${settings}`}`

/** A row with what the audit found; a sentence where no call went through. */
export interface ConformanceResult {
  readonly row: ConformanceRow
  readonly report?: AuditReport
  readonly refused?: string
}

const auditRow = async (
  row: ConformanceRow,
  session: Effect.Success<ReturnType<typeof openSession>>
): Promise<ConformanceResult> => {
  const target = Result.getOrThrow(parseTarget(targetOf(row)))
  if (target.kind !== "trl") throw new RangeError(`${targetOf(row)} is no trainer`)
  const info = await session.turnTo(target)
  const settings = Object.entries(target.settings).map(([name, value]) => [name, { constant: value }] as const)
  const adapter = Result.getOrThrow(decodeAdapter(Object.fromEntries(settings), targetOf(row)))
  const loss = Result.getOrThrow(resolveLoss(row.loss))
  const found = await audit(loss, info, adapter, session.ask, { seed: 0, dtypes: ["float64", "float32"] })
  return Result.isSuccess(found) ? { row, report: found.success } : { row, refused: found.failure.message }
}

/** Audits the rows in order. @throws Error when there is no Python with TRL */
export const runRows = (
  rows: ReadonlyArray<ConformanceRow>,
  after: (result: ConformanceResult) => void = () => undefined
): Promise<ReadonlyArray<ConformanceResult>> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const python = Result.getOrThrow(findPython())
        const first = Result.getOrThrow(parseTarget("trl:dpo"))
        const session = yield* openSession(first, { command: python.command, env: workerEnvironment() })
        const results: Array<ConformanceResult> = []
        for (const row of rows) {
          const result = yield* Effect.promise(() => auditRow(row, session))
          after(result)
          results.push(result)
        }
        return results
      })
    )
  )
