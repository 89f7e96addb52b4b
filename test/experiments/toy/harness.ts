/** What the tests of the machinery share: a folder that goes away, and toy studies run in it. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Result from "effect/Result"
import { afterAll, afterEach } from "vitest"
import { runStudyOf, type StudyOptions } from "../../../src/experiments/study.ts"
import { toyKind } from "./study.ts"

const made: Array<string> = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
  delete process.env.TOY_TRACE
})

/** A fresh folder; removed after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-"))
  made.push(folder)
  return folder
}

/** A fresh folder for all tests of a file; removed after the last. */
export const sharedFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "losslattice-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file into a folder and returns its path. */
export const writeInto = (folder: string, name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Runs an effect against the real file system. */
export const inNode = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeFileSystem.layer))

/** The same, with its failure as a value. */
export const resultInNode = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem>): Promise<Result.Result<A, E>> =>
  inNode(Effect.result(effect))

/** A folder with a toy study in it, and what to do with it. */
export const toyStudy = (lines: ReadonlyArray<string> = ["numbers: [1, 2, 3, 4]"]) => {
  const folder = temporaryFolder()
  const file = writeInto(folder, "toy.yaml", ["version: 1", "study: toy", ...lines, ""].join("\n"))
  const out = join(folder, "runs")
  const traceFile = join(folder, "trace.txt")
  const options = (more: Partial<StudyOptions> = {}): StudyOptions => ({ file, out, workers: 2, ...more })
  const traced = async (more: Partial<StudyOptions> = {}) => {
    rmSync(traceFile, { force: true })
    process.env.TOY_TRACE = traceFile
    const result = await inNode(runStudyOf(toyKind, options(more)))
    // What ran, in an order that threads have no part in.
    const marks = existsSync(traceFile) ? readFileSync(traceFile, "utf8").trim().split("\n").sort() : []
    const statuses = Object.fromEntries(result.manifest.stages.map(({ id, status }) => [id, status]))
    return { ...result, marks, statuses }
  }
  return { folder, file, out, options, run: traced }
}

/** Every file of a run folder that has to be the same after any interruption, with its bytes in base 64. */
export const lastingFiles = (runFolder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    globSync("**/*", { cwd: runFolder, withFileTypes: true })
      .filter((entry) => entry.isFile() && !["manifest.json", "log.jsonl", "run.lock"].includes(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(runFolder.length), readFileSync(path).toString("base64")])
  )
