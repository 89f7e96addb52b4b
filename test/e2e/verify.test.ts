/** `verify` and a long `landscape` as they are typed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { interrupted, json, losslattice } from "./process.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-verify-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Writes what a command prints with --json. */
const written = (name: string, ...args: ReadonlyArray<string>): string => {
  const file = join(scratch, name)
  const { code, out } = losslattice(...args, "--json")
  expect(code).toBe(0)
  writeFileSync(file, out)
  return file
}

const edited = (file: string, edit: (text: string) => string): string => {
  const text = readFileSync(file, "utf8")
  const other = edit(text)
  expect(other).not.toBe(text)
  const path = `${file}.edited`
  writeFileSync(path, other)
  return path
}

describe("verify", () => {
  it("accepts what compare, validate and explain --certificates wrote", () => {
    const compared = written("compare.json", "compare", "cpo_core", "uncpo")
    expect(json(`verify`, compared)).toEqual({
      file: compared,
      document: "compare",
      holds: true,
      checked: { certificates: 1, witnesses: 1, identities: 0 },
      unchecked: []
    })
    const validated = written("validate.json", "validate", "dpo", "--property", "P6,P8", "--runs", "5")
    expect(losslattice("verify", validated)).toMatchObject({ code: 0, err: "" })
    const explained = losslattice("verify", written("explain.json", "explain", "ccpo", "--certificates"))
    expect(explained.code).toBe(0)
    expect(explained.out).toMatch(/^holds: what explain wrote, \d+ certificates, \d+ witness(es)?, \d+ identities\n/)
  })

  it("ends with 1 and the first thing that does not hold", () => {
    const file = edited(written("other.json", "compare", "ccpo", "qfunl"), (text) =>
      text.replace('"exact": {\n          "p_w": "', '"exact": {\n          "p_w": "1')
    )
    const { code, out, err } = losslattice("verify", file)
    expect([code, out]).toEqual([1, ""])
    expect(err).toMatch(/^losslattice: .*other.json.edited: a witness shows nothing: p_w is not between 0 and 1\n$/)
    const { code: asJson, out: report } = losslattice("verify", file, "--json")
    expect(asJson).toBe(1)
    expect(JSON.parse(report)).toMatchObject({ holds: false, failure: expect.stringContaining("p_w") })
  })

  it("ends with 2 when there is nothing of the kind in the file", () => {
    const file = join(scratch, "empty.json")
    writeFileSync(file, "{}")
    expect(losslattice("verify", file)).toMatchObject({ code: 2, out: "" })
    writeFileSync(file, "{")
    expect(losslattice("verify", file).err).toMatch(/not JSON/)
    expect(losslattice("verify", join(scratch, "none.json"))).toMatchObject({ code: 2, out: "" })
    // A page of explain without certificates has none to check.
    expect(losslattice("verify", written("plain.json", "explain", "dpo"))).toMatchObject({ code: 2, out: "" })
  })
})

it("landscape ends at once on Ctrl-C, with nothing on stdout", async () => {
  const { signal, out } = await interrupted(700, "landscape", "--propositions", "M(w),M(l),Ref(w)", "--pairs", "--json")
  expect(signal).toBe("SIGINT")
  expect(out).toBe("")
})
