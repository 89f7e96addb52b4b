import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  closure,
  coversOf,
  isStrictOrder,
  levelsOf,
  missingJoin,
  pairsOf,
  reversed,
  type StrictOrder,
  widthOf
} from "../../src/landscape/partialOrder.ts"

const orderOf = (size: number, pairs: ReadonlyArray<readonly [number, number]>): StrictOrder => {
  const below = new Uint8Array(size * size)
  for (const [i, j] of pairs) below[i * size + j] = 1
  return { size, below }
}

/** Relations whose pairs go up in a shuffled numbering: their closures are all the strict orders on up to seven elements. */
const acyclic = fc.integer({ min: 1, max: 7 }).chain((size) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: size, maxLength: size }
      ),
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 12 })
    )
    .map(([name, pairs]) =>
      orderOf(
        size,
        pairs.filter(([i, j]) => i !== j).map(([i, j]) => [name[Math.min(i, j)]!, name[Math.max(i, j)]!] as const)
      )
    )
)
const strictOrder = acyclic.map(closure)
const subsets = (size: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: 2 ** size }, (_, set) => Array.from({ length: size }, (_, i) => i).filter((i) => (set >> i) & 1))
const isBelow = ({ size, below }: StrictOrder, i: number, j: number): boolean => below[i * size + j] === 1

describe("finite strict orders", () => {
  it("the closure reaches exactly what a walk reaches", () => {
    fc.assert(
      fc.property(acyclic, (relation) => {
        const reach = (i: number): Set<number> => {
          const found = new Set<number>()
          const walk = (from: number): void => {
            for (let j = 0; j < relation.size; j++) {
              if (!isBelow(relation, from, j) || found.has(j)) continue
              found.add(j)
              walk(j)
            }
          }
          walk(i)
          return found
        }
        const expected = Array.from({ length: relation.size }, (_, i) => [...reach(i)].sort().map((j) => [i, j])).flat()
        expect(pairsOf(closure(relation))).toEqual(expected)
      })
    )
  })

  it("the covers are the least relation with that closure: none can be left out", () => {
    fc.assert(
      fc.property(strictOrder, (order) => {
        const covers = coversOf(order)
        expect(closure(orderOf(order.size, covers))).toEqual(order)
        for (const left of covers) {
          const fewer = closure(
            orderOf(
              order.size,
              covers.filter((cover) => cover !== left)
            )
          )
          expect(isBelow(fewer, ...left)).toBe(false)
        }
      })
    )
  })

  it("width and height are those of the largest antichain and chain among all subsets", () => {
    fc.assert(
      fc.property(strictOrder, (order) => {
        const comparable = (i: number, j: number) => isBelow(order, i, j) || isBelow(order, j, i)
        const largest = (wanted: boolean) =>
          Math.max(
            ...subsets(order.size)
              .filter((set) => set.every((i) => set.every((j) => i === j || comparable(i, j) === wanted)))
              .map((set) => set.length)
          )
        expect(widthOf(order)).toBe(largest(false))
        expect(Math.max(...levelsOf(order))).toBe(largest(true))
      }),
      { numRuns: 50 }
    )
  })

  it("a missing join is one: its bounds are upper bounds, not one of them least", () => {
    fc.assert(
      fc.property(strictOrder, (order) => {
        const atLeast = (i: number, j: number) => i === j || isBelow(order, i, j)
        const upper = (i: number, j: number) =>
          Array.from({ length: order.size }, (_, k) => k).filter((k) => atLeast(i, k) && atLeast(j, k))
        const hasLeast = (set: ReadonlyArray<number>) => set.some((k) => set.every((other) => atLeast(k, other)))
        const missing = missingJoin(order)
        if (missing !== undefined) {
          const bounds = upper(...missing.pair)
          expect(hasLeast(bounds)).toBe(false)
          for (const bound of missing.bounds) expect(bounds).toContain(bound)
        } else {
          for (let i = 0; i < order.size; i++)
            for (let j = 0; j < order.size; j++) expect(hasLeast(upper(i, j))).toBe(true)
        }
        expect(reversed(reversed(order))).toEqual(order)
      })
    )
  })

  it("tells a strict order from a relation that is not transitive, or goes both ways", () => {
    expect(isStrictOrder(orderOf(3, [[0, 1]]))).toBe(true)
    expect(
      isStrictOrder(
        orderOf(3, [
          [0, 1],
          [1, 2]
        ])
      )
    ).toBe(false)
    expect(
      isStrictOrder(
        orderOf(2, [
          [0, 1],
          [1, 0]
        ])
      )
    ).toBe(false)
    expect(isStrictOrder(orderOf(1, [[0, 0]]))).toBe(false)
    fc.assert(fc.property(strictOrder, isStrictOrder))
  })
})
