/** From bandit records to the rows of a regression: predictors, what is left out, what is missing, the rows of an analysis. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { lossesOf } from "../../../src/derive/index.ts"
import type { Json } from "../../../src/experiments/canonical.ts"
import { emptyRecords, landscapeNodes, type RegressionRow } from "../../../src/experiments/figures/records.ts"
import { analyse, type RegressionTask } from "../../../src/experiments/regression/analyse.ts"
import { observationsOf } from "../../../src/experiments/regression/observations.ts"
import { predictedLoss, predictors, type Subject } from "../../../src/experiments/regression/predictors.ts"
import { landscapeRows } from "../fixtures/landscape.ts"

const subject = (loss: string, ceWeight = 0, reference = false): Subject => ({
  ...Result.getOrThrow(predictedLoss(loss, reference)),
  ceWeight
})

describe("predictors", () => {
  it("know class and depth of the sixteen as the lattice does", () => {
    for (const { id, depth, class: group } of landscapeNodes({ ...emptyRecords, landscape: landscapeRows })) {
      expect(predictors.depth.valueOf(subject(id))).toBe(depth)
      expect(predictors.class.valueOf(subject(id)).replace(" ", "-")).toBe(group)
    }
  })

  it("see the truth table through every reading", () => {
    for (const text of ["cpo_core", "cpo_core?reference=true", "cpo_core?semantics=relative", "rows:TF,TT/FT,TT"]) {
      expect(predictors.table.valueOf(subject(text))).toBe("rows:TF,TT/FT,TT")
    }
    const readings = ["cpo_core", "cpo_core?reference=true", "cpo_core?semantics=relative"].map((text) =>
      predictors.reading.valueOf(subject(text))
    )
    expect(readings).toEqual(["none", "added", "in the weights"])
    expect(predictors.reading.valueOf(subject("cpo_core", 0, true))).toBe("added")
    expect(predictors["class*reading"].valueOf(subject("uncpo?reference=true"))).toBe("tick only, added")
  })

  it("have the slope share of the closed forms", () => {
    // CPO: a_w = |a_l|. unCPO: |a_l|/a_w = (1 - p_w)/p_w = 7 at 1/8. CE and fUNL look at one answer.
    expect(predictors.slopeShare.valueOf(subject("cpo_core"))).toBeCloseTo(1 / 2, 12)
    expect(predictors.slopeShare.valueOf(subject("uncpo"))).toBeCloseTo(7 / 8, 12)
    expect(predictors.slopeShare.valueOf(subject("ccpo"))).toBeCloseTo(7 / 15, 12)
    expect(predictors.slopeShare.valueOf(subject("ce_odds"))).toBe(0)
    expect(predictors.slopeShare.valueOf(subject("funl"))).toBe(1)
    for (const loss of lossesOf("strict")) {
      const share = predictors.slopeShare.valueOf(subject(loss)) as number
      expect(share).toBeGreaterThan(0)
      expect(share).toBeLessThan(1)
    }
  })

  it("say what is proved of the table, and the weight as a level", () => {
    expect(predictors.chosenSafe.valueOf(subject("cpo_core"))).toBe("yes")
    expect(predictors.chosenSafe.valueOf(subject("uncpo"))).toBe("no")
    expect(predictors.rejectedSafe.valueOf(subject("ceunl"))).toBe("no")
    expect(predictors.antisymmetric.valueOf(subject("orpo_seq"))).toBe("yes")
    expect(predictors.bothValid.valueOf(subject("cpo_core"))).toBe("both")
    expect(predictors.ceWeight.valueOf(subject("cpo_core", 0.01))).toBe("0.01")
  })

  it("refuse what has no truth table over the pair, and the constant ratio", () => {
    const reason = (text: string) => {
      const found = predictedLoss(text, false)
      return Result.isFailure(found) ? found.failure : ""
    }
    expect(reason("dpop")).toMatch(/no truth table over M\(w\), M\(l\)/)
    expect(reason("rows:FF,TT/FF,TT")).toMatch(/constant ratio/)
  })
})

/** Records: the class moves the outcome by 1 a step, the seed by 10, nothing else does. */
const rows = (
  ["cpo_core", "ccpo", "uncpo", "cfunl", "ceunl", "l3", "l20", "l5", "dpop", "rows:FF,TT/FF,TT"] as const
).flatMap((loss, k) =>
  [0, 1, 2].flatMap((seed) =>
    [false, true].map((final): Readonly<Record<string, Json>> => {
      const level = Math.floor(k / 2) + 10 * seed
      const broken = loss === "l3" && seed === 2 ? { failure: "diverged" } : {}
      return {
        loss,
        environment: "w",
        reference: false,
        ceWeight: 0,
        seed,
        final,
        entropy: final ? level : 99,
        ...broken
      }
    })
  )
)

