import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bestOfBounds, bestOfPolicy, rejectionDraws, rejectionPolicy, tiltPolicy } from "../../src/bandit/decoding.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { decodedWinRate } from "../../src/bandit/solvers/infAlign.ts"
import { Rng } from "../../src/random/rng.ts"
import { distance, randomWorld } from "./worlds.ts"

const divergence = (environment: Environment, policy: Float64Array): number =>
  policy.reduce((sum, p, i) => sum + (p === 0 ? 0 : p * Math.log(p / environment.reference[i]!)), 0)

/** Shares of answers over many runs of a sampler, context 0. */
const frequencies = (arms: number, runs: number, sample: () => number): Float64Array => {
  const counts = new Float64Array(arms)
  for (let run = 0; run < runs; run++) counts[sample()]! += 1 / runs
  return counts
}

const world = makeEnvironment({ kind: "bradley-terry", arms: 5, reference: "normal" }, Rng.fromSeed(11))
const runs = 40_000
/** Five standard deviations of a share. */
const sampling = 5 * Math.sqrt(0.25 / runs)

describe("tiltPolicy", () => {
  it("by the gold reward at the environment's beta is the KL-regularised optimum", () =>
    fc.assert(
      fc.property(randomWorld, fc.double({ min: 0.05, max: 5, noNaN: true }), (environment, beta) => {
        const policy = tiltPolicy(environment, environment.reward, beta)
        expect(distance(policy, klOptimum(environment, beta).policy)).toBeLessThan(1e-14)
      })
    ))
})

describe("bestOfPolicy", () => {
  it("is what sampling gives", () => {
    const rng = Rng.fromSeed(1)
    const sampled = frequencies(5, runs, () => {
      let best = -1
      for (let draw = 0; draw < 3; draw++) {
        const y = rng.categorical(world.reference)
        if (best < 0 || world.reward[y]! > world.reward[best]!) best = y
      }
      return best
    })
    expect(distance(sampled, bestOfPolicy(world, world.reward, 3))).toBeLessThan(sampling)
  })

  it("stays within its bounds of KL and win rate, and reaches them with many arms without ties", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.nat(), fc.integer({ min: 1, max: 40 }), (arms, seed, draws) => {
        const environment = makeEnvironment({ kind: "bradley-terry", arms, reference: "normal" }, Rng.fromSeed(seed))
        const policy = bestOfPolicy(environment, environment.reward, draws)
        const bounds = bestOfBounds(draws)
        expect(divergence(environment, policy)).toBeLessThanOrEqual(bounds.kl + 1e-13)
        const wins = decodedWinRate(environment, policy, { kind: "best", draws: 1 })
        expect(wins).toBeLessThanOrEqual(bounds.winRate + 1e-13)
      })
    )
    const wide = makeEnvironment({ kind: "bradley-terry", arms: 200 }, Rng.fromSeed(2))
    const policy = bestOfPolicy(wide, wide.reward, 4)
    expect(bestOfBounds(4).kl).toBeCloseTo(0.63629, 5)
    expect(divergence(wide, policy)).toBeCloseTo(0.636276, 6)
    expect(decodedWinRate(wide, policy, { kind: "best", draws: 1 })).toBeCloseTo(0.799992, 6)
    expect(bestOfBounds(1)).toEqual({ kl: 0, winRate: 0.5 })
  })

  it("with one draw is the reference, with very many the best arms", () => {
    expect(distance(bestOfPolicy(world, world.reward, 1), world.reference)).toBeLessThan(1e-15)
    const best = world.reward.indexOf(world.reward.reduce((a, b) => Math.max(a, b)))
    expect(bestOfPolicy(world, world.reward, 1e6)[best]).toBeCloseTo(1, 12)
  })
})

describe("rejectionPolicy", () => {
  it("is what sampling gives, within a budget that often runs out", () => {
    const [beta, tries] = [0.3, 4]
    const top = Math.max(...world.reward)
    const rng = Rng.fromSeed(2)
    let made = 0
    const sampled = frequencies(5, runs, () => {
      let y = 0
      for (let attempt = 0; attempt < tries; attempt++) {
        y = rng.categorical(world.reference)
        made += 1
        if (rng.uniform() < Math.exp((world.reward[y]! - top) / beta)) break
      }
      return y
    })
    expect(distance(sampled, rejectionPolicy(world, world.reward, beta, tries))).toBeLessThan(sampling)
    expect(made / runs).toBeCloseTo(rejectionDraws(world, world.reward, beta, tries), 1)
  })

  it("sums over the attempt that is kept, one by one", () =>
    fc.assert(
      fc.property(
        randomWorld,
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        (environment, beta, tries) => {
          const { contexts, arms, reference, reward, contextWeights } = environment
          const expected = new Float64Array(contexts * arms)
          let expectedDraws = 0
          for (let c = 0; c < contexts; c++) {
            const at = (y: number) => c * arms + y
            const rows = Array.from({ length: arms }, (_, y) => y)
            const top = Math.max(...rows.map((y) => reward[at(y)]!))
            const kept = rows.map((y) => Math.exp((reward[at(y)]! - top) / beta))
            let left = 1
            for (let attempt = 1; attempt <= tries; attempt++) {
              expectedDraws += contextWeights[c]! * left
              let rejected = 0
              for (const y of rows) {
                const drawn = left * reference[at(y)]!
                expected[at(y)]! += drawn * (attempt === tries ? 1 : kept[y]!)
                rejected += drawn * (1 - kept[y]!)
              }
              left = rejected
            }
          }
          expect(distance(rejectionPolicy(environment, reward, beta, tries), expected)).toBeLessThan(1e-13)
          expect(rejectionDraws(environment, reward, beta, tries)).toBeCloseTo(expectedDraws, 12)
        }
      )
    ))

  it("with one try is the reference, with very many the tilt", () => {
    expect(distance(rejectionPolicy(world, world.reward, 0.5, 1), world.reference)).toBeLessThan(1e-15)
    const tilt = tiltPolicy(world, world.reward, 0.5)
    expect(distance(rejectionPolicy(world, world.reward, 0.5, 100_000), tilt)).toBeLessThan(1e-12)
  })

  it("with a beta so small that nothing but the best is kept, and hardly ever, is still a policy", () => {
    const policy = rejectionPolicy(world, world.reward, 1e-6, 3)
    expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 13)
    expect(distance(policy, bestOfPolicy(world, world.reward, 3))).toBeGreaterThan(0.01)
  })

  it("refuses a temperature, a budget or a table that is none", () => {
    expect(() => rejectionPolicy(world, world.reward, 0, 3)).toThrow(/beta must be positive, got 0/)
    expect(() => rejectionPolicy(world, world.reward, 1, 0)).toThrow(/tries must be a positive integer, got 0/)
    expect(() => rejectionPolicy(world, Float64Array.of(1), 1, 1)).toThrow(/5 finite entries/)
    expect(() => tiltPolicy(world, world.reward, Number.NaN)).toThrow(/beta must be positive, got NaN/)
  })
})
