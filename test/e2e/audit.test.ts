/** `losslattice audit` in a real process: exit codes, the page, the document, sentences for wrong input. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { requires } from "../requirements.ts"
import { losslattice, root } from "./process.ts"

const file = "test/audit/planted.py"

describe("audit", () => {
  it("refuses what is no target, no loss, no adapter", () => {
    const refused = (...args: ReadonlyArray<string>): string => {
      const { code, out, err } = losslattice("audit", ...args)
      expect({ code, out }).toEqual({ code: 2, out: "" })
      expect(err.trim().split("\n")).toHaveLength(1)
      return err
    }
    expect(refused(file, "--against", "dpo")).toContain("expected path/file.py:function")
    expect(refused(`${file}:dpo`, "--against", "dpoo")).toContain("dpo")
    expect(refused(`${file}:dpo`, "--against", "dpo", "--adapter", "{")).toContain("--adapter: not JSON")
    expect(refused(`${file}:dpo`, "--against", "dpo", "--adapter", "nowhere.json")).toContain(
      "nowhere.json: no such file"
    )
    expect(refused(`${file}:dpo`, "--against", "rows:/FT")).toContain("degenerate")
  })
})

describe.runIf(requires("python"))("audit with Python", () => {
  it("prints what docs/audit.md shows", () => {
    const page = readFileSync(join(root, "docs", "audit.md"), "utf8")
    const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\``).exec(page)![1]!
    const folder = mkdtempSync(join(tmpdir(), "losslattice-audit-doc-"))
    writeFileSync(join(folder, "my_dpo.py"), block("python"))
    const { code, out } = losslattice("audit", `${folder}/my_dpo.py:dpo_loss`, "--against", "dpo")
    rmSync(folder, { recursive: true, force: true })
    expect(code).toBe(1)
    expect(out.replace(`${folder}/`, "").trim()).toBe(block("text"))
  })

  it("ends with 0 where the code is the loss", () => {
    const { code, out, err } = losslattice("audit", `${file}:dpo`, "--against", "dpo")
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toContain("test/audit/planted.py:dpo against dpo (beta = 0.1): agrees")
  })

  it("ends with 1 and the smallest disagreement where it is not", () => {
    const { code, out, err } = losslattice("audit", `${file}:reference_dropped`, "--against", "dpo", "--json")
    expect(code).toBe(1)
    expect(err).toContain("is not dpo")
    const document = JSON.parse(out) as Record<string, unknown>
    expect(document).toMatchObject({
      target: `${file}:reference_dropped`,
      against: "dpo",
      agrees: false,
      arguments: {
        chosen_logps: "lw",
        rejected_logps: "ll",
        ref_chosen_logps: "rw",
        ref_rejected_logps: "rl",
        beta: "beta"
      },
      smallest: { dtype: "float64", params: { beta: 0.1 }, pairs: [{ lw: -1, ll: -1, rw: -2, rl: -1 }] }
    })
    const [cause] = document.causes as ReadonlyArray<{
      readonly id: string
      readonly explains: number
      readonly of: number
    }>
    expect(cause).toMatchObject({ id: "no-reference" })
    expect(cause!.explains).toBe(cause!.of)
  })

  it("ends with 2 where the target cannot be had or called", () => {
    const refused = (...args: ReadonlyArray<string>): string => {
      const { code, err } = losslattice("audit", ...args)
      expect(code).toBe(2)
      return err
    }
    expect(refused("nowhere.py:f", "--against", "dpo")).toContain("nowhere.py: no such file")
    expect(refused(`${file}:dop`, "--against", "dpo")).toContain('has no "dop"; it has dpo')
    expect(refused(`${file}:sequence_logps`, "--against", "dpo")).toContain('argument "logits" is not known')
    expect(refused(`${file}:odd_names`, "--against", "ipo", "--adapter", '{"a":"lw","b":"ll","t":"tau"}')).toContain(
      "every call raises; the first: ValueError: plain"
    )
    expect(refused("trl:nothing", "--against", "dpo")).toContain("there are dpo, cpo")
  })
})
