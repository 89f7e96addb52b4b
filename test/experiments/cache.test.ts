/** When a stage runs, when it is skipped, and when it comes from another run: on a study of milliseconds. */
import { globSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { dryRunOf } from "../../src/experiments/dryRun.ts"
import { doneValues, recordFiles, type Stage } from "../../src/experiments/Stage.ts"
import { urlOf } from "../../src/experiments/sourceVersion.ts"
import { runStudyOf } from "../../src/experiments/study.ts"
import { inNode, lastingFiles, resultInNode, temporaryFolder, toyStudy, writeInto } from "./toy/harness.ts"
import { type ToyConfig, toyKind } from "./toy/study.ts"

const everything = ["collect squares", "run text", "run total", "square 1", "square 2", "square 3", "square 4"]
const allCached = { squares: "cached", total: "cached", text: "cached" }

const hashes = (manifest: { readonly stages: ReadonlyArray<{ readonly id: string; readonly outputHash: string }> }) =>
  Object.fromEntries(manifest.stages.map(({ id, outputHash }) => [id, outputHash]))

describe("stages", () => {
  it("run once, then are cached, file by file", async () => {
    const study = toyStudy()
    const first = await study.run()
    expect(first.marks).toEqual(everything)
    expect(first.statuses).toEqual({ squares: "ran", total: "ran", text: "ran" })
    const files = lastingFiles(first.folder)
    expect(Object.keys(files)).toEqual([
      "/config.yaml",
      "/records/squares.jsonl",
      "/records/squares.parquet",
      "/records/total.jsonl",
      "/records/total.parquet",
      "/text.txt"
    ])
    expect(readFileSync(join(first.folder, "text.txt"), "utf8")).toBe("untitled: 30 0\n")
    const second = await study.run()
    expect(second.marks).toEqual([])
    expect(second.statuses).toEqual(allCached)
    expect(lastingFiles(second.folder)).toEqual(files)
  })

  it.each(["records/squares.jsonl", "records/squares.parquet"])(
    "whose %s was deleted run again, and they alone",
    async (path) => {
      const study = toyStudy()
      const first = await study.run()
      rmSync(join(first.folder, path))
      const second = await study.run()
      expect(second.marks).toEqual(["collect squares", "square 1", "square 2", "square 3", "square 4"])
      expect(second.statuses).toEqual({ ...allCached, squares: "ran" })
      expect(hashes(second.manifest)).toEqual(hashes(first.manifest))
      expect(lastingFiles(second.folder)).toEqual(lastingFiles(first.folder))
    }
  )

  it("whose records were altered run again, and they alone", async () => {
    const study = toyStudy()
    const first = await study.run()
    const files = lastingFiles(first.folder)
    writeFileSync(join(first.folder, "records/total.jsonl"), '{"sum":31,"scaled":31}\n')
    const second = await study.run()
    expect(second.marks).toEqual(["run total"])
    expect(second.statuses).toEqual({ ...allCached, total: "ran" })
    expect(lastingFiles(second.folder)).toEqual(files)
  })

  it("run again if their part of the configuration changed, with their dependants, and nothing else", async () => {
    const study = toyStudy()
    await study.run()
    const titled = await study.run({ overrides: ["title=Squares"] })
    expect(titled.marks).toEqual(["run text"])
    expect(titled.statuses).toEqual({ squares: "restored", total: "restored", text: "ran" })
    const scaled = await study.run({ overrides: ["factor=2"] })
    expect(scaled.marks).toEqual(["run text", "run total"])
    const longer = await study.run({ overrides: ["numbers=1,2,3,4,5"] })
    // Four of its cells are known from the first run.
    expect(longer.marks).toEqual(["collect squares", "run text", "run total", "square 5"])
  })

  it("refuse code that was edited after the run began, and begin again with it", async () => {
    const folder = temporaryFolder()
    const module = (factor: number) => `export const runCell = async (n: number) => n * ${factor}\n`
    const path = writeInto(folder, "cell.ts", module(1))
    let edit: (() => void) | undefined = () => writeFileSync(path, module(100))
    const editing: Stage<ToyConfig> = {
      _tag: "Direct",
      id: "total",
      sources: [urlOf(path)],
      inputs: () => ({ config: null, upstream: [] }),
      run: async () => {
        edit?.()
        edit = undefined
        return []
      }
    }
    const edited: Stage<ToyConfig> = {
      _tag: "Cells",
      id: "squares",
      sources: [urlOf(path)],
      cellModule: urlOf(path),
      inputs: () => ({ config: null, upstream: [] }),
      cells: async () => [{ id: "squares/3", spec: 3 }],
      collect: async (_context, results) => recordFiles("squares", [{ value: doneValues(results)[0]! }])
    }
    const { options } = toyStudy()
    const kind = { ...toyKind, stages: [editing, edited] }
    const first = await resultInNode(runStudyOf(kind, options()))
    expect(Result.isFailure(first) && first.failure.message).toMatch(
      /squares: its code was edited while the run went on/
    )
    const second = await inNode(runStudyOf(kind, options()))
    expect(readFileSync(join(second.folder, "records/squares.jsonl"), "utf8")).toBe('{"value":300}\n')
    writeFileSync(path, module(1))
    const third = await inNode(runStudyOf(kind, options()))
    expect(readFileSync(join(third.folder, "records/squares.jsonl"), "utf8")).toBe('{"value":3}\n')
  })

  it("run again if a file they read changed", async () => {
    const study = toyStudy(["numbers: [1]", "words: words.txt"])
    const words = writeInto(study.folder, "words.txt", "one")
    const first = await study.run()
    expect(first.statuses.words).toBe("ran")
    expect(first.manifest.inputs["words.txt"]).toMatch(/^[0-9a-f]{64}$/)
    writeFileSync(words, "two")
    const second = await study.run()
    expect(second.folder).toBe(first.folder)
    // Their result is the same all the same, so nothing that depends on them runs.
    expect(second.marks).toEqual(["run words"])
    writeFileSync(words, "one")
    const third = await study.run()
    expect(third.marks).toEqual([])
    expect(third.statuses.words).toBe("restored")
  })

  it("come from the shared cache when the run folder is gone", async () => {
    const study = toyStudy()
    const first = await study.run()
    const files = lastingFiles(first.folder)
    rmSync(first.folder, { recursive: true })
    const second = await study.run()
    expect(second.marks).toEqual([])
    expect(second.statuses).toEqual({ squares: "restored", total: "restored", text: "restored" })
    expect(lastingFiles(second.folder)).toEqual(files)
  })

  it("run again with fresh, whatever is cached", async () => {
    const study = toyStudy()
    const first = await study.run()
    const second = await study.run({ fresh: true })
    expect(second.marks).toEqual(everything)
    expect(hashes(second.manifest)).toEqual(hashes(first.manifest))
  })
})

describe("a damaged cache", () => {
  const damage = (pattern: string, out: string): number => {
    const files = globSync(pattern, { cwd: join(out, ".cache") }).map((name) => join(out, ".cache", name))
    const plain = files.filter((file) => statSync(file).isFile())
    for (const file of plain) writeFileSync(file, readFileSync(file).subarray(0, -3))
    return plain.length
  }

  it.each([
    ["stages/**/*", 3],
    ["objects/**/*", 5]
  ])("at %s is noticed, logged, and the work done again", async (pattern, count) => {
    const study = toyStudy()
    const first = await study.run()
    const files = lastingFiles(first.folder)
    expect(damage(pattern, study.out)).toBe(count)
    rmSync(first.folder, { recursive: true })
    const second = await study.run()
    // The cells are still good.
    expect(second.marks).toEqual(["collect squares", "run text", "run total"])
    expect(lastingFiles(second.folder)).toEqual(files)
    expect(readFileSync(join(second.folder, "log.jsonl"), "utf8")).toContain("cache-corrupt")
    const third = await study.run()
    expect(third.statuses).toEqual(allCached)
  })

  it("at the cells is noticed, logged, and the work done again", async () => {
    const study = toyStudy()
    const first = await study.run()
    expect(damage("cells/**/*", study.out)).toBe(4)
    rmSync(join(study.out, ".cache/stages"), { recursive: true })
    rmSync(first.folder, { recursive: true })
    expect((await study.run()).marks).toEqual(everything)
  })

  it("or a manifest that cannot be read costs nothing but copying", async () => {
    const study = toyStudy()
    const first = await study.run()
    writeFileSync(join(first.folder, "manifest.json"), "{ not a manifest")
    const second = await study.run()
    expect(second.statuses).toEqual({ squares: "restored", total: "restored", text: "restored" })
  })
})

describe("a dry run", () => {
  it("lists cells and what is there, and makes nothing", async () => {
    const study = toyStudy()
    const before = await inNode(dryRunOf(toyKind, study.options()))
    expect(before.stages.map(({ id, state }) => [id, state])).toEqual([
      ["squares", "run"],
      ["total", "unknown"],
      ["text", "unknown"]
    ])
    expect(before.stages[0]!.cells).toEqual([1, 2, 3, 4].map((n) => ({ id: `squares/${n}`, cached: false })))
    expect(globSync("**/*", { cwd: study.out })).toEqual([])
    const run = await study.run()
    expect(run.folder).toBe(before.folder)
    const after = await inNode(dryRunOf(toyKind, study.options()))
    expect(after.stages.map(({ state }) => state)).toEqual(["cached", "cached", "cached"])
    const longer = await inNode(dryRunOf(toyKind, study.options({ overrides: ["numbers=4,5"] })))
    expect(longer.stages[0]!.cells).toEqual([
      { id: "squares/4", cached: true },
      { id: "squares/5", cached: false }
    ])
    rmSync(run.folder, { recursive: true })
    const restorable = await inNode(dryRunOf(toyKind, study.options()))
    expect(restorable.stages.map(({ state }) => state)).toEqual(["restorable", "restorable", "restorable"])
  })

  it("changes nothing about a damaged cache either, which a run would tidy up", async () => {
    const study = toyStudy()
    const { folder } = await study.run()
    rmSync(folder, { recursive: true })
    for (const name of globSync(".cache/objects/*/*", { cwd: study.out })) writeFileSync(join(study.out, name), "x")
    writeInto(join(study.out, ".cache", "writing"), ".writing-0badc0de-old", "half")
    utimesSync(join(study.out, ".cache", "writing", ".writing-0badc0de-old"), 1, 1)
    const files = () => globSync(["*/**", ".cache/**"], { cwd: study.out }).sort()
    const before = files()
    const plan = await inNode(dryRunOf(toyKind, study.options()))
    expect(plan.stages.map(({ state }) => state)).toEqual(["run", "unknown", "unknown"])
    expect(files()).toEqual(before)
  })
})
