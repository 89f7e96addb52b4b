import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, describe, expect, it } from "vitest"
import { checkDocument } from "../../src/finetune/rows/checkDocument.ts"
import { DataCheck } from "../../src/finetune/rows/dataCheck.ts"
import { type FileRow, rowBatches } from "../../src/finetune/rows/files.ts"
import { characters, Series, sharedCharacters, summarise } from "../../src/finetune/rows/series.ts"
import type { Fields } from "../../src/finetune/rows/text.ts"

const scratch = mkdtempSync(join(tmpdir(), "losslattice-rows-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const write = (name: string, content: string | Uint8Array): string => {
  const file = join(scratch, name)
  writeFileSync(file, content)
  return file
}

const rowsOf = async (file: string): Promise<ReadonlyArray<FileRow>> => {
  const rows: Array<FileRow> = []
  for await (const batch of rowBatches(file)) rows.push(...batch)
  return rows
}

const checked = (rows: ReadonlyArray<Fields>): DataCheck => {
  const check = new DataCheck()
  rows.forEach((fields, i) => {
    check.add({ line: i + 1, fields })
  })
  return check
}

describe("files of rows", () => {
  it("give every line of JSON lines, whatever the pieces they are read in", async () => {
    // More than a megabyte, so that lines and letters of several bytes straddle the pieces.
    const rows = Array.from({ length: 3000 }, (_, i) => ({ prompt: `é中👍 ${i} ${"x".repeat((i * 37) % 800)}` }))
    const file = write("long.jsonl", `\n${rows.map((row) => JSON.stringify(row)).join("\n\n")}`)
    expect(await rowsOf(file)).toEqual(rows.map((fields, i) => ({ line: 2 * i + 2, fields })))
  })

  it("say why a line holds no row", async () => {
    const file = write(
      "bad.jsonl",
      Buffer.concat([Buffer.from('{"a": 1}\n[1]\n{"a":\n{"a": NaN}\n"'), Buffer.from([255])])
    )
    const rows = await rowsOf(file)
    expect(rows.map((row) => ("fault" in row ? row.fault.split(":")[0] : row.fields))).toEqual([
      { a: 1 },
      "an object is needed, found a list",
      "no JSON",
      "no JSON",
      "not UTF-8"
    ])
  })

  it.each(["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"] as const)("read Parquet with %s as JSON lines", async (codec) => {
    const rows = Array.from({ length: 2500 }, (_, i) => ({ prompt: `p ${i}`, score_chosen: i / 2, count: i }))
    const columns = [
      { name: "prompt", data: rows.map(({ prompt }) => prompt), type: "STRING" as const },
      { name: "score_chosen", data: rows.map((row) => row.score_chosen), type: "DOUBLE" as const },
      { name: "count", data: rows.map(({ count }) => BigInt(count)), type: "INT64" as const },
      { name: "label", data: rows.map(() => null), type: "STRING" as const, nullable: true }
    ]
    const compressors = {
      GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
      ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes))
    }
    const bytes = parquetWriteBuffer({ columnData: columns, codec, compressors, rowGroupSize: 1000 })
    const file = write(`${codec}.parquet`, new Uint8Array(bytes))
    expect(await rowsOf(file)).toEqual(rows.map((fields, i) => ({ line: i + 1, fields })))
  })
})

