/** The pairs of a batch as the records of stepKernel.ts, in columns. */
import type { PairBatch } from "../batch.ts"
import type { KernelShape } from "./stepKernel.ts"

/** Place of a response in the padded table, in which every context has an even number of responses. */
export const placeOf = (response: number, arms: number): number =>
  response + (arms % 2 === 0 ? 0 : Math.floor(response / arms))

/** Two pairs each: a first response, a block of two second ones, a weight per label and second response. */
export interface PairRecords {
  /** "both": a pair and its opposite share a record, and its first response is the one of lower place. */
  readonly labels: KernelShape["labels"]
  readonly count: number
  /** Place of the first response. */
  readonly first: Int32Array
  /** Number of the block of the second responses. */
  readonly block: Int32Array
  /** Per record: first chosen over the one and the other second response, then those chosen over the first. */
  readonly weights: Float64Array
}

/** Number of blocks that fit in a key beside a place. */
const blockRange = 2 ** 24

/** Key of every pair's record: records ascend by first place, then block. */
const keysOf = (batch: PairBatch, arms: number, labels: KernelShape["labels"]): Float64Array => {
  const keys = new Float64Array(batch.count)
  for (let i = 0; i < batch.count; i++) {
    const w = placeOf(batch.chosen[i]!, arms)
    const l = placeOf(batch.rejected[i]!, arms)
    const swap = labels === "both" && w > l
    keys[i] = swap ? l * blockRange + (w >> 1) : w * blockRange + (l >> 1)
  }
  return keys
}

/** Ascending, each value once. */
const distinct = (values: Float64Array): Float64Array => {
  const sorted = values.slice().sort()
  let count = 0
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i]!
  }
  return sorted.slice(0, count)
}

/** Where a value stands in an ascending list that has it; `from` is tried first. */
const indexOf = (list: Float64Array, value: number, from: number): number => {
  if (list[from] === value) return from
  let [low, high] = [0, list.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Records of a batch: both labels together where that makes much fewer. */
export const recordsOf = (batch: PairBatch, arms: number): PairRecords => {
  const bothKeys = keysOf(batch, arms, "both")
  const oneKeys = keysOf(batch, arms, "one")
  const both = distinct(bothKeys)
  const one = distinct(oneKeys)
  const shared = both.length <= 0.7 * one.length
  const [labels, keys, records] = shared ? (["both", bothKeys, both] as const) : (["one", oneKeys, one] as const)
  const weights = new Float64Array(4 * records.length)
  let at = 0
  for (let i = 0; i < batch.count; i++) {
    at = indexOf(records, keys[i]!, at)
    const w = placeOf(batch.chosen[i]!, arms)
    const l = placeOf(batch.rejected[i]!, arms)
    const swap = shared && w > l
    weights[4 * at + (swap ? 2 + (w & 1) : l & 1)]! += batch.weight[i]!
  }
  return {
    labels,
    count: records.length,
    first: Int32Array.from(records.map((key) => Math.floor(key / blockRange))),
    block: Int32Array.from(records.map((key) => key % blockRange)),
    weights
  }
}
