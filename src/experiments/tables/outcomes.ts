/** @file Tables of what was measured: verdicts, selection, bandit outcomes by class and by loss, finetuning. */
import { failurePhrase } from "../figures/drawing/banditRows.ts"
import { distinct, grouped, intervalPhrase, seedInterval } from "../figures/drawing/intervals.ts"
import { lossNames } from "../figures/drawing/lossNames.ts"
import { type BanditRow, finite, type Records, type ValidateRow, type Verdict } from "../figures/records.ts"
import { propertyTitle } from "../figures/verdictMatrix.ts"
import { banditColumns, conditions } from "./classes.ts"
import type { Column, Table } from "./table.ts"

/** A counterexample or certificate as one text, whichever form it was recorded in. */
export const evidenceText = (evidence: ValidateRow["counterexample"]): string | undefined => {
  if (evidence === undefined || typeof evidence === "string") return evidence
  const { text } = evidence
  return typeof text === "string" ? text : JSON.stringify(evidence)
}

/** How a matrix writes a verdict. */
export const letters: Readonly<Record<Verdict, string>> = {
  proved: "P",
  held: "H",
  refuted: "R",
  undecided: "?",
  "not-applicable": "–",
  "not-run": ""
}

/** How random cases were drawn, in words; "" where there were none. */
const validatePhrase = (records: Records): string => {
  const runs = distinct(records.validate.flatMap((row) => (row.verdict === "held" ? (row.runs ?? []) : [])))
  const seeds = distinct(records.validate.flatMap((row) => row.seed ?? []))
  if (runs.length === 0) return "No random cases were needed."
  const seed = seeds.length === 1 ? `, seed ${seeds[0]}` : ", each with a seed of its own"
  return `Random cases: ${[...runs].sort((a, b) => a - b).join(", ")} for a verdict${seed}.`
}

/** The verdicts as a matrix of losses and properties: the numbers of the figure of the same name. */
export const verdictMatrixTable = (records: Records): Table => {
  const losses = distinct(records.validate.map((row) => row.loss))
  const properties = distinct(records.validate.map((row) => row.property))
  const names = lossNames(records, losses)
  const verdicts = new Map(records.validate.map((row) => [`${row.loss}\u0000${row.property}`, row.verdict]))
  return {
    name: "verdict-matrix",
    title: "Verdicts by loss and property",
    caption: `${records.validate.length} verdicts on ${losses.length} losses and ${properties.length} properties. ${validatePhrase(records)}`,
    notes: [
      "P proved (exact decision), H held (no counterexample in random cases), R refuted (by a counterexample), ? undecided, – not applicable.",
      ...properties.map((property) => `${property}: ${propertyTitle(property).replace(/^P\d+ +/, "")}.`)
    ],
    columns: [
      { key: "loss", title: "loss", kind: "text" },
      ...properties.map((property): Column => ({ key: property, title: property, kind: "mark" }))
    ],
    rows: losses.map((loss) => [
      names.get(loss),
      ...properties.map((property) => letters[verdicts.get(`${loss}\u0000${property}`) ?? "not-run"])
    ])
  }
}

/** Every verdict with its evidence, one row each. */
export const verdictsTable = (records: Records): Table => {
  const names = lossNames(
    records,
    records.validate.map((row) => row.loss)
  )
  return {
    name: "verdicts",
    title: "Verdicts",
    caption:
      `${records.validate.length} verdicts: proved (exact decision), held (no counterexample in that many random cases),` +
      " refuted (with a counterexample), undecided, not applicable, each with its evidence.",
    filesOnly: true,
    columns: [
      { key: "loss", title: "loss", kind: "text" },
      { key: "spec", title: "to type", kind: "code", only: "page" },
      { key: "property", title: "property", kind: "text" },
      { key: "statement", title: "statement", kind: "text", only: "file" },
      { key: "verdict", title: "verdict", kind: "text" },
      { key: "runs", title: "runs", kind: "number" },
      { key: "seed", title: "seed", kind: "code" },
      { key: "expected", title: "expected", kind: "text", only: "page" },
      { key: "counterexample", title: "counterexample", kind: "text", only: "file" },
      { key: "reason", title: "reason", kind: "text", only: "page" },
      { key: "certificate", title: "certificate", kind: "text", only: "page" }
    ],
    rows: records.validate.map((row) => [
      names.get(row.loss),
      row.loss,
      row.property,
      row.statement,
      row.verdict,
      row.runs,
      row.seed === undefined ? undefined : String(row.seed),
      row.expected,
      evidenceText(row.counterexample),
      row.reason,
      evidenceText(row.certificate)
    ])
  }
}

