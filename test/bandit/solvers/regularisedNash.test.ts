import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import { klOptimum } from "../../../src/bandit/optima.ts"
import { sigmoid } from "../../../src/bandit/preferences.ts"
import { nashEquilibrium } from "../../../src/bandit/solvers/nash.ts"
import {
  mixtureNash,
  onlineDpoFixedPoint,
  regularisedNash,
  regularisedNashPolicy
} from "../../../src/bandit/solvers/regularisedNash.ts"
import { winMatrix, winsAgainst } from "../../../src/bandit/solvers/winGame.ts"
import { Rng } from "../../../src/random/rng.ts"
import { distance } from "../worlds.ts"
import { published, randomGame, smallGames, uniformOf } from "./games.ts"

const rounded = (policy: ArrayLike<number>): ReadonlyArray<number> =>
  Array.from(policy, (p) => Math.round(p * 1e4) / 1e4)

const normalised = (weights: Float64Array): Float64Array => {
  const total = weights.reduce((sum, w) => sum + w, 0)
  return weights.map((w) => w / total)
}

/** A reference with positive entries, by seed. */
const referenceOf = (arms: number, seed: number): Float64Array => {
  const rng = Rng.fromSeed(seed).split("reference")
  return normalised(Float64Array.from({ length: arms }, () => 0.05 + rng.uniform()))
}

/** Mirror descent on the regularised game, slow and plain: π ← π^(1-s) (ref exp(P π / tau))^s, normalised. */
const mirrorDescent = (matrix: Float64Array, reference: Float64Array, tau: number): Float64Array => {
  let policy = reference
  const step = 0.3 * Math.min(1, tau * tau)
  for (let t = 0; t < 20 / step; t++) {
    const wins = winsAgainst(matrix, policy)
    policy = normalised(
      policy.map((p, y) => Math.exp((1 - step) * Math.log(p) + step * (Math.log(reference[y]!) + wins[y]! / tau)))
    )
  }
  return policy
}

const ell1 = (a: Float64Array, b: Float64Array): number => a.reduce((sum, p, y) => sum + Math.abs(p - b[y]!), 0)

describe("regularisedNash", () => {
  it("of the published cycle at tau = 0.1 is (.3302, .2846, .3851)", () => {
    const { policy, radius } = regularisedNash(published, uniformOf(3), 0.1)
    expect(rounded(policy)).toEqual([0.3302, 0.2846, 0.3851])
    expect(radius).toBeLessThan(1e-13)
  })

  it("satisfies its equation, and is where mirror descent ends", () =>
    fc.assert(
      fc.property(
        smallGames(5),
        fc.nat(),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        ({ arms, matrix }, seed, tau) => {
          const reference = referenceOf(arms, seed)
          const { policy, residual, radius } = regularisedNash(matrix, reference, tau)
          const wins = winsAgainst(matrix, policy)
          expect(distance(policy, normalised(reference.map((p, y) => p * Math.exp(wins[y]! / tau))))).toBeLessThan(
            1e-13
          )
          expect(residual).toBeLessThan(1e-13)
          expect(radius).toBe(residual / (2 * tau))
          expect(ell1(policy, mirrorDescent(matrix, reference, tau))).toBeLessThan(1e-7 + radius)
        }
      ),
      { numRuns: 25 }
    ))

  it("tends to a Nash equilibrium as tau falls, at any tau within its radius", () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(), (arms, seed) => {
        const matrix = randomGame(arms, seed)
        const reference = referenceOf(arms, seed)
        for (const tau of [1e-1, 1e-2, 1e-3]) {
          const { policy, radius } = regularisedNash(matrix, reference, tau)
          expect(radius).toBeLessThan(1e-9)
          // What it may lose to a best response is its KL penalty: tau log(1 / ref).
          const exploitability = Math.max(...winsAgainst(matrix, policy)) - 0.5
          expect(exploitability).toBeLessThan(tau * Math.log(1 / Math.min(...reference)) + 1e-12)
        }
        const limit = regularisedNash(matrix, reference, 1e-5).policy
        expect(Math.max(...winsAgainst(matrix, limit)) - 0.5).toBeLessThan(1e-4)
        if (arms <= 3) expect(ell1(limit, nashEquilibrium(matrix, arms).policy)).toBeLessThan(0.05)
      }),
      { numRuns: 25 }
    ))

  it("bounds the distance of any policy by its certificate's inequality", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.nat(),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (arms, seed, tau) => {
          const matrix = randomGame(arms, seed)
          const reference = referenceOf(arms, seed)
          const { policy } = regularisedNash(matrix, reference, tau)
          const other = referenceOf(arms, seed + 1)
          const wins = winsAgainst(matrix, other)
          const errors = [...other].map((p, y) => tau * Math.log(p / reference[y]!) - wins[y]!)
          const radius = (Math.max(...errors) - Math.min(...errors)) / (2 * tau)
          expect(ell1(policy, other)).toBeLessThanOrEqual(radius + 1e-12)
        }
      )
    ))

  it("serves every context of an environment", () => {
    const environment = makeEnvironment(
      { kind: "bradley-terry", arms: 3, contexts: 2, reference: "normal" },
      Rng.fromSeed(1)
    )
    const table = regularisedNashPolicy(environment, 0.5)
    for (let c = 0; c < 2; c++) {
      const reference = environment.reference.slice(3 * c, 3 * c + 3)
      const { policy } = regularisedNash(winMatrix(environment, c), reference, 0.5)
      expect(table.slice(3 * c, 3 * c + 3)).toEqual(policy)
    }
  })

  it("refuses a temperature or a reference that is none", () => {
    expect(() => regularisedNash(published, uniformOf(3), 0)).toThrow(/temperature must be positive, got 0/)
    expect(() => regularisedNash(published, Float64Array.of(1, 0, 0), 1)).toThrow(/reference probability/)
  })
})

