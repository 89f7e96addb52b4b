/**
 * Parts of a landscape as codes `ticks | ~crosses << R` (docs/theory.md §5): bits that must or may be set, and balls of changed
 * row marks. Everything here is bit operations and small sums, for any number of propositions.
 */
import { codeOf } from "../../logic/order.ts"
import type { Proposition } from "../../logic/proposition.ts"
import { allRows, count, rowCount, rowsOf } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"

/** The structures a search ranges over, and what it asks of them. */
export interface SearchSpace {
  readonly propositions: ReadonlyArray<Proposition>
  /** Bits of the code that must be set, and that may be. */
  readonly low: bigint
  readonly high: bigint
  /** Codes that some must be within `radius` changed bits of; both absent: anywhere. */
  readonly centres?: ReadonlyArray<bigint>
  readonly radius?: number
  /** Rho never falls as p_w rises and never rises as p_l rises; strict: besides, it depends on both. */
  readonly monotone?: "weak" | "strict"
  /** Exchanging w and l turns rho into -rho. */
  readonly antisymmetric?: boolean
  /** One structure for each loss: the canonical one where the space has it, else the first met. */
  readonly distinct?: boolean
}

/** The code with every bit set: nothing but ticks. */
export const fullCode = (n: number): bigint => (1n << BigInt(2 * rowCount(n))) - 1n

/** All structures over the propositions. */
export const wholeSpace = (propositions: ReadonlyArray<Proposition>): SearchSpace => ({
  propositions,
  low: 0n,
  high: fullCode(propositions.length)
})

/** The structures within `radius` changed row marks of one. @throws RangeError unless radius is a natural number */
export const ballAround = (centre: Structure, radius: number): SearchSpace => {
  if (!Number.isInteger(radius) || radius < 0) throw new RangeError(`ballAround: no radius ${radius}`)
  return { ...wholeSpace(centre.propositions), centres: [codeOf(centre)], radius }
}

/** The part of the space between bounds, `lower ⊑ s ⊑ upper`; an absent bound is open. */
export const between = (
  space: SearchSpace,
  bounds: { readonly lower?: Structure; readonly upper?: Structure }
): SearchSpace => ({
  ...space,
  low: bounds.lower === undefined ? space.low : space.low | codeOf(bounds.lower),
  high: bounds.upper === undefined ? space.high : space.high & codeOf(bounds.upper)
})

/** Whether the code is in the space, its properties aside. */
export const isInside = ({ low, high, centres, radius }: SearchSpace, code: bigint): boolean =>
  (low & ~code) === 0n &&
  (code & ~high) === 0n &&
  (radius === undefined || (centres ?? []).some((centre) => count(code ^ centre) <= radius))

/** Whether the space is the whole landscape, its properties aside. */
export const isWhole = ({ propositions, low, high, radius }: SearchSpace): boolean =>
  low === 0n && high === fullCode(propositions.length) && radius === undefined

/** Numbers of changed bits from each centre, none above radius + 1, and how many codes reach them. */
interface Reached {
  readonly changes: ReadonlyArray<number>
  readonly ways: bigint
}

const changedFrom = (centres: ReadonlyArray<bigint>, code: bigint, within: bigint): ReadonlyArray<number> =>
  centres.map((centre) => count((code ^ centre) & within))

/** The states after one more free bit, equal ones together; those out of reach of every centre are dropped. */
const withBit = (states: Iterable<Reached>, bit: number, centres: ReadonlyArray<bigint>, radius: number) => {
  const next = new Map<string, Reached>()
  for (const { changes, ways } of states) {
    for (const value of [0n, 1n]) {
      const moved = changes.map((had, k) =>
        ((centres[k]! >> BigInt(bit)) & 1n) === value ? had : Math.min(radius + 1, had + 1)
      )
      if (moved.every((changed) => changed > radius)) continue
      const key = moved.join()
      next.set(key, { changes: moved, ways: ways + (next.get(key)?.ways ?? 0n) })
    }
  }
  return next
}

/**
 * Number of codes in the space, properties aside, degenerate structures included, exactly: `2^(free bits)` without centres, else
 * by walking the free bits with the number of changes from each centre.
 */
export const regionSize = ({ propositions, low, high, centres = [], radius }: SearchSpace): bigint => {
  if ((low & ~high) !== 0n) return 0n
  const free = high & ~low
  if (radius === undefined) return 1n << BigInt(count(free))
  const given = changedFrom(centres, low, fullCode(propositions.length) & ~free)
  let states = new Map([["", { changes: given.map((changed) => Math.min(radius + 1, changed)), ways: 1n }]]) as Map<
    string,
    Reached
  >
  if (given.every((changed) => changed > radius)) return 0n
  for (const bit of rowsOf(free)) states = withBit(states.values(), bit, centres, radius)
  let total = 0n
  for (const { ways } of states.values()) total += ways
  return total
}

/** The same without degenerate structures: those with no tick, those with no cross, and both at once taken off. */
export const nonDegenerateSize = (space: SearchSpace): bigint => {
  const n = space.propositions.length
  const noTicks = { ...space, high: space.high & ~allRows(n) }
  const noCrosses = { ...space, low: space.low | (allRows(n) << BigInt(rowCount(n))) }
  const neither = { ...noTicks, low: noCrosses.low }
  return regionSize(space) - regionSize(noTicks) - regionSize(noCrosses) + regionSize(neither)
}
