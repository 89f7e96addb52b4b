/** @file The machine that figures were measured on: they mean nothing without it. */
import { cpus, totalmem } from "node:os"

/** Processor, cores, memory in GiB and Node of this process. */
export const machine = () => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version
})

/** Smallest, middle and largest of some figures. @throws RangeError on an empty list */
export const spread = (values: ReadonlyArray<number>) => {
  if (values.length === 0) throw new RangeError("spread: no values")
  const sorted = values.toSorted((a, b) => a - b)
  return { min: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]!, max: sorted.at(-1)! }
}
