/**
 * @file The runs that a query is about, found by what a person names: a run folder, a folder of run folders, or `study` and
 * `study/hash-prefix` in the folder for run folders.
 */
import { basename, join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { nearest } from "../../loss/nearest.ts"
import { shortHash } from "../canonical.ts"
import { readIfThere } from "../files.ts"
import { manifestFile, type RunManifest, readManifest } from "../manifest.ts"
import { runStatus } from "../monitor.ts"
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

const foldersIn = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = Option.getOrElse(yield* Effect.option(fs.readDirectory(folder)), () => [])
  const found: Array<string> = []
  for (const name of [...names].sort()) {
    const info = yield* Effect.option(fs.stat(join(folder, name)))
    if (Option.exists(info, ({ type }) => type === "Directory")) found.push(join(folder, name))
  }
  return found
})

const isRun = (folder: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.orElseSucceed(fs.exists(manifestFile(folder)), () => false))

/** The run folders at a path: itself, those in it, or those in the folders in it. */
const runsAt = Effect.fnUntraced(function* (path: string) {
  if (yield* isRun(path)) return [path]
  const inside = yield* foldersIn(path)
  const deeper = yield* Effect.forEach(inside, (folder) =>
    Effect.flatMap(isRun(folder), (is) => (is ? Effect.succeed([folder]) : foldersIn(folder)))
  )
  return yield* Effect.filter(deeper.flat(), isRun)
})

/** Run folders of `study/hash-prefix` under the root. */
const runsByPrefix = Effect.fnUntraced(function* (root: string, name: string) {
  const [study, prefix, ...more] = name.split("/")
  if (study === undefined || prefix === undefined || prefix === "" || more.length > 0) return []
  const folders = (yield* foldersIn(join(root, study))).filter((folder) => basename(folder).startsWith(prefix))
  return yield* Effect.filter(folders, isRun)
})

const unknownRun = Effect.fnUntraced(function* (root: string, name: string) {
  const studies = (yield* foldersIn(root)).map((folder) => basename(folder))
  const hint =
    studies.length === 0 ? `there is no study in ${root}` : `of the studies in ${root}, ${nearest(name, studies)}`
  const late = /\s/.test(name) ? "; a statement comes last" : ""
  return wrongQuery(
    `${name}: no such run; a run folder, a folder of runs, a study or study/hash-prefix is needed; ${hint}${late}`
  )
})

/** The folders that one name stands for, at least one. */
const resolveRun = Effect.fnUntraced(function* (root: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  if (yield* Effect.orElseSucceed(fs.exists(name), () => false)) {
    const found = yield* runsAt(name)
    if (found.length > 0) return found
    return yield* wrongQuery(`${name}: no run in it; a run folder has a manifest.json`)
  }
  const study = yield* runsAt(join(root, name))
  const found = study.length > 0 ? study : yield* runsByPrefix(root, name)
  if (found.length === 0) return yield* yield* unknownRun(root, name)
  if (study.length === 0 && found.length > 1) {
    const names = found.map((folder) => basename(folder)).join(", ")
    return yield* wrongQuery(`${name}: ${found.length} runs begin like this: ${names}; give more digits`)
  }
  return found
})

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