const task: RegressionTask = {
  name: "made-up",
  environment: "w",
  outcome: "entropy",
  at: "end",
  losses: "all",
  predictors: ["class", "depth"],
  within: [],
  tests: [{ predictor: "class", given: ["depth"] }],
  permutations: 99,
  seed: 1
}

describe("observations", () => {
  it("are the last rows of one environment; losses without a table and broken runs are counted out", () => {
    const { observations, missing, leftOut } = observationsOf(rows, task)
    expect(observations).toHaveLength(23)
    expect(missing).toBe(1)
    expect(leftOut).toHaveLength(2)
    expect(observations.every(({ outcome }) => outcome < 99)).toBe(true)
    expect(observationsOf(rows, { ...task, environment: "v" }).observations).toEqual([])
    expect(observationsOf(rows, { ...task, losses: "strict" }).observations).toHaveLength(23)
    const only = observationsOf([...rows, { ...rows[1]!, loss: "rows:TF/TF,FT" }], { ...task, losses: "lattice" })
    expect(only.observations).toHaveLength(23)
  })

  it("at a level are the runs that reached it", () => {
    const matched = [0, 1, 2].map((seed) => ({ ...rows[1]!, seed, kl: 0.3, reached: seed < 2, entropy: seed }))
    const { observations, missing } = observationsOf([...matched, { ...matched[0]!, kl: 1 }], { ...task, at: 0.3 })
    expect(observations.map(({ outcome }) => outcome)).toEqual([0, 1])
    expect(missing).toBe(1)
  })
})

const coefficients = (rows: ReadonlyArray<RegressionRow>) => rows.filter((row) => row.kind === "coefficient")

describe("an analysis", () => {
  it("finds what the outcome was made from, and says how sure that is", () => {
    const found = analyse(rows, task)
    const model = found.find((row) => row.kind === "model")!
    expect(model).toMatchObject({ losses: 8, seeds: 3, n: 23, missing: 1 })
    expect(model.r2).toBeCloseTo(1, 9)
    expect(model.byTable).toBeCloseTo(1, 9)
    expect(model.predicted).toBeCloseTo(1, 6)
    const shares = found.filter((row) => row.kind === "share")
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    expect(shares.find(({ predictor }) => predictor === "class")!.alone).toBeCloseTo(1, 9)
    const effects = coefficients(found).filter(({ predictor }) => predictor === "class")
    expect(effects.map((row) => [row.level, row.against, Math.round(1e9 * row.estimate!) / 1e9])).toEqual([
      ["cross only", "neither", 2],
      ["both", "neither", 3],
      ["tick only", "neither", 1]
    ])
    expect(found.find((row) => row.kind === "test")).toMatchObject({ predictor: "class", permutations: 99 })
    expect(analyse(rows, task)).toEqual(found)
  })

  it("within conditions has coefficients for each of them", () => {
    const both = [...rows, ...rows.map((row) => ({ ...row, ceWeight: 0.1, entropy: -(row.entropy as number) }))]
    const found = analyse(both, { ...task, within: ["ceWeight"], tests: [] })
    const effects = coefficients(found).filter(({ level }) => level === "both")
    expect(effects.map((row) => [row.stratum, Math.round(row.estimate!)])).toEqual([
      ["ceWeight 0", 3],
      ["ceWeight 0.1", -3]
    ])
    expect(found[0]!.kind === "model" && found[0]!.r2).toBeCloseTo(1, 9)
    // Without them the conditions cancel: the class says nothing.
    expect(analyse(both, { ...task, tests: [] })[0]).toMatchObject({ kind: "model", r2: expect.closeTo(0, 9) })
  })

  it("of an outcome that does not vary within seeds is a model that says so", () => {
    const same = rows.map((row) => ({ ...row, entropy: row.seed! }))
    expect(analyse(same, task)).toMatchObject([{ kind: "model", spread: 0, r2: 0 }])
    expect(analyse([], task)).toMatchObject([{ kind: "model", n: 0, losses: 0 }])
  })
})
