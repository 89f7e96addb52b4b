import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkedEnvironment, type Environment } from "../../../src/bandit/environment.ts"
import { makeEnvironment } from "../../../src/bandit/environments/registry.ts"
import { klOptimum } from "../../../src/bandit/optima.ts"
import { softmaxInto } from "../../../src/bandit/softmax.ts"
import { matchedKl } from "../../../src/bandit/solvers/matchedKl.ts"
import { Rng } from "../../../src/random/rng.ts"
import { samplePolicies } from "../oracles.ts"
import { distance, randomWorld } from "../worlds.ts"

const divergence = ({ arms, reference, contextWeights }: Environment, policy: Float64Array): number =>
  policy.reduce(
    (sum, p, i) => sum + (p === 0 ? 0 : contextWeights[Math.floor(i / arms)]! * p * Math.log(p / reference[i]!)),
    0
  )

const mean = ({ arms, contextWeights }: Environment, policy: Float64Array, table: Float64Array): number =>
  policy.reduce((sum, p, i) => sum + contextWeights[Math.floor(i / arms)]! * p * table[i]!, 0)

const level = fc.double({ min: 1e-3, max: 0.5, noNaN: true })

describe("matchedKl", () => {
  it("is the KL-regularised optimum at beta = 1 / multiplier, at the KL asked for", () =>
    fc.assert(
      fc.property(randomWorld, level, (environment, kl) => {
        const found = matchedKl(environment, kl)
        if (found.multiplier === Number.POSITIVE_INFINITY) return
        expect(found.kl / kl).toBeCloseTo(1, 12)
        expect(divergence(environment, found.policy)).toBeCloseTo(kl, 12)
        expect(distance(found.policy, klOptimum(environment, 1 / found.multiplier).policy)).toBeLessThan(1e-12)
        expect(found.expectedReward).toBeCloseTo(mean(environment, found.policy, environment.reward), 13)
        expect(found.gap).toBeLessThan(1e-11)
      })
    ))

  it("is not beaten by any policy as near to the reference", () =>
    fc.assert(
      fc.property(randomWorld, level, fc.nat(), (environment, kl, seed) => {
        const { contexts, arms } = environment
        const found = matchedKl(environment, kl)
        const [logp, prob] = [new Float64Array(contexts * arms), new Float64Array(contexts * arms)]
        for (const logits of samplePolicies(Rng.fromSeed(seed), environment, 20)) {
          // On the way from the reference, so that some are near enough.
          for (const share of [0.1, 0.3, 1]) {
            const scores = logits.map((z, i) => share * z + (1 - share) * Math.log(environment.reference[i]!))
            softmaxInto(scores, contexts, arms, logp, prob)
            if (divergence(environment, prob) > kl) continue
            expect(mean(environment, prob, environment.reward)).toBeLessThanOrEqual(found.expectedReward + 1e-12)
          }
        }
      }),
      { numRuns: 40 }
    ))

  it("takes any reward vector; its scale and a constant do not matter", () =>
    fc.assert(
      fc.property(randomWorld, level, fc.constantFrom(1e-9, 1, 1e9), (environment, kl, scale) => {
        const table = environment.reward.map((r) => -r)
        const found = matchedKl(environment, kl, table)
        const scaled = matchedKl(
          environment,
          kl,
          table.map((r) => scale * (r + 2))
        )
        expect(distance(found.policy, scaled.policy)).toBeLessThan(1e-10)
      })
    ))

  const three = checkedEnvironment({
    ...makeEnvironment({ kind: "bradley-terry", rewards: [1, 1, 0] }, Rng.fromSeed(0)),
    reference: Float64Array.of(0.1, 0.3, 0.6)
  })

  it("beyond the largest KL is the reference restricted to the best arms, ties as it has them", () => {
    const largest = Math.log(1 / 0.4)
    for (const kl of [largest, 5, Number.POSITIVE_INFINITY]) {
      const found = matchedKl(three, kl)
      expect([...found.policy]).toEqual([expect.closeTo(0.25, 15), expect.closeTo(0.75, 15), 0])
      expect(found.kl).toBeCloseTo(largest, 14)
      expect(found.multiplier).toBe(Number.POSITIVE_INFINITY)
      expect(found.gap).toBe(0)
    }
    const near = matchedKl(three, largest - 1e-9)
    expect(near.kl).toBeCloseTo(largest - 1e-9, 12)
    expect(near.policy[2]).toBeGreaterThan(0)
  })

  it("at d = 0, and with equal rewards, is the reference", () => {
    for (const found of [matchedKl(three, 0), matchedKl(three, 1, new Float64Array(3).fill(7))]) {
      expect([...found.policy]).toEqual([0.1, 0.3, 0.6].map((p) => expect.closeTo(p, 15)))
      expect([found.kl, found.multiplier, found.gap]).toEqual([0, 0, 0])
    }
  })

  it("at a tiny d is the linear response, to many digits", () => {
    // KL = λ² Var / 2 to first order, and the gain is sqrt(2 d Var).
    const variance = 0.4 * 0.6
    for (const kl of [1e-8, 1e-14, 1e-20]) {
      const found = matchedKl(three, kl)
      expect(found.kl / kl).toBeCloseTo(1, 9)
      expect(found.multiplier / Math.sqrt((2 * kl) / variance)).toBeCloseTo(1, 3)
    }
  })

  it("reaches its level whatever the scale and the spread of the rewards", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.constantFrom(1e-200, 1e-8, 1, 1e8, 1e200),
        fc.constantFrom(1e-18, 1e-9, 1e-3, 0.3, 1, 2),
        (seed, scale, kl) => {
          const environment = makeEnvironment(
            { kind: "bradley-terry", arms: 2 + (seed % 30), contexts: 1 + (seed % 3), reference: "normal" },
            Rng.fromSeed(seed)
          )
          const steep = environment.reward.map((r) => scale * Math.exp(10 * r))
          const found = matchedKl(environment, kl, steep)
          if (found.multiplier < Number.POSITIVE_INFINITY) expect(found.kl / kl).toBeCloseTo(1, 10)
        }
      ),
      // The example: one arm has nearly all the reward, and KL saturates.
      { numRuns: 300, examples: [[114, 1, 2]] }
    ))

  it("spends one KL budget over the contexts", () => {
    const environment = makeEnvironment(
      {
        kind: "bradley-terry",
        arms: 3,
        rewards: [
          [0, 0, 0.001],
          [0, 0, 5]
        ]
      },
      Rng.fromSeed(0)
    )
    const { policy } = matchedKl(environment, 0.1)
    // Nearly all of it goes where it buys more.
    expect(policy[2]).toBeCloseTo(1 / 3, 3)
    expect(policy[5]).toBeGreaterThan(0.6)
  })

  it("refuses a reward of another shape, one that is not finite, a negative level", () => {
    expect(() => matchedKl(three, 1, Float64Array.of(1))).toThrow(/3 finite entries/)
    expect(() => matchedKl(three, 1, Float64Array.of(1, Number.NaN, 0))).toThrow(/3 finite entries/)
    expect(() => matchedKl(three, -1)).toThrow(/must be >= 0, got -1/)
    expect(() => matchedKl(three, Number.NaN)).toThrow(/got NaN/)
  })
})
