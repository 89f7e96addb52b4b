/**
 * The pairs of one gradient step, with the columns a loss kernel reads and writes. A full-batch step uses one batch
 * throughout; a minibatch is refilled in place, so training allocates nothing.
 */
import type { Rng } from "../random/rng.ts"
import { drawFrom } from "./comparisons.ts"
import type { PairTable } from "./pairs.ts"

/** Inputs that every pair of a bandit has; others are supplied where they make sense, see inputs/registry.ts. */
export const pairInputs = ["lw", "ll", "rw", "rl", "nw", "nl", "s_w", "s_l"] as const
export type PairInput = (typeof pairInputs)[number]

/** Columns by input name; those of {@link pairInputs} are always there. */
export type Columns = Record<PairInput, Float64Array> & { [name: string]: Float64Array }

/** Buffers of `capacity` examples of which the first `count` are in use. */
export interface PairBatch {
  count: number
  readonly chosen: Int32Array
  readonly rejected: Int32Array
  /** The third, fourth, … response of a K-wise example, best first after chosen and rejected; empty for pairs. */
  readonly others: ReadonlyArray<Int32Array>
  /** Sums to 1 over the examples in use, less the share of draws that were one response twice. */
  readonly weight: Float64Array
  /** Log-probabilities in nats, token counts, s = reward score. */
  readonly columns: Columns
  /** Per example: the loss and its derivatives by lw, ll and further inputs. */
  readonly out: { readonly loss: Float64Array; readonly dlw: Float64Array; readonly dll: Float64Array } & {
    [derivative: `d${string}`]: Float64Array
  }
}

/** An empty batch with room for `capacity` examples of 2 + `others` responses. */
export const emptyBatch = (capacity: number, others = 0): PairBatch => {
  const column = () => new Float64Array(capacity)
  return {
    count: 0,
    chosen: new Int32Array(capacity),
    rejected: new Int32Array(capacity),
    others: Array.from({ length: others }, () => new Int32Array(capacity)),
    weight: column(),
    columns: {
      lw: column(),
      ll: column(),
      rw: column(),
      rl: column(),
      nw: column().fill(1),
      nl: column().fill(1),
      s_w: column(),
      s_l: column()
    },
    out: { loss: column(), dlw: column(), dll: column() }
  }
}

/** The responses of all examples, best first: chosen, rejected, others. */
export const membersOf = (batch: PairBatch): ReadonlyArray<Int32Array> => [
  batch.chosen,
  batch.rejected,
  ...batch.others
]

/** The column of an input, made when it is first asked for. */
export const columnOf = (batch: PairBatch, name: string): Float64Array =>
  (batch.columns[name] ??= new Float64Array(batch.weight.length))

/** The derivatives by an input, made when they are first asked for. */
export const derivativeOf = (batch: PairBatch, name: string): Float64Array =>
  (batch.out[`d${name}`] ??= new Float64Array(batch.weight.length))

const copyPair = (batch: PairBatch, to: number, table: PairTable, from: number, weight: number): void => {
  batch.chosen[to] = table.chosen[from]!
  batch.rejected[to] = table.rejected[from]!
  batch.weight[to] = weight
  batch.columns.rw[to] = table.rw[from]!
  batch.columns.rl[to] = table.rl[from]!
  batch.columns.nw[to] = table.nw[from]!
  batch.columns.nl[to] = table.nl[from]!
  batch.columns.s_w[to] = table.sw[from]!
  batch.columns.s_l[to] = table.sl[from]!
}

/** All pairs of a table, with their weights. */
export const fullBatch = (table: PairTable): PairBatch => {
  const batch = emptyBatch(table.count)
  for (let i = 0; i < table.count; i++) copyPair(batch, i, table, i, table.weight[i]!)
  batch.count = table.count
  return batch
}

/** Tables that the columns of a batch are read from, each [contexts * arms]; see inputs/filler.ts. */
export interface ResponseTables {
  readonly logReference: Float64Array
  readonly scores: Float64Array
  /** Absent: one token each. */
  readonly lengths?: Float64Array
}

/** Writes row `to` of a batch: responses best first, and everything but the policy's log-probabilities. */
export const writeExample = (
  batch: PairBatch,
  to: number,
  members: ArrayLike<number>,
  weight: number,
  { logReference, scores, lengths }: ResponseTables
): void => {
  const { columns } = batch
  const [w, l] = [members[0]!, members[1]!]
  batch.chosen[to] = w
  batch.rejected[to] = l
  batch.weight[to] = weight
  columns.rw[to] = logReference[w]!
  columns.rl[to] = logReference[l]!
  columns.nw[to] = lengths?.[w] ?? 1
  columns.nl[to] = lengths?.[l] ?? 1
  columns.s_w[to] = scores[w]!
  columns.s_l[to] = scores[l]!
  batch.others.forEach((responses, k) => {
    const y = members[k + 2]!
    responses[to] = y
    columnOf(batch, `ry${k + 3}`)[to] = logReference[y]!
    columnOf(batch, `ny${k + 3}`)[to] = lengths?.[y] ?? 1
    columnOf(batch, `s_y${k + 3}`)[to] = scores[y]!
  })
}

/** Makes the next batch of a run; the same buffers every time. */
export interface BatchSource {
  readonly next: () => PairBatch
  /** What {@link next} always gives, where that is one batch. */
  readonly constant?: PairBatch
}

/** Every step sees all pairs. */
export const fullBatches = (table: PairTable): BatchSource => {
  const batch = fullBatch(table)
  return { next: () => batch, constant: batch }
}

const countingBatch = (table: PairTable, size: number) => {
  const batch = emptyBatch(Math.min(size, table.count))
  const counts = new Int32Array(table.count)
  return {
    add: (pair: number): void => {
      counts[pair]! += 1
    },
    /** The counted pairs as a batch of mean 1 / drawn each; the counts start again from 0. */
    take: (drawn: number): PairBatch => {
      let n = 0
      for (let i = 0; i < counts.length; i++) {
        if (counts[i] === 0) continue
        copyPair(batch, n++, table, i, counts[i]! / drawn)
        counts[i] = 0
      }
      batch.count = n
      return batch
    }
  }
}

const checkSize = (size: number): void => {
  if (!(Number.isInteger(size) && size >= 1)) throw new RangeError(`batch size must be an integer >= 1, got ${size}`)
}

/** Batches of `size` pairs drawn by weight, with replacement. */
export const replacementBatches = (table: PairTable, size: number, rng: Rng): BatchSource => {
  checkSize(size)
  const counter = countingBatch(table, size)
  const draw = drawFrom(table.weight)
  return {
    next: () => {
      for (let i = 0; i < size; i++) counter.add(draw.next(rng))
      return counter.take(size)
    }
  }
}

/**
 * Passes over a data set in a fresh random order each, `size` draws a step; the last batch of a pass is the rest.
 * @param draws which unique pair of `table` each draw is, see `sampledPairs`
 */
export const epochBatches = (table: PairTable, draws: Int32Array, size: number, rng: Rng): BatchSource => {
  checkSize(size)
  const counter = countingBatch(table, size)
  const order = Int32Array.from(draws)
  let next = order.length
  const shuffle = (): void => {
    for (let i = order.length - 1; i > 0; i--) {
      const j = rng.int(i + 1)
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    next = 0
  }
  return {
    next: () => {
      if (next >= order.length) shuffle()
      const end = Math.min(next + size, order.length)
      const drawn = end - next
      for (; next < end; next++) counter.add(order[next]!)
      return counter.take(drawn)
    }
  }
}
