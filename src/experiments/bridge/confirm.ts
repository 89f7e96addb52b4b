/** @file Marks each prediction confirmed, refuted or untested by what a finetuning study recorded. Pure. */
import type { Json } from "../canonical.ts"
import { type Interval, resolved, studentInterval } from "../statistics.ts"
import { type FinetuneRun, finetuneRuns, runChange } from "../summary.ts"
import type { PredictionLine } from "./prediction.ts"
import { agrees, classExpectations, comparisons, questions, type Sign } from "./questions.ts"

/** What was seen of one metric. */
export interface Observation {
  readonly metric: string
  readonly mean: number
  readonly low?: number
  readonly high?: number
  readonly seeds: number
}

/** A line with its end. */
export interface ConfirmedLine extends PredictionLine {
  readonly status: "confirmed" | "refuted" | "untested"
  readonly observed: ReadonlyArray<Observation>
  /** Why the line is untested, or what decided it. */
  readonly reason: string
}

const interval = (values: ReadonlyArray<number | undefined>): Interval | undefined => {
  const usable = values.filter((value) => value !== undefined)
  return usable.length === 0 ? undefined : studentInterval(usable)
}

const signOf = (found: Interval): Sign => (!resolved(found) ? "unresolved" : found.mean < 0 ? "below" : "above")

const seen = (metric: string, { n, ...found }: Interval): Observation => ({ metric, ...found, seeds: n })

const untested = (line: PredictionLine, reason: string, observed: ReadonlyArray<Observation> = []): ConfirmedLine => ({
  ...line,
  status: "untested",
  observed,
  reason
})

/** The end of a line whose metrics were seen. */
const decided = (
  line: PredictionLine,
  answer: "yes" | "no" | undefined,
  observed: ReadonlyArray<Observation>
): ConfirmedLine => {
  if (line.prediction === "open") return untested(line, "the evidence predicts neither yes nor no", observed)
  const agreement = agrees(line.prediction, answer)
  if (agreement === undefined) {
    const single = observed.some(({ low }) => low === undefined)
    const reason =
      answer === undefined
        ? single
          ? "one run has no interval over seeds"
          : "an interval over seeds covers 0"
        : "it may happen and did not, which says nothing"
    return untested(line, reason, observed)
  }
  return { ...line, status: agreement ? "confirmed" : "refuted", observed, reason: `the model's answer is ${answer}` }
}

const answering = (line: PredictionLine): ((signs: ReadonlyArray<Sign>) => "yes" | "no" | undefined) | undefined =>
  line.question === "class"
    ? classExpectations[line.class ?? ""]?.observed
    : questions.find(({ id }) => id === line.question)?.observed

const confirmChange = (line: PredictionLine, runs: ReadonlyArray<FinetuneRun>): ConfirmedLine => {
  const observe = answering(line)
  if (observe === undefined) return untested(line, `this program knows no question ${JSON.stringify(line.question)}`)
  const found = line.test.metrics.map(
    (metric) => [metric, interval(runs.map((run) => runChange(run, metric)))] as const
  )
  const missing = found.find(([, one]) => one === undefined)
  if (missing !== undefined) return untested(line, `the run records no ${missing[0]} at two evaluations`)
  const intervals = found.map(([metric, one]) => [metric, one!] as const)
  return decided(
    line,
    observe(intervals.map(([, one]) => signOf(one))),
    intervals.map(([metric, one]) => seen(metric, one))
  )
}

const confirmComparison = (
  line: PredictionLine,
  runs: ReadonlyArray<FinetuneRun>,
  others: ReadonlyArray<FinetuneRun>
): ConfirmedLine => {
  const metric = line.test.metrics[0]
  const bySeed = new Map(others.map((run) => [run.seed, run.last[metric]]))
  const found = interval(
    runs.map((run) => {
      const [a, b] = [run.last[metric], bySeed.get(run.seed)]
      return typeof a === "number" && typeof b === "number" ? a - b : undefined
    })
  )
  if (found === undefined) return untested(line, `no seed has ${metric} for both losses`)
  const sign = signOf(found)
  return decided(line, sign === "unresolved" ? undefined : sign === "below" ? "yes" : "no", [seen(metric, found)])
}

/**
 * Every line with its end. A line is untested where the run did not train its loss, did not record its metric, or where an interval
 * over seeds covers 0. @param rows of `records/finetune.jsonl`
 */
export const confirmLines = (
  lines: ReadonlyArray<PredictionLine>,
  rows: ReadonlyArray<Readonly<Record<string, Json>>>
): ReadonlyArray<ConfirmedLine> => {
  const byLoss = Map.groupBy(finetuneRuns(rows), ({ loss }) => loss)
  return lines.map((line) => {
    const runs = byLoss.get(line.loss)
    if (runs === undefined) return untested(line, `the run did not finish training with ${line.loss}`)
    if (line.other === undefined) return confirmChange(line, runs)
    const others = byLoss.get(line.other)
    if (others === undefined) return untested(line, `the run did not finish training with ${line.other}`)
    return comparisons.some(({ id }) => id === line.question)
      ? confirmComparison(line, runs, others)
      : untested(line, `this program knows no question ${JSON.stringify(line.question)}`)
  })
}

/** How many lines ended how, by question and by evidence (`P9`, `sparse`). */
export interface ConfirmationCount {
  readonly question: string
  readonly evidence: string
  readonly confirmed: number
  readonly refuted: number
  readonly untested: number
}

/** What a line rests on, in a word. */
export const evidenceName = ({ evidence }: PredictionLine): string =>
  evidence.kind === "property" ? evidence.property : evidence.environment

/** Counts in order of first appearance. */
export const confirmationCounts = (lines: ReadonlyArray<ConfirmedLine>): ReadonlyArray<ConfirmationCount> =>
  [...Map.groupBy(lines, (line) => JSON.stringify([line.question, evidenceName(line)])).values()].map((group) => {
    const count = (status: ConfirmedLine["status"]) => group.filter((line) => line.status === status).length
    const first = group[0]!
    return {
      question: first.question,
      evidence: evidenceName(first),
      confirmed: count("confirmed"),
      refuted: count("refuted"),
      untested: count("untested")
    }
  })
