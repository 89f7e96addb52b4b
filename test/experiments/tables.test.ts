/** Tables as CSV and LaTeX: the same cells in both, and texts that survive LaTeX. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formulaSigns, ratioSigns } from "../../src/experiments/figures/drawing/notation.ts"
import { emptyRecords, type Records } from "../../src/experiments/figures/records.ts"
import { tableHtml } from "../../src/experiments/tables/html.ts"
import { tableTex } from "../../src/experiments/tables/latex.ts"
import { texCode, texProse, texRatio, texText } from "../../src/experiments/tables/latexText.ts"
import { type Column, shownColumns, type Table, tableCsv } from "../../src/experiments/tables/table.ts"
import { allTablesTex, studyTables, writeTables } from "../../src/experiments/tables.ts"
import { entries } from "../../src/loss/catalogue/index.ts"
import { anyText, tableRecords as records } from "./fixtures/tables.ts"
import { csvRows, texRows, untex } from "./fixtures/untex.ts"

const blanksAsOne = (text: string): string => text.replaceAll(/[^\S\u00a0]+/g, " ")

describe("texts in LaTeX", () => {
  it("say what they said", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(untex(texText(text))).toBe(blanksAsOne(text))
        expect(untex(texProse(text))).toBe(blanksAsOne(text))
        expect(untex(texCode(text, true))).toBe(blanksAsOne(text))
      }),
      { numRuns: 2000 }
    )
  })

  it("hold no character that T1 lacks and no brace or dollar without its mate", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tex = texText(text)
        expect(tex).toMatch(/^[\x20-\x7e\u00a1-\u017f]*$/)
        const bare = tex.replaceAll(/\\[{}$]/g, "")
        expect(bare.split("{").length).toBe(bare.split("}").length)
        expect((bare.split("$").length - 1) % 2).toBe(0)
        expect(tex).not.toMatch(/--|''|,,/)
      }),
      { numRuns: 2000 }
    )
  })

  it("set quantities in prose as mathematics, names as they are", () => {
    expect(texProse("needs |a_l| > 2 a_w, not eps_min or x_yz")).toBe(
      "needs \\textbar{}$a_{l}$\\textbar{} \\textgreater{} 2 $a_{w}$, not eps\\_min or x\\_yz"
    )
  })

  it("set ratios as mathematics and what is none as text", () => {
    expect(texRatio("p_w*(1-p_l)")).toBe("$p_{w}\\,(1-p_{l})$")
    expect(texRatio("log (p_w*r_l)/(p_l*r_w)")).toBe("$\\log (p_{w}\\,r_{l})/(p_{l}\\,r_{w})$")
    expect(texRatio("p_w^2")).toBe("$p_{w}^{2}$")
    for (const text of ["p_w^2^3", "^2", "p_", "50%", "a $ b", "\\x", ""]) expect(texRatio(text)).toBe(texText(text))
  })
})

/** What LaTeX shows of a text of the CSV file, blanks aside. */
const shownText = ({ kind }: Column, field: string): string => {
  if (kind === "formula") return formulaSigns(field)
  return kind === "ratio" ? ratioSigns(field) : field
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s/g, "")

