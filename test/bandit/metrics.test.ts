import { describe, expect, it } from "vitest"
import { checkedEnvironment } from "../../src/bandit/environment.ts"
import { createEvaluator, rankingAccuracy, valueAtMatchedKl } from "../../src/bandit/metrics.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { listedPairs } from "../../src/bandit/pairs.ts"
import { bradleyTerry } from "../../src/bandit/preferences.ts"

const reward = Float64Array.of(1, 0, 0)
/** Three arms, reference (1/2, 1/4, 1/4); only arms 0 and 1 are compared. */
const environment = checkedEnvironment({
  id: "by hand",
  contexts: 1,
  arms: 3,
  reward,
  reference: Float64Array.of(0.5, 0.25, 0.25),
  contextWeights: Float64Array.of(1),
  preference: bradleyTerry(reward, 3, 0),
  comparisons: {
    kind: "product",
    first: Float64Array.of(0.5, 0.5, 0),
    second: Float64Array.of(0.5, 0.5, 0),
    identical: false
  },
  beta: 2
})
const table = listedPairs(environment, [
  { context: 0, chosen: 0, rejected: 1, weight: 3 },
  { context: 0, chosen: 1, rejected: 0, weight: 1 }
])
const rowOf = (prob: ReadonlyArray<number>) =>
  createEvaluator(environment, table).evaluate(7, 0.25, Float64Array.from(prob, Math.log), Float64Array.from(prob))

describe("StepMetrics", () => {
  it("at the reference: no KL, no drift, win rate 1/2", () => {
    const row = rowOf([0.5, 0.25, 0.25])
    expect(row).toMatchObject({ step: 7, loss: 0.25, expectedReward: 0.5, unseenMass: 0.25, unseenMassChange: 0 })
    expect([row.klToReference, row.klFromReference, row.chosenLogpDrift, row.rejectedLogpDrift]).toEqual([0, 0, 0, 0])
    expect(row.winRate).toBe(0.5)
    expect(row.entropy).toBeCloseTo(1.5 * Math.LN2, 14)
  })

  it("computed by hand at (1/4, 1/2, 1/4)", () => {
    const row = rowOf([0.25, 0.5, 0.25])
    const kl = 0.25 * Math.log(0.5) + 0.5 * Math.log(2)
    expect(row.expectedReward).toBe(0.25)
    expect(row.klToReference).toBeCloseTo(kl, 14)
    expect(row.klFromReference).toBeCloseTo(-0.5 * Math.log(0.5) - 0.25 * Math.log(2), 14)
    expect(row.regret).toBeCloseTo(klOptimum(environment).value - (0.25 - 2 * kl), 14)
    // Arm 0 beats 1 and 2, which tie: wins .75, .25, .25 against the reference.
    expect(row.winRate).toBeCloseTo(0.25 * 0.75 + 0.75 * 0.25, 14)
    expect(row.chosenLogpDrift).toBeCloseTo(0.75 * Math.log(0.5) + 0.25 * Math.log(2), 14)
    expect(row.rejectedLogpDrift).toBeCloseTo(0.75 * Math.log(2) + 0.25 * Math.log(0.5), 14)
    // Arm pairs (0,1) and (0,2) count: wrong, tie; by implicit reward: wrong, wrong.
    expect(row.rankingAccuracy).toBe(0.25)
    expect(row.implicitRankingAccuracy).toBe(0)
  })

  it("has regret 0 at the KL-regularised optimum only", () => {
    expect(rowOf([...klOptimum(environment).policy]).regret).toBeCloseTo(0, 14)
    expect(rowOf([0.5, 0.25, 0.25]).regret).toBeGreaterThan(0.01)
  })

  it("sees mass on responses without data", () => {
    // Arm 2 alone is unseen; its reference is 1/4.
    expect(rowOf([0.1, 0.1, 0.8]).unseenLargestGain).toBeCloseTo(0.55, 14)
    expect(rowOf([0.5, 0.4, 0.1]).unseenLargestGain).toBeCloseTo(-0.15, 14)
    expect(rowOf([0.1, 0.1, 0.8]).unseenMassChange).toBeCloseTo(0.55, 14)
  })
})

describe("rankingAccuracy", () => {
  it("is 1 for the rewards themselves, 0 for their opposite, 1/2 when all rewards are equal", () => {
    expect(rankingAccuracy(environment, reward)).toBe(1)
    expect(
      rankingAccuracy(
        environment,
        reward.map((r) => -r)
      )
    ).toBe(0)
    expect(rankingAccuracy({ ...environment, reward: new Float64Array(3) }, reward)).toBe(0.5)
  })
})

describe("valueAtMatchedKl", () => {
  const row = (step: number, klToReference: number, expectedReward: number) => ({ step, klToReference, expectedReward })
  it("interpolates at the first crossing and says when there is none", () => {
    const trajectory = [row(0, 0, 1), row(10, 0.2, 2), row(20, 0.4, 1), row(30, 0.1, 0)]
    expect(valueAtMatchedKl(trajectory, [0.05, 0.3, 1])).toEqual([
      { kl: 0.05, step: 2.5, expectedReward: 1.25 },
      { kl: 0.3, step: expect.closeTo(15, 10), expectedReward: expect.closeTo(1.5, 10) },
      { kl: 1, step: null, expectedReward: null }
    ])
  })
  it("has nothing to say about no rows", () => {
    expect(valueAtMatchedKl([], [0.1])).toEqual([{ kl: 0.1, step: null, expectedReward: null }])
  })
})
