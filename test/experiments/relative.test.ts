/** configs/relative.yaml: its quick profile through select and finetuning, with twins and powers of odds all the way. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { lossNames } from "../../src/experiments/figures/drawing/lossNames.ts"
import { type DeriveRow, emptyRecords, type TwinRow } from "../../src/experiments/figures/records.ts"
import { runStudy } from "../../src/experiments/run.ts"
import { inNode, temporaryFolder } from "./toy/harness.ts"

const file = fileURLToPath(new URL("../../configs/relative.yaml", import.meta.url))

const rowsOf = <A>(folder: string, name: string): ReadonlyArray<A> =>
  readFileSync(join(folder, "records", `${name}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as A)

interface LossRow {
  readonly loss: string
  readonly environment?: string
  readonly selected?: boolean
  readonly property?: string
  readonly verdict?: string
  readonly spec?: string
  readonly failure?: string
}

describe("the study of the relative landscape", () => {
  it("runs the sixteen and their twins through validate, bandits, selection and finetuning", async () => {
    const overrides = ["figures.only=[relative-twins]", "bandit.studies.sparse.steps=20"]
    const { folder } = await inNode(
      runStudy({ file, out: join(temporaryFolder(), "runs"), workers: 2, small: true, overrides })
    )
    expect(rowsOf<TwinRow>(folder, "twins")).toHaveLength(16)
    expect(existsSync(join(folder, "figures", "relative-twins.svg"))).toBe(true)
    expect(readFileSync(join(folder, "tables", "twins.csv"), "utf8").split("\n")).toHaveLength(18)
    const bandit = rowsOf<LossRow>(folder, "bandit")
    for (const environment of ["clean", "sparse"]) {
      const losses = new Set(bandit.filter((row) => row.environment === environment).map(({ loss }) => loss))
      expect(losses.size).toBe(34)
      expect([...losses].filter((loss) => loss.includes("semantics=relative"))).toHaveLength(17)
    }
    expect(bandit.filter(({ failure }) => failure !== undefined)).toEqual([])
    const verdict = (loss: string, property: string) =>
      rowsOf<LossRow>(folder, "validate").find((row) => row.loss === loss && row.property === property)?.verdict
    expect(verdict("cpo_core?semantics=relative", "P9")).toBe("refuted")
    expect(verdict("ccpo?semantics=relative&oddsBeta=0.1", "P9")).toBe("proved")
    const trained = new Map(rowsOf<LossRow>(folder, "finetune").map(({ loss, spec }) => [loss, spec]))
    expect([...trained.keys()]).toEqual(
      expect.arrayContaining(["dpo", "cpo_core?semantics=relative", "ccpo?semantics=relative&oddsBeta=0.1"])
    )
    // Twins read whole answers, absolute losses per-token means.
    expect(trained.get("cpo_core?semantics=relative")).toBe("cpo_core?semantics=relative")
    expect(trained.get("ccpo")).toBe("ccpo?lengthNormalised=true")
  })
})

describe("names of twins in figures", () => {
  const names = (...losses: ReadonlyArray<string>) => [...lossNames(emptyRecords, losses).values()]

  it("say how the weights are read, alone or beside the absolute loss", () => {
    expect(names("ccpo?semantics=relative")).toEqual(["ccpo (relative)"])
    expect(names("ccpo", "ccpo?semantics=relative", "ccpo?semantics=relative&oddsBeta=0.1")).toEqual([
      "ccpo",
      "ccpo (relative)",
      "ccpo (relative, odds^0.1)"
    ])
    expect(names("ccpo?semantics=absolute&oddsBeta=1", "ccpo?reference=true")).toEqual([
      "ccpo",
      "ccpo (with reference)"
    ])
  })

  it("leave it to a derivation's own name", () => {
    const row = (loss: string, name: string) => ({ loss, name }) as DeriveRow
    const derive = [row("rows:TF/TF,FT", "ORPO.TF-both"), row("rows:TF/TF,FT?semantics=relative", "ORPO.TF-both+rel")]
    const losses = ["rows:TF/TF,FT?semantics=relative", "rows:TF/TF,FT", "rows:TF/TF,FT?semantics=relative&beta=2"]
    expect([...lossNames({ ...emptyRecords, derive }, losses).values()]).toEqual([
      "ORPO.TF-both+rel",
      "ORPO.TF-both",
      "ORPO.TF-both+rel (β = 2)"
    ])
  })

  it("add parameters only where they tell two apart", () => {
    expect(names("ccpo?semantics=relative&beta=2", "ccpo?semantics=relative&beta=1")).toEqual([
      "ccpo (relative, β = 2)",
      "ccpo (relative, β = 1)"
    ])
  })
})
