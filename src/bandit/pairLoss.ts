/**
 * A loss program as something that can be minimised over batches of examples: fills the columns that the program reads, runs
 * it, and carries its derivatives back to log π.
 */
import type { Kernel } from "../loss/kernel.ts"
import { columnOf, derivativeOf, type PairBatch } from "./batch.ts"
import type { GradientRun } from "./gradientKernel.ts"
import type { Filler } from "./inputs/filler.ts"
import type { Family } from "./objective.ts"
import type { TokenTable } from "./tokens.ts"

/** The part of a compiled loss program that a bandit uses. */
export type PairKernel = Pick<Kernel, "run"> & Partial<Pick<Kernel, "program">>

/** What a program may need besides the columns of a pair. */
export interface PairLossOptions {
  /** Weight of -log π(chosen). Default 0. */
  readonly ceWeight?: number
  /**
   * The same derivatives without the loss, see gradientKernel.ts; used where pairs outnumber responses and nothing below is
   * asked for.
   */
  readonly slopes?: GradientRun
  /** Suppliers of further inputs. */
  readonly fillers?: ReadonlyArray<Filler>
  /** Policy log-probabilities beyond lw and ll that the program reads: ly1 (the chosen one), ly2, ly3, … */
  readonly ranked?: ReadonlyArray<string>
  /** Inputs of the fillers that the program differentiates by. */
  readonly moving?: ReadonlyArray<string>
  /** Every log-probability is a mean per token: `lw / nw` and so on. Default false. */
  readonly perToken?: boolean
  /** Log-probabilities are sums over the tokens that a mask keeps. */
  readonly masked?: MaskedLogps
}

/** Sums of log-probabilities over tokens: true ones of the chosen response, false ones of the rejected. */
export interface MaskedLogps {
  readonly table: TokenTable
  readonly reference: TokenTable
  /** 1 where a token is true, shape [contexts * arms * depth]. */
  readonly correct: Uint8Array
}

/** The responses of example after example under the name of one log-probability. */
const responsesOf = (batch: PairBatch, name: string): Int32Array => {
  if (name === "lw" || name === "ly1") return batch.chosen
  if (name === "ll" || name === "ly2") return batch.rejected
  const responses = batch.others[Number(name.slice(2)) - 3]
  if (responses === undefined) throw new RangeError(`pair loss: the examples have no response ${name}`)
  return responses
}

const readInto = (batch: PairBatch, name: string, logp: Float64Array): void => {
  const responses = responsesOf(batch, name)
  const column = columnOf(batch, name)
  for (let i = 0; i < batch.count; i++) column[i] = logp[responses[i]!]!
}

/** Σ over the tokens of a response whose flag is `keep`. */
const maskedSum = (table: TokenTable, correct: Uint8Array, response: number, keep: number): number => {
  let total = 0
  for (let t = 0; t < table.depth; t++) {
    if (correct[response * table.depth + t] === keep) total += table.logConditional(response, t)
  }
  return total
}

const readMasked = (batch: PairBatch, { table, reference, correct }: MaskedLogps, prob: Float64Array): void => {
  const { lw, ll, rw, rl } = batch.columns
  table.read(prob)
  for (let i = 0; i < batch.count; i++) {
    lw[i] = maskedSum(table, correct, batch.chosen[i]!, 1)
    ll[i] = maskedSum(table, correct, batch.rejected[i]!, 0)
    rw[i] = maskedSum(reference, correct, batch.chosen[i]!, 1)
    rl[i] = maskedSum(reference, correct, batch.rejected[i]!, 0)
  }
}

/** Log-probabilities per token in place of the sums; token counts become 1. */
const perTokenColumns = (batch: PairBatch, ranked: ReadonlyArray<string>): Readonly<Record<string, Float64Array>> => {
  const columns: Record<string, Float64Array> = { ...batch.columns }
  const divide = (name: string, counts: Float64Array): void => {
    const from = batch.columns[name]
    if (from !== undefined) columns[name] = from.map((value, i) => value / counts[i]!)
  }
  for (const side of ["w", "l"] as const) {
    divide(`l${side}`, batch.columns[`n${side}`])
    divide(`r${side}`, batch.columns[`n${side}`])
    columns[`n${side}`] = new Float64Array(batch.weight.length).fill(1)
  }
  for (const name of ranked) {
    const counts = countsOf(batch, name)
    divide(name, counts)
    divide(`r${name.slice(1)}`, counts)
  }
  return columns
}

/** Token counts of the responses of a log-probability. */
const countsOf = (batch: PairBatch, name: string): Float64Array => {
  if (name === "lw" || name === "ly1") return batch.columns.nw
  if (name === "ll" || name === "ly2") return batch.columns.nl
  return columnOf(batch, `n${name.slice(1)}`)
}

