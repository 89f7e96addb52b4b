/**
 * @file The check that opens every job. Before the first update policy and reference are one model, so the loss that the
 * training path computes must be the loss program's value at lw = rw, ll = rl. A wrong or stale reference, a packing fault
 * or a wrong loss shows here, not after hours.
 */

import * as Result from "effect/Result"
import { interpret } from "../../loss/interpret.ts"
import { programOf } from "../job.ts"
import { scoreTokens } from "./gradient.ts"
import { layOut, sumPerAnswer } from "./layout.ts"
import type { Parameters } from "./model.ts"
import { type FixedColumns, nonFinitePairs, pairLosses } from "./objective.ts"
import { type PreparedJob, TrainFailure, textbookScores } from "./prepare.ts"
import { pairRow, selectColumns } from "./scoring.ts"

/** Pairs scored a second time by textbook operations. */
const TEXTBOOK_PAIRS = 2

/** Rounding that single precision allows a log-probability summed over tokens, nats. */
export const scoreTolerance = (score: number): number => 2e-5 * (1 + Math.abs(score))

/** The first batch's loss, and what it must be. */
export interface StepZero {
  readonly loss: number
  readonly expected: number
}

/**
 * Mean loss of the job's own program at lw = rw, ll = rl, node by node: not by the compiled kernel, which is what is checked.
 */
const programAtReference = ({ job }: PreparedJob, fixed: FixedColumns, reference: Float64Array): number => {
  const program = programOf(job)
  const count = reference.length / 2
  let total = 0
  for (let i = 0; i < count; i++) {
    const lw = reference[2 * i]!
    const point = Object.fromEntries(Object.entries(fixed).map(([name, column]) => [name, column![i]!]))
    const { loss } = interpret(program, { ...point, lw, ll: reference[2 * i + 1]! })
    total += (loss - (job.ceWeight * lw) / fixed.nw![i]!) / count
  }
  return total
}

/**
 * Compares, on the pairs of the first batch: the policy's log-probabilities by the training path with the reference's; both
 * with textbook operations on the first pairs; and the batch's loss with the program's value at the reference.
 * @param rows numbers of the pairs of the first batch
 */
export const checkStepZero = (
  prepared: PreparedJob,
  policy: Parameters,
  rows: ReadonlyArray<number>
): Result.Result<StepZero, TrainFailure> => {
  const { training, model, kernel, job } = prepared
  const pairs = rows.map((row) => training.pairs[row]!)
  const fixed = selectColumns(training.fixed, rows)
  const reference = Float64Array.from(
    { length: 2 * rows.length },
    (_, i) => (i % 2 === 0 ? fixed.rw! : fixed.rl!)[i >> 1]!
  )
  const layout = layOut(pairs.map(pairRow), model.config.context, model.ops.padded)
  const answers = sumPerAnswer(layout, scoreTokens(model, policy, layout))
  const textbook = textbookScores(prepared, policy, pairs.slice(0, TEXTBOOK_PAIRS))
  const differing = (found: Float64Array, wanted: Float64Array) =>
    [...found.keys()].find((i) => !(Math.abs(found[i]! - wanted[i]!) <= scoreTolerance(wanted[i]!)))
  const fail = (detail: string, at: number) =>
    Result.fail(new TrainFailure({ reason: "step-zero", detail, step: 0, rows: [rows[at]!] }))
  const describe = (i: number, found: number, wanted: number, what: string) =>
    `before the first update the policy gives the ${i % 2 === 0 ? "chosen" : "rejected"} answer of pair ${rows[i >> 1]} ` +
    `log-probability ${found}, ${what} ${wanted}`
  const stale = differing(answers, reference)
  if (stale !== undefined) return fail(describe(stale, answers[stale]!, reference[stale]!, "the reference"), stale >> 1)
  const wrong = differing(textbook, answers.subarray(0, textbook.length))
  if (wrong !== undefined) {
    return fail(describe(wrong, answers[wrong]!, textbook[wrong]!, "textbook operations"), wrong >> 1)
  }
  const atReference = pairLosses(kernel, fixed, reference, job.ceWeight)
  const trained = pairLosses(kernel, fixed, answers, job.ceWeight)
  const bad = nonFinitePairs(atReference)
  if (bad.length > 0) {
    const detail = `${job.loss.spec} is not finite where the policy is the reference (pair ${rows[bad[0]!]})`
    return Result.fail(new TrainFailure({ reason: "non-finite-loss", detail, step: 0, rows: bad.map((i) => rows[i]!) }))
  }
  // What the tolerated differences in log-probability can do to the loss, to first order, and as much again.
  const slack = atReference.answerWeights.reduce(
    (sum, weight, i) => sum + 2 * Math.abs(weight) * scoreTolerance(reference[i]!),
    0
  )
  const [loss, expected] = [trained.loss, programAtReference(prepared, fixed, reference)]
  if (!(Math.abs(loss - expected) <= slack + 1e-9 * (1 + Math.abs(expected)))) {
    return fail(
      `before the first update ${job.loss.spec} is ${loss}, its program gives ${expected} at the reference`,
      0
    )
  }
  return Result.succeed({ loss, expected })
}
