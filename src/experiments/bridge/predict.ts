/** @file Lines from what is proved of a loss and from what bandits do under it. Pure: rows in, lines out. */
import * as Result from "effect/Result"
import { decideProperty, exactPropertyTable } from "../../landscape/exactProperties.ts"
import { vanishingKind } from "../../landscape/limits.ts"
import type { Loss } from "../../loss/loss.ts"
import { resolveLoss } from "../../loss/resolve.ts"
import type { Json } from "../canonical.ts"
import { resolved, studentInterval } from "../statistics.ts"
import type { Answer, Evidence, PredictedInterval, PredictionLine } from "./prediction.ts"
import { classExpectations, comparisons, type Question, questions } from "./questions.ts"

type Record_ = Readonly<Record<string, Json>>

/** Runs of one loss in one environment: seed → first and last row. */
type Runs = ReadonlyMap<string, { readonly first?: Record_; readonly last: Record_ }>

/** Bandit rows by environment and loss; runs that broke off are left out. */
export const runsByWorld = (rows: ReadonlyArray<Record_>): ReadonlyMap<string, ReadonlyMap<string, Runs>> => {
  const worlds = new Map<string, Map<string, Map<string, { first?: Record_; last: Record_ }>>>()
  const firsts = new Map<string, Record_>()
  const keyOf = (row: Record_): string => JSON.stringify([row.environment, row.loss, row.seed])
  for (const row of rows) if (row.step === 0) firsts.set(keyOf(row), row)
  for (const row of rows) {
    if (row.final !== true || row.failure !== undefined) continue
    const [world, loss, seed] = [String(row.environment), String(row.loss), String(row.seed)]
    const losses = worlds.get(world) ?? new Map()
    worlds.set(world, losses)
    const runs = losses.get(loss) ?? new Map()
    losses.set(loss, runs)
    const first = firsts.get(keyOf(row))
    runs.set(seed, { last: row, ...(first === undefined ? {} : { first }) })
  }
  return worlds
}

