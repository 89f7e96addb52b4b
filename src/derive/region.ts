/**
 * The part of a landscape that a query can reach, as bit operations on codes (docs/theory.md §5): bits that must be set, bits
 * that may be set, and balls of row-mark changes around centres. Its size is known before anything is listed.
 */
import { codeOf, fromCode, type Proposition, rowCount, rowsOf, type Structure } from "../logic/index.ts"

/** Codes c with `low ⊆ c ⊆ high`, within `radius` changed bits of some centre (undefined: anywhere). */
export interface Region {
  readonly propositions: ReadonlyArray<Proposition>
  readonly low: bigint
  readonly high: bigint
  readonly centres: ReadonlyArray<bigint>
  readonly radius: number | undefined
}

/** A closed part of the entailment order; an absent side is unbounded. */
export interface Bounds {
  readonly above?: Structure
  readonly below?: Structure
}

/** The region between bounds (all of them hold), around centres. */
export const makeRegion = (
  propositions: ReadonlyArray<Proposition>,
  bounds: ReadonlyArray<Bounds>,
  centres: ReadonlyArray<Structure>,
  radius: number | undefined
): Region => {
  const all = (1n << BigInt(2 * rowCount(propositions.length))) - 1n
  let [low, high] = [0n, all]
  for (const { above, below } of bounds) {
    if (above !== undefined) low |= codeOf(above)
    if (below !== undefined) high &= codeOf(below)
  }
  return { propositions, low, high, centres: centres.map(codeOf), radius }
}

/** Number of structures over n propositions, `4^(2^n)`. */
export const spaceSize = (n: number): bigint => 1n << BigInt(2 * rowCount(n))

/** One box of the region: a base code whose `free` bits may change, at most `changes` of them. */
interface Patch {
  readonly base: bigint
  readonly free: ReadonlyArray<bigint>
  readonly changes: number
}

const patches = ({ low, high, centres, radius }: Region): ReadonlyArray<Patch> => {
  if ((low & ~high) !== 0n) return []
  const free = rowsOf(high & ~low).map((bit) => 1n << BigInt(bit))
  if (radius === undefined) return [{ base: low, free, changes: free.length }]
  return centres.flatMap((centre) => {
    // Bits of the centre that the bounds do not allow are changes that every member needs.
    const base = (centre | low) & high
    const changes = Math.min(free.length, radius - rowsOf(base ^ centre).length)
    return changes < 0 ? [] : [{ base, free, changes }]
  })
}

/** Σ_{j ≤ k} C(n, j): the members of a patch. */
const ballSize = (n: number, k: number): number => {
  let [term, total] = [1, 1]
  for (let j = 1; j <= k; j++) {
    term = (term * (n - j + 1)) / j
    total += term
  }
  return total
}

/** An upper bound on the members of the region, exact where it has one centre or no radius. */
export const regionSize = (region: Region): number =>
  patches(region).reduce((total, { free, changes }) => total + ballSize(free.length, changes), 0)

function* changed(code: bigint, free: ReadonlyArray<bigint>, from: number, changes: number): Generator<bigint> {
  yield code
  if (changes === 0) return
  for (let i = from; i < free.length; i++) yield* changed(code ^ free[i]!, free, i + 1, changes - 1)
}

/** The members, each once, by ascending code. */
export const regionMembers = (region: Region): ReadonlyArray<Structure> => {
  const found = new Set<bigint>()
  for (const { base, free, changes } of patches(region)) {
    for (const code of changed(base, free, 0, changes)) found.add(code)
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1)).map((code) => fromCode(code, region.propositions))
}
