/** docs/query.md names every table and column that a run writes and none besides, and its questions can be asked. */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { beforeAll, describe, expect, it } from "vitest"
import { previewTex } from "../../../src/experiments/tables/latex.ts"
import { json, losslattice, root } from "../../e2e/process.ts"
import { requires } from "../../requirements.ts"
import { compile, overfull } from "../fixtures/latex.ts"
import { sharedFolder } from "../toy/harness.ts"

const page = readFileSync(join(root, "docs/query.md"), "utf8")
const study = fileURLToPath(new URL("./everyTable.yaml", import.meta.url))

/** Asks; no statement lists. */
const csv = (runs: string, statement: string): ReadonlyArray<string> => {
  const { code, out, err } = losslattice("query", runs, statement, "--format", "csv")
  expect(code, `${statement}\n${err}`).toBe(0)
  return out.trim().split("\n")
}

interface Documented {
  readonly name: string
  readonly type: string
  readonly sometimes: boolean
}

/** The columns of each table, as the page has them. */
const documented = new Map(
  [...page.matchAll(/^### (\w+)\n([\s\S]*?)(?=^### |$(?![\s\S]))/gm)].map(([, table, text]) => [
    table!,
    [...text!.matchAll(/^\| (`[^|]*`) \| ([^|]+) \|(.*)\|$/gm)].flatMap(([, names, type, meaning]) =>
      [...names!.matchAll(/`([^`]+)`/g)].map(
        (match): Documented => ({ name: match[1]!, type: type!.trim(), sometimes: meaning!.includes("*sometimes*") })
      )
    )
  ])
)

const isNamedBy = ({ name }: Documented, column: string): boolean =>
  name.endsWith("…") ? column.startsWith(name.slice(0, -1)) : column === name

interface Table {
  readonly name: string
  readonly sql: string
  readonly rows: number
  readonly columns: ReadonlyArray<{ readonly name: string; readonly sql: string; readonly type: string }>
}

describe("docs/query.md", () => {
  const out = sharedFolder()
  let tables: ReadonlyArray<Table> = []
  beforeAll(() => {
    // The run in a process of its own, as a user starts it.
    const bin = join(root, "bin/losslattice.mjs")
    const { status, stderr } = spawnSync(process.execPath, [bin, "run", study, "--out", out], { encoding: "utf8" })
    expect(status, stderr).toBe(0)
    tables = json<{ readonly tables: ReadonlyArray<Table> }>("query", out).tables
  })

  it("names the tables that there are", () => {
    expect([...documented.keys()].toSorted()).toEqual(tables.map(({ name }) => name).toSorted())
    expect(tables.every(({ rows }) => rows > 0)).toBe(true)
  })

  it("names their columns with their types", () => {
    for (const { name, sql, columns } of tables) {
      expect(columns.slice(0, 2).map((column) => column.name)).toEqual(["run", "study"])
      const own = columns.slice(2)
      const known = documented.get(name) ?? []
      const undocumented = own.filter((column) => !known.some((entry) => isNamedBy(entry, column.name)))
      expect(undocumented, `columns of ${name} that the page lacks`).toEqual([])
      const gone = known.filter((entry) => !entry.sometimes && !own.some((column) => isNamedBy(entry, column.name)))
      expect(gone, `columns of ${name} on the page that no run writes`).toEqual([])
      // Where a run has no value of a column, its file does not know the type.
      const counts = csv(out, `select ${own.map((column) => `count(${column.sql})`).join(", ")} from ${sql}`)[1]!.split(
        ","
      )
      const wrong = own.filter((column, index) => {
        const entry = known.find((one) => isNamedBy(one, column.name))!
        return counts[index] !== "0" && entry.type !== column.type
      })
      expect(wrong, `types in ${name}`).toEqual([])
    }
  })

  it.runIf(requires("latex", "pdftotext"))("is about a run whose tables LaTeX takes, every one", () => {
    const [id = ""] = readdirSync(join(out, "records"))
    const folder = mkdtempSync(join(out, "latex-"))
    cpSync(join(out, "records", id, "tables"), folder, { recursive: true })
    const names = readdirSync(folder).filter((name) => name.endsWith(".tex") && name !== "all.tex")
    expect(names.length).toBeGreaterThan(15)
    writeFileSync(join(folder, "every.tex"), previewTex(names.map((name) => name.replace(".tex", ""))))
    const { log } = compile(folder, "every")
    expect(overfull(log)).toEqual([])
    expect(log).not.toMatch(/undefined|multiply defined/)
    compile(folder, "all")
  })

  const questions = [...page.matchAll(/^```sql\n([\s\S]*?)```$/gm)].map(([, sql]) => sql!)

  it("has five questions", () => expect(questions).toHaveLength(5))

  it.each(questions)("answers %s", (sql) => expect(csv(out, sql).length).toBeGreaterThan(1))

  it("is right about JSON in columns and files in parquet", () => {
    expect(csv(out, "select link->>'kind' as link, ticks->>0 as tick from catalogue where id = 'dpo'")[1]).toMatch(
      /^logistic,T/
    )
    const file = join(out, "win-rates.parquet")
    expect(losslattice("query", out, "from win_rates", "--out", file).err).toMatch(/^wrote .*: \d+ rows?\n$/)
  })
})
