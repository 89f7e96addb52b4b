/**
 * @file The runs that a query is about, found by what a person names: a run folder, a folder of run folders, or `study` and
 * `study/hash-prefix` in the folder for run folders.
 */
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { shortHash } from "../canonical.ts"
import { readIfThere } from "../files.ts"
import { type RunManifest, readManifest } from "../manifest.ts"
import { runStatus } from "../monitor.ts"
import { runFoldersNamed } from "../runFolders.ts"
import { type QueryError, wrongQuery } from "./errors.ts"

/** A run as the table `runs` has it, and where its records are. */
export interface QueriedRun {
  /** `study/hash`, the first twelve digits. */
  readonly run: string
  readonly folder: string
  readonly status: string
  readonly title: string | undefined
  readonly manifest: RunManifest
}

const resolveRun = (root: string, name: string) =>
  Effect.mapError(runFoldersNamed(root, name), ({ message }) =>
    wrongQuery(/\s/.test(name) ? `${message}; a statement comes last` : message)
  )

/** Whether a path is there, or a name stands for a run: then it is no statement. */
export const namesRun = (root: string, name: string) =>
  Effect.map(Effect.result(resolveRun(root, name)), Result.isSuccess)

/** The title of the study's own configuration, as the run folder keeps it. */
const titleOf = Effect.fnUntraced(function* (folder: string) {
  const text = new TextDecoder().decode(
    yield* Effect.orElseSucceed(readIfThere(join(folder, "config.yaml")), () => undefined)
  )
  const { parse } = yield* Effect.promise(() => import("yaml"))
  const title = Result.getOrUndefined(Result.try(() => (parse(text) as { title?: unknown } | null)?.title))
  return typeof title === "string" ? title : undefined
})

const readRun = Effect.fnUntraced(function* (folder: string) {
  const wrong = (error: { readonly message: string }) => wrongQuery(`${folder}: ${error.message}`)
  const manifest = yield* Effect.mapError(readManifest(folder), wrong)
  if (manifest === undefined) return yield* wrongQuery(`${folder}: no run folder, there is no manifest.json in it`)
  const { status } = yield* Effect.mapError(runStatus(folder), ({ message }) => wrongQuery(message))
  const run = `${manifest.study}/${shortHash(manifest.configHash)}`
  const queried: QueriedRun = { run, folder: resolve(folder), status, title: yield* titleOf(folder), manifest }
  return queried
})

/** One run by its folder; two folders with the same run would count its rows twice. */
const checkDistinct = (runs: ReadonlyArray<QueriedRun>): Effect.Effect<void, QueryError> => {
  const seen = new Map<string, string>()
  for (const { run, folder } of runs) {
    const other = seen.get(run)
    if (other !== undefined) {
      return Effect.fail(wrongQuery(`${folder}: run ${run} is in ${other} too; name one of them`))
    }
    seen.set(run, folder)
  }
  return Effect.void
}

/** The runs that some names stand for, each once, in the order named. @param root the folder for run folders */
export const findRuns = Effect.fn("findRuns")(function* (root: string, names: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const folders = (yield* Effect.forEach(names, (name) => resolveRun(root, name))).flat()
  // A run named twice, or by way of a link, is one.
  const real = new Map<string, string>()
  for (const folder of folders) {
    const path = yield* Effect.orElseSucceed(fs.realPath(folder), () => folder)
    if (!real.has(path)) real.set(path, folder)
  }
  const runs = yield* Effect.forEach([...real.values()], readRun)
  yield* checkDistinct(runs)
  return runs
})