/** `M(w)` is set as `M(y_w)`; a copy as `M_2(y_w)`, a reference as `Ref(y_w)`. */
const withoutResponses = (text: string): string =>
  text.replaceAll(/(?<=(?:M|Ref)(?:_?\d+)?\()y_?(?=[wl])/g, "").replaceAll(/(?<=M|Ref)_(?=\d)/g, "")

const numberOf = (text: string): number => Number(text.replaceAll("−", "-"))

/** Three significant digits of a number. */
const expectRounded = (shown: string, exact: string): void => {
  const [value, rounded] = [numberOf(exact), numberOf(shown)]
  expect(Math.abs(value - rounded), `${shown} for ${exact}`).toBeLessThanOrEqual(5.01e-3 * Math.abs(value) + 1e-12)
}

const expectSame = (column: Column, shown: string, fields: ReadonlyArray<string>): void => {
  if (column.kind === "interval") {
    const numbers = [...shown.matchAll(/−?[\d.]+(?:e[−+]?\d+)?/g)].map(([text]) => text)
    const expected = fields[0] === "" ? [] : shown.includes("(one run)") ? fields.slice(0, 1) : fields.slice(0, 3)
    expect(numbers.length, shown).toBe(expected.length)
    for (const [k, text] of numbers.entries()) expectRounded(text, expected[k]!)
  } else if (column.kind === "number" && fields[0] !== "") {
    expectRounded(shown, fields[0]!)
  } else {
    const [left, right] = [withoutBlanks(shown), withoutBlanks(shownText(column, fields[0]!))]
    expect(withoutResponses(left)).toBe(column.kind === "formula" ? withoutResponses(right) : right)
  }
}

/** Every cell of the LaTeX beside its CSV fields. */
const expectSameCells = (table: Table): void => {
  const [header = [], ...rows] = csvRows(tableCsv(table))
  const tex = texRows(tableTex(table))
  expect(tex.length).toBe(rows.length)
  const shown = shownColumns(table, ["page", "file"])
  for (const [i, cells] of tex.entries()) {
    expect(cells.length).toBe(shown.length)
    for (const [k, { column }] of shown.entries()) {
      const names =
        column.kind === "interval" ? ["_mean", "_low", "_high"].map((end) => column.key + end) : [column.key]
      expectSame(
        column,
        untex(cells[k]!),
        names.map((name) => rows[i]![header.indexOf(name)]!)
      )
    }
  }
}

describe("tables", () => {
  it.each(studyTables(records))("$name has the same cells in CSV and LaTeX", (table) => {
    expectSameCells(table)
  })

  it("have the same cells whatever is in them", () => {
    const row = fc.tuple(
      anyText,
      anyText,
      fc.option(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { nil: undefined }),
      fc.option(
        fc.record({
          mean: fc.double({ min: -9, max: 9, noNaN: true }),
          low: fc.constant(-10),
          high: fc.constant(10),
          seeds: fc.constant(3)
        }),
        { nil: undefined }
      )
    )
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const columns: ReadonlyArray<Column> = [
          { key: "text", title: "[text]", kind: "text" },
          { key: "code", title: "*code", kind: "code" },
          { key: "number", title: "number", kind: "number" },
          { key: "interval", title: "interval [95 %]", kind: "interval" }
        ]
        expectSameCells({ name: "t", title: "A [title]", caption: "50 %", columns, rows })
      }),
      { numRuns: 300 }
    )
  })

  it("are the same bytes twice", () => {
    expect(writeTables(records)).toEqual(writeTables(structuredClone(records)))
    expect(allTablesTex(records)).toBe(allTablesTex(structuredClone(records)))
  })

  it("name no sign by its code point: all that the program writes has a sign in LaTeX", () => {
    for (const { name, tex } of writeTables(records)) expect(tex, name).not.toMatch(/\\texttt\{U\+/)
  })

  it("are all shown by all.tex but those that are for machines", () => {
    const tex = allTablesTex(records)
    for (const { name, filesOnly } of studyTables(records)) {
      expect(tex.includes(`\\input{${name}.tex}`), name).toBe(filesOnly !== true)
    }
  })
})

const tableOf = (name: string, of: Records = records): Table => studyTables(of).find((table) => table.name === name)!

const column = (table: Table, key: string): ReadonlyArray<unknown> => {
  const index = table.columns.findIndex((one) => one.key === key)
  return table.rows.map((row) => row[index])
}

