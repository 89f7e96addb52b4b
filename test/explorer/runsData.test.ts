/** Run folders as the page's documents: what is in them, safe in a page; and what is said of broken ones. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createContext, runInContext } from "node:vm"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { builtPage } from "../../src/cli/explore/page.ts"
import { openRunData, scriptValue } from "../../src/cli/explore/runData.ts"
import { jsonText, rowsFromJsonLines, rowsToJsonLines } from "../../src/experiments/records.ts"
import { captionsOf } from "../../src/rundata/captions.ts"
import type { RunDocument, RunEntry, TableChunk } from "../../src/rundata/format.ts"
import { linesOf } from "../../src/rundata/lines.ts"
import { mostCells, summariseTable, tableChunks } from "../../src/rundata/records.ts"

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder with these files. */
const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-rundata-"))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const textFrom = async (content: AsyncIterable<string | Uint8Array> | undefined): Promise<string> => {
  if (content === undefined) throw new Error("there is no such file")
  const pieces: Array<Uint8Array> = []
  for await (const piece of content) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString("utf8")
}

/** What the scripts of the first run of a folder register, run as a browser runs them. */
const registered = async (folder: string) => {
  const data = await openRunData([folder])
  const chunks: Record<string, Array<TableChunk>> = {}
  const documents: Record<string, RunDocument> = {}
  const page: Record<string, unknown> = createContext({
    losslatticeData: (id: string, document: RunDocument) => {
      documents[id] = document
    },
    losslatticeTable: (_id: string, table: string, chunk: TableChunk) => {
      ;(chunks[table] ??= []).push(chunk)
    }
  })
  for (const path of data.paths().filter((one) => one.endsWith(".js"))) {
    runInContext(await textFrom(data.read(path)), page)
  }
  const runs = page.losslatticeRuns as ReadonlyArray<RunEntry>
  return { data, runs, chunks, document: documents[runs[0]!.id]! }
}

const rowsOf = (chunks: ReadonlyArray<TableChunk>) =>
  chunks.flatMap(({ rows, columns }) =>
    Array.from({ length: rows }, (_, i) => columns.map(({ name, values }) => [name, values[i]!] as const))
  )

const manifest = (more: object = {}): string =>
  JSON.stringify({ version: 1, study: "s", configHash: "0123456789abcdef", status: "finished", stages: [], ...more })

const config = "study: s\ntitle: A title\nquestion: Why?\nlimits: [Few seeds.]\n"

describe("lines", () => {
  it("are those of the text however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("a", "b\n", "\n", "", "c\nd")), async (pieces) => {
        const found: Array<string> = []
        const stream = async function* () {
          yield* pieces
        }
        for await (const { number, text } of linesOf(stream())) {
          found.push(text)
          expect(number).toBe(found.length)
        }
        const all = pieces.join("").split("\n")
        expect(found).toEqual(all.at(-1) === "" ? all.slice(0, -1) : all)
      })
    )
  })
})

describe("scripts", () => {
  const hostile = ["</script><script>alert(1)</script>", "<!--", "\u2028\u2029", "__proto__", "'\"`\\", "\0", "\ud800"]
  const texts = fc.oneof(fc.string(), fc.constantFrom(...hostile))
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      texts,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      tie("list")
    ),
    list: fc.array(tie("value"), { maxLength: 3 })
  })).value
  const rows = fc.array(fc.dictionary(texts, values, { maxKeys: 5 }), { maxLength: 8 })

  it("give back the value, and nothing in them ends a script or a line", () => {
    fc.assert(
      fc.property(fc.oneof(values, rows), (value) => {
        const script = scriptValue(value)
        expect(script).not.toMatch(/[<\u2028\u2029\n]/)
        // JSON has no -0.
        expect(runInContext(script, createContext({ JSON }))).toEqual(JSON.parse(JSON.stringify(value)))
      })
    )
  })

  it("hold the rows of a table as the records' own reader reads them", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (table) => {
        const text = rowsToJsonLines(table)
        const { chunks, document } = await registered(
          folderOf({ "manifest.json": manifest(), "records/t.jsonl": text })
        )
        const expected = rowsFromJsonLines(text)
        const found = rowsOf(chunks.t ?? [])
        expect(found.length).toBe(expected.length)
        expected.forEach((row, i) => {
          const shown = found[i]!.filter(([name, value]) => Object.hasOwn(row, name) || value !== null)
          expect(new Map(shown)).toEqual(new Map(Object.entries(row)))
        })
        expect(document.tables[0]).toMatchObject({ name: "t", rows: expected.length, shown: expected.length })
        expect(new Set(document.tables[0]!.columns)).toEqual(new Set(expected.flatMap((row) => Object.keys(row))))
      }),
      { numRuns: 40 }
    )
  })
})

