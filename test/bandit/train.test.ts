import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { fullBatches, replacementBatches } from "../../src/bandit/batch.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import type { StepMetrics } from "../../src/bandit/metrics.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { adam, gradientDescent } from "../../src/bandit/optimizer.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { tabularPolicy } from "../../src/bandit/policy.ts"
import { fixedRegime } from "../../src/bandit/regimes/offline.ts"
import { type TrainingRun, train } from "../../src/bandit/train.ts"
import { Rng } from "../../src/random/rng.ts"
import { distance, familyOf } from "./worlds.ts"

const environment = makeEnvironment(
  { kind: "bradley-terry", arms: 4, contexts: 2, reference: "normal" },
  Rng.fromSeed(11)
)
const table = exactPairs(environment)

const runOf = (change: Partial<TrainingRun> = {}): TrainingRun => ({
  environment,
  family: familyOf("dpo?beta=1", environment),
  policy: tabularPolicy(environment),
  regime: fixedRegime(table, [fullBatches(table)], 100),
  makeOptimizer: (size) => adam(0.05, size),
  steps: 100,
  checkpoints: [0, 50, 100],
  ...change
})

const collect = (run: TrainingRun) => {
  const rows: Array<StepMetrics> = []
  const generator = train(run)
  let next = generator.next()
  for (; !next.done; next = generator.next()) rows.push(next.value)
  return { rows, outcome: next.value }
}

describe("train", () => {
  it("yields a row per checkpoint, the first at the reference", () => {
    const { rows } = collect(runOf())
    expect(rows.map((row) => row.step)).toEqual([0, 50, 100])
    expect(rows[0]!.klToReference).toBeCloseTo(0, 12)
    expect(rows[0]!.loss).toBeCloseTo(Math.LN2, 12)
    expect(rows[2]!.loss).toBeLessThan(rows[0]!.loss)
  })

  it("takes DPO on its whole population to the KL-regularised optimum", () => {
    const { rows, outcome } = collect(
      runOf({ steps: 4000, checkpoints: [4000], makeOptimizer: () => gradientDescent(5) })
    )
    expect(rows[0]!.regret).toBeLessThan(1e-9)
    const policy = Result.isSuccess(outcome) ? outcome.success.policy : []
    expect(distance(policy, klOptimum(environment, 1).policy)).toBeLessThan(1e-5)
  })

  it("does not depend on where the checkpoints are", () => {
    const coarse = collect(runOf({ checkpoints: [100] }))
    const fine = collect(runOf({ checkpoints: Array.from({ length: 101 }, (_, i) => i) }))
    expect(fine.rows[100]).toEqual(coarse.rows[0])
    expect(fine.outcome).toEqual(coarse.outcome)
  })

  it("goes on to the last step when the last checkpoint is earlier", () => {
    const early = collect(runOf({ checkpoints: [10] }))
    expect(early.rows).toHaveLength(1)
    expect(early.outcome).toEqual(collect(runOf()).outcome)
  })

  it("reaches the same place in minibatches, on average", () => {
    const batches = replacementBatches(table, 64, Rng.fromSeed(1))
    const { rows } = collect(
      runOf({
        regime: fixedRegime(table, [batches], 4000),
        steps: 4000,
        checkpoints: [4000],
        makeOptimizer: (n) => adam(0.005, n)
      })
    )
    expect(rows[0]!.regret).toBeLessThan(0.01)
  })

  /** DPO whose sixth evaluation breaks: step 0's checkpoint, then one per update, so after four updates. */
  const breaking = (breakGradient: boolean): TrainingRun["family"] => {
    const family = familyOf("dpo", environment)
    let calls = 0
    return {
      name: "breaks at the sixth evaluation",
      addGradientInto: (batch, logp, prob, gradient) => {
        const loss = family.addGradientInto(batch, logp, prob, gradient)
        if (++calls <= 5) return loss
        if (breakGradient) gradient[0] = Number.NaN
        return Number.NaN
      }
    }
  }
  const failureOf = (run: TrainingRun) => {
    const { rows, outcome } = collect(run)
    return { steps: rows.map((row) => row.step), failure: Result.isFailure(outcome) ? outcome.failure : undefined }
  }

  it("stops at the step whose loss and gradient are not finite and keeps the rows before it", () => {
    const { steps, failure } = failureOf(runOf({ family: breaking(true), checkpoints: [0, 100] }))
    expect(steps).toEqual([0])
    expect(failure).toMatchObject({ _tag: "TrainingDiverged", step: 4, quantity: "loss", value: Number.NaN })
  })

  it("finds a loss that is not finite although its gradient is at the next checkpoint", () => {
    const { steps, failure } = failureOf(runOf({ family: breaking(false), checkpoints: [0, 20, 100] }))
    expect(steps).toEqual([0])
    expect(failure).toMatchObject({ step: 20, quantity: "loss" })
  })

  it("names the parameter that left the numbers", () => {
    const { outcome } = collect(
      runOf({ makeOptimizer: () => ({ stepInPlace: (theta) => void (theta[0] = Number.POSITIVE_INFINITY) }) })
    )
    expect(Result.isFailure(outcome) && outcome.failure).toMatchObject({ step: 1, quantity: "parameter" })
    expect(Result.isFailure(outcome) && outcome.failure.message).toMatch(/step 1: the parameter/)
  })
})