describe("the tables of the paper", () => {
  it("list every published loss with paper, reference and lengths as the catalogue has them", () => {
    const table = tableOf("survey")
    const all = Object.values(entries)
    expect(column(table, "id")).toEqual(all.map(({ id }) => id))
    expect(column(table, "arxiv")).toEqual(all.map(({ arxiv }) => arxiv ?? undefined))
    expect(column(table, "reference")).toEqual(all.map(({ reference }) => (reference ? "yes" : "no")))
    expect(column(table, "link")).toEqual(all.map(({ link }) => link))
  })

  it("give a class to exactly the losses that are one ratio, and the published one to the sixteen", () => {
    const survey = tableOf("survey")
    expect(column(survey, "class").map((one) => (one === undefined ? "no" : "yes"))).toEqual(
      column(survey, "structure")
    )
    const lattice = tableOf("lattice")
    const limits = new Map([
      ["cross-only", "log p_w"],
      ["neither", "log p_w/p_l"],
      ["both", "0"],
      ["tick-only", "-log p_l"]
    ])
    expect(column(lattice, "limit")).toEqual(column(lattice, "class").map((one) => limits.get(String(one))))
    const at = (name: string, key: string) => column(lattice, key)[column(lattice, "name").indexOf(name)]
    expect([at("CPO", "paper"), at("ORPO", "paper"), at("unCPO", "paper")]).toEqual([
      "2401.08417",
      "2403.07691",
      "2412.17696"
    ])
    expect(lattice.notes?.join()).toContain("ORPO of ORPO")
  })

  it("explain the marks of verdicts below the matrix, and every property in it", () => {
    const matrix = tableOf("verdict-matrix")
    const notes = matrix.notes!.join("\n")
    expect(notes).toContain("P proved")
    for (const { key } of matrix.columns.slice(1)) expect(notes).toMatch(new RegExp(`^${key}: .+\\.$`, "m"))
    expect(tableTex(matrix)).toContain("? undecided")
    expect(tableHtml(matrix)).toContain("? undecided")
  })

  it("average finetuning over the losses of a class within each seed, then over seeds", () => {
    const table = tableOf("finetune-classes")
    const row = table.rows.find((one) => String(one[0]).startsWith("neither") && one[1] === "0")!
    const last = (loss: string, seed: number): number =>
      Number(
        records.finetune.filter((one) => one.loss === loss && one.ceWeight === 0 && one.seed === seed).at(-1)![
          "gold/reward"
        ]
      )
    const seeds = [0, 1, 2].map((seed) => (last("cpo_core", seed) + last("ccpo", seed)) / 2)
    const mean = (seeds[0]! + seeds[1]! + seeds[2]!) / 3
    const deviation = Math.sqrt(seeds.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2)
    // Student's t at 97.5 %, two degrees of freedom.
    const half = (4.302653 * deviation) / Math.sqrt(3)
    const cell = row[3] as {
      readonly mean: number
      readonly low: number
      readonly high: number
      readonly seeds: number
    }
    expect(cell.mean).toBeCloseTo(mean, 10)
    expect(cell.low).toBeCloseTo(mean - half, 5)
    expect(cell.high).toBeCloseTo(mean + half, 5)
    expect(cell.seeds).toBe(3)
    expect(table.caption).toContain("seeds 0 to 2")
  })

  it("average runs made elsewhere over seeds that have all losses of the class, and say where they were made", () => {
    const evaluation = (loss: string, seed: number, reward: number) =>
      [0, 1].map((step) => ({
        ...{ kind: "evaluation" as const, source: "llm-sentiment-gpu", loss, ceWeight: 0, seed, step },
        "gold/reward": step * reward
      }))
    const source = records.elsewhere.filter((row) => row.kind === "source")
    const rows = [evaluation("cpo_core", 0, 1), evaluation("ccpo", 0, 2), evaluation("cpo_core", 1, 9)].flat()
    const table = tableOf("elsewhere-classes", { ...records, elsewhere: [...source, ...rows] })
    expect(table.rows).toHaveLength(1)
    // Seed 1 has CPO alone.
    expect(table.rows[0]![3]).toMatchObject({ mean: 1.5, seeds: 1 })
    expect(table.title).toContain("A model")
    expect(table.caption).toContain("4 jobs of 5 were done")
  })

  it("say of trainers which versions were run, and when", () => {
    const table = tableOf("conformance")
    expect(table.caption).toMatch(/TRL \d+\.\d+\.\d+ with PyTorch \S+ on \d{4}-\d{2}-\d{2}: \d+ agree/)
    expect(column(table, "code")).toContain("trl:dpo?loss_type=ipo")
  })

  it("are not there without their records", () => {
    expect(studyTables(emptyRecords)).toEqual([])
  })
})
