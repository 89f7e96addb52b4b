/** The small parts of the machinery: canonical text, nearest names, records, intervals, versions of sources, progress. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { parquetReadObjects } from "hyparquet"
import { describe, expect, it } from "vitest"
import { canonicalJson, hashOf } from "../../src/experiments/canonical.ts"
import { losslatticeStudy } from "../../src/experiments/losslatticeStudy.ts"
import type { StageRecord } from "../../src/experiments/manifest.ts"
import { currentStage } from "../../src/experiments/monitor.ts"
import { makeProgress } from "../../src/experiments/progress.ts"
import { type Row, rowsFromJsonLines, rowsToJsonLines, rowsToParquet } from "../../src/experiments/records.ts"
import { importsOf, moduleUrl, sourceVersion, urlOf } from "../../src/experiments/sourceVersion.ts"
import { resolved, studentInterval, studentQuantile, studentTail } from "../../src/experiments/statistics.ts"
import { inNode, temporaryFolder } from "./toy/harness.ts"

const json = fc.jsonValue()

describe("canonical JSON", () => {
  it("reads back as the same value, and does not depend on the order of keys", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      })
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (map) => {
        const reversed = Object.fromEntries(Object.entries(map).reverse())
        expect(hashOf(reversed)).toBe(hashOf(map))
      })
    )
  })

  it("has keys in order, no spaces, and no place for what is not JSON", () => {
    expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: "x" })).toBe('{"a":"x","b":[1,{"d":2}]}')
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(RangeError)
    expect(() => canonicalJson([() => 1])).toThrow(RangeError)
  })
})

describe("records", () => {
  const rows: ReadonlyArray<Row> = [
    { loss: "dpo", step: 0, value: 0.1 + 0.2, final: false, list: ["a"], note: "x" },
    { loss: "größer → ∞", step: 1, value: Number.NaN, final: true, list: [], extra: 3 },
    { loss: "ipo", step: 2, value: Number.NEGATIVE_INFINITY, final: true, note: null }
  ]

  it("as JSON lines keep every digit, and the names of numbers that are not finite", () => {
    const text = rowsToJsonLines(rows)
    expect(text.split("\n")[1]).toBe('{"loss":"größer → ∞","step":1,"value":"NaN","final":true,"list":[],"extra":3}')
    const back = rowsFromJsonLines(text)
    expect(back[0]!.value).toBe(0.1 + 0.2)
    expect(back[2]!.value).toBe("-Infinity")
    expect(rowsFromJsonLines("")).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), json)), (any) => {
        expect(rowsFromJsonLines(rowsToJsonLines(any))).toEqual(JSON.parse(JSON.stringify(any)))
      })
    )
  })

  it("as Parquet hold the same rows, the same bytes each time", async () => {
    const bytes = rowsToParquet(rows)
    expect(rowsToParquet(rows)).toEqual(bytes)
    const read = async (content: Uint8Array) => parquetReadObjects({ file: content.slice().buffer })
    expect(await read(bytes)).toEqual([
      { loss: "dpo", step: 0, value: 0.1 + 0.2, final: false, list: '["a"]', note: "x", extra: null },
      { loss: "größer → ∞", step: 1, value: Number.NaN, final: true, list: "[]", note: null, extra: 3 },
      { loss: "ipo", step: 2, value: Number.NEGATIVE_INFINITY, final: true, list: null, note: null, extra: null }
    ])
    // Rows read back from JSON, where NaN is text, make the same file.
    expect(rowsToParquet(rowsFromJsonLines(rowsToJsonLines(rows)))).toEqual(bytes)
    expect(await read(rowsToParquet([]))).toEqual([])
  })
})

describe("intervals", () => {
  it("use Student's quantiles as tables have them", () => {
    const table: ReadonlyArray<readonly [number, number]> = [
      [1, 12.7062047],
      [2, 4.3026527],
      [4, 2.7764451],
      [9, 2.2621572],
      [30, 2.0422725],
      [1000, 1.9623391]
    ]
    for (const [degrees, quantile] of table) expect(studentQuantile(0.05, degrees)).toBeCloseTo(quantile, 6)
    expect(studentTail(0, 5)).toBe(1)
    expect(() => studentQuantile(0.05, 0)).toThrow(RangeError)
  })

  it("of a few numbers are what one gets by hand", () => {
    // s = 1, n = 3: half width 4.3026527 / √3.
    const { mean, low, high } = studentInterval([1, 2, 3])
    expect([mean, low, high]).toEqual([2, expect.closeTo(2 - 2.4841377, 6), expect.closeTo(2 + 2.4841377, 6)])
    expect(resolved(studentInterval([1, 2, 3]))).toBe(false)
    expect(resolved(studentInterval([1.9, 2, 2.1]))).toBe(true)
    expect(resolved(studentInterval([-1.9, -2, -2.1]))).toBe(true)
    expect(studentInterval([5])).toEqual({ mean: 5, n: 1 })
    expect(resolved(studentInterval([5]))).toBe(false)
    expect(() => studentInterval([])).toThrow(RangeError)
    expect(() => studentInterval([Number.NaN])).toThrow(RangeError)
  })
})

describe("versions of sources", () => {
  const write = (folder: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }

  const tree = {
    "stage.ts":
      'import { a } from "./deep/a.ts"\nimport type { T } from "./types.ts"\nimport lib from "lib/sub"\nconst later = () => import("./lazy.ts")\n',
    "deep/a.ts": 'export { b } from "./b.ts"\nconst data = new URL("../data/", import.meta.url)\n',
    "deep/b.ts": 'import "../stage.ts"\nimport { readFileSync } from "node:fs"\n',
    "lazy.ts": "export const lazy = 1\n",
    "types.ts": "export type T = 1\n",
    "data/table.json": "[1]",
    "other.ts": "export const other = 1\n",
    "node_modules/lib/package.json": '{"version": "1.0.0"}'
  }

  it("follow imports all the way, dynamic ones, data and packages too, types and strangers not", async () => {
    const folder = temporaryFolder()
    write(folder, tree)
    const version = () => inNode(sourceVersion([urlOf(join(folder, "stage.ts"))]))
    const first = await version()
    expect(first.files).toEqual(["data/table.json", "deep/a.ts", "deep/b.ts", "lazy.ts", "stage.ts"])
    expect(first.packages).toEqual({ lib: "1.0.0" })
    for (const [name, counts] of Object.entries({
      "deep/b.ts": true,
      "lazy.ts": true,
      "data/table.json": true,
      "node_modules/lib/package.json": true,
      "types.ts": false,
      "other.ts": false
    })) {
      const changed = name.endsWith("package.json") ? '{"version": "1.0.1"}' : `${tree[name as keyof typeof tree]}\n`
      write(folder, { [name]: changed })
      expect([name, (await version()).hash !== first.hash]).toEqual([name, counts])
      write(folder, { [name]: tree[name as keyof typeof tree] })
      expect((await version()).hash).toBe(first.hash)
    }
    rmSync(join(folder, "node_modules"), { recursive: true })
    expect((await version()).packages).toEqual({ lib: "absent" })
  })

  it("of a study's stages hold no Python: the worker's code is hashed for the engines that run it, without byte code", async () => {
    const stage = urlOf("src/experiments/stages/finetune.ts")
    const { files } = await inNode(sourceVersion([stage, urlOf("src/experiments/stages/cells/finetune.ts")]))
    expect(files.some((file) => file.endsWith("finetune/python.ts"))).toBe(true)
    expect(files.filter((file) => !file.endsWith(".ts") && /python|\.py/.test(file))).toEqual([])
  })

  it("hold declared packages that are loaded by a name passed around, installed or not", async () => {
    const folder = temporaryFolder()
    write(folder, {
      "src/engine.ts": 'const load = (name) => import(name)\nload("@lib/fast")\nconst words = ["odd", "lib/sub"]\n',
      "package.json": '{"dependencies": {"lib": "1"}, "peerDependencies": {"@lib/fast": "1"}}',
      "node_modules/lib/package.json": '{"version": "1.0.0"}',
      "node_modules/odd/package.json": '{"version": "3.0.0"}'
    })
    const { packages } = await inNode(sourceVersion([urlOf(join(folder, "src/engine.ts"))]))
    expect(packages).toEqual({ "@lib/fast": "absent", lib: "1.0.0" })
  })

  it("of the study's own stages hold the tensor library, the formula parser and the fonts, where they are used", async () => {
    const versions = await inNode(
      Effect.forEach(losslatticeStudy.stages, ({ id, sources }) =>
        Effect.map(sourceVersion(sources), (version) => [id, version] as const)
      )
    )
    // A figure that changes is no reason to prove or train anything again.
    const drawing = versions.filter(([, { files }]) => files.some((file) => file.includes("figures/drawing/")))
    expect(drawing.map(([id]) => id)).toEqual(["figures", "report"])
    const { finetune, derive, figures } = Object.fromEntries(versions)
    expect(Object.keys(finetune!.packages)).toEqual(
      expect.arrayContaining(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-node-gpu"])
    )
    expect(Object.keys(derive!.packages)).toContain("mathjs")
    expect(figures!.files.filter((file) => /^assets\/fonts\/.*\.ttf$/.test(file)).length).toBe(2)
  })

  it("do not depend on where the sources are", async () => {
    const folders = [temporaryFolder(), join(temporaryFolder(), "elsewhere")]
    const hashes = []
    for (const folder of folders) {
      write(folder, tree)
      hashes.push((await inNode(sourceVersion([urlOf(join(folder, "stage.ts"))]))).hash)
    }
    expect(hashes[0]).toBe(hashes[1])
  })

  it("see imports however they are written", () => {
    const code = [
      'import a from "./a.ts"',
      "import {\n  b,\n  type C\n} from './b.ts'",
      'import * as d from "./d.ts"',
      'import "./e.ts"',
      'export * from "./f.ts"',
      'export type { G } from "./g.ts"',
      'import type H from "./h.ts"',
      '// import "./i.ts"',
      '/* import "./j.ts" */',
      'const k = await import("./k.ts")',
      'import{l}from"./l.js";import m from"./m.js"',
      'const text = "nothing from here"'
    ].join("\n")
    expect(importsOf(code)).toEqual([..."abdefklm"].map((name) => `./${name}.${"lm".includes(name) ? "js" : "ts"}`))
  })

  it("name a module as its neighbour is named, in sources and in a build", () => {
    expect(moduleUrl("file:///x/src/experiments/WorkerPool.ts", "./worker")).toBe("file:///x/src/experiments/worker.ts")
    expect(moduleUrl("file:///x/dist/experiments/WorkerPool.js", "./worker")).toBe(
      "file:///x/dist/experiments/worker.js"
    )
  })
})

