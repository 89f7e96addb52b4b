/** Tables of the run browser: rows in and out of chunks, filters, orders, files, curves; and folders opened in the page. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { runFilesAt } from "../../src/cli/explore/runData.ts"
import { rowsToJsonLines } from "../../src/experiments/records.ts"
import { pickedRuns } from "../../src/explorer/runBrowser/openFolder.ts"
import {
  addChunk,
  cellText,
  emptyTable,
  filterTest,
  isNumeric,
  type LoadedTable,
  selectionCsv,
  selectRows,
  shownText
} from "../../src/explorer/runBrowser/table.ts"
import { curvesOf } from "../../src/explorer/runBrowser/tableCurves.ts"
import { studentInterval } from "../../src/random/statistics.ts"
import type { JsonValue } from "../../src/rundata/format.ts"
import { readRun } from "../../src/rundata/readRun.ts"
import { tableChunks } from "../../src/rundata/records.ts"

type Row = Readonly<Record<string, JsonValue>>

/** A table of some rows, through chunks of a few. */
const tableOf = (rows: ReadonlyArray<Row>, size = 2): LoadedTable => {
  const table = emptyTable()
  for (let from = 0; from < rows.length; from += size) {
    const part = rows.slice(from, from + size)
    const names = [...new Set(part.flatMap((row) => Object.keys(row)))]
    addChunk(table, {
      rows: part.length,
      columns: names.map((name) => ({ name, values: part.map((row) => row[name] ?? null) }))
    })
  }
  return table
}

const column = (table: LoadedTable, name: string, rows: ReadonlyArray<number>) =>
  rows.map((row) => table.columns.get(name)![row])

const rows: ReadonlyArray<Row> = [
  { loss: "dpo", step: 0, regret: 0.5 },
  { loss: "CPO, core", step: 10, regret: "NaN" },
  { loss: "dpo", step: 2, note: 'a "b"' },
  { loss: "ipo", step: 1, regret: -1, list: [1, null] },
  { loss: "ipo", step: 1, regret: "-Infinity" }
]

describe("a table", () => {
  const table = tableOf(rows)

  it("has every row of its chunks, with nothing where a row lacks a key", () => {
    expect(table.rows).toBe(5)
    expect(Object.fromEntries(table.columns)).toEqual({
      loss: ["dpo", "CPO, core", "dpo", "ipo", "ipo"],
      step: [0, 10, 2, 1, 1],
      regret: [0.5, "NaN", null, -1, "-Infinity"],
      note: [null, null, 'a "b"', null, null],
      list: [null, null, null, [1, null], null]
    })
    expect(isNumeric(table.columns.get("regret")!)).toBe(true)
    expect(isNumeric(table.columns.get("loss")!)).toBe(false)
    expect(isNumeric(["NaN"])).toBe(false)
  })

  it.each<[string, ReadonlyArray<number>]>([
    ["-step", [10, 2, 1, 1, 0]],
    ["step", [0, 1, 1, 2, 10]],
    ["no-such-column", [0, 10, 2, 1, 1]]
  ])("orders numbers by size: %s", (sort, steps) => {
    expect(column(table, "step", selectRows(table, { filters: {}, sort }))).toEqual(steps)
  })

  it("orders with nothing and NaN last, whichever way, and keeps the order of equal rows", () => {
    expect(selectRows(table, { filters: {}, sort: "regret" })).toEqual([4, 3, 0, 1, 2])
    expect(selectRows(table, { filters: {}, sort: "-regret" })).toEqual([0, 3, 4, 1, 2])
    expect(selectRows(table, { filters: {}, sort: "loss" })).toEqual([1, 0, 2, 3, 4])
  })

  it("orders any numbers as a plain sort does", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (values) => {
        const made = tableOf(values.map((value) => ({ value })))
        made.columns.set("value", [...values])
        const found = column(made, "value", selectRows(made, { filters: {}, sort: "value" }))
        expect(found.map((value) => Number(value) + 0)).toEqual(values.map((value) => value + 0).sort((a, b) => a - b))
      })
    )
  })

  it.each<[string, JsonValue, boolean]>([
    ["PO", "dpo", true],
    ["=po", "dpo", false],
    ["= dpo ", "dpo", true],
    [">0.4", 0.5, true],
    [">=0.5", 0.5, true],
    ["<0", "-Infinity", true],
    [">0", "dpo", false],
    [">0", null, false],
    [">x", ">xy", true],
    ["null", [1, null], true],
    ["=", null, true]
  ])("the filter %s of %o: %s", (text, value, passes) => {
    expect(filterTest(text)(value)).toBe(passes)
  })

  it("is filtered by several columns at once; a column that is not there filters nothing", () => {
    expect(selectRows(table, { filters: { loss: "po", step: ">0", gone: "x", note: " " } })).toEqual([1, 2, 3, 4])
  })

  it("becomes CSV that reads back", () => {
    expect(selectionCsv(table, [1, 2, 3], ["loss", "note", "list", "regret"])).toBe(
      'loss,note,list,regret\n"CPO, core",,,NaN\ndpo,"a ""b""",,\nipo,,"[1,null]",-1\n'
    )
  })

  it("shows six digits, and keeps all", () => {
    expect([0.123456789, 1e-10, 12345678, true, "x", null].map((value) => shownText(value))).toEqual([
      "0.123457",
      "1e-10",
      "12345678",
      "true",
      "x",
      ""
    ])
    expect(cellText(0.123456789)).toBe("0.123456789")
  })
})

