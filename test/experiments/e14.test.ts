/** configs/bandit/E14.yaml: its quick profile from bandits to regression and claims, and what its sections refuse. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import type { RegressionRow } from "../../src/experiments/figures/records.ts"
import { runStudy } from "../../src/experiments/run.ts"
import { inNode, resultInNode, temporaryFolder } from "./toy/harness.ts"

const file = fileURLToPath(new URL("../../configs/bandit/E14.yaml", import.meta.url))

const rowsOf = <A>(folder: string, name: string): ReadonlyArray<A> =>
  readFileSync(join(folder, "records", `${name}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as A)

interface Run {
  readonly cell: string
  readonly loss: string
  readonly environment: string
  readonly kl?: number
  readonly reached?: boolean
  readonly klToReference?: number
  readonly step?: number
  readonly final?: boolean
}

describe("the constrainedness sweep", () => {
  it("runs the sixteen in all readings, keeps the ends, matches KL, regresses, and its claims stand", async () => {
    const { folder } = await inNode(runStudy({ file, out: join(temporaryFolder(), "runs"), workers: 2, small: true }))
    const bandit = rowsOf<Run>(folder, "bandit")
    const clean = bandit.filter(({ environment }) => environment === "clean")
    expect(new Set(clean.map(({ loss }) => loss)).size).toBe(48)
    // First and last checkpoint of every run.
    const cells = Map.groupBy(bandit, ({ cell }) => cell)
    expect([...cells.values()].every((own) => own.length === 2 && own[0]!.step === 0 && own[1]!.final === true)).toBe(
      true
    )
    const matched = rowsOf<Run>(folder, "bandit-kl")
    expect(matched).toHaveLength(3 * cells.size)
    for (const row of matched) if (row.reached) expect(row.klToReference).toBeCloseTo(row.kl!, 12)
    expect(matched.some(({ reached }) => !reached)).toBe(true)
    const regression = rowsOf<RegressionRow>(folder, "regression")
    const model = regression.find(
      (row) =>
        row.kind === "model" && row.analysis === "sixteen" && row.environment === "sparse" && row.outcome === "entropy"
    )
    expect(model).toMatchObject({ losses: 16, seeds: 2, n: 192, missing: 0 })
    expect(
      regression.filter((row) => row.kind === "test").every((row) => row.kind === "test" && row.permutations === 199)
    ).toBe(true)
    for (const figure of ["outcome-predictors", "outcome-effects"]) {
      expect(existsSync(join(folder, "figures", `${figure}.svg`))).toBe(true)
    }
    for (const table of ["regression-models", "regression-shares", "regression-effects"]) {
      expect(readFileSync(join(folder, "tables", `${table}.csv`), "utf8").split("\n").length).toBeGreaterThan(20)
    }
    const report = readFileSync(join(folder, "report.html"), "utf8")
    expect(report).toContain("Does depth say anything beyond class")
  }, 300_000)

  it("refuses a regression on what the study does not have, each at its place", async () => {
    for (const [override, sentence] of [
      ["regression.sixteen.at=[end, 0.7]", /records no metrics at KL 0\.7; its klLevels are 0\.1, 0\.3, 1/],
      ["regression.sixteen.environments=[claen]", /no bandit study "claen"; .*clean/],
      ["regression.sixteen.predictors=[class, deepth]", /"deepth" is not allowed; nearest: depth/],
      ["regression.sixteen.tests=[{predictor: reading, given: []}]", /reading is not among the predictors/],
      ["regression.sixteen.tests=[{predictor: depth, given: [depth]}]", /depth is given itself/],
      ["regression.sixteen.within=[class]", /within.*"class"/],
      ["bandit.studies.clean.losses=[{set: monoton}]", /monotone/]
    ] as const) {
      const found = await resultInNode(
        runStudy({ file, out: join(temporaryFolder(), "runs"), small: true, overrides: [override] })
      )
      expect(Result.isFailure(found) && found.failure.message, override).toMatch(sentence)
    }
  })
})