describe("mixtureNash (IPO-MD)", () => {
  it("at b = 1/2 on the published cycle", () => {
    const { policy, mixture } = mixtureNash(published, uniformOf(3), 0.1, 0.5)
    expect(rounded(policy)).toEqual([0.3558, 0.2493, 0.3948])
    expect(rounded(mixture)).toEqual([0.346, 0.2896, 0.3644])
    expect(distance(mixture, regularisedNash(published, uniformOf(3), 0.2).policy)).toBeLessThan(1e-14)
  })

  it("meets itself in its mixture: m ∝ π^(1-b) ref^b", () =>
    fc.assert(
      fc.property(
        smallGames(5),
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ arms, matrix }, seed, share) => {
          const reference = referenceOf(arms, seed)
          const { policy, mixture } = mixtureNash(matrix, reference, 0.3, share)
          const geometric = normalised(policy.map((p, y) => p ** (1 - share) * reference[y]! ** share))
          expect(distance(mixture, geometric)).toBeLessThan(1e-12)
        }
      )
    ))

  it("goes from online IPO to pairs of the reference", () => {
    const reference = referenceOf(3, 5)
    const online = regularisedNash(published, reference, 0.2).policy
    expect(distance(mixtureNash(published, reference, 0.2, 0).policy, online)).toBeLessThan(1e-15)
    expect([...mixtureNash(published, reference, 0.2, 1).mixture]).toEqual([...reference])
    expect(() => mixtureNash(published, reference, 0.2, 1.5)).toThrow(/share must be in \[0, 1\]/)
  })
})

describe("onlineDpoFixedPoint", () => {
  it("of the published cycle at beta = 0.1 is (.3077, .2935, .3988): no Nash equilibrium of either kind", () => {
    const { policy, residual } = onlineDpoFixedPoint(published, uniformOf(3), 0.1)
    expect(rounded(policy)).toEqual([0.3077, 0.2935, 0.3988])
    expect(residual).toBeLessThan(1e-14)
    expect(distance(policy, regularisedNash(published, uniformOf(3), 0.1).policy)).toBeGreaterThan(0.005)
    expect(distance(policy, nashEquilibrium(published, 3).policy)).toBeGreaterThan(0.005)
  })

  it("under Bradley–Terry preferences is the KL-regularised optimum", () => {
    const reward = Float64Array.of(1, 0.2, -0.5)
    const matrix = Float64Array.from({ length: 9 }, (_, i) => sigmoid(reward[Math.floor(i / 3)]! - reward[i % 3]!))
    const { policy } = onlineDpoFixedPoint(matrix, uniformOf(3), 0.5)
    expect(rounded(policy)).toEqual([0.7989, 0.1613, 0.0398])
    expect(rounded(regularisedNash(matrix, uniformOf(3), 0.5).policy)).toEqual([0.4518, 0.3149, 0.2333])
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.nat(),
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        (arms, seed, beta) => {
          const environment = makeEnvironment({ kind: "bradley-terry", arms, reference: "normal" }, Rng.fromSeed(seed))
          const found = onlineDpoFixedPoint(winMatrix(environment, 0), environment.reference, beta)
          expect(found.residual).toBeLessThan(1e-13)
          expect(distance(found.policy, klOptimum(environment, beta).policy)).toBeLessThan(1e-9)
        }
      ),
      { numRuns: 30 }
    )
  })

  it("says when it is at infinity only", () => {
    const certain = Float64Array.of(0.5, 1, 0, 0.5)
    const { attained, policy } = onlineDpoFixedPoint(certain, uniformOf(2), 0.1)
    expect(attained).toBe(false)
    expect(policy[0]).toBeGreaterThan(0.999)
    expect(onlineDpoFixedPoint(published, uniformOf(3), 0.1).attained).toBe(true)
  })

  it("balances wins and implied wins against itself", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.nat(),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (arms, seed, beta) => {
          const matrix = randomGame(arms, seed)
          const reference = referenceOf(arms, seed)
          const { policy } = onlineDpoFixedPoint(matrix, reference, beta)
          const ratio = (y: number) => beta * Math.log(policy[y]! / reference[y]!)
          for (let y = 0; y < arms; y++) {
            let excess = 0
            for (let b = 0; b < arms; b++) excess += policy[b]! * (sigmoid(ratio(y) - ratio(b)) - matrix[y * arms + b]!)
            expect(Math.abs(excess)).toBeLessThan(1e-12)
          }
        }
      ),
      { numRuns: 60 }
    ))
})
