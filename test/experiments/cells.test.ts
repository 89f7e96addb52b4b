/** Cells on worker threads: what comes out does not depend on the threads, and what breaks breaks alone. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { planCells } from "../../src/experiments/cells.ts"
import { runStudyOf } from "../../src/experiments/study.ts"
import { makeWorkerPool } from "../../src/experiments/WorkerPool.ts"
import type { CellRequest } from "../../src/experiments/workerProtocol.ts"
import { inNode, lastingFiles, resultInNode, toyStudy } from "./toy/harness.ts"
import { toyKind } from "./toy/study.ts"

const many = ["numbers: [5, 0, 3, 9, 1, 7, 2, 8]", "milliseconds: 5"]

describe("worker threads", () => {
  it("1 or 4 of them, the records are the same bytes, in the order of the study", async () => {
    const one = toyStudy(many)
    const four = toyStudy(many)
    const alone = await one.run({ workers: 1 })
    const together = await four.run({ workers: 4 })
    expect(lastingFiles(together.folder)).toEqual(lastingFiles(alone.folder))
    const rows = readFileSync(join(alone.folder, "records/squares.jsonl"), "utf8").trim().split("\n")
    expect(rows.map((row) => (JSON.parse(row) as { n: number }).n)).toEqual([5, 0, 3, 9, 1, 7, 2, 8])
    // A number that is not finite keeps its name instead of becoming null.
    expect(rows[1]).toContain('"limit":"NaN"')
  })

  it.each([
    ["throw", "3 is not to be squared"],
    ["exit", "its thread ended with code 7"]
  ])("a cell that fails by %s is named, the rest goes on, and it is tried again", async (kind, reason) => {
    const study = toyStudy(["numbers: [1, 2, 3, 4]", "milliseconds: 0", `fault: {kind: ${kind}, at: 3}`])
    const failed = await resultInNode(runStudyOf(toyKind, study.options()))
    if (Result.isSuccess(failed) || failed.failure._tag !== "RunFailed") throw new Error("the run should have failed")
    expect(failed.failure.exitCode).toBe(1)
    expect(failed.failure.message).toContain(`squares/3: ${reason}`)
    const { folder } = failed.failure
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
      status: string
      error: string
      stages: ReadonlyArray<{ id: string; status: string; failures: ReadonlyArray<unknown> }>
    }
    expect(manifest.status).toBe("failed")
    expect(manifest.error).toContain("squares/3")
    expect(manifest.stages.map(({ id, status }) => [id, status])).toEqual([
      ["squares", "failed"],
      ["total", "ran"],
      ["text", "ran"]
    ])
    expect(manifest.stages[0]!.failures).toEqual([{ id: "squares/3", error: reason }])
    expect(readFileSync(join(folder, "text.txt"), "utf8")).toBe("untitled: 21 0\n")
    const again = await resultInNode(runStudyOf(toyKind, study.options()))
    expect(Result.isFailure(again)).toBe(true)
    const log = readFileSync(join(folder, "log.jsonl"), "utf8")
    // Once in the first run, once in the second, which found the other three finished.
    expect(log.match(/"cell-failed"/g)?.length).toBe(2)
    expect(log.match(/"cell-finished"/g)?.length).toBe(3)
  })

  it("a thread that ends after its cell, while it has nothing to do, is replaced", async () => {
    const request = (n: number, fault: string): CellRequest => ({
      id: `squares/${n}`,
      module: new URL("./toy/cell.ts", import.meta.url).href,
      spec: { n, milliseconds: 0, fault },
      resources: { trace: "" },
      workFolder: "",
      needs: {}
    })
    const squares = Effect.gen(function* () {
      const pool = yield* makeWorkerPool({ size: 1 })
      const first = yield* pool.run(request(2, "exit-later"), () => undefined)
      yield* Effect.sleep("300 millis")
      const second = yield* pool.run(request(3, "none"), () => undefined).pipe(Effect.timeout("5 seconds"))
      return [first, second].map((text) => (JSON.parse(text) as { square: number }).square)
    })
    expect(await Effect.runPromise(Effect.scoped(squares))).toEqual([4, 9])
  })

  it("a stage that fails as a whole stops those that need it, and no other", async () => {
    const study = toyStudy(["numbers: [1]", "words: missing.txt"])
    const failed = await resultInNode(runStudyOf(toyKind, study.options()))
    if (Result.isSuccess(failed) || failed.failure._tag !== "RunFailed") throw new Error("the run should have failed")
    expect(failed.failure.message).toContain("stage words: missing.txt: no such file")
    const manifest = JSON.parse(readFileSync(join(failed.failure.folder, "manifest.json"), "utf8")) as {
      stages: ReadonlyArray<{ id: string; status: string }>
    }
    expect(manifest.stages.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "squares ran",
      "total ran",
      "words failed",
      "text blocked"
    ])
  })

  it("what a thread prints does not reach stdout", async () => {
    const printed: Array<string> = []
    const module = `data:text/javascript,export const runCell = (spec) => { console.log("printed by a cell"); return spec }`
    const run = Effect.gen(function* () {
      const pool = yield* makeWorkerPool({ size: 1, onOutput: (text) => printed.push(text) })
      const text = yield* pool.run(
        { id: "a", module, spec: [1], resources: null, workFolder: "", needs: {} },
        () => undefined
      )
      yield* Effect.sleep("50 millis")
      return text
    })
    expect(await inNode(Effect.scoped(run))).toBe("[1]")
    expect(printed.join("")).toBe("printed by a cell\n")
  })
})

describe("keys of cells", () => {
  const cells = [
    { id: "data", spec: { seed: 1 } },
    { id: "model", spec: { loss: "dpo" }, needs: ["data"] }
  ]

  it("follow the spec, the code, and what they need", () => {
    const [data, model] = planCells("s", cells, "code")
    expect(model!.depth).toBe(1)
    const again = planCells("s", [{ ...cells[0]!, spec: { seed: 2 } }, cells[1]!], "code")
    expect(again[0]!.key).not.toBe(data!.key)
    expect(again[1]!.key).not.toBe(model!.key)
    expect(planCells("s", cells, "other code")[0]!.key).not.toBe(data!.key)
    // Paths and names do not count.
    const renamed = planCells("s", [{ id: "renamed", spec: { seed: 1 }, resources: { path: "/tmp" } }], "code")
    expect(renamed[0]!.key).toBe(data!.key)
  })

  it("are refused for names that occur twice or needs that come later", () => {
    expect(() => planCells("s", [cells[0]!, cells[0]!], "code")).toThrow("two cells are called data")
    expect(() => planCells("s", [...cells].reverse(), "code")).toThrow("model needs data")
  })
})
