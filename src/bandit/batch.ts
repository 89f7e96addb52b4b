/**
 * The pairs of one gradient step, with the columns a loss kernel reads and writes. A full-batch step uses one batch
 * throughout; a minibatch is refilled in place, so training allocates nothing.
 */
import type { Rng } from "../random/rng.ts"
import { drawFrom } from "./comparisons.ts"
import type { PairTable } from "./pairs.ts"

/** Inputs that every pair of a bandit has; losses that need others cannot run here. */
export const pairInputs = ["lw", "ll", "rw", "rl", "nw", "nl", "s_w", "s_l"] as const
export type PairInput = (typeof pairInputs)[number]

/** Buffers of `capacity` pairs of which the first `count` are in use. */
export interface PairBatch {
  count: number
  readonly chosen: Int32Array
  readonly rejected: Int32Array
  /** Sums to 1 over the pairs in use. */
  readonly weight: Float64Array
  /** A response of a bandit is one token: nw = nl = 1. Log-probabilities in nats, s = gold reward. */
  readonly columns: Readonly<Record<PairInput, Float64Array>>
  /** Per pair: the loss and its derivatives by lw and ll. */
  readonly out: { readonly loss: Float64Array; readonly dlw: Float64Array; readonly dll: Float64Array }
}

/** An empty batch with room for `capacity` unique pairs. */
export const emptyBatch = (capacity: number): PairBatch => {
  const column = () => new Float64Array(capacity)
  return {
    count: 0,
    chosen: new Int32Array(capacity),
    rejected: new Int32Array(capacity),
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

const copyPair = (batch: PairBatch, to: number, table: PairTable, from: number, weight: number): void => {
  batch.chosen[to] = table.chosen[from]!
  batch.rejected[to] = table.rejected[from]!
  batch.weight[to] = weight
  batch.columns.rw[to] = table.rw[from]!
  batch.columns.rl[to] = table.rl[from]!
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

/** Makes the next batch of a run; the same buffers every time. */
export interface BatchSource {
  readonly next: () => PairBatch
}

/** Every step sees all pairs. */
export const fullBatches = (table: PairTable): BatchSource => {
  const batch = fullBatch(table)
  return { next: () => batch }
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
