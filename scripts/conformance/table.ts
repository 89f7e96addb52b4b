/** The rows of docs/conformance.md. */
import type { TargetInfo } from "../../src/audit/protocol.ts"
import type { ConformanceRow as ConformanceRecordRow } from "../../src/experiments/conformance.ts"
import { absent, type ConformanceRow } from "./rows.ts"
import { type ConformanceResult, targetOf } from "./run.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

/** The audit's guess at why the code differs; undefined where it does not, or where nothing was guessed. */
export const guessOf = ({ report }: ConformanceResult): string | undefined => {
  if (report === undefined || report.agrees) return undefined
  const [cause, second] = report.causes
  const also = cause?.id === "raises" && second !== undefined ? `; ${second.says}` : ""
  return cause === undefined ? undefined : `${cause.says}${also}`
}

/** The evidence in a sentence: the audit's first guess, or how many numbers were compared. */
const evidence = (result: ConformanceResult): string => {
  const { report, refused } = result
  if (report === undefined) return refused!
  if (report.agrees) return `${report.of} numbers`
  const guess = guessOf(result)
  return `${guess === undefined ? "no cause guessed" : `guess: ${guess}`}; ${report.of - report.met} of ${report.of} numbers differ`
}

/** Whether the code is the loss: `agrees to float32` where it is, and computes in float32 even on float64 tensors. */
export const verdictOf = ({ report }: ConformanceResult): ConformanceRecordRow["verdict"] => {
  if (report === undefined) return "raises"
  if (report.agrees) return "agrees"
  return report.causes[0]?.id === "dtype-float32" ? "agrees to float32" : "differs"
}

/** One line of the table. */
export const tableRow = (result: ConformanceResult): string => {
  const { row } = result
  const verdict = verdictOf(result)
  const cells = [`\`${targetOf(row)}\``, `\`${row.loss}\``, verdict, evidence(result), row.because ?? ""]
  return `| ${cells.map(cell).join(" | ")} |`
}

/** Names of the trainers' classes. */
export const titles: Readonly<Record<ConformanceRow["trainer"], string>> = {
  dpo: "DPOTrainer",
  cpo: "CPOTrainer",
  orpo: "ORPOTrainer",
  kto: "KTOTrainer",
  tpo: "TPOTrainer"
}

/** What was run, as the first row that ran says. */
export const infoOf = (results: ReadonlyArray<ConformanceResult>): TargetInfo =>
  results.find(({ report }) => report !== undefined)!.report!.info

/** The whole page. */
export const page = (results: ReadonlyArray<ConformanceResult>): string => {
  const info = infoOf(results)
  const agreeing = results.filter((result) => verdictOf(result).startsWith("agrees")).length
  const sections = Object.entries(titles).flatMap(([trainer, title]) => [
    "",
    `## ${title}`,
    "",
    "| code | held against | verdict | evidence | what is known |",
    "| --- | --- | --- | --- | --- |",
    ...results.filter(({ row }) => row.trainer === trainer).map(tableRow)
  ])
  return [
    "# TRL's losses beside the catalogue's",
    "",
    `TRL ${info.trl}. Written by \`npm run conformance\`; every row is one \`losslattice audit\` of TRL's own code`,
    "(docs/audit.md), driven through the trainer's own constructor and loss method with prescribed log-probabilities: values and",
    "gradients at ordinary, near-equal, shifted and very unequal pairs, alone and in batches, float64 and float32, at several values",
    "of every parameter. A trainer's settings are those of the row and, where not set, the loss's own parameters by their names.",
    "",
    `${results.length} rows: ${agreeing} agree, ${results.length - agreeing} differ. A row that differs is no error by itself: several are held`,
    "against what the name promises to show what the code does instead, and stand beside the row that agrees.",
    ...sections,
    "",
    "## Not in the table",
    "",
    ...absent.map((line) => `- ${line}`),
    ""
  ].join("\n")
}