describe("progress", () => {
  const ended = (change: Partial<StageRecord>): StageRecord => ({
    id: "bandit",
    status: "ran",
    key: "",
    outputHash: "",
    seconds: 1.25,
    cells: { total: 20, ran: 15, cached: 5 },
    files: [],
    failures: [],
    ...change
  })

  const tell = (isTerminal: boolean): string => {
    let text = ""
    const progress = makeProgress({ write: (chunk) => (text += chunk), isTerminal, columns: 60 })
    progress.stageStarted("bandit", 20, 5)
    progress.cellAdvanced("bandit", "bandit/dpo/clean/seed=3", 0.5, "half way through")
    for (let cell = 0; cell < 15; cell++) progress.cellEnded("bandit", `c${cell}`, cell === 7 ? "diverged" : undefined)
    progress.stageEnded(ended({ failures: [{ id: "c7", error: "diverged" }] }))
    progress.stageEnded(ended({ id: "select", status: "cached" }))
    return text
  }

  it("off a terminal is plain lines, one for a tenth", () => {
    expect(tell(false).trim().split("\n")).toEqual([
      "bandit     20 cells, 5 from cache",
      ...[6, 8, 10, 12].map((done) => `bandit     ${done}/20`),
      "failed: c7: diverged",
      ...[14, 16, 18].map((done) => `bandit     ${done}/20`),
      "bandit     ran in 1.3 s, 15 of 20 cells run, 5 from cache, 1 failed",
      "select     cached in 1.3 s"
    ])
  })

  it("on a terminal is a bar that never runs over the edge", () => {
    const text = tell(true)
    const screens = text.replaceAll("\r\u001b[2K", "\n").split("\n")
    const bars = screens.filter((line) => line.includes("█"))
    expect(bars.length).toBeGreaterThan(15)
    expect(Math.max(...bars.map((line) => line.length))).toBeLessThan(60)
    expect(screens).toContain("failed: c7: diverged")
    expect(text.endsWith("select     cached in 1.3 s\n")).toBe(true)
  })

  it("on a terminal leaves no half bar when the run ends within a stage", () => {
    let text = ""
    const progress = makeProgress({ write: (chunk) => (text += chunk), isTerminal: true, columns: 60 })
    progress.stageStarted("bandit", 20, 5)
    progress.ended()
    expect(text.endsWith("\r\u001b[2K")).toBe(true)
  })
})

describe("where a run stands", () => {
  it("is read off its log, half a line at its end included", () => {
    const log = [
      '{"event":"run-started"}',
      '{"event":"stage-started","stage":"bandit","cells":9,"cached":2}',
      '{"event":"cell-finished","cell":"a"}',
      '{"event":"cell-failed","cell":"b"}'
    ]
    expect(currentStage(`${log.join("\n")}\n{"event":"cell-fin`)).toEqual({ stage: "bandit", cells: 9, done: 4 })
    expect(currentStage([...log, '{"event":"stage-ended","stage":"bandit"}'].join("\n"))).toBeUndefined()
    expect(currentStage([...log, log[0]!].join("\n"))).toBeUndefined()
  })
})
