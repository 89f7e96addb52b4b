/**
 * @file Agglomerative clustering by average linkage (UPGMA, Sokal & Michener 1958): again and again the two clusters with the
 * least mean distance between their members become one. Lance & Williams' update keeps those means exact.
 */
import type { DistanceMatrix } from "./distance.ts"

/** One step: clusters are numbered as they come, leaves 0..k-1, then the merges k, k + 1, …; `left` < `right`. */
export interface Merge {
  readonly left: number
  readonly right: number
  /** Mean distance between the members of the two; never falls from one merge to the next. */
  readonly height: number
  /** Leaves below. */
  readonly size: number
}

/** The k - 1 merges of k leaves, O(k^3); of equally near pairs the one with the smallest numbers. */
export const averageLinkage = ({ size, values }: DistanceMatrix): ReadonlyArray<Merge> => {
  const distance = Float64Array.from(values)
  const id = Array.from({ length: size }, (_, i) => i)
  const members = new Array<number>(size).fill(1)
  const alive = [...id]
  const merges: Array<Merge> = []
  while (alive.length > 1) {
    const [a, b] = nearestPair(alive, id, (i, j) => distance[i * size + j]!)
    const height = distance[a * size + b]!
    for (const other of alive) {
      const sum = members[a]! * distance[a * size + other]! + members[b]! * distance[b * size + other]!
      const mean = sum / (members[a]! + members[b]!)
      distance[a * size + other] = mean
      distance[other * size + a] = mean
    }
    const [left, right] = [Math.min(id[a]!, id[b]!), Math.max(id[a]!, id[b]!)]
    members[a] = members[a]! + members[b]!
    id[a] = size + merges.length
    alive.splice(alive.indexOf(b), 1)
    merges.push({ left, right, height, size: members[a]! })
  }
  return merges
}

const nearestPair = (
  alive: ReadonlyArray<number>,
  id: ReadonlyArray<number>,
  distance: (i: number, j: number) => number
): readonly [number, number] => {
  let best: readonly [number, number] = [alive[0]!, alive[1]!]
  let least: readonly [number, number, number] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const [at, i] of alive.entries()) {
    for (const j of alive.slice(at + 1)) {
      const key = [distance(i, j), Math.min(id[i]!, id[j]!), Math.max(id[i]!, id[j]!)] as const
      if (key[0] > least[0] || (key[0] === least[0] && (key[1] - least[1] || key[2] - least[2]) >= 0)) continue
      least = key
      best = [i, j]
    }
  }
  return best
}

/** Leaves from one end of the dendrogram to the other: no two branches cross; of two branches the tighter comes first. */
export const leafOrder = (size: number, merges: ReadonlyArray<Merge>): ReadonlyArray<number> => {
  const height = (cluster: number): number => (cluster < size ? 0 : merges[cluster - size]!.height)
  const below = (cluster: number): ReadonlyArray<number> => {
    if (cluster < size) return [cluster]
    const { left, right } = merges[cluster - size]!
    const [first, second] = height(left) <= height(right) ? [left, right] : [right, left]
    return [...below(first), ...below(second)]
  }
  return size === 0 ? [] : below(size + merges.length - 1)
}
