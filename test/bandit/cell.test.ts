import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { cellEnvironment, runBanditCell, runUncheckedCell, startCell } from "../../src/bandit/cell.ts"
import { type BanditCellSpec, checkpointSteps, decodeBanditCell } from "../../src/bandit/cellSchema.ts"
import { environments } from "../../src/bandit/environments/registry.ts"
import { withReference } from "../../src/bandit/families.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { distance } from "./worlds.ts"

const spec: BanditCellSpec = {
  loss: "dpo?beta=1",
  environment: { kind: "bradley-terry", arms: 5, reference: "normal" },
  data: { mode: "sampled", pairs: 300 },
  optimizer: { kind: "adam", learningRate: 0.05 },
  steps: 200,
  checkpoints: 4,
  seed: 3
}

const issuesOf = (input: unknown): ReadonlyArray<string> => {
  const decoded = decodeBanditCell(input)
  return Result.isFailure(decoded) ? decoded.failure.issues : []
}

const refusal = (input: unknown): string => {
  const result = runUncheckedCell(input)
  return Result.isFailure(result) ? result.failure.message : "accepted"
}

/** A cell watched while it goes on: its rows, the policy at each, and how it ended. */
const watched = (cell: BanditCellSpec) => {
  const policies: Array<Float64Array> = []
  const { trajectory } = Result.getOrThrow(startCell(cell, (policy) => policies.push(Float64Array.from(policy))))
  const rows: Array<unknown> = []
  let next = trajectory.next()
  for (; !next.done; next = trajectory.next()) rows.push(next.value)
  return { rows, policies, end: next.value }
}

describe("startCell", () => {
  it.each(["dpo?beta=1", "mwu", "ipo-optimum"])(
    "%s: gives what runCell gathers, and the policy of every row",
    (loss) => {
      const cell: BanditCellSpec = { ...spec, environment: { kind: "bradley-terry", arms: 5 }, loss }
      const { rows, policies, end } = watched(cell)
      const whole = runBanditCell(cell)
      expect(rows).toEqual(whole.trajectory)
      expect(policies.map((policy) => [...policy])).toEqual(
        whole.trajectory.map(({ armProbabilities }) => armProbabilities)
      )
      expect([...Result.getOrThrow(end).policy]).toEqual(whole.policy)
    }
  )

  it("says where a run diverged after the rows before it", () => {
    const cell: BanditCellSpec = { ...spec, loss: "sppo", optimizer: { kind: "gd", learningRate: 1e6 } }
    const { rows, end } = watched(cell)
    const whole = runBanditCell(cell)
    expect(whole.failure).toBeDefined()
    expect(rows).toEqual(whole.trajectory)
    expect(Result.isFailure(end) && end.failure.step).toBe(whole.failure?.step)
  })
})

describe("decodeBanditCell", () => {
  it("accepts what the type allows", () => expect(issuesOf(spec)).toEqual([]))

  it("reports every problem at once, each with its path", () => {
    const issues = issuesOf({
      ...spec,
      loss: "",
      environment: { kind: "bradley-terry", arms: 1, temprature: 2 },
      optimizer: { kind: "sgd", learningRate: -1 },
      seed: 1.5
    })
    expect(issues.toSorted()).toEqual([
      "environment.arms: expected a value between 2 and 10000, found 1",
      expect.stringMatching(/^environment: unknown key "temprature"; nearest: temperature/),
      expect.stringMatching(/^loss: expected a value with a length of at least 1, found ""/),
      'optimizer.kind: expected "adam" or "gd", found "sgd"',
      "optimizer.learningRate: expected a value greater than 0, found -1",
      expect.stringMatching(/^seed: expected an integer, found 1.5/)
    ])
  })

  it("names the kinds of a choice when none is meant", () => {
    const kinds = Object.keys(environments)
      .map((kind) => JSON.stringify(kind))
      .join(", ")
    expect(issuesOf({ ...spec, environment: { kind: "copgg" } })).toEqual([
      `environment.kind: expected one of ${kinds}, found "copgg"`
    ])
    expect(issuesOf({ ...spec, environment: { arms: 3 } })).toEqual([
      `environment: missing key "kind"; allowed: ${kinds}`
    ])
    expect(issuesOf({ ...spec, environment: "copg" })).toEqual([
      'environment: expected a map with named settings, found "copg"'
    ])
  })

  it.each<[string, unknown, RegExp]>([
    [
      "a reward row of another length",
      { environment: { kind: "bradley-terry", arms: 3, rewards: [1, 2] } },
      /row 0 of rewards has 2 of 3/
    ],
    ["too many unseen arms", { environment: { kind: "sparse", arms: 4, unseen: 3 } }, /leave two of 4/],
    [
      "a matrix that is not complementary",
      {
        environment: {
          kind: "cyclic",
          preference: [
            [0.5, 0.9],
            [0.2, 0.5]
          ]
        }
      },
      /must be 1/
    ],
    ["a checkpoint after the end", { checkpoints: [10, 500] }, /checkpoint 500 is after the last step 200/],
    [
      "epochs of an exact expectation",
      { data: { mode: "exact" }, optimizer: { kind: "gd", learningRate: 1, batchSize: 4, batching: "epochs" } },
      /sampled data/
    ]
  ])("refuses %s", (_what, change, reason) => {
    expect(issuesOf({ ...spec, ...(change as object) }).join("; ")).toMatch(reason)
  })
})