describe("a run folder", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
  const report =
    '<figure id="figure-b"><div></div><figcaption><strong>Figure 1: B &amp; <i>C</i>.</strong> p &lt; 1.</figcaption></figure>'

  it("becomes its document: title, question, stages, tables, figures with captions in the report's order", async () => {
    const folder = folderOf({
      "manifest.json": manifest({
        stages: [
          {
            id: "bandit",
            status: "failed",
            seconds: 2,
            cells: { total: 3, ran: 2, cached: 1 },
            failures: [{ id: "c", error: "no" }]
          }
        ]
      }),
      "config.yaml": config,
      "records/t.jsonl": jsonText({ a: Number.NaN, b: [1] }),
      "figures/a.svg": svg,
      "figures/b.svg": svg,
      "figures/b.pdf": "pdf",
      "report.html": report
    })
    const { data, runs, document, chunks } = await registered(folder)
    expect(runs).toEqual([{ id: "s/0123456789ab", title: "A title", status: "finished" }])
    expect(document).toMatchObject({
      id: "s/0123456789ab",
      question: "Why?",
      limits: ["Few seeds."],
      config,
      stages: [{ id: "bandit", failures: [{ id: "c", error: "no" }] }],
      figures: [
        { id: "b", caption: "B & C. p < 1.", image: "figures/b.svg" },
        { id: "a", caption: "a", image: "figures/a.svg" }
      ],
      report: true,
      problems: []
    })
    expect(chunks.t).toEqual([
      {
        rows: 1,
        columns: [
          { name: "a", values: ["NaN"] },
          { name: "b", values: [[1]] }
        ]
      }
    ])
    expect(await textFrom(data.read("data/0/figures/b.svg"))).toBe(svg)
    expect(await textFrom(data.read("data/0/report.html"))).toBe(report)
    expect(data.typeOf("data/0/figures/b.svg")).toBe("image/svg+xml")
    for (const path of ["data/0/figures/b.pdf", "data/0/../../etc/passwd", "data/1/run.js", "data/0/manifest.json"]) {
      expect(data.read(path)).toBeUndefined()
    }
  })

  it("shows nothing that a link points to", async () => {
    const secret = folderOf({ "secret.svg": "secret" })
    const folder = folderOf({ "manifest.json": manifest(), "figures/a.svg": svg })
    symlinkSync(join(secret, "secret.svg"), join(folder, "figures", "b.svg"))
    const { document } = await registered(folder)
    expect(document.figures.map(({ id }) => id)).toEqual(["a"])
  })

  it.each<[string, Record<string, string>, ReadonlyArray<string>]>([
    ["is empty", {}, ["manifest.json: there is none", "config.yaml: there is none"]],
    [
      "has half a manifest",
      { "manifest.json": '{\n"version": 1,\n"study', "config.yaml": config },
      ["manifest.json:3: not JSON"]
    ],
    [
      "has a manifest that is a list",
      { "manifest.json": "[1]", "config.yaml": config },
      ["manifest.json: version missing"]
    ],
    [
      "is of another version",
      { "manifest.json": manifest({ version: 2 }), "config.yaml": config },
      ["manifest.json: version 2"]
    ],
    [
      "ended with an error",
      { "manifest.json": manifest({ error: "disk full" }), "config.yaml": config },
      ["the run ended with an error: disk full"]
    ],
    [
      "has a broken configuration",
      { "manifest.json": manifest(), "config.yaml": "a: [1\nb: ]\n" },
      ["config.yaml:2: not YAML"]
    ],
    [
      "lacks a file of its manifest",
      {
        "manifest.json": manifest({
          stages: [{ files: [{ path: "records/t.jsonl" }, { path: "records/t.parquet" }] }]
        }),
        "config.yaml": config
      },
      ["records/t.jsonl: the manifest names it, but it is not there"]
    ],
    [
      "has a truncated table",
      { "manifest.json": manifest(), "config.yaml": config, "records/t.jsonl": '{"a":1}\n{"a":' },
      ['records/t.jsonl:2: the last line is cut off (not JSON: {"a":); it is left out']
    ],
    [
      "has lines that are no rows",
      { "manifest.json": manifest(), "config.yaml": config, "records/t.jsonl": '{"a":1}\nnull\n[2]\n{"a":2}\n' },
      [
        "records/t.jsonl:2: a JSON object is needed, found null; the line is left out",
        "records/t.jsonl:3: a JSON object"
      ]
    ]
  ])("that %s is shown as far as it goes, and says what is wrong", async (_, files, problems) => {
    const { runs, document } = await registered(folderOf(files))
    const found = document.problems
    expect(found.length).toBe(problems.length)
    for (const [i, problem] of problems.entries()) expect(found[i]).toContain(problem)
    // The list of runs reads no table.
    if (files["records/t.jsonl"] === undefined) expect(runs[0]!.problem).toBe(found[0])
    if (document.tables.length > 0) expect(document.tables[0]!.rows).toBeGreaterThan(0)
  })

  it("that is not there is a run with problems, and two runs of one id are told apart", async () => {
    const { entries } = await openRunData([join(tmpdir(), "losslattice-no-such-run")])
    expect(entries).toMatchObject([{ status: "unknown", problem: expect.stringContaining("manifest.json") }])
    const twins = [folderOf({ "manifest.json": manifest() }), folderOf({ "manifest.json": manifest() })]
    expect(new Set((await openRunData(twins)).entries.map(({ id }) => id)).size).toBe(2)
  })

  it("with many wrong lines names a few and counts the rest", async () => {
    const { document } = await registered(folderOf({ "records/t.jsonl": "x\n".repeat(12) }))
    expect(document.tables[0]!.problems.at(-1)).toBe("records/t.jsonl: and 7 more lines like these")
  })
})

