/**
 * @file The check that opens every job. Before the first update policy and reference are one model, so the loss that the
 * training path computes must be the loss program's value at lw = rw, ll = rl. A wrong or stale reference, a packing fault
 * or a wrong loss shows here, not after hours.
 */

import * as Result from "effect/Result"
import { interpret } from "../../loss/interpret.ts"
import type { TokenPair } from "../data.ts"
import { programOf } from "../job.ts"
import { scoreTokens } from "./gradient.ts"
import { layOut, sumPerAnswer } from "./layout.ts"
import type { Parameters } from "./model.ts"
import { type FixedColumns, nonFinitePairs, pairLosses } from "./objective.ts"
import { plainOps } from "./ops.ts"
import { type PreparedJob, TrainFailure } from "./prepare.ts"
import { pairRow, selectColumns } from "./scoring.ts"

/** Pairs scored a second time by textbook operations. */
const TEXTBOOK_PAIRS = 2

/** Rounding that single precision allows a log-probability summed over tokens, nats. */
export const scoreTolerance = (score: number): number => 2e-5 * (1 + Math.abs(score))

/** Log-probabilities by textbook operations, one padded row per answer: shares neither kernels nor packing with training. */
const textbookScores = (
  prepared: PreparedJob,
  parameters: Parameters,
  pairs: ReadonlyArray<TokenPair>
): Float64Array => {
  const { backend, model } = prepared
  const rows = pairs.flatMap(({ prompt, chosen, rejected }) => [
    { prompt, answers: [chosen] },
    { prompt, answers: [rejected] }
  ])
  const layout = layOut(rows, model.config.context, true)
  return sumPerAnswer(layout, scoreTokens({ ...model, ops: plainOps(backend.tf) }, parameters, layout))
}

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

/** The first entry that differs by more than rounding, or is not a number. */
const firstDifference = (found: Float64Array, wanted: Float64Array): number | undefined =>
  [...found.keys()].find((i) => !(Math.abs(found[i]! - wanted[i]!) <= scoreTolerance(wanted[i]!)))

const failure = (reason: TrainFailure["reason"], detail: string, rows: ReadonlyArray<number>) =>
  new TrainFailure({ reason, detail, step: 0, rows })

/** A batch by the training path, and what its log-probabilities must be. */
interface Batch {
  readonly rows: ReadonlyArray<number>
  readonly fixed: FixedColumns
  readonly answers: Float64Array
  readonly reference: Float64Array
}

/** What is wrong with the policy's log-probabilities: not the reference's, or not those of textbook operations. */
const scoreFault = ({ rows, answers, reference }: Batch, textbook: Float64Array): TrainFailure | undefined => {
  const fault = (i: number, wanted: number, whose: string) => {
    const side = i % 2 === 0 ? "chosen" : "rejected"
    const row = rows[i >> 1]!
    const detail =
      `before the first update the policy gives the ${side} answer of pair ${row} ` +
      `log-probability ${answers[i]}, ${whose} ${wanted}`
    return failure("step-zero", detail, [row])
  }
  const stale = firstDifference(answers, reference)
  if (stale !== undefined) return fault(stale, reference[stale]!, "the reference")
  const wrong = firstDifference(textbook, answers.subarray(0, textbook.length))
  return wrong === undefined ? undefined : fault(wrong, textbook[wrong]!, "textbook operations")
}

/** The batch's loss by the compiled kernel against the program's value at the reference. */
const checkLoss = (prepared: PreparedJob, batch: Batch): Result.Result<StepZero, TrainFailure> => {
  const { kernel, job } = prepared
  const { rows, fixed, answers, reference } = batch
  const atReference = pairLosses(kernel, fixed, reference, job.ceWeight)
  const bad = nonFinitePairs(atReference).map((i) => rows[i]!)
  if (bad.length > 0) {
    const detail = `${job.loss.spec} is not finite where the policy is the reference (pair ${bad[0]})`
    return Result.fail(failure("non-finite-loss", detail, bad))
  }
  // What the tolerated differences in log-probability can do to the loss, to first order, and as much again.
  const slack = atReference.answerWeights.reduce(
    (sum, weight, i) => sum + 2 * Math.abs(weight) * scoreTolerance(reference[i]!),
    0
  )
  const { loss } = pairLosses(kernel, fixed, answers, job.ceWeight)
  const expected = programAtReference(prepared, fixed, reference)
  if (Math.abs(loss - expected) <= slack + 1e-9 * (1 + Math.abs(expected))) return Result.succeed({ loss, expected })
  const detail = `before the first update ${job.loss.spec} is ${loss}, its program gives ${expected} at the reference`
  return Result.fail(failure("step-zero", detail, [rows[0]!]))
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
  const { training, model } = prepared
  const pairs = rows.map((row) => training.pairs[row]!)
  const fixed = selectColumns(training.fixed, rows)
  const layout = layOut(pairs.map(pairRow), model.config.context, model.ops.padded)
  const answers = sumPerAnswer(layout, scoreTokens(model, policy, layout))
  const reference = answers.map((_, i) => (i % 2 === 0 ? fixed.rw! : fixed.rl!)[i >> 1]!)
  const batch: Batch = { rows, fixed, answers, reference }
  const fault = scoreFault(batch, textbookScores(prepared, policy, pairs.slice(0, TEXTBOOK_PAIRS)))
  return fault === undefined ? checkLoss(prepared, batch) : Result.fail(fault)
}