/** Which losses went on to finetuning and which did not, with the reason. */
export const selectionTable = (records: Records): Table => {
  const names = lossNames(
    records,
    records.select.map((row) => row.loss)
  )
  return {
    name: "selection",
    title: "Losses selected for finetuning",
    caption:
      `${records.select.filter((row) => row.selected).length} of ${records.select.length} losses were selected;` +
      ` ${records.select.filter((row) => row.forced).length} of them by force, against a refusal.`,
    columns: [
      { key: "loss", title: "loss", kind: "text" },
      { key: "spec", title: "to type", kind: "code", only: "page" },
      { key: "selected", title: "selected", kind: "text" },
      { key: "forced", title: "forced", kind: "text" },
      { key: "rank", title: "rank", kind: "number" },
      { key: "reason", title: "reason", kind: "text" },
      { key: "counterexample", title: "counterexample", kind: "text", only: "page" }
    ],
    rows: records.select.map((row) => [
      names.get(row.loss),
      row.loss,
      row.selected ? "yes" : "no",
      row.forced ? "yes" : "no",
      row.rank,
      row.reason,
      evidenceText(row.counterexample)
    ])
  }
}

const pageUnless = (needed: boolean): Pick<Column, "only"> => (needed ? {} : { only: "page" })

/** Final bandit outcomes of each loss in each condition. */
export const banditLossesTable = (records: Records): Table => {
  const rows = records.bandit.filter((row) => row.final && row.failure === undefined)
  const names = lossNames(
    records,
    rows.map((row) => row.loss)
  )
  const groups = [
    ...grouped(rows, (row) => [row.environment, row.loss, row.reference, row.ceWeight].join("\u0000")).values()
  ]
  const varies = (setting: (row: BanditRow) => unknown) => distinct(rows.map(setting)).length > 1
  return {
    name: "bandit-losses",
    title: "Bandit outcomes by loss",
    caption: `Where training ended. ${intervalPhrase(rows)} ${conditions(rows)}${failurePhrase(records)}`,
    columns: [
      { key: "environment", title: "environment", kind: "text" },
      { key: "loss", title: "loss", kind: "text" },
      { key: "spec", title: "to type", kind: "code", only: "page" },
      // Where rows differ in nothing else, a narrow page has to show them, too.
      { key: "reference", title: "reference", kind: "text", ...pageUnless(varies((row) => row.reference)) },
      { key: "ce_weight", title: "CE weight", kind: "text", ...pageUnless(varies((row) => row.ceWeight)) },
      ...banditColumns
    ],
    rows: groups.map((group) => {
      const first = group[0] as BanditRow
      return [
        first.environment,
        names.get(first.loss),
        first.loss,
        first.reference ? "yes" : "no",
        String(first.ceWeight),
        ...banditColumns.map(({ key }) => seedInterval(group.map((row) => finite(row[key]))))
      ]
    })
  }
}

/** What finetuning did: the claims of the summary, each with its interval. */
export const finetuneTable = (records: Records): Table => {
  const names = lossNames(
    records,
    records.summary.map((row) => row.loss)
  )
  return {
    name: "finetune",
    title: "Finetuning in numbers",
    caption:
      "Means with 95 % intervals over seeds or over held-out prompts, as the table says. “Not resolved” stands where the interval of a difference covers zero: these runs" +
      " do not tell whether there is one.",
    columns: [
      { key: "loss", title: "loss", kind: "text" },
      { key: "spec", title: "to type", kind: "code", only: "page" },
      { key: "metric", title: "metric", kind: "text" },
      { key: "value", title: "mean [95 % interval]", kind: "interval" },
      { key: "over", title: "interval over", kind: "text" },
      { key: "runs", title: "runs", kind: "number" },
      { key: "n", title: "observations", kind: "number", only: "page" },
      { key: "resolved", title: "resolved", kind: "text", only: "page" }
    ],
    rows: records.summary.map((row) => {
      const mean = finite(row.mean)
      const [low, high] = [finite(row.low), finite(row.high)]
      const bounded = low !== undefined && high !== undefined
      // Only a difference is said to be unresolved; and without an interval there is nothing to resolve.
      const difference = row.against === undefined || !bounded ? {} : { resolved: row.resolved }
      const value =
        mean === undefined ? undefined : { mean, low: low ?? mean, high: high ?? mean, seeds: row.seeds, ...difference }
      return [
        names.get(row.loss),
        row.loss,
        row.metric,
        value,
        row.over ?? "seeds",
        row.seeds,
        row.n,
        row.against === undefined ? undefined : row.resolved ? "yes" : "not resolved"
      ]
    })
  }
}
