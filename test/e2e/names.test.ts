/** Trainers' names, typed into a real process: explain, compare, names, and a study that tabulates them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-names-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Programs {
  readonly programs: {
    readonly verdict: string
    readonly because: ReadonlyArray<string>
    readonly difference?: { readonly inputs: Readonly<Record<string, number>> }
  }
}

describe("trainers' names on the command line", () => {
  it("explain says what the trainer means and who else uses the name", () => {
    const found = json<{
      readonly id: string
      readonly project: Readonly<Record<string, unknown>>
      readonly sameName: ReadonlyArray<{ readonly name: string; readonly is?: string }>
    }>("explain", "trl.ipo?beta=0.5")
    expect(found.id).toBe("ipo_norm")
    expect(found.project).toMatchObject({
      name: "trl.ipo",
      project: "TRL",
      is: "ipo_norm?tau=0.1",
      params: { beta: 0.1 }
    })
    expect(found.sameName).toContainEqual({ name: "openrlhf.ipo", is: "ipo?tau=0.1" })
    const page = losslattice("explain", "openrlhf.ipo").out
    expect(page).toMatch(/openrlhf\.ipo: as OpenRLHF has it/)
    expect(page).toMatch(/the same name elsewhere/)
  })

  it("compare compares structures and functions, and functions alone where there is no structure", () => {
    const { programs, ...structures } = json<Programs & { readonly sameLoss: boolean }>(
      "compare",
      "trl.ipo",
      "openrlhf.ipo"
    )
    expect(structures.sameLoss).toBe(true)
    expect(programs.verdict).toBe("differ")
    expect(programs.difference?.inputs).toHaveProperty("nw")
    const refused = losslattice("compare", "trl.simpo", "simpo")
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/no structure to compare.*different functions of their inputs: see --programs/)
    expect(json<Programs>("compare", "trl.simpo", "liger.simpo", "--programs").programs.verdict).toBe("same")
  })

  it("a name that its project does not compute is exit code 2, with the reason", () => {
    const found = losslattice("explain", "liger.ipo")
    expect(found.code).toBe(2)
    expect(found.err).toMatch(/Liger-Kernel does not compute liger\.ipo: it needs the token counts/)
  })

  it("a study takes trainers' names with their own parameters, and tabulates all of them on request", () => {
    const config = join(scratch, "names.yaml")
    writeFileSync(
      config,
      [
        "version: 1",
        "study: names",
        "title: Names",
        "question: Which names are one loss?",
        "seeds: [0]",
        'catalogue: {losses: [dpo, "trl.ipo?beta=0.2"], names: true}',
        ""
      ].join("\n")
    )
    const ran = losslattice("run", config, "--out", join(scratch, "runs"))
    expect(ran.code, ran.err).toBe(0)
    const folder = ran.out.trim().split("\n").at(-1)!
    const listed = json<{
      readonly names: ReadonlyArray<{ readonly name: string }>
      readonly refused: ReadonlyArray<unknown>
    }>("names")
    const lines = (path: string) => readFileSync(join(folder, path), "utf8").trim().split("\n")
    expect(lines("records/names.jsonl")).toHaveLength(listed.names.length + listed.refused.length)
    const names = lines("tables/names.csv")
    expect(names.find((line) => line.startsWith("openrlhf.ipo,"))).toMatch(/,ipo\?tau=0\.1,/)
    expect(readFileSync(join(folder, "tables", "names.tex"), "utf8")).toContain("\\begin")
    expect(
      lines("tables/losses.csv").some((line) => line.includes("trl.ipo?beta=0.2") || line.startsWith("ipo_norm"))
    ).toBe(true)
  })
})
