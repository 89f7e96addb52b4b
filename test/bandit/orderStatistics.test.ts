import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bestOf, bestOfWinRate, concordance, denseRanks, reversed } from "../../src/bandit/orderStatistics.ts"
import { distance } from "./worlds.ts"

/** Scores with many ties, and a policy that may leave arms out. */
const row = fc
  .integer({ min: 1, max: 5 })
  .chain((arms) =>
    fc.record({
      score: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: arms, maxLength: arms }),
      weights: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: arms, maxLength: arms }),
      others: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: arms, maxLength: arms })
    })
  )
  .filter(({ weights, others }) => weights.some((w) => w > 0) && others.some((w) => w > 0))

const normalised = (weights: ReadonlyArray<number>): Float64Array => {
  const total = weights.reduce((sum, w) => sum + w, 0)
  return Float64Array.from(weights, (w) => w / total)
}

/** Every list of draws with its probability; the first of the best ones drawn is taken. */
const bestOfByEnumeration = (score: ReadonlyArray<number>, policy: Float64Array, draws: number): Float64Array => {
  const found = new Float64Array(policy.length)
  const go = (left: number, best: number, probability: number): void => {
    if (left === 0) {
      found[best]! += probability
      return
    }
    policy.forEach((p, y) => {
      go(left - 1, best < 0 || score[y]! > score[best]! ? y : best, probability * p)
    })
  }
  go(draws, -1, 1)
  return found
}

describe("bestOf", () => {
  it("is what enumerating all lists of draws gives, ties included", () =>
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 4 }), ({ score, weights }, draws) => {
        const policy = normalised(weights)
        const found = bestOf(Float64Array.from(score), policy, draws)
        expect(distance(found, bestOfByEnumeration(score, policy, draws))).toBeLessThan(1e-14)
      })
    ))

  it("keeps the relative precision of tiny probabilities", () => {
    // The best response has probability 1e-20: best of 3 has it with probability 3e-20 (1 - …).
    const found = bestOf(Float64Array.of(0, 1), Float64Array.of(1, 1e-20), 3)
    expect(found[1]! / 3e-20).toBeCloseTo(1, 12)
    // The worst response below one of probability 1e-20.
    expect(bestOf(Float64Array.of(0, 1), Float64Array.of(1e-20, 1), 3)[0]! / 1e-60).toBeCloseTo(1, 12)
  })

  it("refuses a number of draws that is none", () => {
    for (const draws of [0, -1, 1.5, Number.NaN]) {
      expect(() => bestOf(Float64Array.of(0, 1), Float64Array.of(0.5, 0.5), draws)).toThrow(/positive integer/)
    }
  })
})

describe("bestOfWinRate", () => {
  it("compares the two distributions pair by pair", () =>
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 4 }), ({ score, weights, others }, draws) => {
        const [ours, theirs] = [weights, others].map((w) => bestOfByEnumeration(score, normalised(w), draws))
        let wins = 0
        ours!.forEach((p, a) => {
          theirs!.forEach((q, b) => {
            wins += p * q * (score[a]! > score[b]! ? 1 : score[a] === score[b] ? 0.5 : 0)
          })
        })
        const found = bestOfWinRate(Float64Array.from(score), normalised(weights), normalised(others), draws)
        expect(found).toBeCloseTo(wins, 13)
      })
    ))
})

describe("denseRanks", () => {
  it("counts the distinct smaller values; 0 and -0 are one", () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-2, -0, 0, 0.5, 1e-300, 7), { maxLength: 12 }), (values) => {
        const { ranks, count } = denseRanks(Float64Array.from(values))
        const distinct = [...new Set(values.map((v) => v + 0))]
        expect(count).toBe(distinct.length)
        expect([...ranks]).toEqual(values.map((v) => distinct.filter((other) => other < v).length))
        expect([...reversed({ ranks, count }).ranks]).toEqual(values.map((v) => distinct.filter((o) => o > v).length))
      })
    ))
})

describe("concordance", () => {
  it("counts pairs as a double loop does", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), { maxLength: 30 }),
        (items) => {
          let [right, pairs] = [0, 0]
          for (const [value, score] of items) {
            for (const [otherValue, otherScore] of items) {
              if (!(value > otherValue)) continue
              pairs += 1
              right += score > otherScore ? 1 : score === otherScore ? 0.5 : 0
            }
          }
          const [values, scores] = [0, 1].map((k) => Float64Array.from(items, (item) => item[k]!))
          expect(concordance(denseRanks(values!), scores!)).toEqual({ right, pairs })
        }
      )
    ))
})