describe("a huge table", () => {
  it("is read line by line; the page holds its first rows, and the summary counts all", async () => {
    const columns = 2_000
    const line = `${JSON.stringify(Object.fromEntries(Array.from({ length: columns }, (_, i) => [`c${i}`, i])))}\n`
    const rows = Math.ceil(mostCells / columns) + 500
    const files = {
      name: "huge",
      sizes: new Map([["records/t.jsonl", rows * line.length]]),
      read: async function* () {
        for (let i = 0; i < rows; i++) yield line
      }
    }
    const summary = await summariseTable(files, "t")
    expect(summary).toMatchObject({ rows, shown: mostCells / columns })
    let shown = 0
    for await (const chunk of tableChunks(files, "t")) shown += chunk.rows
    expect(shown).toBe(summary.shown)
  })
})

describe("the page that is served", () => {
  it("is the built one, never the source that it is built from", () => {
    const file = builtPage()
    // A checkout that was never built has none.
    if (file !== undefined) expect(file).toMatch(/dist.explorer.index\.html$/)
  })
})

describe("captions", () => {
  it("of a report without figures are none, and half a figure is left out", () => {
    expect(captionsOf("<p>none</p>").size).toBe(0)
    expect(captionsOf('<figure id="figure-a"><figcaption>cut').size).toBe(0)
  })
})
