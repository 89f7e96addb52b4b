/** @file The claims of a run with their verdicts, as the command line prints them. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { RunQueryError } from "../errors.ts"
import { readIfThere } from "../files.ts"
import { rowsFromJsonLines } from "../records.ts"
import { claimRows, verdictText } from "../tables/claims.ts"
import { evidenceOf } from "./evidence.ts"
import type { ClaimRow, ClaimVerdictRow } from "./rows.ts"

/** A claim, its verdict in words, and what decides it. */
export interface RunClaim extends ClaimVerdictRow {
  readonly text: string
  readonly evidence: string
}

/** Reads the claims of a run folder; none when the study claims nothing. */
export const runClaims = Effect.fn("runClaims")(
  function* (folder: string) {
    const content = yield* readIfThere(join(folder, "records", "claims.jsonl"))
    const rows =
      content === undefined
        ? []
        : (rowsFromJsonLines(new TextDecoder().decode(content)) as unknown as ReadonlyArray<ClaimRow>)
    return claimRows({ claims: rows }).map(
      (claim): RunClaim => ({ ...claim, text: verdictText(claim), evidence: evidenceOf(rows, claim) })
    )
  },
  (effect, folder) =>
    Effect.catchTag(effect, "PlatformError", (error) =>
      Effect.fail(new RunQueryError({ folder, reason: error.message, exitCode: 1 }))
    )
)
