/**
 * @file Run folders by what a person names: a run folder, a folder of run folders, or `study` and `study/hash-prefix` in the
 * folder for run folders.
 */
import { basename, join } from "node:path"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { nearest } from "../loss/nearest.ts"
import { manifestFile } from "./manifest.ts"

/** A name that stands for no run folder, or for several. */
export class RunNameError extends Data.TaggedError("RunNameError")<{ readonly message: string }> {
  readonly exitCode = 2
}

const wrongName = (message: string): RunNameError => new RunNameError({ message })

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
  return wrongName(
    `${name}: no such run; a run folder, a folder of runs, a study or study/hash-prefix is needed; ${hint}`
  )
})

/** The run folders that one name stands for, at least one. @param root the folder for run folders */
export const runFoldersNamed = Effect.fn("runFoldersNamed")(function* (root: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  if (yield* Effect.orElseSucceed(fs.exists(name), () => false)) {
    const found = yield* runsAt(name)
    if (found.length > 0) return found
    return yield* wrongName(`${name}: no run in it; a run folder has a manifest.json`)
  }
  const study = yield* runsAt(join(root, name))
  const found = study.length > 0 ? study : yield* runsByPrefix(root, name)
  if (found.length === 0) return yield* yield* unknownRun(root, name)
  if (study.length === 0 && found.length > 1) {
    const names = found.map((folder) => basename(folder)).join(", ")
    return yield* wrongName(`${name}: ${found.length} runs begin like this: ${names}; give more digits`)
  }
  return found
})