const number = (row: Record_ | undefined, metric: string): number | undefined => {
  const value = row?.[metric]
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** An interval without a mean that is rounding and no more. */
const intervalOf = (values: ReadonlyArray<number | undefined>): PredictedInterval | undefined => {
  const usable = values.filter((value) => value !== undefined)
  if (usable.length === 0) return undefined
  const { n, ...interval } = studentInterval(usable)
  return { ...interval, seeds: n }
}

/** The answer that an interval gives; open where it covers 0 or one run alone gives none. */
export const answerOf = ({ seeds, ...interval }: PredictedInterval, yes: "below" | "above"): Answer => {
  if (!resolved({ ...interval, n: seeds })) return "open"
  return interval.mean < 0 === (yes === "below") ? "yes" : "no"
}

const testOf = ({ metrics, confirmed, refuted }: Question): PredictionLine["test"] => ({ metrics, confirmed, refuted })

const cellLine = (question: Question, world: string, loss: string, runs: Runs): ReadonlyArray<PredictionLine> => {
  const { metric, change, yes } = question.bandit
  const value = intervalOf(
    [...runs.values()].map(({ first, last }) => {
      const [before, after] = [change ? number(first, metric) : 0, number(last, metric)]
      return before === undefined || after === undefined ? undefined : after - before
    })
  )
  // Nothing varies where every answer is in the data: no mass can escape there.
  if (value === undefined || (question.id === "mass-escapes" && value.mean === 0 && value.low === value.high)) return []
  const evidence: Evidence = { kind: "cells", environment: world, metric, value }
  return [
    {
      id: `${question.id}/${loss}/${world}`,
      question: question.id,
      asked: question.asked,
      loss,
      prediction: answerOf(value, yes),
      evidence,
      test: testOf(question)
    }
  ]
}

const propertyEvidence = (loss: Loss, name: keyof typeof exactPropertyTable): Evidence & { kind: "property" } => {
  const { verdict } = decideProperty(loss.structure!, loss.semantics, name)
  const { statement, ...rest } = exactPropertyTable[name]
  return { kind: "property", property: "number" in rest ? rest.number : name, verdict, statement }
}

/** What a verdict predicts: what cannot happen does not; what can, may. */
const promised = [
  ["chosen-safe", "chosen-falls", "no"],
  ["rejected-safe", "rejected-falls", "yes"]
] as const

const exactLines = (text: string): ReadonlyArray<PredictionLine> => {
  const found = resolveLoss(text)
  if (Result.isFailure(found) || found.success.structure === undefined) return []
  const loss = found.success
  const safety = promised.flatMap(([property, id, answer]): ReadonlyArray<PredictionLine> => {
    const evidence = propertyEvidence(loss, property)
    if (evidence.verdict !== "proved" && evidence.verdict !== "refuted") return []
    const question = questions.find((one) => one.id === id)!
    const prediction: Answer = evidence.verdict === "proved" ? answer : answer === "no" ? "possible" : "open"
    const shared = { question: id, asked: question.asked, loss: text, evidence, test: testOf(question) }
    return [{ id: `${id}/${text}/${evidence.property}`, prediction, ...shared }]
  })
  return [...safety, ...classLine(text, loss)]
}

const classLine = (text: string, loss: Loss): ReadonlyArray<PredictionLine> => {
  const group = vanishingKind(loss.structure!)
  const expectation = classExpectations[group]!
  const evidence = propertyEvidence(loss, "vanishing-class")
  return [
    {
      id: `class/${text}/${evidence.property}`,
      question: "class",
      asked: `Does the model behave as the class “${group}” is expected to: ${expectation.expected}?`,
      loss: text,
      prediction: "yes",
      class: group,
      evidence,
      test: {
        metrics: expectation.metrics,
        confirmed: `${expectation.expected} (95 % intervals over seeds of the changes of ${expectation.metrics.join(", ")})`,
        refuted: "one of these goes the other way"
      }
    }
  ]
}

const comparisonLines = (
  world: string,
  losses: ReadonlyArray<string>,
  runs: ReadonlyMap<string, Runs>
): ReadonlyArray<PredictionLine> =>
  comparisons.flatMap(({ id, asked, bandit, metric }) =>
    losses.flatMap((loss, i) =>
      losses.slice(i + 1).flatMap((other): ReadonlyArray<PredictionLine> => {
        const [own, others] = [runs.get(loss), runs.get(other)]
        if (own === undefined || others === undefined) return []
        const value = intervalOf(
          [...own].map(([seed, { last }]) => {
            const [a, b] = [number(last, bandit), number(others.get(seed)?.last, bandit)]
            return a === undefined || b === undefined ? undefined : a - b
          })
        )
        if (value === undefined) return []
        return [
          {
            id: `${id}/${loss}/${other}/${world}`,
            question: id,
            asked,
            loss,
            other,
            prediction: answerOf(value, "below"),
            evidence: { kind: "cells", environment: world, metric: bandit, value },
            test: {
              metrics: [metric],
              confirmed: `the 95 % interval of the difference of ${metric} at the last evaluation, paired by seed, lies on the predicted side of 0`,
              refuted: "it lies on the other side of 0"
            }
          }
        ]
      })
    )
  )

/**
 * All lines on some losses: what is proved of each, what each does on every bandit, how every two compare there. Intervals are over
 * seeds, differences paired by seed.
 * @param rows of `records/bandit.jsonl`, of the plain condition (no reference added, no cross-entropy term)
 */
export const predictLosses = (
  losses: ReadonlyArray<string>,
  rows: ReadonlyArray<Record_>
): ReadonlyArray<PredictionLine> => {
  const worlds = [...runsByWorld(rows)]
  return [
    ...losses.flatMap((loss) => [
      ...exactLines(loss),
      ...worlds.flatMap(([world, runs]) => {
        const own = runs.get(loss)
        return own === undefined ? [] : questions.flatMap((question) => cellLine(question, world, loss, own))
      })
    ]),
    ...worlds.flatMap(([world, runs]) => comparisonLines(world, losses, runs))
  ]
}
