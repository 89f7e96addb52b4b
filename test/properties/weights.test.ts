import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareComplexity } from "../../src/properties/shrink.ts"
import {
  isWeights,
  logProbabilities,
  probabilities,
  reduced,
  simplerWeights,
  total,
  weightsOfTotal
} from "../../src/properties/weights.ts"
import { weightsOf } from "../arbitraries/properties.ts"

const anyWeights = fc.integer({ min: 1, max: 7 }).chain(weightsOf)

describe("weights as distributions", () => {
  it("probabilities sum to 1 and agree with their logarithms", () =>
    fc.assert(
      fc.property(anyWeights, (weights) => {
        const p = probabilities(weights)
        expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
        logProbabilities(weights).forEach((log, k) => {
          expect(Math.exp(log)).toBeCloseTo(p[k]!, 12)
        })
      })
    ))

  it("a logarithm next to 0 keeps its digits", () => {
    // log(1 - 1e-12) to full precision; the naive quotient has four digits left.
    const [log] = logProbabilities([999_999_999_999, 1])
    expect(log! / -1.0000000000005e-12 - 1).toBeLessThan(1e-12)
  })

  it("reducing keeps the distribution and leaves no common factor", () =>
    fc.assert(
      fc.property(anyWeights, fc.integer({ min: 1, max: 50 }), (weights, factor) => {
        const scaled = weights.map((weight) => weight * factor)
        expect(reduced(scaled)).toEqual(reduced(weights))
        expect(probabilities(reduced(scaled))).toEqual(probabilities(reduced(weights)))
      })
    ))

  it.each([
    [2, 6],
    [3, 7],
    [4, 6]
  ])("lists all reduced weights of %i arms with sum %i, each once", (arms, sum) => {
    const listed = [...weightsOfTotal(arms, sum)]
    const brute: Array<string> = []
    const extend = (prefix: ReadonlyArray<number>): void => {
      if (prefix.length === arms) {
        if (total(prefix) === sum && reduced(prefix).join() === prefix.join()) brute.push(prefix.join())
        return
      }
      for (let weight = 1; weight <= sum; weight++) extend([...prefix, weight])
    }
    extend([])
    expect(listed.map((weights) => weights.join()).sort()).toEqual(brute.sort())
  })

  it("lists nothing when there are more arms than the sum", () => {
    expect([...weightsOfTotal(3, 2)]).toEqual([])
  })

  it("simpler weights are weights over the same arms", () =>
    fc.assert(
      fc.property(anyWeights, (weights) => {
        for (const simpler of simplerWeights(weights)) {
          expect(isWeights(simpler)).toBe(true)
          expect(simpler).toHaveLength(weights.length)
          expect(total(simpler)).toBeLessThanOrEqual(Math.max(total(weights), weights.length))
        }
      })
    ))

  it("reaches a threshold far below in few steps", () => {
    // Greedy descent of one weight from 2^40 to the smallest value that still fails.
    const threshold = 123_456
    let current: ReadonlyArray<number> = [2 ** 40, 1]
    for (let steps = 0; ; steps++) {
      expect(steps).toBeLessThan(100)
      const next = [...simplerWeights(current)].find(
        ([a, b]) => b === 1 && a! >= threshold && compareComplexity([a!], [current[0]!]) < 0
      )
      if (next === undefined) break
      current = next
    }
    expect(current[0]).toBe(threshold)
  })

  it("refuses what is no list of positive integers", () => {
    for (const wrong of [[], [0, 1], [1.5], ["1"], null, undefined, { length: 2 }]) expect(isWeights(wrong)).toBe(false)
    expect(isWeights([1, 2], 3)).toBe(false)
  })
})
