/** `derive` in a real process: the empty answer that is a proof, and loss files that everything else takes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-derive-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe("derive", () => {
  it("proves that no unpublished loss over a pair is strictly monotone and antisymmetric", () => {
    const found = losslattice("derive", "configs/derive/novel-antisymmetric.yaml")
    expect(found.code).toBe(0)
    expect(found.out).toMatch(/^0 losses/)
    expect(found.out).toContain("this is a proof")
    expect(found.out).toMatch(/known +4: /)
  })

  it("writes loss files that explain and a study take, and keeps what is there", () => {
    const folder = join(scratch, "losses")
    const derive = (...more: ReadonlyArray<string>) =>
      losslattice("derive", "configs/derive/weighted.yaml", "--out", folder, ...more)
    const first = derive()
    expect(first.code).toBe(0)
    expect(first.err).toContain("wrote 20 loss files")
    const files = readdirSync(folder)
    expect(files).toHaveLength(21)
    const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
      readonly losses: ReadonlyArray<{ readonly file: string; readonly name: string }>
    }
    const [entry] = index.losses
    const explained = json<{ readonly expressible: boolean; readonly weighted: object }>(
      "explain",
      join(folder, entry!.file)
    )
    expect(explained.weighted).toBeDefined()
    // The same again changes nothing; other content is kept unless it is to be replaced.
    expect(derive().code).toBe(0)
    writeFileSync(join(folder, entry!.file), "{}")
    const refused = derive()
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/there already with other content/)
    expect(readFileSync(join(folder, entry!.file), "utf8")).toBe("{}")
    expect(derive("--force").code).toBe(0)
    const study = join(scratch, "study.yaml")
    writeFileSync(
      study,
      [
        "version: 1",
        "study: derived-losses",
        "title: Derived losses on a small bandit",
        "seeds: [0]",
        "bandit:",
        "  studies:",
        "    clean:",
        `      losses: [${JSON.stringify(join(folder, entry!.file))}]`,
        "      environment: {kind: bradley-terry, arms: 4}",
        "      data: {mode: exact}",
        "      optimizer: {kind: adam, learningRate: 0.02}",
        "      steps: 20",
        "      checkpoints: 2",
        ""
      ].join("\n")
    )
    const run = losslattice("run", study, "--out", join(scratch, "runs"))
    expect(run.err + run.out).not.toMatch(/Error/)
    expect(run.code).toBe(0)
    const rows = readFileSync(join(run.out.trim().split("\n").at(-1)!, "records", "bandit.jsonl"), "utf8").trim()
    expect(rows.split("\n").length).toBeGreaterThan(0)
  })

  it("refuses a query that asks for nothing there is, with its place", () => {
    const file = join(scratch, "bad.yaml")
    writeFileSync(file, "name: bad\nrows:\n  - row M(l) is a crass\nweights: [0]\n")
    const found = losslattice("derive", file)
    expect(found.code).toBe(2)
    expect(found.err).toMatch(/bad\.yaml:3:/)
    expect(found.err).toMatch(/no mark of a row/)
    expect(found.out).toBe("")
  })
})
