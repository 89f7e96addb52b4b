/** @file Pieces of the report's sentences. */
import { significant } from "../tables/table.ts"
import type { SeedChange } from "./comparisons.ts"

/** "a, b and c". */
export const listed = (items: readonly string[]): string =>
  items.length <= 1 ? (items[0] ?? "none") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`

/** "1 loss", "3 losses". */
export const counted = (amount: number, one: string, many = `${one}s`): string =>
  `${amount} ${amount === 1 ? one : many}`

/** A change with its interval, and what that is over where it is not seeds. */
export const range = (change: SeedChange): string => {
  const bounds = `${significant(change.mean)} [${significant(change.low)}, ${significant(change.high)}]`
  if (change.over === "prompts") return `${bounds} over prompts`
  return change.seeds < 2 ? `${significant(change.mean)}, one run` : bounds
}
