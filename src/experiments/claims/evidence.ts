/** @file What decides a claim, in one line. Pure. */
import { decidingPart, shownWords } from "../tables/claims.ts"
import { intervalText } from "../tables/table.ts"
import type { ClaimRow, ClaimVerdictRow } from "./rows.ts"

/** The quantity, what it is claimed to be, and what was found, with the part of the claim that is shown. */
export const evidenceOf = (rows: ReadonlyArray<ClaimRow>, claim: ClaimVerdictRow): string => {
  const part = decidingPart({ claims: rows }, claim)
  const { mean, low, high, seeds = 0, where, why, shows } = part ?? {}
  const value =
    mean === undefined
      ? "no value"
      : `${intervalText({ mean, low: low ?? mean, high: high ?? mean, seeds })}, ${seeds} ${seeds === 1 ? "seed" : "seeds"}`
  const more = claim.parts > 1 ? `, one of ${claim.parts} parts` : ""
  return (
    `${claim.quantity}, ${claim.check}: ${shows === undefined || shows === "value" ? "" : `${shownWords[shows]} `}${value}` +
    ` (${where ?? "no run"}${more}${why === undefined ? "" : `; ${why}`})`
  )
}