describe("curves of a table", () => {
  const seeded = tableOf(
    [0, 1, 2].flatMap((seed) =>
      ["dpo", "ipo"].flatMap((loss) => [0, 5].map((step) => ({ loss, seed, step, regret: seed * 2 + step })))
    )
  )
  const all = (table: LoadedTable) => selectRows(table, { filters: {} })

  it("are means over seeds with Student's intervals, a curve for each value", () => {
    const choice = { x: "step", y: "regret", series: ["loss"] }
    const { curves, left, over, pooled } = curvesOf(seeded, all(seeded), choice)
    expect({ left, over, pooled }).toEqual({ left: 0, over: "seeds", pooled: false })
    expect(curves.map(({ name }) => name)).toEqual(["dpo", "ipo"])
    expect(curves[0]!.points).toEqual([0, 5].map((x) => ({ x, ...studentInterval([x, 2 + x, 4 + x]) })))
  })

  it("count a seed once, however many rows it has, and take seeds apart when asked", () => {
    const twice = all(seeded).flatMap((row) => [row, row])
    const { curves, pooled } = curvesOf(seeded, twice, { x: "step", y: "regret", series: [] })
    expect({ n: curves[0]!.points[0]!.n, pooled }).toEqual({ n: 3, pooled: true })
    const apart = curvesOf(seeded, all(seeded), { x: "step", y: "regret", series: ["loss", "seed"] })
    expect(apart.over).toBe("single rows")
    expect(apart.curves.map(({ name }) => name)).toContain("dpo · 2")
  })

  it("leave out what is no finite number, and say how much; without seeds they have no interval", () => {
    const table = tableOf(rows)
    const { curves, left, over } = curvesOf(table, all(table), { x: "step", y: "regret", series: [] })
    expect({ left, over }).toEqual({ left: 3, over: "single rows" })
    expect(curves).toEqual([
      {
        name: "",
        points: [
          { x: 0, mean: 0.5, n: 1 },
          { x: 1, mean: -1, n: 1 }
        ]
      }
    ])
    expect(curvesOf(table, all(table), { x: "gone", y: "regret", series: [] }).curves).toEqual([])
  })
})

/** What a generator gives. */
const all = async <A>(values: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const found: Array<A> = []
  for await (const value of values) found.push(value)
  return found
}

describe("a folder opened in the page", () => {
  const root = mkdtempSync(join(tmpdir(), "losslattice-picked-"))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const files: Readonly<Record<string, string>> = {
    "study/0123/manifest.json": JSON.stringify({ version: 1, study: "study", configHash: "0123", status: "finished" }),
    "study/0123/config.yaml": "title: Ü — a title\n",
    "study/0123/records/t.jsonl": `${rowsToJsonLines(rows)}{"cut`,
    "study/0123/figures/a.svg": "<svg/>",
    "broken/4567/records/t.jsonl": "",
    "readme.txt": "no run"
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const picked = pickedRuns(
    Object.keys(files).map((path) => {
      const blob = new Blob([readFileSync(join(root, path))])
      return {
        webkitRelativePath: `${basename(root)}/${path}`,
        size: blob.size,
        stream: () => blob.stream() as ReadableStream<Uint8Array<ArrayBuffer>>
      }
    })
  )

  it("has its run folders found, broken ones too, and gives the documents that the program writes", async () => {
    expect(picked.map(({ name }) => name)).toEqual(["broken/4567", "study/0123"])
    for (const [i, folder] of ["broken/4567", "study/0123"].entries()) {
      const onDisk = runFilesAt(join(root, folder))
      expect(await readRun(picked[i]!)).toEqual(await readRun(onDisk))
      expect(await all(tableChunks(picked[i]!, "t"))).toEqual(await all(tableChunks(onDisk, "t")))
    }
    expect((await readRun(picked[1]!)).problems).toEqual([
      'records/t.jsonl:6: the last line is cut off (not JSON: {"cut); it is left out'
    ])
  })
})
