/** LaTeX takes every table: no error, nothing undefined, nothing over the margin; and what is printed can be read and copied. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { previewTex, tableTex } from "../../src/experiments/tables/latex.ts"
import { texMathSigns, texText } from "../../src/experiments/tables/latexText.ts"
import type { Column } from "../../src/experiments/tables/table.ts"
import { allTablesTex, writeTables } from "../../src/experiments/tables.ts"
import { requires } from "../requirements.ts"
import { compile, overfull } from "./fixtures/latex.ts"
import { anyText, tableRecords } from "./fixtures/tables.ts"

describe.runIf(requires("latex", "pdftotext"))("LaTeX", () => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-tables-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe("compiles all tables of a run", () => {
    let log = ""
    let text = ""
    beforeAll(() => {
      const tables = writeTables(tableRecords)
      for (const { name, tex } of tables) writeFileSync(join(folder, `${name}.tex`), tex)
      writeFileSync(join(folder, "all.tex"), allTablesTex(tableRecords))
      compile(folder, "all")
      // Those for machines too.
      writeFileSync(join(folder, "every.tex"), previewTex(tables.map(({ name }) => name)))
      ;({ log, text } = compile(folder, "every"))
    })

    it("without a reference or label amiss", () => {
      expect(log).not.toMatch(/undefined|multiply defined|Rerun to get/)
    })

    it("within the margins", () => {
      expect(overfull(log)).toEqual([])
    })

    it("with Greek letters, minus signs and the signs of logic as text", () => {
      for (const sign of ["ρ", "β", "π", "−", "→", "∧", "∨", "¬"]) expect(text, sign).toContain(sign)
      expect(text).toContain("robust_dpo")
      expect(text).toContain("trl:dpo?loss_type=")
    })
  })

  it("takes any text in any kind of column", () => {
    const kinds = ["text", "code", "codes", "formula", "ratio", "arxiv"] as const
    const columns = kinds.map((kind): Column => ({ key: kind, title: `[${kind}] of *`, kind }))
    const row = fc.tuple(...kinds.map(() => anyText))
    // At the beginning of a row a bracket or a star could be an option of what is before.
    const begun = ["[a]", " [a]", "*", " *a", "[1pt]"].map((text) => kinds.map(() => text))
    const rows = [...begun, ...fc.sample(row, { numRuns: 120, seed: 20261126 })]
    const notes = fc.sample(anyText, { numRuns: 20, seed: 5 })
    const table = { name: "any", title: "Any [text] & more", caption: "a_b ]", columns, rows, notes }
    writeFileSync(join(folder, "any.tex"), tableTex(table))
    writeFileSync(join(folder, "anyText.tex"), previewTex(["any"]))
    expect(compile(folder, "anyText").log).not.toMatch(/^!/m)
  })

  it("prints every letter and sign so that it can be copied", () => {
    const letters = Array.from({ length: 0x180 - 0xa1 }, (_, k) => String.fromCodePoint(0xa1 + k))
    const signs = Object.keys(texMathSigns)
    const columns: ReadonlyArray<Column> = [{ key: "sign", title: "sign", kind: "text" }]
    const rows = [...letters, ...signs].map((sign) => [`<${sign}>`])
    writeFileSync(join(folder, "signs.tex"), tableTex({ name: "signs", title: "Signs", caption: "", columns, rows }))
    writeFileSync(join(folder, "allSigns.tex"), previewTex(["signs"]))
    const { text } = compile(folder, "allSigns")
    // A stroke through an equals sign is drawn, and two bars are those of parallel lines.
    const printed: Readonly<Record<string, string>> = { "≠": "=", "‖": "∥" }
    const plain = text.normalize("NFKC")
    const isThere = (sign: string): boolean => plain.includes((printed[sign] ?? sign).normalize("NFKC"))
    // Beyond Latin-1 an accent may be a letter of its own.
    const copied = letters.filter((letter) => letter >= "À" && letter <= "ÿ")
    expect([...copied, ...signs].filter((sign) => !isThere(sign))).toEqual([])
  })
})
