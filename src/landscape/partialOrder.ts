/** Finite strict orders as bit tables: reduction, closure, chains and antichains. Plain cubic algorithms: a few hundred elements. */

/** A strict order on 0 … size-1: `below[i * size + j]` is 1 when i < j. */
export interface StrictOrder {
  readonly size: number
  readonly below: Uint8Array
}

/** Ordered pairs i < j. */
export const pairsOf = ({ size, below }: StrictOrder): ReadonlyArray<readonly [number, number]> => {
  const pairs: Array<readonly [number, number]> = []
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (below[i * size + j] === 1) pairs.push([i, j])
  return pairs
}

/** The transitive closure of a relation. */
export const closure = ({ size, below }: StrictOrder): StrictOrder => {
  const closed = below.slice()
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < size; i++) {
      if (closed[i * size + k] === 0) continue
      for (let j = 0; j < size; j++) if (closed[k * size + j] === 1) closed[i * size + j] = 1
    }
  }
  return { size, below: closed }
}

/** Covers: pairs i < j with nothing between, the transitive reduction of the order. */
export const coversOf = (order: StrictOrder): ReadonlyArray<readonly [number, number]> => {
  const { size, below } = order
  return pairsOf(order).filter(([i, j]) => {
    for (let k = 0; k < size; k++) if (below[i * size + k] === 1 && below[k * size + j] === 1) return false
    return true
  })
}

/** Whether the relation is a strict order: transitive, and never both ways. */
export const isStrictOrder = (order: StrictOrder): boolean => {
  const { size, below } = order
  const closed = closure(order).below
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (closed[i * size + j] !== below[i * size + j]) return false
      if (below[i * size + j] === 1 && (i === j || below[j * size + i] === 1)) return false
    }
  }
  return true
}

/** Number of elements of a longest chain, and for each element that of a longest chain that ends there (its level, from 1). */
export const levelsOf = ({ size, below }: StrictOrder): ReadonlyArray<number> => {
  const levels = new Array<number>(size).fill(0)
  const levelOf = (j: number): number => {
    if (levels[j] !== 0) return levels[j]!
    let most = 0
    for (let i = 0; i < size; i++) if (below[i * size + j] === 1) most = Math.max(most, levelOf(i))
    levels[j] = most + 1
    return most + 1
  }
  for (let j = 0; j < size; j++) levelOf(j)
  return levels
}

/**
 * The largest number of elements of which none is below another: size minus a maximum matching of i to j > i (Dilworth), by
 * augmenting paths.
 */
export const widthOf = ({ size, below }: StrictOrder): number => {
  const matchOf = new Array<number>(size).fill(-1)
  let matched = 0
  for (let i = 0; i < size; i++) {
    const seen = new Uint8Array(size)
    const augment = (from: number): boolean => {
      for (let j = 0; j < size; j++) {
        if (below[from * size + j] === 0 || seen[j] === 1) continue
        seen[j] = 1
        if (matchOf[j] === -1 || augment(matchOf[j]!)) {
          matchOf[j] = from
          return true
        }
      }
      return false
    }
    if (augment(i)) matched++
  }
  return size - matched
}

/** Two elements without a least upper bound, and the minimal upper bounds that they have instead; undefined for a join-semilattice. */
export const missingJoin = ({
  size,
  below
}: StrictOrder): { readonly pair: readonly [number, number]; readonly bounds: ReadonlyArray<number> } | undefined => {
  const atLeast = (i: number, j: number): boolean => i === j || below[i * size + j] === 1
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const upper = Array.from({ length: size }, (_, k) => k).filter((k) => atLeast(i, k) && atLeast(j, k))
      const least = upper.filter((k) => !upper.some((other) => other !== k && below[other * size + k] === 1))
      if (least.length !== 1) return { pair: [i, j], bounds: least }
    }
  }
  return undefined
}

/** The order upside down. */
export const reversed = ({ size, below }: StrictOrder): StrictOrder => {
  const turned = new Uint8Array(size * size)
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) turned[j * size + i] = below[i * size + j]!
  return { size, below: turned }
}
