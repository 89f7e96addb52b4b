import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { populationMinimiser } from "../../src/bandit/minimiser.ts"
import { ipoOptimum, klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs, listedPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { Rng } from "../../src/random/rng.ts"
import { ipoMinimiser, regularisedValue, samplePolicies } from "./oracles.ts"
import { distance, familyOf, randomWorld } from "./worlds.ts"

describe("klOptimum", () => {
  it("has the value it claims, and no policy has more", () =>
    fc.assert(
      fc.property(randomWorld, fc.double({ min: 0.05, max: 5, noNaN: true }), fc.nat(), (environment, beta, seed) => {
        const { policy, value } = klOptimum(environment, beta)
        expect(regularisedValue(environment, policy.map(Math.log), beta)).toBeCloseTo(value, 9)
        const { contexts, arms } = environment
        const [logp, prob] = [new Float64Array(contexts * arms), new Float64Array(contexts * arms)]
        for (const logits of samplePolicies(Rng.fromSeed(seed), environment, 8)) {
          softmaxInto(logits, contexts, arms, logp, prob)
          expect(regularisedValue(environment, logp, beta)).toBeLessThanOrEqual(value + 1e-12)
        }
      }),
      { numRuns: 40 }
    ))
})

describe("IPO's population optimum", () => {
  it("is the closed form when both responses come from one distribution over all arms", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.nat(),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (arms, seed, tau) => {
          const environment = makeEnvironment(
            { kind: "bradley-terry", arms, contexts: 2, reference: "normal", behaviour: "reference" },
            Rng.fromSeed(seed)
          )
          const { policy, unique } = ipoMinimiser(environment, exactPairs(environment), tau)
          expect(unique).toBe(true)
          // Pairs are drawn given y ≠ y', which leaves the squares of y ~ mu, y' ~ mu as they are up to a factor.
          expect(distance(policy, ipoOptimum(environment, environment.reference, tau))).toBeLessThan(1e-9)
        }
      ),
      { numRuns: 30 }
    ))

  it("is what Newton's method finds, whatever the pairs", () =>
    fc.assert(
      fc.property(randomWorld, (environment) => {
        const table = exactPairs(environment)
        const found = populationMinimiser(environment, familyOf("ipo?tau=0.4", environment), table)
        expect(found.attained && found.unique).toBe(true)
        expect(distance(found.policy, ipoMinimiser(environment, table, 0.4).policy)).toBeLessThan(1e-9)
      }),
      { numRuns: 10 }
    ))

  it("is one of many when the comparisons do not connect the arms", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4 }, Rng.fromSeed(1))
    const table = listedPairs(environment, [
      { context: 0, chosen: 0, rejected: 1, weight: 1 },
      { context: 0, chosen: 2, rejected: 3, weight: 1 }
    ])
    expect(ipoMinimiser(environment, table, 0.5).unique).toBe(false)
    const { policy, attained, unique } = populationMinimiser(environment, familyOf("ipo?tau=0.5", environment), table)
    expect([attained, unique]).toEqual([true, false])
    expect(Math.log(policy[0]! / policy[1]!)).toBeCloseTo(1, 9)
    expect(Math.log(policy[2]! / policy[3]!)).toBeCloseTo(1, 9)
  })
})

describe("populationMinimiser", () => {
  it("finds the KL-regularised optimum for DPO under full-support Bradley–Terry, at any beta", () =>
    fc.assert(
      fc.property(randomWorld, fc.double({ min: 0.2, max: 3, noNaN: true }), (environment, beta) => {
        const found = populationMinimiser(
          environment,
          familyOf(`dpo?beta=${beta}`, environment),
          exactPairs(environment)
        )
        expect(found.attained && found.unique).toBe(true)
        expect(distance(found.policy, klOptimum(environment, beta).policy)).toBeLessThan(1e-8)
      }),
      { numRuns: 20 }
    ))

  it("does not find it for IPO, hinge or a loss without the reference", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4, reference: "normal" }, Rng.fromSeed(3))
    const optimum = klOptimum(environment, 1).policy
    for (const loss of ["ipo?tau=1", "cpo_core", "orpo_seq"]) {
      const found = populationMinimiser(environment, familyOf(loss, environment), exactPairs(environment))
      expect(found.attained, loss).toBe(true)
      expect(distance(found.policy, optimum), loss).toBeGreaterThan(0.01)
    }
  })

  it("says that no minimum is attained when preferences are deterministic, except for squared losses", () => {
    const environment = makeEnvironment({ kind: "deterministic", dataset: "D1" }, Rng.fromSeed(0))
    const attained = (loss: string) =>
      populationMinimiser(environment, familyOf(loss, environment), exactPairs(environment)).attained
    for (const loss of ["dpo?beta=0.1", "dpo?beta=5", "cpo_core", "orpo_seq", "ccpo"])
      expect(attained(loss)).toBe(false)
    const ranOff = (loss: string) =>
      populationMinimiser(environment, familyOf(loss, environment), exactPairs(environment)).newtonStep
    // However small the gradient gets, the steps stay of order 1; l5 loses its curvature on the way.
    expect(ranOff("orpo_seq")).toBeGreaterThan(0.1)
    expect(ranOff("l5")).toBe(Number.POSITIVE_INFINITY)
    expect(attained("ipo?tau=0.1")).toBe(true)
    expect(attained("copg?beta=1")).toBe(true)
  })

  it("reports a minimum that is not unique when an arm is never compared", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4, unseen: 1 }, Rng.fromSeed(2))
    const found = populationMinimiser(environment, familyOf("dpo?beta=1", environment), exactPairs(environment))
    expect([found.attained, found.unique]).toEqual([true, false])
  })

  it("leaves an inflexion: no curvature at the reference, a minimum beyond", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 3 }, Rng.fromSeed(4))
    const gap = "((lw-rw)-(ll-rl))"
    const quartic = familyOf(`expr:${gap}^4/4 - ${gap}`, environment)
    const found = populationMinimiser(environment, quartic, exactPairs(environment))
    expect([found.attained, found.unique]).toEqual([true, true])
    expect(found.gradientNorm).toBeLessThan(1e-12)
    expect(found.loss).toBeLessThan(-0.01)
  })

  it("ends where the gradient is zero", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 5, contexts: 2 }, Rng.fromSeed(8))
    const found = populationMinimiser(environment, familyOf("orpo_seq", environment), exactPairs(environment))
    expect(found.gradientNorm).toBeLessThan(1e-12)
    for (let c = 0; c < 2; c++) {
      expect(found.logits.subarray(5 * c, 5 * c + 5).reduce((sum, z) => sum + z, 0)).toBeCloseTo(0, 10)
    }
  })
})
