/** Every published experiment, in its small profile through the real pipeline: its claims stand and its figures are drawn. */
import { existsSync, globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { loadConfig } from "../../src/experiments/load.ts"
import { rowsFromJsonLines } from "../../src/experiments/records.ts"
import { renderFigures, runClaims, runStudy } from "../../src/experiments/run.ts"
import { ExperimentConfig } from "../../src/experiments/schema.ts"
import { inNode, temporaryFolder } from "./toy/harness.ts"

const folder = fileURLToPath(new URL("../../configs/bandit/", import.meta.url))
// Landscapes are exact: no seeds to decide claims by.
const files = globSync("*.yaml", { cwd: folder })
  .filter((name) => name !== "landscapes.yaml")
  .sort()

describe("the experiments", () => {
  it("are there", () => {
    expect(files).toEqual(expect.arrayContaining(["E1.yaml", "E4.yaml", "E6.yaml", "copg.yaml"]))
  })

  it.each(files)("%s says what it asks, claims and cannot show, with ten seeds or more", async (name) => {
    const { config } = await inNode(loadConfig(ExperimentConfig, join(folder, name)))
    expect(config.question).toBeDefined()
    expect(config.limits.length).toBeGreaterThan(0)
    expect(config.seeds.length).toBeGreaterThanOrEqual(10)
    expect(config.claims?.length ?? 0).toBeGreaterThanOrEqual(3)
    expect(config.figures.plots?.length ?? config.figures.only?.length ?? 1).toBeGreaterThan(0)
  })

  it.each(files)(
    "%s: its claims stand in the small profile",
    async (name) => {
      const out = join(temporaryFolder(), "runs")
      const { folder: run } = await inNode(runStudy({ file: join(folder, name), out, small: true, workers: 2 }))
      const claims = await inNode(runClaims(run))
      const { config } = await inNode(loadConfig(ExperimentConfig, join(folder, name), { profile: "small" }))
      expect(claims.map(({ claim }) => claim)).toEqual((config.claims ?? []).map(({ id }) => id))
      expect(claims.filter(({ stands }) => !stands).map(({ claim, evidence }) => `${claim}: ${evidence}`)).toEqual([])
      for (const { id } of config.figures.plots ?? []) expect(existsSync(join(run, "figures", `${id}.svg`))).toBe(true)
      expect((await inNode(renderFigures(run, { check: true }))).changed).toEqual([])
    },
    180_000
  )

  it("landscapes.yaml: bandits and the language model have all they are asked for, in the small profile", async () => {
    const out = join(temporaryFolder(), "runs")
    const file = join(folder, "landscapes.yaml")
    const { folder: run } = await inNode(runStudy({ file, out, small: true, workers: 2 }))
    const rows = rowsFromJsonLines(readFileSync(join(run, "records", "surfaces.jsonl"), "utf8"))
    for (const study of ["ten-arms", "features", "language-model"]) {
      const kinds = new Set(rows.filter((row) => row.study === study).map(({ kind }) => kind))
      expect([...kinds].sort()).toEqual(["path", "sharpness", "slice"])
    }
    expect(rows.filter(({ kind }) => kind === "refused")).toEqual([])
    expect((await inNode(renderFigures(run, { check: true }))).changed).toEqual([])
  }, 180_000)

  it("have the names of their files", async () => {
    for (const name of files) {
      const { config } = await inNode(loadConfig(ExperimentConfig, join(folder, name)))
      expect(config.study).toBe(basename(name, ".yaml").toLowerCase())
    }
  })
})