/** `∂/∂log π(w) += weight (dlw - ceWeight)`, `∂/∂log π(l) += weight · dll`. */
const scatterPair = (batch: PairBatch, ceWeight: number, gradient: Float64Array): void => {
  const { count, chosen, rejected, weight } = batch
  const { dlw, dll } = batch.out
  for (let i = 0; i < count; i++) {
    const share = weight[i]!
    gradient[chosen[i]!]! += share * (dlw[i]! - ceWeight)
    gradient[rejected[i]!]! += share * dll[i]!
  }
}

/** `∂/∂log π(y) += weight · dl_y`, divided by the token count where log-probabilities are means. */
const scatter = (batch: PairBatch, name: string, perToken: boolean, gradient: Float64Array): void => {
  const responses = responsesOf(batch, name)
  const slope = derivativeOf(batch, name)
  const counts = perToken ? countsOf(batch, name) : undefined
  for (let i = 0; i < batch.count; i++) {
    gradient[responses[i]!]! += (batch.weight[i]! * slope[i]!) / (counts?.[i] ?? 1)
  }
}

const scatterMasked = (batch: PairBatch, { table, correct }: MaskedLogps, gradient: Float64Array): void => {
  const { count, weight, out } = batch
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < table.depth; t++) {
      const [w, l] = [batch.chosen[i]!, batch.rejected[i]!]
      if (correct[w * table.depth + t] === 1) table.pushConditional(w, t, weight[i]! * out.dlw[i]!)
      if (correct[l * table.depth + t] === 0) table.pushConditional(l, t, weight[i]! * out.dll[i]!)
    }
  }
  table.flushInto(gradient)
}

/** `∂/∂log π(w) -= weight · ceWeight`: the cross-entropy of whole responses, where the loss reads something else. */
const scatterCrossEntropy = (batch: PairBatch, ceWeight: number, gradient: Float64Array): void => {
  for (let i = 0; i < batch.count; i++) gradient[batch.chosen[i]!]! -= batch.weight[i]! * ceWeight
}

/** Σ weight (loss - ceWeight · log π(chosen)). */
const weightedLoss = (batch: PairBatch, ceWeight: number, logp: Float64Array): number => {
  const { loss } = batch.out
  let total = 0
  for (let i = 0; i < batch.count; i++) total += batch.weight[i]! * (loss[i]! - ceWeight * logp[batch.chosen[i]!]!)
  return total
}

/** A loss program over examples, plus `-ceWeight · log π(chosen)` (the cross-entropy term of preference trainers). */
export const pairLossFamily = (name: string, kernel: PairKernel, options: PairLossOptions = {}): Family => {
  const { ceWeight = 0, slopes, fillers = [], ranked = [], moving = [], perToken = false, masked } = options
  const read = (batch: PairBatch, logp: Float64Array, prob: Float64Array): void => {
    for (const filler of fillers) filler.fill(batch, logp, prob)
    if (masked === undefined) for (const response of ["lw", "ll"]) readInto(batch, response, logp)
    else readMasked(batch, masked, prob)
    for (const response of ranked) readInto(batch, response, logp)
  }
  const addGradientInto: Family["addGradientInto"] = (batch, logp, prob, gradient) => {
    read(batch, logp, prob)
    for (const input of [...ranked, ...moving]) derivativeOf(batch, input)
    kernel.run(perToken ? perTokenColumns(batch, ranked) : batch.columns, batch.out, batch.count)
    for (const filler of fillers) filler.pullbackInto?.(batch, prob, gradient)
    if (masked === undefined && !perToken) scatterPair(batch, ceWeight, gradient)
    else {
      if (masked !== undefined) scatterMasked(batch, masked, gradient)
      else for (const response of ["lw", "ll"]) scatter(batch, response, perToken, gradient)
      scatterCrossEntropy(batch, ceWeight, gradient)
    }
    for (const response of ranked) scatter(batch, response, perToken, gradient)
    return weightedLoss(batch, ceWeight, logp)
  }
  const observers = fillers.flatMap(({ observe }) => (observe === undefined ? [] : [observe]))
  const family: Family = {
    name,
    addGradientInto,
    ...(observers.length === 0
      ? {}
      : {
          observe: (batch: PairBatch, logp: Float64Array) => {
            for (const observe of observers) observe(batch, logp)
          }
        })
  }
  const plain = fillers.length === 0 && ranked.length === 0 && !perToken && masked === undefined
  if (!plain) return family
  const pairs = kernel.program === undefined ? {} : { pairs: { program: kernel.program, ceWeight } }
  if (slopes === undefined) return { ...family, ...pairs }
  return {
    ...family,
    ...pairs,
    addSlopeInto: (batch, logp, prob, gradient) => {
      if (batch.count < logp.length) {
        addGradientInto(batch, logp, prob, gradient)
        return
      }
      readInto(batch, "lw", logp)
      readInto(batch, "ll", logp)
      slopes(batch, logp)
      scatterPair(batch, ceWeight, gradient)
    }
  }
}
