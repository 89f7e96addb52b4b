/** The facts behind P29 to P36 on single bandits, computed another way than the properties do. */
import { describe, expect, it } from "vitest"
import { bestOfBounds } from "../../src/bandit/decoding.ts"
import { calibratedReward } from "../../src/bandit/solvers/infAlign.ts"
import { onlineDpoFixedPoint, regularisedNash } from "../../src/bandit/solvers/regularisedNash.ts"
import { selfPlayEnvironment } from "../../src/properties/games.ts"
import { minimise, relativeGradient } from "../../src/properties/population.ts"
import { rewardEnvironment, type WinCase } from "../../src/properties/populationCase.ts"
import { featureVelocities } from "../../src/properties/properties/p17.ts"
import { logProbVelocities } from "../../src/properties/step.ts"
import { replayCase } from "../../src/properties/validate.ts"
import { lossOf, propertyOf, resultOf } from "../arbitraries/properties.ts"

/** The cyclic game of experiments.md E7: P(1 ≻ 2) = .9, P(1 ≻ 3) = .2, P(2 ≻ 3) = .8. */
const cycle: WinCase = { reference: [1, 1, 1], behaviour: [1, 1, 1], wins: [9, 2, 8], flips: 0 }
const game = Float64Array.from([0.5, 0.9, 0.2, 0.1, 0.5, 0.8, 0.8, 0.2, 0.5])
const third = new Float64Array(3).fill(1 / 3)

describe("shared features", () => {
  it("move log π as finite steps of the parameters do", () => {
    const policy = [0.5, 0.3, 0.2]
    const features = [1, -2, 3]
    const [dlw, dll] = [-0.7, 0.4]
    const logits = (f: ReadonlyArray<number>, h: number) =>
      f.map((feature, k) => Math.log(policy[k]!) - features[k]! + feature * h)
    const logp = (z: ReadonlyArray<number>) =>
      z.map((value) => value - Math.log(z.reduce((s, v) => s + Math.exp(v), 0)))
    const slope = policy.map((p, k) => dlw * ((k === 0 ? 1 : 0) - p) + dll * ((k === 1 ? 1 : 0) - p))
    const step = 1e-6
    const moved = logits(
      features.map((f, k) => f - step * slope[k]!),
      1 - step * slope.reduce((sum, g, k) => sum + g * features[k]!, 0)
    )
    const rates = logp(moved).map((value, k) => (value - Math.log(policy[k]!)) / step)
    for (const [k, velocity] of featureVelocities(policy, features, dlw, dll).entries()) {
      expect(velocity).toBeCloseTo(rates[k]!, 4)
    }
  })

  it("of no size leave the tabular step", () => {
    const policy = [0.2, 0.5, 0.3]
    expect(featureVelocities(policy, [0, 0, 0], -1, 0.5)).toEqual(logProbVelocities(policy, -1, 0.5))
  })
})

describe("online training on the cyclic game", () => {
  const ipo = lossOf("ipo?tau=0.1")
  const nash = regularisedNash(game, third, 0.1).policy

  it("has IPO stationary at the regularised Nash equilibrium (golden) and moving elsewhere", () => {
    expect([...nash].map((p) => p.toFixed(4))).toEqual(["0.3302", "0.2846", "0.3851"])
    expect(relativeGradient(ipo, selfPlayEnvironment(cycle, nash, third), [...nash])).toBeLessThan(1e-8)
    expect(relativeGradient(ipo, selfPlayEnvironment(cycle, third, third), [...third])).toBeGreaterThan(1e-3)
  })

  it("has DPO stationary at its own fixed point, another policy", () => {
    const { policy } = onlineDpoFixedPoint(game, third, 0.1)
    const dpo = lossOf("dpo?beta=0.1")
    expect(relativeGradient(dpo, selfPlayEnvironment(cycle, policy, third), [...policy])).toBeLessThan(1e-8)
    expect(relativeGradient(dpo, selfPlayEnvironment(cycle, nash, third), [...nash])).toBeGreaterThan(1e-3)
  })

  it("spirals outwards: one round of self-play refutes approach, at the golden game too", () => {
    const start = { ...cycle, reference: [2, 1, 1] }
    expect(replayCase(lossOf("ipo"), propertyOf("last-iterate"), start)).toMatchObject({ holds: false })
    expect(replayCase(lossOf("ipo"), propertyOf("P29"), cycle)).toMatchObject({ holds: true })
  })
})

it("MODPO's optimum is off by w_m e / beta in log-ratios where the margin is off by e", () => {
  const [beta, own, other, e] = [0.5, 0.5, 0.5, 0.2]
  const modpo = lossOf(`modpo?beta=${beta}&w_k=${own}&w_m=${other}`)
  const compared = rewardEnvironment({ reference: [1, 1], behaviour: [1, 1], odds: [3, 1] }, 1)
  const at = (margins: ReadonlyArray<number>) =>
    minimise(modpo, { ...compared, reward: Float64Array.from(margins) }).logits
  const [exact, off] = [at([0.3, 0.1]), at([0.3 + e, 0.1])]
  expect(exact[0]! - exact[1]!).toBeCloseTo((own * Math.log(3) + other * 0.2) / beta, 6)
  expect(off[0]! - off[1]! - (exact[0]! - exact[1]!)).toBeCloseTo((other * e) / beta, 6)
})

describe("best of n", () => {
  it("breaks a bound that is set too low: P34 is not vacuous", () => {
    // Four draws from a policy of many arms come within a hair of the bounds, so that any smaller ones are broken.
    expect(bestOfBounds(4)).toEqual({ kl: Math.log(4) - 3 / 4, winRate: 4 / 5 })
    const { verdict, runs } = resultOf(lossOf("dpo"), "P34")
    expect([verdict, runs]).toEqual(["held", 20])
  })

  it("sees calibrated rewards unchanged by an increasing transformation, raw ones not", () => {
    const environment = rewardEnvironment({ reference: [1, 2, 3], behaviour: [1, 1, 1], odds: [1, 5, 2] }, 1)
    const cubed = environment.reward.map((r) => r + r ** 3)
    expect(calibratedReward(environment, cubed)).toEqual(calibratedReward(environment))
    const copg = lossOf("copg?beta=1")
    const rank = calibratedReward(environment)
    const optimum = (reward: Float64Array) => [...minimise(copg, { ...environment, reward }).policy]
    expect(optimum(calibratedReward(environment, cubed))).toEqual(optimum(rank))
    expect(optimum(cubed)[1]).not.toBeCloseTo(optimum(environment.reward)[1]!, 2)
  })
})
