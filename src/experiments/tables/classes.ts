/** @file Tables of outcomes by behaviour class: in bandits, and in finetuned language models. */
import { failurePhrase, outcomeRows } from "../figures/drawing/banditRows.ts"
import { brokenPhrase, finishedEvaluations } from "../figures/drawing/finetuneRows.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "../figures/drawing/intervals.ts"
import { isReadRelatively, lossName } from "../figures/drawing/lossNames.ts"
import { classLooks } from "../figures/drawing/theme.ts"
import { type BanditRow, behaviourClassOf, type FinetuneRow, finite, type Records } from "../figures/records.ts"
import { lossBase } from "../quantities/lossBase.ts"
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
const readingOf = (loss: string): string => (isReadRelatively(loss) ? "relative" : "absolute")

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

type FinetuneOutcome = "gold/reward" | "rewards/accuracies" | "kl" | "logps/chosen" | "logps/rejected"

/** Outcomes of finetuning; `change`: the last evaluation less the first. */
const finetuneColumns: readonly (Column & { readonly metric: FinetuneOutcome; readonly change?: true })[] = [
  { key: "gold_reward", title: "gold reward", kind: "interval", metric: "gold/reward" },
  { key: "accuracy", title: "ranking accuracy", kind: "interval", metric: "rewards/accuracies" },
  { key: "kl", title: "KL to reference, nats", kind: "interval", metric: "kl" },
  { key: "chosen", title: "change of chosen log π, nats", kind: "interval", metric: "logps/chosen", change: true },
  {
    ...{ key: "rejected", title: "change of rejected log π, nats", kind: "interval", only: "page" },
    ...{ metric: "logps/rejected", change: true }
  }
]

/** First and last evaluation of one run. */
interface Ends {
  readonly seed: number
  readonly loss: string
  readonly first: FinetuneRow
  readonly last: FinetuneRow
}

const endsOf = (rows: readonly FinetuneRow[]): Ends => {
  const ordered = [...rows].sort((a, b) => a.step - b.step)
  const [first, last] = [ordered.at(0) as FinetuneRow, ordered.at(-1) as FinetuneRow]
  return { seed: first.seed, loss: first.loss, first, last }
}

const outcomeOf = ({ first, last }: Ends, { metric, change }: (typeof finetuneColumns)[number]): number | undefined => {
  const [before, after] = [finite(first[metric]), finite(last[metric])]
  if (change === undefined) return after
  return before === undefined || after === undefined ? undefined : after - before
}

/** Final outcomes of finetuning of each behaviour class, with and without a cross-entropy term. */
export const finetuneClassesTable = (records: Records): Table => {
  const runs = [...grouped(finishedEvaluations(records), (row) => row.cell).values()].map(endsOf).flatMap((ends) => {
    const behaviour = behaviourClassOf(records, lossBase(ends.loss))
    const { spec = ends.loss, ceWeight = 0 } = ends.first
    return behaviour === undefined ? [] : [{ ...ends, behaviour, ceWeight, reading: readingOf(spec) }]
  })
  const byReading = distinct(runs.map(({ reading }) => reading)).length > 1
  const order = classLooks.map((look) => look.id)
  const groups = [
    ...grouped(runs, ({ behaviour, reading, ceWeight }) => `${behaviour} ${reading} ${ceWeight}`).values()
  ].sort(([a], [b]) => order.indexOf(a!.behaviour) - order.indexOf(b!.behaviour) || a!.ceWeight - b!.ceWeight)
  return {
    name: "finetune-classes",
    title: "Finetuning outcomes by behaviour class",
    caption: `Where finetuning of the language model ended, averaged over the losses of a class. ${intervalPhrase(runs)}${brokenPhrase(records)}`,
    columns: [
      { key: "class", title: "class", kind: "text" },
      ...(byReading ? [{ key: "reading", title: "reading", kind: "text" } as const] : []),
      { key: "ce_weight", title: "CE weight", kind: "text" },
      { key: "losses", title: "losses", kind: "text" },
      ...finetuneColumns
    ],
    rows: groups.map((group) => [
      classLooks.find((look) => look.id === group[0]?.behaviour)?.label,
      ...(byReading ? [group[0]?.reading] : []),
      String(group[0]?.ceWeight),
      distinct(group.map(({ loss }) => lossName(records, loss))).join(", "),
      ...finetuneColumns.map((column) => {
        const bySeed = [...grouped(group, ({ seed }) => `${seed}`).values()]
        return seedInterval(bySeed.map((of) => seedInterval(of.map((ends) => outcomeOf(ends, column)))?.mean))
      })
    ])
  }
}
