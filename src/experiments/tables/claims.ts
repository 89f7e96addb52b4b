/** @file Tables: the claims of a study with their verdicts, and every part of them. */
import type { ClaimPartRow, ClaimRow, ClaimVerdictRow } from "../claims/rows.ts"
import type { Records } from "../figures/records.ts"
import type { IntervalCell, Table } from "./table.ts"

/** The claims of the records, in their order. */
export const claimRows = (records: { readonly claims: readonly ClaimRow[] }): readonly ClaimVerdictRow[] =>
  records.claims.filter((row) => row.kind === "claim")

/** The parts of one claim. */
export const partsOfClaim = (
  records: { readonly claims: readonly ClaimRow[] },
  claim: string
): readonly ClaimPartRow[] => records.claims.filter((row) => row.kind === "part" && row.claim === claim) as never

const intervalCell = ({ mean, low, high, seeds }: ClaimPartRow): IntervalCell | undefined =>
  mean === undefined ? undefined : { mean, low: low ?? mean, high: high ?? mean, seeds }

/** The part that a reader wants to see: the first with the claim's own verdict. */
export const decidingPart = (
  records: { readonly claims: readonly ClaimRow[] },
  { claim, verdict }: ClaimVerdictRow
): ClaimPartRow | undefined => {
  const parts = partsOfClaim(records, claim)
  return parts.find((part) => part.verdict === verdict) ?? parts[0]
}

/** What an interval is of, in words. */
export const shownWords: Readonly<Record<ClaimPartRow["shows"], string>> = {
  value: "value",
  difference: "difference",
  change: "change along the run",
  back: "share of its range by which it goes back",
  rise: "rise to the peak",
  fall: "fall from the peak to the end"
}

/** The verdict in words. */
export const verdictText = ({ verdict, expect }: ClaimVerdictRow): string =>
  expect === "refuted" ? (verdict === "fails" ? "refuted, as expected" : `${verdict}, expected to fail`) : verdict

/** One row a claim. */
export const claimsTable = (records: Records): Table => ({
  name: "claims",
  title: "Claims",
  caption:
    "Each claim with what decides it on the bandits' records. It holds when the 95 % interval over seeds says so in every part," +
    " fails when an interval says the contrary in one, and is open otherwise. Found: in one part with the claim's verdict;" +
    " claim-parts.csv has them all.",
  columns: [
    { key: "says", title: "claim", kind: "text" },
    { key: "verdict", title: "verdict", kind: "text" },
    { key: "value", title: "found", kind: "interval" },
    { key: "shows", title: "found: what", kind: "text", only: "page" },
    { key: "quantity", title: "quantity", kind: "text" },
    { key: "check", title: "claimed to be", kind: "text" },
    { key: "where", title: "shown: part", kind: "text", only: "page" },
    { key: "parts", title: "parts", kind: "number", only: "page" },
    { key: "because", title: "why", kind: "text" },
    { key: "source", title: "source", kind: "text" },
    { key: "id", title: "id", kind: "code", only: "file" }
  ],
  rows: claimRows(records).map((row) => {
    const part = decidingPart(records, row)
    return [
      row.says,
      verdictText(row),
      part && intervalCell(part),
      part && shownWords[part.shows],
      row.quantity,
      row.check,
      part?.where,
      row.parts,
      row.because ?? part?.why,
      row.source,
      row.claim
    ]
  })
})

/** One row a part. */
export const claimPartsTable = (records: Records): Table => ({
  name: "claim-parts",
  title: "The parts of the claims",
  caption: "Every part of every claim with its verdict and its 95 % interval over seeds.",
  filesOnly: true,
  columns: [
    { key: "claim", title: "claim", kind: "code" },
    { key: "where", title: "part", kind: "text" },
    { key: "than", title: "compared with", kind: "text" },
    { key: "verdict", title: "verdict", kind: "text" },
    { key: "value", title: "found", kind: "interval" },
    { key: "shows", title: "found: what", kind: "text" },
    { key: "why", title: "why", kind: "text" }
  ],
  rows: claimRows(records).flatMap(({ claim }) =>
    partsOfClaim(records, claim).map((part) => [
      claim,
      part.where,
      part.than,
      part.verdict,
      intervalCell(part),
      shownWords[part.shows],
      part.why
    ])
  )
})
