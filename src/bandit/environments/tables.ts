/** Flat tables [contexts * arms]: from rows, and drawn. */
import type { Rng } from "../../random/rng.ts"
import type { Comparisons } from "../comparisons.ts"
import type { PreferenceModel } from "../preferences.ts"

/** One row for all contexts, or one row per context. */
export type RowTable = ReadonlyArray<number> | ReadonlyArray<ReadonlyArray<number>>

const isRow = (table: RowTable): table is ReadonlyArray<number> => table.length === 0 || typeof table[0] === "number"

/** The rows of a table. */
export const rowsOfTable = (table: RowTable): ReadonlyArray<ReadonlyArray<number>> => (isRow(table) ? [table] : table)

/** The table as [contexts * arms]; a single row serves every context. @throws RangeError on another shape */
export const flatTable = (table: RowTable, contexts: number, arms: number): Float64Array => {
  const rows = rowsOfTable(table)
  const flat = new Float64Array(contexts * arms)
  for (let c = 0; c < contexts; c++) {
    const row = rows.length === 1 ? rows[0]! : rows[c]
    if (row?.length !== arms) throw new RangeError(`flatTable: row ${c} needs ${arms} entries, got ${row?.length}`)
    flat.set(row, c * arms)
  }
  return flat
}

/** Divides every row of [contexts * arms] by its sum, in place. */
export const normaliseRowsInPlace = (table: Float64Array, arms: number): Float64Array => {
  for (let from = 0; from < table.length; from += arms) {
    let total = 0
    for (let i = from; i < from + arms; i++) total += table[i]!
    for (let i = from; i < from + arms; i++) table[i]! /= total
  }
  return table
}

/** 1 / arms everywhere. */
export const uniform = (contexts: number, arms: number): Float64Array =>
  new Float64Array(contexts * arms).fill(1 / arms)

/** Independent N(0, scale²) entries. */
export const normals = (size: number, scale: number, rng: Rng): Float64Array =>
  Float64Array.from({ length: size }, () => scale * rng.normal())

/**
 * A policy drawn for every context by itself: `uniform`; `normal`, the softmax of N(0, scale²) logits; `zipf`, the k-th
 * likeliest arm ∝ k^-scale, which arm that is drawn.
 */
export const drawnPolicy = (
  kind: "uniform" | "normal" | "zipf",
  contexts: number,
  arms: number,
  scale: number,
  rng: Rng
): Float64Array => {
  if (kind === "uniform") return uniform(contexts, arms)
  if (kind === "normal") return normaliseRowsInPlace(normals(contexts * arms, scale, rng).map(Math.exp), arms)
  const ranks = Array.from({ length: arms }, (_, k) => (k + 1) ** -scale)
  const rows = Array.from({ length: contexts }, () => rng.shuffled(ranks))
  return normaliseRowsInPlace(Float64Array.from(rows.flat()), arms)
}

/** N(0, 1) entries of which no two in a row are equal, whatever the generator draws. */
export const distinctNormals = (contexts: number, arms: number, rng: Rng): Float64Array => {
  const rows = Array.from({ length: contexts }, () => {
    const row = new Set<number>()
    while (row.size < arms) row.add(rng.normal())
    return [...row]
  })
  return Float64Array.from(rows.flat())
}

/** Pairs of arms, a list per context: (chosen, rejected) where the list says who won. */
export type PairLists = ReadonlyArray<ReadonlyArray<readonly [number, number]>>

/** Every listed pair of a context equally frequent; pairs listed twice twice as frequent. */
export const listedComparisons = (lists: PairLists, arms: number): Comparisons => {
  const probability = new Float64Array(lists.length * arms * arms)
  lists.forEach((pairs, c) => {
    for (const [a, b] of pairs) probability[(c * arms + a) * arms + b]! += 1 / pairs.length
  })
  return { kind: "table", probability }
}

/** P(a ≻ b) = how often a won among the listed pairs of a and b; where there is none, as `otherwise`. */
export const listedPreference = (lists: PairLists, arms: number, otherwise: PreferenceModel): PreferenceModel => {
  const wins = new Map<number, number>()
  lists.forEach((pairs, c) => {
    for (const [a, b] of pairs) {
      const key = (c * arms + a) * arms + b
      wins.set(key, (wins.get(key) ?? 0) + 1)
    }
  })
  return {
    probability: (context, first, second) => {
      const won = wins.get((context * arms + first) * arms + second) ?? 0
      const lost = wins.get((context * arms + second) * arms + first) ?? 0
      return won + lost === 0 ? otherwise.probability(context, first, second) : won / (won + lost)
    }
  }
}

/** `count` different pairs (a, b), a < b, drawn evenly. */
export const drawnPairs = (
  answers: ReadonlyArray<number>,
  count: number,
  rng: Rng
): ReadonlyArray<readonly [number, number]> => {
  const n = answers.length
  const all = Array.from({ length: n * n }, (_, i) => [answers[Math.floor(i / n)]!, answers[i % n]!] as const)
  return rng.shuffled(all.filter(([a, b]) => a < b)).slice(0, count)
}
