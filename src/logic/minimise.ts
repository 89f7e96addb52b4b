/**
 * Exact two-level minimisation (Quine 1952, McCluskey 1956) for at most 6 propositions: all prime implicants, then a
 * cheapest cover by branch and bound. Rows that may go either way are don't-cares.
 */
import { allRows, count, hasRow, maxPropositions, type RowSet, rowSetOf, rowsOf } from "./rows.ts"

/**
 * A conjunction of literals: proposition k occurs when bit k of `care` is set, positively when bit k of `value` is.
 * `rows` are the rows that satisfy it.
 */
export interface Cube {
  readonly care: number
  readonly value: number
  readonly rows: RowSet
}

/** Number of literals of a cube. */
export const literalCount = (cube: Cube): number => count(BigInt(cube.care))

const cubeLists = new Map<number, ReadonlyArray<Cube>>()

/** All `3^n` cubes over n propositions, by ascending number of literals, then by mask. */
export const allCubes = (n: number): ReadonlyArray<Cube> => {
  const known = cubeLists.get(n)
  if (known !== undefined) return known
  if (!Number.isInteger(n) || n < 0 || n > maxPropositions) {
    throw new RangeError(`allCubes: n must be an integer from 0 to ${maxPropositions}, got ${n}`)
  }
  const rows = Array.from({ length: 2 ** n }, (_, row) => row)
  const cubes: Array<Cube> = []
  for (const care of rows) {
    for (const value of rows) {
      if ((value & ~care) === 0)
        cubes.push({ care, value, rows: rowSetOf(rows.filter((row) => (row & care) === value)) })
    }
  }
  // Positive literals read better than negative ones: of equal size, the cube with more of them comes first.
  cubes.sort((a, b) => literalCount(a) - literalCount(b) || a.care - b.care || b.value - a.value)
  cubeLists.set(n, cubes)
  return cubes
}

/** The cubes within `allowed` that no longer lie within it when any one literal is dropped. */
export const primeImplicants = (allowed: RowSet, n: number): ReadonlyArray<Cube> => {
  const primes: Array<Cube> = []
  for (const cube of allCubes(n)) {
    // Cubes come by size, so a cube is prime iff no prime found so far contains it.
    if ((cube.rows & ~allowed) === 0n && !primes.some((prime) => (cube.rows & ~prime.rows) === 0n)) primes.push(cube)
  }
  return primes
}

/** Cost of a cover: first the number of cubes, then the number of literals. */
const cubeCost = (cube: Cube): number => 1000 + literalCount(cube)

interface Search {
  best: ReadonlyArray<Cube> | undefined
  bestCost: number
}

/** Cubes that cover a needed row which none of the others reaches must be paid; rows chosen greedily give a lower bound. */
const lowerBound = (rest: RowSet, cubes: ReadonlyArray<Cube>): number => {
  let bound = 0
  let open = rest
  while (open !== 0n) {
    const row = rowsOf(open)[0]!
    let cheapest = Number.POSITIVE_INFINITY
    for (const cube of cubes) {
      if (!hasRow(cube.rows, row)) continue
      cheapest = Math.min(cheapest, cubeCost(cube))
      open &= ~cube.rows
    }
    bound += cheapest
  }
  return bound
}

/** The row of `rest` that the fewest cubes cover: branching there keeps the tree narrow. */
const tightestRow = (rest: RowSet, cubes: ReadonlyArray<Cube>): ReadonlyArray<Cube> => {
  let fewest: ReadonlyArray<Cube> | undefined
  for (const row of rowsOf(rest)) {
    const covering = cubes.filter((cube) => hasRow(cube.rows, row))
    if (fewest === undefined || covering.length < fewest.length) fewest = covering
    if (fewest.length <= 1) break
  }
  return fewest ?? []
}

/** Drops cubes whose open rows another cube covers at no higher cost (the first of equals stays). */
const undominated = (rest: RowSet, cubes: ReadonlyArray<Cube>): ReadonlyArray<Cube> => {
  const useful = cubes.filter((cube) => (cube.rows & rest) !== 0n)
  return useful.filter(
    (cube, i) =>
      !useful.some((other, j) => {
        if (i === j || (cube.rows & rest & ~other.rows) !== 0n) return false
        const [mine, its] = [cubeCost(cube), cubeCost(other)]
        return its < mine || (its === mine && ((other.rows & rest) !== (cube.rows & rest) || j < i))
      })
  )
}

const cover = (
  search: Search,
  rest: RowSet,
  cubes: ReadonlyArray<Cube>,
  chosen: ReadonlyArray<Cube>,
  cost: number
): void => {
  if (rest === 0n) {
    if (cost < search.bestCost) {
      search.best = chosen
      search.bestCost = cost
    }
    return
  }
  const left = undominated(rest, cubes)
  if (cost + lowerBound(rest, left) >= search.bestCost) return
  const options = tightestRow(rest, left)
  let tried: ReadonlyArray<Cube> = []
  for (const cube of options) {
    // Covers with an option tried before have been seen: exclude those options below.
    const remaining = left.filter((other) => !tried.includes(other))
    cover(search, rest & ~cube.rows, remaining, [...chosen, cube], cost + cubeCost(cube))
    tried = [...tried, cube]
  }
}

/**
 * A cheapest disjunction of cubes that is true on every row of `on` and on no row outside `on ∪ dontCare`: fewest cubes,
 * then fewest literals; deterministic. `[]` when `on` is empty.
 * @throws RangeError when n is not in 0..6, a set has rows beyond `2^n`, or `on` and `dontCare` overlap
 */
export const minimise = (on: RowSet, n: number, dontCare: RowSet = 0n): ReadonlyArray<Cube> => {
  if (((on | dontCare) & ~allRows(n)) !== 0n || (on & dontCare) !== 0n) {
    throw new RangeError(
      `minimise: on ${on} and don't-care ${dontCare} must be disjoint sets of rows of ${n} propositions`
    )
  }
  const cubes = primeImplicants(on | dontCare, n)
  const search: Search = { best: undefined, bestCost: Number.POSITIVE_INFINITY }
  cover(search, on, cubes, [], 0)
  if (search.best === undefined) throw new RangeError("minimise: no cover found")
  return [...search.best].sort((a, b) => cubes.indexOf(a) - cubes.indexOf(b))
}
