import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { tournament } from "../../src/bandit/tournament.ts"
import { Rng } from "../../src/random/rng.ts"
import { samplePolicies } from "./oracles.ts"
import { randomWorld } from "./worlds.ts"

const pure = (arm: number) => Float64Array.from({ length: 3 }, (_, y) => (y === arm ? 1 : 0))
const cyclic = makeEnvironment({ kind: "cyclic" }, Rng.fromSeed(0))

describe("tournament", () => {
  it("is all pairs of draws, complementary, and its mixture beats no one and loses to no one", () =>
    fc.assert(
      fc.property(randomWorld, fc.nat(), (environment, seed) => {
        const { contexts, arms, contextWeights, preference } = environment
        const policies = Object.fromEntries(
          samplePolicies(Rng.fromSeed(seed), environment, 4).map((logits, k) => {
            const prob = new Float64Array(contexts * arms)
            softmaxInto(logits, contexts, arms, new Float64Array(contexts * arms), prob)
            return [`policy ${k}`, prob]
          })
        )
        const { names, winRates, weights, againstMixture } = tournament(environment, policies)
        names.forEach((row, a) => {
          names.forEach((column, b) => {
            let wins = 0
            for (let i = 0; i < contexts * arms; i++) {
              const c = Math.floor(i / arms)
              for (let other = 0; other < arms; other++) {
                const drawn = policies[row]![i]! * policies[column]![c * arms + other]!
                wins += contextWeights[c]! * drawn * preference.probability(c, i % arms, other)
              }
            }
            expect(winRates[a * 4 + b]).toBeCloseTo(wins, 12)
            expect(winRates[a * 4 + b]! + winRates[b * 4 + a]!).toBe(1)
          })
        })
        weights.forEach((weight, a) => {
          expect(againstMixture[a]).toBeLessThanOrEqual(0.5 + 1e-12)
          if (weight > 0) expect(againstMixture[a]).toBeCloseTo(0.5, 12)
        })
      }),
      { numRuns: 30 }
    ))

  it("weighs the pure answers of a cycle as its Nash equilibrium, and a clone shares its weight", () => {
    const published = [0.3, 0.3, 0.4].map((weight) => expect.closeTo(weight, 14))
    expect([...tournament(cyclic, { a: pure(0), b: pure(1), c: pure(2) }).weights]).toEqual(published)
    const cloned = tournament(cyclic, { a: pure(0), b: pure(1), c: pure(2), again: pure(2) }).weights
    expect([cloned[0], cloned[1], cloned[2]! + cloned[3]!]).toEqual(published)
  })

  it("gives everything to a policy that beats all others", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 5 }, Rng.fromSeed(1))
    const [strong, weak] = [0.2, 2].map((beta) => klOptimum(environment, beta).policy)
    const { weights } = tournament(environment, { reference: environment.reference, weak: weak!, strong: strong! })
    expect([...weights]).toEqual([0, 0, 1])
  })

  it("refuses no policies, and tables of another shape by name", () => {
    expect(() => tournament(cyclic, {})).toThrow(/no policy/)
    expect(() => tournament(cyclic, { a: pure(0), short: Float64Array.of(1) })).toThrow(/policy short needs 3 entries/)
  })
})
