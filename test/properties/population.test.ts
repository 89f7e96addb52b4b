import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { bradleyTerryFit, minimise, relativeGradient } from "../../src/properties/population.ts"
import {
  type RewardCase,
  rewardEnvironment,
  rewardOptimum,
  winEnvironment
} from "../../src/properties/populationCase.ts"
import { probabilities } from "../../src/properties/weights.ts"
import { lossOf } from "../arbitraries/properties.ts"

const three: RewardCase = { reference: [1, 2, 1], behaviour: [1, 1, 2], odds: [4, 2, 1] }

describe("population losses on small bandits", () => {
  it("the KL optimum is reference times exp(reward / T), exactly in fractions", () => {
    const { policy, text } = rewardOptimum(three, 0.1)
    expect(text).toEqual(["4/9", "4/9", "1/9"])
    expect(policy).toEqual([4 / 9, 4 / 9, 1 / 9])
    const { reward, reference } = rewardEnvironment(three, 0.1)
    const weights = [...reference].map((p, k) => p * Math.exp(reward[k]! / 0.1))
    const sum = weights.reduce((a, b) => a + b, 0)
    weights.forEach((weight, k) => {
      expect(weight / sum).toBeCloseTo(policy[k]!, 12)
    })
  })

  it("high temperatures keep the labels random", () => {
    const { reward, reference } = rewardEnvironment(three, 50)
    expect(Math.max(...reward)).toBeLessThan(2)
    const { policy } = rewardOptimum(three, 50)
    const ratio = (policy[0]! / policy[2]!) * (reference[2]! / reference[0]!)
    expect(50 * Math.log(ratio)).toBeCloseTo(reward[0]! - reward[2]!, 9)
  })

  it("DPO is stationary there and nowhere near", () => {
    const loss = lossOf("dpo")
    const environment = rewardEnvironment(three, 0.1)
    expect(relativeGradient(loss, environment, rewardOptimum(three, 0.1).policy)).toBeLessThan(1e-9)
    expect(relativeGradient(loss, environment, [1 / 3, 1 / 3, 1 / 3])).toBeGreaterThan(1e-3)
  })

  it("a regression whose pairs all vanish at its optimum is stationary, not 0/0", () => {
    const gradient = relativeGradient(lossOf("copg"), rewardEnvironment(three, 0.1), rewardOptimum(three, 0.1).policy)
    expect(gradient).toBeLessThan(1e-9)
  })

  it("a loss without a value on some pair has none here", () => {
    // ODPO takes the logarithm of the reward gap, which is negative for a mislabelled pair.
    expect(relativeGradient(lossOf("odpo"), rewardEnvironment(three, 0.1), [1 / 3, 1 / 3, 1 / 3])).toBeNaN()
  })

  it("the minimiser is where the gradient vanishes", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 9, maxLength: 9 }),
        fc.constantFrom("dpo", "ipo", "cpo_core", "orpo_seq"),
        (numbers, spec) => {
          const value = { reference: numbers.slice(0, 3), behaviour: numbers.slice(3, 6), odds: numbers.slice(6) }
          const environment = rewardEnvironment(value, 1)
          const found = minimise(lossOf(spec), environment)
          expect(found.attained).toBe(true)
          expect(relativeGradient(lossOf(spec), environment, [...found.policy])).toBeLessThan(1e-6)
        }
      ),
      { numRuns: 20 }
    ))

  it("flipped labels pull every preference towards a half", () => {
    const value = { reference: [1, 1, 1], behaviour: [1, 1, 1], wins: [9, 6, 5], flips: 2 }
    const [clean, noisy] = [winEnvironment(value, 0), winEnvironment(value)]
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const p = clean.preference.probability(0, a, b)
        expect(noisy.preference.probability(0, a, b)).toBeCloseTo(p + 0.2 * (1 - 2 * p), 12)
        expect(p + clean.preference.probability(0, b, a)).toBeCloseTo(1, 12)
      }
    }
    expect(clean.preference.probability(0, 0, 1)).toBe(0.9)
    expect(clean.preference.probability(0, 1, 2)).toBe(0.5)
  })

  it("behaviour and reference are the case's weights", () => {
    const environment = rewardEnvironment(three, 1)
    expect([...environment.reference]).toEqual(probabilities(three.reference))
  })
})

describe("the Bradley–Terry fit", () => {
  it("is the log-odds where two arms are compared, and needs no certain wins", () => {
    const value = { reference: [1, 3], behaviour: [1, 2], wins: [8], flips: 0 }
    const fit = bradleyTerryFit(winEnvironment(value))!
    expect(fit[0]! - fit[1]!).toBeCloseTo(Math.log(4), 9)
    expect(bradleyTerryFit(winEnvironment({ ...value, wins: [0] }))).toBeUndefined()
  })

  it("balances wins against expected wins where no rewards explain the preferences", () => {
    const value = { reference: [1, 3, 2], behaviour: [1, 2, 4], wins: [9, 2, 8], flips: 0 }
    const environment = winEnvironment(value)
    const fit = bradleyTerryFit(environment)!
    const mu = probabilities(value.behaviour)
    // Normal equations of the likelihood: for every arm the observed wins are those that the model expects.
    for (const a of [0, 1, 2]) {
      const surplus = [0, 1, 2].reduce((sum, b) => {
        const expected = 1 / (1 + Math.exp(fit[b]! - fit[a]!))
        return sum + mu[b]! * (environment.preference.probability(0, a, b) - expected)
      }, 0)
      expect(surplus).toBeCloseTo(0, 9)
    }
  })
})
