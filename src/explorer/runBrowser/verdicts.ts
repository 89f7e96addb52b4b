/** Claims, proofs and predictions of a run as one list of findings, what was refuted first. */
import type { JsonValue } from "../../rundata/format.ts"
import { cellText, type LoadedTable, shownText } from "./table.ts"

/** How a finding stands: `against` what was said, not decided, or as it was said. */
export type Standing = "against" | "open" | "for"

export interface Finding {
  readonly standing: Standing
  /** The verdict in the run's own word. */
  readonly verdict: string
  readonly says: string
  /** What decides it, sentence by sentence. */
  readonly details: ReadonlyArray<string>
}

type Row = Readonly<Record<string, JsonValue>>

const rowsOf = (table: LoadedTable): ReadonlyArray<Row> =>
  Array.from({ length: table.rows }, (_, i) =>
    Object.fromEntries([...table.columns].map(([name, values]) => [name, values[i]!]))
  )

const text = (row: Row, name: string): string => cellText(row[name] ?? null)

const present = (...parts: ReadonlyArray<string>): ReadonlyArray<string> => parts.filter((part) => part !== "")

const intervalText = (row: Row): string => {
  if (typeof row.mean !== "number") return ""
  const bounds = typeof row.low === "number" ? ` [${shownText(row.low)}, ${shownText(row.high ?? null)}]` : ""
  return `${shownText(row.mean)}${bounds}`
}

const partText = (row: Row): string => {
  const { than } = row
  const value = present(text(row, "shows"), intervalText(row)).join(" ")
  const seeds = typeof row.seeds === "number" ? `${row.seeds} seeds` : ""
  const parts = present(value, than == null ? "" : `than ${cellText(than)}`, seeds, text(row, "why"))
  return `${text(row, "where")}: ${text(row, "verdict")} (${parts.join(", ")})`
}

/** The verdict, and what the study expects where that is not what it says. */
const claimVerdict = (row: Row): string => {
  const [verdict, expected] = [text(row, "verdict"), text(row, "expect")]
  if (expected === "" || expected === "holds") return verdict
  return row.stands === true ? `${verdict}, as the study expects` : `${verdict}, expected to be ${expected}`
}

const claimFinding = (row: Row, parts: ReadonlyArray<Row>): Finding => {
  return {
    standing: row.stands === true ? "for" : row.verdict === "open" ? "open" : "against",
    verdict: claimVerdict(row),
    says: text(row, "says"),
    details: present(
      `${text(row, "quantity")} ${text(row, "check")}`.trim(),
      text(row, "because"),
      ...parts.map(partText)
    )
  }
}

const claims = (rows: ReadonlyArray<Row>): ReadonlyArray<Finding> =>
  rows
    .filter(({ kind }) => kind === "claim")
    .map((row) =>
      claimFinding(
        row,
        rows.filter(({ kind, claim }) => kind === "part" && claim === row.claim)
      )
    )

const provedStanding: Readonly<Record<string, Standing>> = { refuted: "against", proved: "for", held: "for" }

const properties = (rows: ReadonlyArray<Row>): ReadonlyArray<Finding> =>
  rows
    .filter(({ verdict }) => verdict !== "not-applicable" && verdict !== "not-run")
    .map((row) => ({
      standing: provedStanding[text(row, "verdict")] ?? "open",
      verdict: text(row, "verdict"),
      says: `${text(row, "loss")}, ${text(row, "property")}: ${text(row, "statement")}`,
      details: present(text(row, "counterexample"), text(row, "reason"))
    }))

const confirmedStanding: Readonly<Record<string, Standing>> = { refuted: "against", confirmed: "for" }

const predictions = (rows: ReadonlyArray<Row>): ReadonlyArray<Finding> =>
  rows.map((row) => ({
    standing: confirmedStanding[text(row, "status")] ?? "open",
    verdict: text(row, "status"),
    says: `${text(row, "id")}: predicted ${text(row, "prediction")}`,
    details: present(text(row, "reason"))
  }))

/** Tables that hold findings, with their headings. */
export const findingTables = {
  claims: { title: "Claims of the study", read: claims },
  validate: { title: "Properties of losses", read: properties },
  confirmations: { title: "Predictions", read: predictions }
} as const satisfies Record<string, { title: string; read: (rows: ReadonlyArray<Row>) => ReadonlyArray<Finding> }>
export type FindingTable = keyof typeof findingTables

/** What was refuted comes first: against the study's expectation, then as it expects. */
const place = ({ standing, verdict }: Finding): number =>
  standing === "against" ? 0 : standing === "open" ? 2 : verdict.startsWith("fails") ? 1 : 3

/** The findings of a table, what was refuted first, otherwise as recorded. */
export const findingsOf = (name: FindingTable, table: LoadedTable): ReadonlyArray<Finding> =>
  findingTables[name].read(rowsOf(table)).toSorted((a, b) => place(a) - place(b))