describe("runBanditCell", () => {
  it("is plain JSON in and out, the same every time", () => {
    const once = runBanditCell(JSON.parse(JSON.stringify(spec)))
    expect(JSON.parse(JSON.stringify(once))).toEqual(once)
    expect(JSON.stringify(runBanditCell(spec))).toBe(JSON.stringify(once))
  })

  it("records the checkpoints asked for, the start and the end, and ends with a policy", () => {
    const { trajectory, final, policy } = runBanditCell(spec)
    expect(trajectory.map((row) => row.step)).toEqual([0, 50, 100, 150, 200])
    expect(final).toEqual(trajectory[4])
    expect(policy).toHaveLength(5)
    expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
  })

  it("keeps the policy at every checkpoint where the arms are few, and not where they are many", () => {
    const { trajectory, policy } = runBanditCell(spec)
    expect(trajectory.at(-1)?.armProbabilities).toEqual(policy)
    for (const { armProbabilities } of trajectory) {
      expect(armProbabilities?.length).toBe(5)
      expect(armProbabilities?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
    }
    const many = runBanditCell({ ...spec, environment: { kind: "bradley-terry", arms: 7 } })
    expect(many.trajectory.some((row) => "armProbabilities" in row)).toBe(false)
  })

  it("gives losses of one seed the same world and the same data", () => {
    const other = runBanditCell({ ...spec, loss: "ipo" })
    const same = runBanditCell(spec)
    const atStart = ({ loss: _loss, ...rest }: (typeof same)["final"]) => rest
    expect(atStart(other.trajectory[0]!)).toEqual(atStart(same.trajectory[0]!))
    expect(runBanditCell({ ...spec, seed: 4 }).trajectory[0]).not.toEqual(same.trajectory[0])
  })

  it("takes DPO on exact data to the KL-regularised optimum", () => {
    const exact: BanditCellSpec = { ...spec, data: { mode: "exact" }, steps: 2000 }
    const { policy, final } = runBanditCell(exact)
    expect(distance(policy, klOptimum(cellEnvironment(exact), 1).policy)).toBeLessThan(1e-6)
    expect(final.regret).toBeLessThan(1e-9)
    expect(final.implicitRankingAccuracy).toBe(1)
  })

  it("adds the reference: CPO's rows with a reference train like DPO at beta 1", () => {
    const dpo = runBanditCell(spec)
    const cpo = runBanditCell({ ...spec, loss: "rows:TF,TT/FT,TT", reference: true })
    expect(distance(cpo.policy, dpo.policy)).toBeLessThan(1e-9)
    expect(distance(runBanditCell({ ...spec, loss: "cpo_core" }).policy, dpo.policy)).toBeGreaterThan(1e-3)
  })

  it("keeps chosen answers likelier with the cross-entropy term", () => {
    const drift = (ceWeight: number) => runBanditCell({ ...spec, loss: "uncpo", ceWeight }).final.chosenLogpDrift
    expect(drift(1)).toBeGreaterThan(drift(0) + 0.1)
  })

  it("leaves uncovered arms without data", () => {
    const { trajectory } = runBanditCell({ ...spec, data: { mode: "sampled", pairs: 300, coverage: [0, 1, 2] } })
    const world = cellEnvironment(spec)
    expect(trajectory[0]!.unseenMass).toBeCloseTo(world.reference[3]! + world.reference[4]!, 12)
  })

  it("reports the gold reward at matched KL", () => {
    const { klMatched, trajectory } = runBanditCell({ ...spec, checkpoints: 50, klLevels: [0.01, 1000] })
    const after = trajectory.findIndex((row) => row.klToReference > 0.01)
    const rewards = [trajectory[after - 1]!.expectedReward, trajectory[after]!.expectedReward]
    expect(klMatched[0]!.expectedReward).toBeGreaterThanOrEqual(Math.min(...rewards))
    expect(klMatched[0]!.expectedReward).toBeLessThanOrEqual(Math.max(...rewards))
    expect(klMatched[1]).toEqual({ kl: 1000, step: null, expectedReward: null })
  })

  it("keeps what came before a divergence and names the step", () => {
    const { failure, trajectory, final, policy } = runBanditCell({
      ...spec,
      loss: "gpo_exp?beta=50",
      optimizer: { kind: "gd", learningRate: 1e6 },
      checkpoints: 200
    })
    expect(failure?.message).toMatch(/^step \d+: the (loss|gradient|parameter) is/)
    expect(trajectory.length).toBeGreaterThan(0)
    expect(final.step).toBeLessThanOrEqual(failure!.step)
    expect(policy).toEqual([])
  })

  it.each<[string, object, RegExp]>([
    ["an unknown loss", { loss: "dpq" }, /dpq/],
    ["a loss that needs what its regime does not have", { loss: "xpo" }, /pol_is_w/],
    ["a mask where no tokens are", { loss: "mask_dpo", data: { mode: "exact", mask: true } }, /which tokens are true/],
    ["scores that do not exist", { data: { mode: "exact", scores: "proxy" } }, /data\.scores: .*no rewards "proxy"/],
    ["a reference for a loss that has one", { loss: "dpo", reference: true }, /reference/],
    ["a policy gradient with a reference option", { loss: "pg?baseline=value", reference: true }, /not to pg/],
    [
      "an unknown baseline",
      { loss: "pg?baseline=mean" },
      /baseline must be one of value, none, regularised, leave-one-out, found "mean"/
    ],
    ["coverage of an arm that does not exist", { data: { mode: "exact", coverage: [0, 9] } }, /arm 9 is not in 0\.\.4/],
    ["coverage that leaves nothing to compare", { data: { mode: "exact", coverage: [2] } }, /without a pair/]
  ])("refuses %s", (_what, change, reason) => {
    expect(refusal({ ...spec, ...change })).toMatch(reason)
  })

  it("throws the refusal when called unchecked", () => {
    expect(() => runBanditCell({ ...spec, steps: -1 })).toThrow(/steps/)
  })
})

describe("checkpointSteps", () => {
  it("spreads a number evenly and completes a list", () => {
    expect(checkpointSteps(3, 10)).toEqual([0, 3, 7, 10])
    expect(checkpointSteps([5, 2, 5], 10)).toEqual([0, 2, 5, 10])
    expect(checkpointSteps(100, 3)).toEqual([0, 1, 2, 3])
    expect(checkpointSteps(1, 0)).toEqual([0])
  })
})

describe("withReference", () => {
  it("joins the parameters there are, or starts them", () => {
    expect(withReference("ccpo")).toBe("ccpo?reference=true")
    expect(withReference("ccpo?beta=2")).toBe("ccpo?beta=2&reference=true")
    expect(withReference("rows:TF/FT?link=hinge&margin=1")).toBe("rows:TF/FT?link=hinge&margin=1&reference=true")
    expect(withReference("ratio:p_w/p_l")).toBe("ratio:p_w/p_l?reference=true")
  })
})
