/** Claims and their intervals, on rows made by hand. */
import { describe, expect, it } from "vitest"
import { summariseBandits, summariseFinetuning } from "../../src/experiments/summary.ts"

const evaluation = (loss: string, seed: number, step: number, reward: number, error = 0.01) => ({
  cell: `finetune/${loss}/seed=${seed}`,
  loss,
  seed,
  step,
  kind: "evaluation",
  "gold/reward": reward,
  "gold/reward_se": error,
  "logps/chosen": -20 - step / 10,
  "logps/rejected": -21 - step / 5,
  kl: step / 100
})

const rows = [
  ...[0, 1, 2].flatMap((seed) => [
    evaluation("dpo", seed, 0, 0.1),
    evaluation("dpo", seed, 50, 0.9),
    evaluation("dpo", seed, 100, 0.3 + 0.01 * seed)
  ]),
  // The noise of the seeds is larger than the effect.
  ...[0, 1, 2].flatMap((seed) => [
    evaluation("ccpo", seed, 0, 0.1, 0.2),
    evaluation("ccpo", seed, 100, 0.1 + 0.1 * (seed - 1), 0.2)
  ]),
  { ...evaluation("dpo", 0, 70, 5), kind: "step" }
]

const claim = (loss: string, metric: string, baseline?: string) => {
  const found = summariseFinetuning(rows, 64, baseline).filter((row) => row.loss === loss && row.metric === metric)
  expect(found.length).toBe(1)
  return found[0]!
}

describe("claims about finetuning", () => {
  it("are about the first and the last evaluation", () => {
    expect(claim("dpo", "gold/reward")).toMatchObject({ mean: expect.closeTo(0.31, 12), seeds: 3, over: "seeds" })
    const change = claim("dpo", "gold/reward − reference")
    // Changes .20, .21, .22: s = .01, half width 4.3026527 · .01/√3.
    expect(change.mean).toBeCloseTo(0.21, 12)
    expect(change.low).toBeCloseTo(0.21 - 0.024841, 6)
    expect(change).toMatchObject({ resolved: true, against: "reference", n: 3 })
    expect(claim("dpo", "logps/rejected − reference").mean).toBeCloseTo(-20, 12)
  })

  it("whose interval holds zero are not resolved", () => {
    expect(claim("ccpo", "gold/reward − reference").resolved).toBe(false)
    expect(claim("ccpo", "gold/reward − reference, over prompts").resolved).toBe(false)
  })

  it("over prompts use the standard errors of both evaluations, and do not shrink with seeds", () => {
    const { mean, low, high, n } = claim("dpo", "gold/reward − reference, over prompts")
    expect([mean, n]).toEqual([expect.closeTo(0.21, 12), 64])
    expect(Number(high) - Number(low)).toBeCloseTo(2 * 1.959964 * 0.01 * Math.SQRT2, 6)
  })

  it("against a baseline are paired by seed", () => {
    const { mean, low } = claim("ccpo", "gold/reward − dpo", "dpo")
    // -.30, -.21, -.12
    expect(mean).toBeCloseTo(-0.21, 12)
    expect(low).toBeCloseTo(-0.21 - (4.3026527 * 0.09) / Math.sqrt(3), 6)
    expect(summariseFinetuning(rows, 64, "dpo").filter(({ metric }) => metric.endsWith("dpo")).length).toBe(1)
  })

  it("of one seed have no interval and are not resolved", () => {
    const single = summariseFinetuning([evaluation("dpo", 0, 0, 0.1), evaluation("dpo", 0, 9, 0.9)], 64, undefined)
    expect(single.find(({ metric }) => metric === "gold/reward − reference")).toMatchObject({
      mean: 0.8,
      low: "NaN",
      high: "NaN",
      seeds: 1,
      resolved: false
    })
  })
})

describe("claims about bandits", () => {
  const final = (loss: string, seed: number, regret: number, more: object = {}) => ({
    loss,
    seed,
    environment: "clean",
    reference: false,
    ceWeight: 0,
    final: true,
    regret,
    ...more
  })
  const bandit = [
    final("dpo", 0, 0.1),
    final("dpo", 1, 0.3),
    final("ipo", 0, 0.2),
    final("ipo", 1, 0.41),
    final("ipo", 2, 9, { failure: "not finite" }),
    final("ipo", 0, 7, { final: false }),
    final("ipo", 0, 5, { ceWeight: 0.1 })
  ]

  it("keep conditions apart and leave out what diverged", () => {
    const claims = summariseBandits(bandit, "dpo")
    const regret = claims.filter(({ metric, loss }) => metric === "regret" && loss === "ipo")
    expect(regret.map(({ ceWeight, mean, seeds }) => [ceWeight, mean, seeds])).toEqual([
      [0, expect.closeTo(0.305, 12), 2],
      [0.1, 5, 1]
    ])
    const contrast = claims.filter(({ metric }) => metric === "regret − dpo")
    expect(contrast.map(({ mean, resolved, seeds }) => [mean, resolved, seeds])).toEqual([
      [expect.closeTo(0.105, 12), true, 2]
    ])
  })
})
