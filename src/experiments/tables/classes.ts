/** @file Table of outcomes of bandits by behaviour class. */
import { failurePhrase, outcomeRows } from "../figures/drawing/banditRows.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "../figures/drawing/intervals.ts"
import { isReadRelatively } from "../figures/drawing/lossNames.ts"
import { classLooks } from "../figures/drawing/theme.ts"
import { type BanditRow, finite, type Records } from "../figures/records.ts"
import type { Cell, Column, Table } from "./table.ts"

/** Outcomes of a bandit run, by the names of the records. */
export const banditColumns: readonly (Column & { readonly key: keyof BanditRow & string })[] = [
  { key: "expectedReward", title: "expected reward", kind: "interval" },
  { key: "rankingAccuracy", title: "ranking accuracy", kind: "interval" },
  { key: "unseenMassChange", title: "change of unseen mass", kind: "interval" },
  { key: "entropy", title: "entropy, nats", kind: "interval" },
  { key: "chosenLogpDrift", title: "drift of chosen log π, nats", kind: "interval", only: "page" },
  { key: "klToReference", title: "KL to reference, nats", kind: "interval", only: "page" },
  { key: "regret", title: "regret", kind: "interval", only: "page" },
  { key: "winRate", title: "win rate", kind: "interval", only: "page" }
]

/** A twin shares its class's truth tables, not its training: each reading has averages of its own. */
export const readingOf = (loss: string): string => (isReadRelatively(loss) ? "relative" : "absolute")

/** Mean over losses within each seed first, so that the interval is over seeds alone. */
const classIntervals = (rows: readonly BanditRow[]): readonly Cell[] =>
  banditColumns.map(({ key }) => {
    const bySeed = [...grouped(rows, (row) => `${row.seed}`).values()]
    return seedInterval(bySeed.map((group) => seedInterval(group.map((row) => finite(row[key])))?.mean))
  })

/** What was added to the losses, in words. */
export const conditions = (rows: readonly BanditRow[]): string => {
  const ce = distinct(rows.map((row) => row.ceWeight))
  const reference = distinct(rows.map((row) => row.reference))
  return `Cross-entropy weight ${ce.join(", ")}; reference added: ${reference.map((on) => (on ? "yes" : "no")).join(", ")}.`
}

/** Final bandit outcomes of each behaviour class in each environment. */
export const banditClassesTable = (records: Records): Table => {
  const rows = outcomeRows(records).filter((row) => row.class !== undefined)
  const order = classLooks.map((look) => look.id)
  const reading = ({ loss }: BanditRow): string => readingOf(loss)
  const byReading = distinct(rows.map(reading)).length > 1
  const groups = [...grouped(rows, (row) => `${row.environment}\u0000${row.class}\u0000${reading(row)}`).values()].sort(
    (a, b) =>
      rows.findIndex((row) => row.environment === a[0]?.environment) -
        rows.findIndex((row) => row.environment === b[0]?.environment) ||
      order.indexOf(a[0]?.class ?? "neither") - order.indexOf(b[0]?.class ?? "neither")
  )
  return {
    name: "bandit-classes",
    title: "Bandit outcomes by behaviour class",
    caption: `Where training ended, averaged over the losses of a class. ${intervalPhrase(rows)} ${conditions(rows)}${failurePhrase(records)}`,
    columns: [
      { key: "environment", title: "environment", kind: "text" },
      { key: "class", title: "class", kind: "text" },
      ...(byReading ? [{ key: "reading", title: "reading", kind: "text" } as const] : []),
      { key: "losses", title: "losses", kind: "number", only: "page" },
      ...banditColumns
    ],
    rows: groups.map((group) => [
      group[0]?.environment,
      classLooks.find((look) => look.id === group[0]?.class)?.label,
      ...(byReading ? group.slice(0, 1).map(reading) : []),
      distinct(group.map((row) => row.loss)).length,
      ...classIntervals(group)
    ])
  }
}
