import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Environment } from "../../../src/bandit/environment.ts"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import { softmaxInto } from "../../../src/bandit/softmax.ts"
import { bestOfOptimum } from "../../../src/bandit/solvers/bestOfOptimum.ts"
import { calibratedReward, decodedWinRate, infAlignPolicy } from "../../../src/bandit/solvers/infAlign.ts"
import { matchedKl } from "../../../src/bandit/solvers/matchedKl.ts"
import { Rng } from "../../../src/random/rng.ts"
import { samplePolicies } from "../oracles.ts"
import { distance, randomWorld } from "../worlds.ts"

const divergence = ({ arms, reference, contextWeights }: Environment, policy: Float64Array): number =>
  policy.reduce(
    (sum, p, i) => sum + (p === 0 ? 0 : contextWeights[Math.floor(i / arms)]! * p * Math.log(p / reference[i]!)),
    0
  )

const level = fc.double({ min: 1e-3, max: 1, noNaN: true })
const draws = fc.integer({ min: 1, max: 6 })

describe("bestOfOptimum", () => {
  it("has the KL and the win rate that it says, and sums to 1", () =>
    fc.assert(
      fc.property(randomWorld, draws, level, (environment, n, kl) => {
        const { policy, kl: reached, winRate, gap } = bestOfOptimum(environment, n, kl)
        for (let from = 0; from < policy.length; from += environment.arms) {
          expect(policy.subarray(from, from + environment.arms).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
        }
        expect(divergence(environment, policy)).toBeCloseTo(reached, 10)
        expect(decodedWinRate(environment, policy, { kind: "best", draws: n })).toBeCloseTo(winRate, 12)
        expect(reached).toBeLessThanOrEqual(kl + 1e-12)
        expect(gap).toBeLessThan(3e-6)
      }),
      { numRuns: 60 }
    ))

  it("is not beaten by any policy as near to the reference, nor by any transform of InfAlign", () =>
    fc.assert(
      fc.property(randomWorld, draws, level, fc.nat(), (environment, n, kl, seed) => {
        const { contexts, arms } = environment
        const { winRate, gap } = bestOfOptimum(environment, n, kl)
        const beats = (policy: Float64Array) =>
          decodedWinRate(environment, policy, { kind: "best", draws: n }) - winRate
        for (const transform of [{ kind: "identity" }, { kind: "log" }, { kind: "tilt", t: 5 }] as const) {
          expect(beats(infAlignPolicy(environment, transform, kl).policy)).toBeLessThanOrEqual(gap + 1e-12)
        }
        const [logp, prob] = [new Float64Array(contexts * arms), new Float64Array(contexts * arms)]
        for (const logits of samplePolicies(Rng.fromSeed(seed), environment, 12)) {
          for (const share of [0.05, 0.2, 1]) {
            const scores = logits.map((z, i) => share * z + (1 - share) * Math.log(environment.reference[i]!))
            softmaxInto(scores, contexts, arms, logp, prob)
            if (divergence(environment, prob) <= kl) expect(beats(prob)).toBeLessThanOrEqual(gap + 1e-12)
          }
        }
      }),
      { numRuns: 40 }
    ))

  it("with one draw is the tilt by the calibrated reward", () =>
    fc.assert(
      fc.property(randomWorld, level, (environment, kl) => {
        const tilt = matchedKl(environment, kl, calibratedReward(environment))
        if (tilt.multiplier > 1e4) return
        expect(distance(bestOfOptimum(environment, 1, kl).policy, tilt.policy)).toBeLessThan(1e-9)
      }),
      { numRuns: 40 }
    ))

  const wide = makeEnvironment({ kind: "best-of-n" }, Rng.fromSeed(1))

  it("says what the transforms leave on the table, over 200 arms at KL 0.1", () => {
    const winRate = (n: number) => {
      const found = bestOfOptimum(wide, n, 0.1)
      expect(found.kl).toBeCloseTo(0.1, 12)
      expect(found.gap).toBeLessThan(1e-14)
      return found.winRate
    }
    const tilted = (n: number, t: number) =>
      decodedWinRate(wide, infAlignPolicy(wide, { kind: "tilt", t }, 0.1).policy, { kind: "best", draws: n })
    // exp(10 C) is all but optimal for best-of-4, and far from it for best-of-32.
    expect(winRate(4)).toBeCloseTo(0.7058, 4)
    expect(winRate(4) - tilted(4, 10)).toBeLessThan(2e-4)
    expect(winRate(32)).toBeCloseTo(0.8751, 4)
    expect(winRate(32) - tilted(32, 10)).toBeGreaterThan(0.08)
  })

  it("gives equal rewards equal odds, and at d = 0 or with all rewards equal the reference", () => {
    const tied = Float64Array.of(1, 1, 0, 2)
    const four = makeEnvironment({ kind: "bradley-terry", arms: 4, reference: "normal" }, Rng.fromSeed(2))
    const { policy } = bestOfOptimum(four, 3, 0.2, tied)
    expect(policy[0]! / four.reference[0]!).toBeCloseTo(policy[1]! / four.reference[1]!, 12)
    for (const found of [bestOfOptimum(four, 3, 0, tied), bestOfOptimum(four, 3, 0.2, new Float64Array(4))]) {
      expect(distance(found.policy, four.reference)).toBeLessThan(1e-15)
      expect(found.kl).toBeCloseTo(0, 15)
      expect(found.winRate).toBeCloseTo(0.5, 14)
    }
  })

  it("refuses a level or a number of draws that is none", () => {
    expect(() => bestOfOptimum(wide, 2, -1)).toThrow(/must be >= 0, got -1/)
    expect(() => bestOfOptimum(wide, 0, 1)).toThrow(/positive integer, got 0/)
  })
})
