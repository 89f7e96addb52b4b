import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type LossClass, lossClasses, type Masks, structureOf } from "../../src/landscape/classes.ts"
import { dominancePairs, entailmentPairs } from "../../src/landscape/counts.ts"
import { dominance } from "../../src/landscape/dominance.ts"
import {
  dominanceCovers,
  finerPairs,
  lossOrders,
  ordersAmong,
  simplexPairs
} from "../../src/landscape/dominanceOrder.ts"
import { countManyPairs } from "../../src/landscape/manyPairs.ts"
import { oddsCounts } from "../../src/landscape/odds.ts"
import { closure, pairsOf } from "../../src/landscape/partialOrder.ts"
import { entails } from "../../src/logic/order.ts"
import type { Proposition } from "../../src/logic/proposition.ts"

const propositions: ReadonlyArray<Proposition> = ["M(w)", "M(l)"]
const classes = lossClasses(propositions)
const orders = lossOrders(classes)
const size = classes.length
const isBelow = (i: number, j: number): boolean => orders.dominance.below[i * size + j] === 1

/** Rho of a class at odds, by summing the rows of its first structure. */
const rho = ({ members: [first] }: LossClass, [w, l]: readonly [number, number]): number => {
  const weights = [1, w, l, w * l]
  const sum = (set: number) => weights.reduce((total, weight, row) => total + ((set >> row) & 1 ? weight : 0), 0)
  return Math.log(sum(first!.ticks) / sum(first!.crosses))
}
const grid = [1e-4, 0.03, 0.3, 0.7, 0.999, 1, 1.4, 3, 30, 1e4].flatMap((w, _, all) => all.map((l) => [w, l] as const))

describe("the order of the 187 losses over a pair", () => {
  it("has the counts of the landscape: 5,364 pairs by dominance, 3,468 by entailment of some structures", () => {
    expect(size).toBe(187)
    expect(pairsOf(orders.dominance)).toHaveLength(5364)
    expect(pairsOf(orders.entailment)).toHaveLength(3468)
    expect(orders.undecided).toBe(0)
    expect(dominancePairs(classes)).toEqual({ dominance: 5364, undecided: 0 })
    expect(entailmentPairs(classes, 4)).toBe(3468)
  })

  it("no fine grid contradicts it, and every pair left out is contradicted on the grid", () => {
    const values = classes.map((one) => grid.map((point) => rho(one, point)))
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        if (i === j) continue
        const never = values[i]!.every((value, k) => value <= values[j]![k]! + 1e-9)
        if (isBelow(i, j)) expect(never, `${i} <= ${j}`).toBe(true)
        else expect(never, `${i} not <= ${j}`).toBe(false)
      }
    }
  })

  it("entailment of classes is not transitive; its closure lies within dominance", () => {
    expect(pairsOf(orders.entailed).length).toBeGreaterThan(pairsOf(orders.entailment).length)
    for (const [i, j] of pairsOf(orders.entailed)) expect(isBelow(i, j)).toBe(true)
    expect(finerPairs(orders)).toHaveLength(pairsOf(orders.dominance).length - pairsOf(orders.entailed).length)
  })

  it("its covers close to it again, and are called entailments exactly when entailment knows them", () => {
    const covers = dominanceCovers(orders)
    const below = new Uint8Array(size * size)
    for (const { from, to } of covers) below[from * size + to] = 1
    expect(closure({ size, below })).toEqual(orders.dominance)
    for (const { from, to, kind } of covers)
      expect(kind === "entailment").toBe(orders.entailed.below[from * size + to] === 1)
  })

  it("has more pairs on the simplex, never fewer", () => {
    const some = classes.filter((_, i) => i % 6 === 0)
    const among = ordersAmong(
      orders,
      classes.flatMap((_, i) => (i % 6 === 0 ? [i] : []))
    )
    const { ordered, undecided } = simplexPairs(some)
    expect(undecided).toBe(0)
    expect(ordered).toBeGreaterThanOrEqual(pairsOf(among.dominance).length)
    const onSimplex = grid.filter(([w, l]) => w * l <= 1)
    const values = some.map((one) => onSimplex.map((point) => rho(one, point)))
    const unrefuted = values.flatMap((low, i) =>
      values.filter((high, j) => i !== j && low.every((value, k) => value <= high[k]! + 1e-9))
    )
    expect(ordered).toBe(unrefuted.length)
  })

  it("of any few losses is what it is among all, and what dominance says of any of their structures", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(size - 1), { minLength: 2, maxLength: 6 }), fc.nat(), (kept, pick) => {
        const some = kept.map((i) => classes[i]!)
        const own = lossOrders(some)
        expect(own.dominance).toEqual(ordersAmong(orders, kept).dominance)
        expect(own.entailment).toEqual(ordersAmong(orders, kept).entailment)
        const structures = some.map(({ members }) => structureOf(propositions, members[pick % members.length]!))
        for (const [i, a] of structures.entries()) {
          for (const [j, b] of structures.entries()) {
            if (i === j) continue
            expect(dominance(a, b).verdict === "A<=B").toBe(own.dominance.below[i * kept.length + j] === 1)
            if (entails(a, b)) expect(own.entailment.below[i * kept.length + j]).toBe(1)
          }
        }
      }),
      { numRuns: 40 }
    )
  })
})

/** A structure as a class of its own. */
const alone = (names: ReadonlyArray<Proposition>, masks: Masks): LossClass => ({
  members: [masks],
  counts: oddsCounts(structureOf(names, masks))
})

describe("countManyPairs", () => {
  it("counts all pairs of the 187 as deciding each does", () => {
    const { dominance: ordered, refuted, undecided, asked } = countManyPairs(propositions, classes)
    expect([ordered, refuted, undecided]).toEqual([5364, size * (size - 1) - 5364, 0])
    expect(asked).toBeGreaterThan(0)
  })

  it("counts pairs over three propositions as deciding each does, those of equal rho included", () => {
    const three: ReadonlyArray<Proposition> = ["M(w)", "M(l)", "Ref(w)"]
    const rows = fc.integer({ min: 1, max: 255 })
    fc.assert(
      fc.property(fc.array(fc.record({ ticks: rows, crosses: rows }), { maxLength: 4 }), rows, (list, same) => {
        const some = [...list, { ticks: same, crosses: same }, { ticks: 255, crosses: 255 }].map((masks) =>
          alone(three, masks)
        )
        const fast = countManyPairs(three, some)
        expect({ dominance: fast.dominance, undecided: fast.undecided }).toEqual(dominancePairs(some))
        expect(fast.dominance + fast.refuted + fast.undecided).toBe(some.length * (some.length - 1))
      }),
      { numRuns: 12 }
    )
  })

  it("refuses copies and more than three propositions", () => {
    expect(() => countManyPairs(["M(w)", "M(l)", "M2(w)"], [])).toThrow(/copies/)
    expect(() => countManyPairs(["M(w)", "M(l)", "Ref(w)", "Ref(l)"], [])).toThrow(/three/)
  })
})
