/** Likelihood displacement under shared low-rank features (docs/experiments.md E6). */
import { describe, expect, it } from "vitest"
import { runBanditCell } from "../../src/bandit/cell.ts"
import type { BanditCellSpec } from "../../src/bandit/cellSchema.ts"

const cell = (loss: string, b: number, change: Partial<BanditCellSpec> = {}): BanditCellSpec => ({
  loss,
  environment: { kind: "low-rank", b },
  data: { mode: "exact" },
  policy: { kind: "linear" },
  optimizer: { kind: "gd", learningRate: 1e-3 },
  steps: 4000,
  checkpoints: 40,
  seed: 0,
  ...change
})

/** π(+), π(Yes) at the end. */
const ends = (spec: BanditCellSpec) => {
  const { policy } = runBanditCell(spec)
  return { plus: policy[0]!, yes: policy[2]! }
}

describe("W and h trained by gradient descent", () => {
  it.each(["dpo?beta=1", "orpo_seq", "uncpo"])("%s gives the mass to the opposite answer when b > 0", (loss) => {
    for (const b of [1, 3]) expect(ends(cell(loss, b)).yes).toBeGreaterThan(0.99)
  })

  it("the loss falls while the chosen answer's probability falls: displacement", () => {
    const { trajectory } = runBanditCell(cell("dpo?beta=1", 1))
    const [before, after] = [trajectory[0]!, trajectory[trajectory.length - 1]!]
    expect(after.loss).toBeLessThan(before.loss)
    expect(after.chosenLogpDrift).toBeLessThan(-1)
  })

  it("cCPO and DPO with a cross-entropy term keep the chosen answer", () => {
    expect(ends(cell("ccpo", 1)).plus).toBeCloseTo(0.8, 2)
    expect(ends(cell("ccpo", 3)).plus).toBeCloseTo(0.77, 2)
    for (const b of [1, 3]) expect(ends(cell("dpo?beta=1", b, { ceWeight: 1 })).plus).toBeCloseTo(0.98, 2)
  })

  it.each(["dpo?beta=1", "orpo_seq", "uncpo", "ccpo"])("%s displaces nothing when b < 0", (loss) => {
    for (const b of [-3, -10]) {
      const { plus, yes } = ends(cell(loss, b))
      expect(plus).toBeGreaterThan(0.6)
      expect(yes).toBeLessThan(0.01)
    }
  })
})

describe("W alone trained", () => {
  it.each(["dpo?beta=1", "orpo_seq"])("%s never lowers the chosen answer: fixed features cannot displace", (loss) => {
    const { trajectory } = runBanditCell(cell(loss, 3, { policy: { kind: "linear", trainFeatures: false } }))
    for (let i = 1; i < trajectory.length; i++) {
      expect(trajectory[i]!.chosenLogpDrift).toBeGreaterThanOrEqual(trajectory[i - 1]!.chosenLogpDrift - 1e-12)
    }
  })
})
