/** @file Tables of outcomes of finetuning by behaviour class: of the study's own model, and of runs made elsewhere. */
import type { ElsewhereSourceRow, ElsewhereStepRow } from "../elsewhere.ts"
import { brokenPhrase, finishedEvaluations } from "../figures/drawing/finetuneRows.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "../figures/drawing/intervals.ts"
import { lossName } from "../figures/drawing/lossNames.ts"
import { classLooks } from "../figures/drawing/theme.ts"
import { type BehaviourClass, behaviourClassOf, finite, type Records } from "../figures/records.ts"
import { lossBase } from "../quantities/lossBase.ts"
import { readingOf } from "./classes.ts"
import type { Cell, Column, Table } from "./table.ts"

/** What an evaluation of either kind has. */
interface Evaluation {
  readonly loss: string
  readonly spec?: string
  readonly ceWeight?: number
  readonly seed: number
  readonly step: number
  readonly [metric: string]: string | number | undefined
}

/** A column's metric; `change`: at the last evaluation less that at the first. */
type Outcome = Column & { readonly metric: string; readonly change?: true }

const outcome = (key: string, title: string, metric: string, rest: Partial<Outcome> = {}): Outcome => ({
  ...{ key, title, kind: "interval", metric },
  ...rest
})

const levels: readonly Outcome[] = [
  outcome("gold_reward", "gold reward", "gold/reward"),
  outcome("accuracy", "ranking accuracy", "rewards/accuracies"),
  outcome("kl", "KL to reference, nats", "kl")
]

const ownOutcomes: readonly Outcome[] = [
  ...levels,
  outcome("chosen", "change of chosen log π, nats", "logps/chosen", { change: true }),
  outcome("rejected", "change of rejected log π, nats", "logps/rejected", { change: true, only: "page" })
]

const elsewhereOutcomes: readonly Outcome[] = [
  ...levels,
  outcome("chosen", "change of chosen log π, nats a token", "logps_per_token/chosen", { change: true }),
  outcome("rejected", "change of rejected log π, nats a token", "logps_per_token/rejected", {
    ...{ change: true, only: "page" }
  })
]

/** One run: how it began, how it ended, and of which class its loss is. */
interface ClassRun {
  readonly loss: string
  readonly seed: number
  readonly class: BehaviourClass
  readonly reading: string
  readonly ceWeight: number
  readonly first: Evaluation
  readonly last: Evaluation
}

/** The runs whose losses have a class. */
const classRuns = (records: Records, evaluations: readonly Evaluation[]): readonly ClassRun[] => {
  const runs = grouped(evaluations, ({ loss, ceWeight, seed }) => [loss, ceWeight, seed].join("\u0000"))
  return [...runs.values()].flatMap((rows) => {
    const ordered = rows.toSorted((a, b) => a.step - b.step)
    const [first, last] = [ordered[0], ordered.at(-1)]
    if (first === undefined || last === undefined) return []
    const { loss, seed, spec = loss, ceWeight = 0 } = first
    const behaviour = behaviourClassOf(records, lossBase(loss))
    return behaviour === undefined
      ? []
      : [{ ...{ loss, seed, class: behaviour, reading: readingOf(spec), ceWeight }, first, last }]
  })
}

const outcomeOf = ({ first, last }: ClassRun, { metric, change }: Outcome): number | undefined => {
  const [before, after] = [finite(first[metric]), finite(last[metric])]
  if (change === undefined) return after
  return before === undefined || after === undefined ? undefined : after - before
}

/** Mean over losses within each seed that has them all, so that the interval is over seeds alone and of the same losses. */
const interval = (runs: readonly ClassRun[], of: Outcome): Cell => {
  const losses = distinct(runs.map(({ loss }) => loss)).length
  const seeds = [...grouped(runs, ({ seed }) => `${seed}`).values()].filter((group) => group.length === losses)
  return seedInterval(seeds.map((group) => seedInterval(group.map((run) => outcomeOf(run, of)))?.mean))
}

const order = classLooks.map(({ id }) => id)

/** Columns and rows: class, reading and weight of the cross-entropy term, then the outcomes. */
const byClass = (
  records: Records,
  runs: readonly ClassRun[],
  outcomes: readonly Outcome[]
): Pick<Table, "columns" | "rows"> => {
  const groups = [...grouped(runs, (run) => [run.class, run.reading, run.ceWeight].join("\u0000")).values()]
  const keyed = groups.flatMap((group) => (group[0] === undefined ? [] : [{ group, key: group[0] }]))
  const sorted = keyed.toSorted(
    ({ key: a }, { key: b }) =>
      order.indexOf(a.class) - order.indexOf(b.class) ||
      (a.reading < b.reading ? -1 : a.reading > b.reading ? 1 : a.ceWeight - b.ceWeight)
  )
  const byReading = distinct(runs.map(({ reading }) => reading)).length > 1
  return {
    columns: [
      { key: "class", title: "class", kind: "text" },
      ...(byReading ? [{ key: "reading", title: "reading", kind: "text" } as const] : []),
      { key: "ce_weight", title: "CE weight", kind: "text" },
      { key: "losses", title: "losses", kind: "text" },
      ...outcomes
    ],
    rows: sorted.map(({ group, key }) => [
      classLooks.find(({ id }) => id === key.class)?.label,
      ...(byReading ? [key.reading] : []),
      String(key.ceWeight),
      distinct(group.map(({ loss }) => lossName(records, loss))).join(", "),
      ...outcomes.map((of) => interval(group, of))
    ])
  }
}

const averaged = "averaged over the losses of a class, over the seeds in which all of them came to their end."

/** Final outcomes of the study's own finetuning of each behaviour class, with and without a cross-entropy term. */
export const finetuneClassesTable = (records: Records): Table => {
  const runs = classRuns(records, finishedEvaluations(records))
  return {
    name: "finetune-classes",
    title: "Finetuning outcomes by behaviour class",
    caption: `Where finetuning of the language model ended, ${averaged} ${intervalPhrase(runs)}${brokenPhrase(records)}`,
    ...byClass(records, runs, ownOutcomes)
  }
}

const isSource = (row: Records["elsewhere"][number]): row is ElsewhereSourceRow => row.kind === "source"

const isEvaluation = (row: Records["elsewhere"][number]): row is ElsewhereStepRow => row.kind === "evaluation"

/** The same of the first run made elsewhere that the study shows. */
export const elsewhereClassesTable = (records: Records): Table => {
  const source = records.elsewhere.find(isSource)
  const evaluations = records.elsewhere.filter(isEvaluation).filter((row) => row.source === source?.source)
  const runs = classRuns(records, evaluations)
  const missing =
    source === undefined || source.missingJobs === 0
      ? ""
      : ` ${source.jobs} jobs of ${source.jobs + source.missingJobs} were done.`
  return {
    name: "elsewhere-classes",
    title: `Outcomes of ${source?.model ?? "a run made elsewhere"} by behaviour class`,
    caption: `Where finetuning ended that was run on ${source?.machine}, ${averaged} ${intervalPhrase(runs)}${missing}`,
    ...byClass(records, runs, elsewhereOutcomes)
  }
}
