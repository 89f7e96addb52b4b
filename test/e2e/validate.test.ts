/** `validate` as a process: threads do not change its bytes; what it writes works, and replaces nothing. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { losslattice } from "./process.ts"

const folder = mkdtempSync(join(tmpdir(), "losslattice-validate-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

describe("validate", () => {
  it("prints the same bytes with one, two and five threads, whatever comes first", () => {
    const one = losslattice("validate", "uncpo", "--runs", "30", "--workers", "1", "--json")
    expect(one.code).toBe(0)
    for (const workers of ["2", "5"]) {
      expect(losslattice("validate", "uncpo", "--runs", "30", "--workers", workers, "--json").out).toBe(one.out)
    }
    const turned = losslattice(
      "validate",
      "uncpo",
      "--runs",
      "30",
      "--property",
      "P34,P17,P9",
      "--workers",
      "2",
      "--json"
    )
    const byId = new Map(JSON.parse(one.out).results.map((result: { id: string }) => [result.id, result]))
    for (const result of JSON.parse(turned.out).results) expect(result).toEqual(byId.get(result.id))
  })

  it("writes counterexamples as a test that a user can run", () => {
    const file = at("uncpo.test.ts")
    expect(losslattice("validate", "uncpo", "--property", "P9,P10,P17,P18", "--write-test", file).code).toBe(0)
    const text = readFileSync(file, "utf8")
    expect(text).toContain('from "losslattice"')
    // The package as it is installed, but read from the source.
    mkdirSync(at("node_modules/losslattice"), { recursive: true })
    symlinkSync(resolve("node_modules/vitest"), at("node_modules/vitest"))
    writeFileSync(
      at("node_modules/losslattice/package.json"),
      JSON.stringify({ name: "losslattice", type: "module", exports: "./index.js" })
    )
    writeFileSync(at("node_modules/losslattice/index.js"), `export * from ${JSON.stringify(resolve("src/index.ts"))}\n`)
    writeFileSync(at("package.json"), JSON.stringify({ type: "module" }))
    const run = (): number | null =>
      spawnSync(process.execPath, [resolve("node_modules/vitest/vitest.mjs"), "run"], { cwd: folder }).status
    expect(run()).toBe(0)
    // It fails for a loss that has the property.
    writeFileSync(file, text.replaceAll('"uncpo"', '"ccpo"'))
    expect(run()).not.toBe(0)
  })

  it("replaces no other content without --force, and writes nothing where there is nothing to try again", () => {
    const file = at("kept.ts")
    writeFileSync(file, "mine\n")
    const args = ["validate", "uncpo", "--property", "P9", "--write-test", file]
    const refused = losslattice(...args)
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/kept\.ts: there already.*--force/)])
    expect(readFileSync(file, "utf8")).toBe("mine\n")
    expect(losslattice(...args, "--force").code).toBe(0)
    expect(losslattice(...args).code).toBe(0)
    const proved = losslattice("validate", "dpo", "--property", "P9", "--write-test", at("none.ts"))
    expect([proved.code, proved.err]).toEqual([2, expect.stringMatching(/no counterexample.*P9 proved/)])
  })

  it("writes expectations that the right formula meets and a wrong beta or normalisation does not", () => {
    const file = at("dpo.json")
    expect(losslattice("validate", "dpo", "--write-expect", file).code).toBe(0)
    const against = (formula: string) => losslattice("validate", `expr:softplus(${formula})`, "--expect", file)
    expect(against("-0.1*((lw-rw)-(ll-rl))").code).toBe(0)
    const doubled = against("-0.2*((lw-rw)-(ll-rl))")
    expect([doubled.code, doubled.err]).toEqual([
      1,
      expect.stringMatching(/kl-optimum-at:0\.1: expected held, found refuted/)
    ])
    expect(against("-0.1*((lw-rw)/nw-(ll-rl)/nl)").err).toMatch(/ignores-lengths: expected held, found refuted/)
  })

  it("refuses a number of threads below one", () => {
    const { code, err } = losslattice("validate", "dpo", "--workers", "0")
    expect([code, err]).toEqual([2, expect.stringMatching(/--workers: expected a whole number of at least 1, found 0/)])
  })
})
