/** @file Rows to means with 95 % intervals over seeds, grouped by whatever a figure keeps apart. */
import { studentInterval } from "../../statistics.ts"

/** Mean over seeds with Student's 95 % interval; with one seed `low` and `high` are the mean and `seeds` says so. */
export interface SeedInterval {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly seeds: number
}

/** The interval of the finite values; undefined when there is none. */
export const seedInterval = (values: readonly (number | undefined)[]): SeedInterval | undefined => {
  const present = values.filter((value): value is number => value !== undefined)
  if (present.length === 0) return undefined
  const { mean, low = mean, high = mean, n } = studentInterval(present)
  return { mean, low, high, seeds: n }
}

/** Rows by a key, groups and rows in order of first appearance. */
export const grouped = <A>(rows: readonly A[], key: (row: A) => string): ReadonlyMap<string, readonly A[]> => {
  const groups = new Map<string, A[]>()
  for (const row of rows) {
    const name = key(row)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return groups
}

/** Distinct values in order of first appearance. */
export const distinct = <A>(values: readonly A[]): readonly A[] => [...new Set(values)]

/** "seeds 0 to 4", "seed 3", "seeds 1, 5 and 8": the seeds of the rows for a caption. */
export const seedPhrase = (rows: readonly { readonly seed: number }[]): string => {
  const seeds = [...new Set(rows.map((row) => row.seed))].sort((a, b) => a - b)
  const [first, last] = [seeds.at(0), seeds.at(-1)]
  if (first === undefined || last === undefined) return "no seeds"
  if (seeds.length === 1) return `seed ${first}`
  if (last - first === seeds.length - 1 && seeds.length > 2) return `seeds ${first} to ${last}`
  return `seeds ${seeds.slice(0, -1).join(", ")} and ${last}`
}

/** What the bands and bars of a figure are, in words. */
export const intervalPhrase = (rows: readonly { readonly seed: number }[]): string =>
  new Set(rows.map((row) => row.seed)).size < 2
    ? `One run only (${seedPhrase(rows)}), so no interval is drawn.`
    : `Means with Student's 95 % intervals over ${seedPhrase(rows)}.`
