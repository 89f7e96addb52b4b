/** @file The rows of `records/claims.jsonl`: a row a claim, followed by a row for each of its parts. */
import type { Claim } from "./claim.ts"
import type { ClaimVerdict } from "./verdict.ts"

/** See {@link ClaimPartRow.shows}. */
export type Shown = "value" | "difference" | "change" | "back" | "rise" | "fall"

/** One part of a claim with its verdict: `records/claims.jsonl`, kind "part". */
export interface ClaimPartRow {
  readonly kind: "part"
  readonly claim: string
  readonly where: string
  readonly verdict: ClaimVerdict
  /**
   * What the interval is of: the quantity's `value`, its `difference` from `than`, its `change` along the run, the share of its
   * range by which it goes `back` on the way, its `rise` to the peak or its `fall` after it.
   */
  readonly shows: Shown
  readonly mean?: number
  readonly low?: number
  readonly high?: number
  readonly seeds: number
  readonly than?: string
  readonly why?: string
}

/** A claim with the verdict on all its parts: kind "claim". */
export interface ClaimVerdictRow {
  readonly kind: "claim"
  readonly claim: string
  readonly says: string
  readonly source: string
  readonly quantity: string
  readonly check: string
  readonly verdict: ClaimVerdict
  readonly expect: Claim["expect"]
  readonly because?: string
  /** Whether the verdict is the one that the study expects. */
  readonly stands: boolean
  readonly parts: number
  /** Id of the figure that shows it. */
  readonly figure?: string
}

export type ClaimRow = ClaimVerdictRow | ClaimPartRow
