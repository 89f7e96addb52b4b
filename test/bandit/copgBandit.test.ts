/** The bandit of Contrastive Policy Gradient: fixed points and regret curves (docs/experiments.md §2.2, 2.3). */
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { BanditCellSpec } from "../../src/bandit/cellSchema.ts"
import { makeEnvironment } from "../../src/bandit/environments/registry.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { Rng } from "../../src/random/rng.ts"
import { ipoMinimiser, regularisedValue } from "./oracles.ts"
import { distance } from "./worlds.ts"

const environment = makeEnvironment({ kind: "copg" }, Rng.fromSeed(0))
const optimum = [0.70538451, 0.25949646, 0.03511903]

describe("closed forms", () => {
  it("has the published optimum and regret at the start", () => {
    const { policy, value } = klOptimum(environment)
    expect(distance(policy, optimum)).toBeLessThan(1e-8)
    expect(value).toBeCloseTo(2.12519996, 8)
    expect(value - regularisedValue(environment, environment.reference.map(Math.log))).toBeCloseTo(0.29186663, 8)
  })

  it("has IPO's biased population optimum", () => {
    const { policy } = ipoMinimiser(environment, exactPairs(environment), 0.5)
    expect(distance(policy, [0.42416906, 0.35270583, 0.22312511])).toBeLessThan(1e-8)
    expect(klOptimum(environment).value - regularisedValue(environment, policy.map(Math.log))).toBeCloseTo(
      0.15253066,
      8
    )
  })
})

const cell = (loss: string, change: Partial<BanditCellSpec>): BanditCellSpec => ({
  loss,
  environment: { kind: "copg" },
  data: { mode: "exact" },
  optimizer: { kind: "gd", learningRate: 2 },
  steps: 30_000,
  checkpoints: 1,
  seed: 0,
  ...change
})

describe("population fixed points by gradient descent", () => {
  it.each<[string, ReadonlyArray<number>, number]>([
    ["copg?beta=0.5", optimum, 0],
    ["ipo?tau=0.5", [0.42416906, 0.35270583, 0.22312511], 0.15253066],
    ["pg?baseline=none", [0.19399026, 0.25013859, 0.55587115], 0.63779257],
    ["pg?baseline=value", [0.81154818, 0.16752475, 0.02092706], 0.01481743],
    ["pg?baseline=regularised", optimum, 0]
  ])("%s", (loss, policy, regret) => {
    const learningRate = loss.startsWith("pg") ? 2 : 1
    const result = runBanditCell(cell(loss, { optimizer: { kind: "gd", learningRate } }))
    expect(distance(result.policy, policy)).toBeLessThan(1e-6)
    expect(result.final.regret).toBeCloseTo(regret, 6)
  })
})

/** Mean regret after the given epochs of 20 steps, over the seeds, on 10^4 sampled pairs in shuffled batches of 512. */
const sampledRegret = (loss: string, epochs: ReadonlyArray<number>, learningRate: number): ReadonlyArray<number> => {
  const seeds = [0, 1, 2, 3, 4]
  const checkpoints = epochs.map((epoch) => 20 * epoch)
  const mean = new Float64Array(epochs.length)
  for (const seed of seeds) {
    const { trajectory } = runBanditCell(
      cell(loss, {
        data: { mode: "sampled", pairs: 10_000 },
        optimizer: { kind: "adam", learningRate, batchSize: 512, batching: "epochs" },
        steps: Math.max(...checkpoints),
        checkpoints,
        seed
      })
    )
    checkpoints.forEach((step, i) => {
      mean[i]! += trajectory.find((row) => row.step === step)!.regret / seeds.length
    })
  }
  return [...mean]
}

describe("sampled runs, 5 seeds, Adam 1e-3", () => {
  it.each<[string, ReadonlyArray<number>, number]>([
    ["copg?beta=0.5", [0.281, 0.2, 0.118, 0.059, 0.013], 0.002],
    ["ipo?tau=0.5", [0.281, 0.211, 0.166, 0.153, 0.152], 0.004],
    ["pg?baseline=none", [0.303, 0.404, 0.535, 0.62, 0.635], 0.006],
    ["pg?baseline=value", [0.281, 0.196, 0.109, 0.059, 0.028], 0.002]
  ])("%s follows the reference curve at 1, 10, 25, 50, 100 epochs", (loss, expected, tolerance) => {
    expect(distance(sampledRegret(loss, [1, 10, 25, 50, 100], 1e-3), expected)).toBeLessThan(tolerance)
  })

  it("CoPG alone reaches the optimum at learning rate 1e-2", () => {
    const [copg] = sampledRegret("copg?beta=0.5", [100], 1e-2)
    expect(copg).toBeLessThan(1e-5)
    expect(sampledRegret("pg?baseline=value", [100], 1e-2)[0]).toBeCloseTo(0.0148, 3)
    expect(sampledRegret("ipo?tau=0.5", [100], 1e-2)[0]).toBeGreaterThan(0.145)
  })
})
