import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Environment } from "../../src/bandit/environment.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import type { Family } from "../../src/bandit/objective.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import { Rng } from "../../src/random/rng.ts"
import { expectedLossAndGradient, samplePolicies } from "./oracles.ts"
import { familyOf, randomWorld } from "./worlds.ts"

/** Smooth losses of every kind of program: log-ratios, 1 - p, references, gold rewards. */
const smooth = [
  "dpo?beta=0.5",
  "ipo?tau=0.3",
  "copg?beta=0.5",
  "cpo_core",
  "orpo_seq",
  "ccpo",
  "uncpo",
  "cunl",
  "qfunl",
  "ceunl",
  "simpo",
  "rows:TF,TT/FT,TT?reference=true"
]

const lossAt = (environment: Environment, family: Family, logits: Float64Array): number =>
  expectedLossAndGradient(environment, family, logits).loss

/** Central difference of `f` in direction k. */
const slope = (f: (x: Float64Array) => number, x: Float64Array, k: number, h = 1e-5): number => {
  const moved = (d: number) => f(x.map((v, i) => (i === k ? v + d : v)))
  return (moved(h) - moved(-h)) / (2 * h)
}

const expectSlopes = (f: (x: Float64Array) => number, x: Float64Array, gradient: Float64Array): void => {
  for (let k = 0; k < x.length; k++) {
    const expected = slope(f, x, k)
    expect(Math.abs(gradient[k]! - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)))
  }
}

describe("softmaxInto", () => {
  it("survives huge logits and gives logs that sum to 1", () => {
    const logp = new Float64Array(4)
    const prob = new Float64Array(4)
    softmaxInto(Float64Array.of(1000, 999, -1000, -1000), 2, 2, logp, prob)
    expect(prob[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 14)
    expect([prob[2], prob[3]]).toEqual([0.5, 0.5])
    expect(logp[2]).toBeCloseTo(-Math.LN2, 12)
  })
})

describe.each(smooth)("the exact gradient of %s", (loss) => {
  it("is the finite difference of the expected loss, in every context", () =>
    fc.assert(
      fc.property(randomWorld, fc.nat(), (environment, seed) => {
        const family = familyOf(loss, environment)
        const [, logits] = samplePolicies(Rng.fromSeed(seed), environment, 2)
        const { gradient } = expectedLossAndGradient(environment, family, logits!)
        expectSlopes((z) => lossAt(environment, family, z), logits!, gradient)
      }),
      { numRuns: 12 }
    ))
})

describe("the cross-entropy term", () => {
  it("adds -ceWeight log π(chosen) to loss and gradient", () => {
    const environment = makeEnvironment({ kind: "bradley-terry", arms: 4 }, Rng.fromSeed(1))
    const logits = samplePolicies(Rng.fromSeed(2), environment, 2)[1]!
    const plain = expectedLossAndGradient(environment, familyOf("dpo", environment), logits)
    const family = familyOf("dpo", environment, { ceWeight: 0.3 })
    const mixed = expectedLossAndGradient(environment, family, logits)
    const { chosen, weight } = exactPairs(environment)
    const entropyTerm = weight.reduce((sum, w, i) => sum - w * plain.logp[chosen[i]!]!, 0)
    expect(mixed.loss - plain.loss).toBeCloseTo(0.3 * entropyTerm, 12)
    expectSlopes((z) => lossAt(environment, family, z), logits, mixed.gradient)
  })
})

describe("policy gradient", () => {
  it.each(["none", "value", "regularised"])("with baseline %s follows its definition", (baseline) =>
    fc.assert(
      fc.property(randomWorld, fc.nat(), (environment, seed) => {
        const beta = 0.7
        const family = familyOf(`pg?baseline=${baseline}&beta=${beta}`, environment)
        const logits = samplePolicies(Rng.fromSeed(seed), environment, 2)[1]!
        const { gradient, logp, prob } = expectedLossAndGradient(environment, family, logits)
        const { contexts, arms, reward, reference } = environment
        const regularised = reward.map((r, i) => r - beta * (logp[i]! - Math.log(reference[i]!)))
        const expected = new Float64Array(contexts * arms)
        for (let c = 0; c < contexts; c++) {
          const rows = Array.from({ length: arms }, (_, y) => c * arms + y)
          const mean = (value: Float64Array) => rows.reduce((sum, i) => sum + prob[i]! * value[i]!, 0)
          const b = baseline === "none" ? 0 : mean(baseline === "value" ? reward : regularised)
          // Uniform pairs: every response is in the data equally often, 1 / (contexts * arms) overall.
          for (const i of rows) {
            for (const k of rows) {
              expected[k]! -= ((regularised[i]! - b) * ((i === k ? 1 : 0) - prob[k]!)) / (contexts * arms)
            }
          }
        }
        gradient.forEach((g, i) => {
          expect(g).toBeCloseTo(expected[i]!, 10)
        })
      }),
      { numRuns: 15 }
    )
  )
})
