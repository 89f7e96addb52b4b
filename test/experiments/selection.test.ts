/** Which losses go on to finetuning, and what is said about those that do not. */
import { describe, expect, it } from "vitest"
import type { ValidateRow, Verdict } from "../../src/experiments/figures/records.ts"
import type { StageContext } from "../../src/experiments/Stage.ts"
import type { ExperimentConfig } from "../../src/experiments/schema.ts"
import { type Outcome, rankLosses, type SelectionRule, selectLosses } from "../../src/experiments/selection.ts"
import { validateStage } from "../../src/experiments/stages/validate.ts"

const outcome = (loss: string, ...values: ReadonlyArray<number | undefined>): ReadonlyArray<Outcome> =>
  values.map((value) => ({ loss, value }))

const verdict = (loss: string, property: string, found: Verdict, counterexample?: string): ValidateRow => ({
  loss,
  property,
  statement: "…",
  verdict: found,
  ...(counterexample === undefined ? {} : { counterexample })
})

const outcomes = [
  ...outcome("cpo_core", 0.9, 0.7),
  ...outcome("uncpo", 0.5, 0.5),
  ...outcome("ce_odds", 0.6, 0.6),
  ...outcome("rows:TF/FT", 0.95, 0.95),
  ...outcome("rows:TF,TT/FT", 0.2, 0.2),
  ...outcome("l5", 3, undefined)
]
const derived = new Set(["rows:TF/FT", "rows:TF,TT/FT"])
const losses = [...new Set(outcomes.map(({ loss }) => loss)), "dpo"]

const rule: SelectionRule = {
  metric: "expectedReward",
  direction: "max",
  top: 2,
  derived: 0,
  require: {},
  alwaysInclude: ["dpo"],
  force: false
}

const select = (change: Partial<SelectionRule>, verdicts: ReadonlyArray<ValidateRow> = []) =>
  selectLosses({ ...rule, ...change }, losses, derived, outcomes, verdicts)

const chosen = (rows: ReturnType<typeof select>) => rows.filter(({ selected }) => selected).map(({ loss }) => loss)

describe("the ranking", () => {
  it("is by the mean over seeds, in the direction asked for, without those that diverged", () => {
    const best = [...rankLosses(outcomes, "max")].map(([loss, { rank }]) => `${rank} ${loss}`)
    expect(best).toEqual(["1 rows:TF/FT", "2 cpo_core", "3 ce_odds", "4 uncpo", "5 rows:TF,TT/FT"])
    expect(rankLosses(outcomes, "max").get("cpo_core")?.mean).toBeCloseTo(0.8, 12)
    expect([...rankLosses(outcomes, "min").keys()][0]).toBe("rows:TF,TT/FT")
    expect(rankLosses(outcomes, "max").has("l5")).toBe(false)
  })

  it("breaks ties by name, whatever the order of the rows", () => {
    const tied = [...outcome("b", 1), ...outcome("a", 1)]
    expect([...rankLosses(tied, "max").keys()]).toEqual(["a", "b"])
    expect([...rankLosses([...tied].reverse(), "max").keys()]).toEqual(["a", "b"])
  })
})

describe("the selection", () => {
  it("is the first of the ranking and those always included, with a reason for each loss", () => {
    const rows = select({})
    expect(chosen(rows)).toEqual(["rows:TF/FT", "cpo_core", "dpo"])
    expect(rows.map(({ loss, reason }) => `${loss}: ${reason}`)).toEqual([
      "rows:TF/FT: rank 1 of 5 by expectedReward",
      "cpo_core: rank 2 of 5 by expectedReward",
      "ce_odds: rank 3 of 5 by expectedReward, below the first 2",
      "uncpo: rank 4 of 5 by expectedReward, below the first 2",
      "rows:TF,TT/FT: rank 5 of 5 by expectedReward, below the first 2",
      "l5: its bandit runs diverged",
      "dpo: named in alwaysInclude"
    ])
  })

  it("by rank brings nobody further when nobody is to go", () => {
    expect(select({ top: 0 })[0]!.reason).toBe("rank 1 of 5 by expectedReward, and the study takes none by rank alone")
  })

  it("takes as many derived losses as asked for, best first", () => {
    expect(chosen(select({ top: 0, derived: 1 }))).toEqual(["rows:TF/FT", "dpo"])
    expect(chosen(select({ top: 0, derived: 2 }))).toEqual(["rows:TF/FT", "rows:TF,TT/FT", "dpo"])
  })

  const verdicts = [
    verdict("rows:TF/FT", "P9", "refuted", "arm a: 0.2"),
    verdict("rows:TF,TT/FT", "P9", "proved"),
    verdict("cpo_core", "P9", "held"),
    verdict("dpo", "P9", "undecided")
  ]
  const require = { p9: ["proved", "held"] }

  it("refuses who does not meet a requirement, always included or not, with the counterexample", () => {
    const rows = select({ require }, verdicts)
    expect(chosen(rows)).toEqual(["cpo_core"])
    expect(rows[0]).toEqual({
      loss: "rows:TF/FT",
      selected: false,
      forced: false,
      reason: "refused: p9 has to be proved or held, and is refuted; rank 1 of 5 by expectedReward",
      counterexample: "arm a: 0.2",
      rank: 1
    })
    expect(rows.find(({ loss }) => loss === "dpo")?.reason).toContain("and is undecided")
    expect(rows.find(({ loss }) => loss === "uncpo")?.reason).toContain("and was not examined")
  })

  it("knows a property by any of its names", () => {
    expect(chosen(select({ require: { "chosen-safe": ["proved", "held"] } }, verdicts))).toEqual(["cpo_core"])
  })

  it("passes over refused derived losses for the next one", () => {
    expect(chosen(select({ require, top: 0, derived: 1 }, verdicts))).toEqual(["rows:TF,TT/FT"])
  })

  it("by force takes them all the same, and says so", () => {
    const rows = select({ require, force: true }, verdicts)
    expect(chosen(rows)).toEqual(["rows:TF/FT", "cpo_core", "dpo"])
    expect(rows.filter(({ forced }) => forced).map(({ loss }) => loss)).toEqual(["rows:TF/FT", "dpo"])
    expect(rows[0]).toMatchObject({ counterexample: "arm a: 0.2", selected: true })
    expect(rows[0]!.reason).toMatch(/^forced although refused: .*; rank 1 of 5/)
  })
})

describe("expected verdicts", () => {
  it("reach the cells under the ids of properties, whatever name the study uses", async () => {
    const validate = { losses: ["dpo"], derived: false, properties: "all", runs: 1, seed: 0 }
    const config = { validate: { ...validate, expected: { dpo: { "chosen-safe": "proved", P8: "held" } } } }
    if (validateStage._tag !== "Cells") throw new Error("validate has cells")
    const cells = await validateStage.cells({ config } as unknown as StageContext<ExperimentConfig>)
    expect(cells.map(({ spec }) => spec)).toMatchObject([{ loss: "dpo", expected: { P9: "proved", P8: "held" } }])
  })
})
