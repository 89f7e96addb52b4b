/** Metrics at matched KL: exact where a checkpoint is, linear between two, none where the level is never reached. */
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import { metricsAtMatchedKl } from "../../src/bandit/matched.ts"
import type { StepMetrics } from "../../src/bandit/metrics.ts"

const { trajectory, klMatched } = runBanditCell({
  loss: "cpo_core",
  environment: { kind: "bradley-terry", arms: 5 },
  data: { mode: "exact" },
  optimizer: { kind: "adam", learningRate: 0.02 },
  steps: 200,
  checkpoints: 25,
  seed: 1,
  klLevels: [0.05, 0.1, 50]
})

describe("metricsAtMatchedKl", () => {
  it("agrees with the reward that cells report at their levels", () => {
    const matched = metricsAtMatchedKl(trajectory, [0.05, 0.1, 50])
    expect(matched.map(({ metrics }) => metrics?.expectedReward ?? null)).toEqual(
      klMatched.map(({ expectedReward }) => expectedReward)
    )
    expect(matched.map(({ step }) => step)).toEqual(klMatched.map(({ step }) => step))
    expect(matched[2]).toEqual({ kl: 50, step: null, metrics: null })
  })

  it("has every number of the checkpoint where the level is that checkpoint's", () => {
    const at = trajectory[3]!
    const [{ metrics, step }] = metricsAtMatchedKl(trajectory, [at.klToReference]) as [
      ReturnType<typeof metricsAtMatchedKl>[number]
    ]
    expect(step).toBeCloseTo(at.step, 9)
    const { step: _, armProbabilities: __, ...numbers } = at
    expect(Object.keys(metrics!).sort()).toEqual(Object.keys(numbers).sort())
    for (const [name, value] of Object.entries(numbers)) {
      expect(metrics![name as keyof typeof numbers], name).toBeCloseTo(value!, 9)
    }
  })

  it("is linear in KL, and takes the first crossing of a trajectory that turns back", () => {
    const row = (step: number, klToReference: number, entropy: number): StepMetrics => ({
      ...trajectory[0]!,
      step,
      klToReference,
      entropy
    })
    const turning = [row(0, 0, 2), row(10, 1, 1), row(20, 0.5, 5), row(30, 2, 0)]
    expect(metricsAtMatchedKl(turning, [0.75])[0]).toMatchObject({ step: 7.5, metrics: { entropy: 1.25 } })
    expect(metricsAtMatchedKl(turning, [1.25])[0]!.metrics!.entropy).toBeCloseTo(2.5, 12)
  })
})
