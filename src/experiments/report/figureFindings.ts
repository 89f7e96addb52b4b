/** @file What is said under a figure: its own findings, and the claims that it shows with what decides them. */
import { evidenceOf } from "../claims/evidence.ts"
import type { Figure } from "../figures/figure.ts"
import type { Records } from "../figures/records.ts"
import { claimRows, verdictText } from "../tables/claims.ts"

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The sentences, in that order. */
export const figureFindings = (figure: Figure, records: Records): readonly string[] => [
  ...(figure.findings?.(records) ?? []),
  ...claimRows(records)
    .filter((claim) => claim.figure === figure.id)
    .map((claim) => `${claim.says} ${capital(verdictText(claim))}: ${evidenceOf(records.claims, claim)}.`)
]