describe("numbers of a check", () => {
  it("quantiles are the least values that so many percent do not exceed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), (values) => {
        const series = new Series()
        for (const value of values) series.push(value)
        const summary = summarise(series)!
        const least = (percent: number) =>
          Math.min(...values.filter((v) => 100 * values.filter((w) => w <= v).length >= percent * values.length))
        expect([summary.p05, summary.p25, summary.p50, summary.p75, summary.p95]).toEqual(
          [5, 25, 50, 75, 95].map(least)
        )
        expect([summary.min, summary.max]).toEqual([Math.min(...values), Math.max(...values)])
      })
    )
  })

  it("grow beyond their first room", () => {
    const series = new Series()
    for (let i = 0; i < 5000; i++) series.push(i)
    expect(summarise(series)).toMatchObject({ mean: 2499.5, min: 0, p50: 2499, max: 4999 })
    expect(summarise(new Series())).toBeUndefined()
  })

  it("characters are code points, and half of one is not shared", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "👍", "👎"), maxLength: 6 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [left, right] = [[...a], [...b]]
        const differs = left.findIndex((letter, i) => letter !== right[i])
        expect(characters(a)).toBe(left.length)
        expect(sharedCharacters(a, b)).toBe(differs < 0 ? left.length : differs)
      })
    )
  })

  it("repetitions and contradictions are those of comparing every row with all before it", () => {
    const row = fc.record({
      prompt: fc.constantFrom("p", "q"),
      chosen: fc.constantFrom("a", "b", "c"),
      rejected: fc.constantFrom("a", "b", "c"),
      score_chosen: fc.integer({ min: 0, max: 2 }),
      score_rejected: fc.integer({ min: 0, max: 2 })
    })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const check = checked(rows)
        const sound = rows.flatMap((r, i) => (r.chosen === r.rejected ? [] : [{ ...r, line: i + 1 }]))
        const lines = (when: (r: (typeof sound)[number], before: typeof sound) => boolean) =>
          sound.filter((r, i) => when(r, sound.slice(0, i))).map(({ line }) => line)
        const expected = {
          rows: lines((r, before) =>
            before.some((b) => b.prompt === r.prompt && b.chosen === r.chosen && b.rejected === r.rejected)
          ),
          prompts: lines((r, before) => before.some((b) => b.prompt === r.prompt)),
          chosen: lines((r, before) => before.some((b) => b.chosen === r.chosen)),
          opposite: lines((r, before) =>
            before.some((b) => b.prompt === r.prompt && b.chosen === r.rejected && b.rejected === r.chosen)
          ),
          ties: lines((r) => r.score_chosen === r.score_rejected),
          inverted: lines((r) => r.score_chosen < r.score_rejected)
        }
        const found = {
          rows: check.repeatedRows,
          prompts: check.repeatedPrompts,
          chosen: check.repeatedChosen,
          opposite: check.contradictions,
          ties: check.scores.ties,
          inverted: check.scores.inverted
        }
        for (const [name, tally] of Object.entries(found)) {
          const where = expected[name as keyof typeof expected]
          expect([name, tally.count, tally.lines]).toEqual([name, where.length, where.slice(0, 5)])
        }
        expect([check.refused, check.usable]).toEqual([rows.length - sound.length, sound.length])
      })
    )
  })
})

describe("findings", () => {
  const idsOf = (rows: ReadonlyArray<Fields>): ReadonlyArray<string> =>
    checkDocument("x", "jsonl", checked(rows)).findings.map(({ id }) => id)
  const pair = { prompt: "p", chosen: "one", rejected: "two" }
  const many = (make: (i: number) => Fields) => Array.from({ length: 40 }, (_, i) => make(i))

  it("name what trainers refuse, and nothing where there is nothing", () => {
    expect(idsOf([pair])).toEqual([])
    expect(idsOf([])).toEqual(["no-rows"])
    expect(idsOf([pair, { ...pair, chosen: " " }, { ...pair, chosen: "two" }, { a: 1 }])).toEqual([
      "empty-answer",
      "same-answers",
      "unknown-layout"
    ])
    expect(idsOf([pair, { prompt: "q", completion: "a", label: true }])).toEqual(["mixed-kinds"])
    expect(idsOf([{ prompt: "q", completions: ["a", "a"], scores: [1, 2] }])).toEqual(["two-scores"])
    expect(idsOf([{ prompt: "q", completions: ["a", "b"], scores: [1, 1] }])).toEqual(["tied-rankings"])
    expect(idsOf([{ prompt: "q", completion: "a" }])).toEqual(["no-label"])
    expect(idsOf(many((i) => ({ prompt: `${i}`, completion: "a", label: true })))).toEqual(["one-sided-labels"])
  })

  it("see preferences for length from 1/2 by a tenth and three standard errors on", () => {
    const longer = (count: number) =>
      many((i) =>
        i < count
          ? { prompt: `${i}`, chosen: `xx${i}`, rejected: "y" }
          : { prompt: `${i}`, chosen: `${i}`, rejected: `yyyy` }
      )
    expect(idsOf(longer(40))).toEqual(["length-bias"])
    expect(idsOf(longer(30))).toEqual(["length-bias"])
    expect(idsOf(longer(25))).toEqual([])
    expect(idsOf(longer(0))).toEqual(["length-bias"])
  })

  it("see answers that begin alike", () => {
    expect(idsOf(many((i) => ({ prompt: `${i}`, chosen: `same ${i} a`, rejected: `same ${i} b` })))).toEqual([
      "shared-beginnings"
    ])
  })
})
