/** @file Files written so that a reader, or a process killed half-way, never leaves or meets half of one. */
import { randomUUID } from "node:crypto"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import { RunFolderError } from "./errors.ts"

/** Files in the making carry this mark; what is left of them after a crash is removed when the folder is next opened. */
export const temporaryMark = ".writing-"

const isFolder = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return Option.exists(yield* Effect.option(fs.stat(path)), ({ type }) => type === "Directory")
})

/**
 * Makes a folder and those above it, one by one: Node's own recursive way never returns where the kernel answers "no such
 * file" although the parent is there, as under /proc.
 */
const makeFolders = (path: string): Effect.Effect<void, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (yield* isFolder(path)) return
    if (dirname(path) !== path) yield* makeFolders(dirname(path))
    const fs = yield* FileSystem.FileSystem
    // Another process may have made it in between.
    yield* Effect.catch(fs.makeDirectory(path), (error) =>
      Effect.flatMap(isFolder(path), (there) => (there ? Effect.void : Effect.fail(error)))
    )
  })

/**
 * Writes under a temporary name, then renames. Makes the folder. Not interruptible half-way; leaves nothing when it fails.
 * @param aside where the temporary file is made (same file system); default: beside the target
 */
export const writeAtomic = Effect.fnUntraced(function* (
  path: string,
  content: string | Uint8Array,
  aside: string = dirname(path)
) {
  const fs = yield* FileSystem.FileSystem
  const temporary = join(aside, `${temporaryMark}${randomUUID().slice(0, 8)}-${basename(path)}`)
  yield* makeFolders(dirname(path))
  yield* makeFolders(aside)
  const written =
    typeof content === "string" ? fs.writeFileString(temporary, content) : fs.writeFile(temporary, content)
  yield* Effect.tapError(Effect.andThen(written, fs.rename(temporary, path)), () =>
    // On a full disk half a file would stay in the way of the next attempt.
    Effect.ignore(fs.remove(temporary, { force: true }))
  )
}, Effect.uninterruptible)

/** The file's bytes, or undefined when there is none. */
export const readIfThere = Effect.fnUntraced(
  function* (path: string) {
    const fs = yield* FileSystem.FileSystem
    return yield* fs.readFile(path)
  },
  (effect) =>
    Effect.catchTag(
      effect,
      "PlatformError",
      (error): Effect.Effect<undefined, PlatformError> =>
        error.reason._tag === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error)
    )
)

/** Removes what crashed writers left in a folder and below. Nobody else may be writing there. */
export const removeTemporaries = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  for (const name of yield* fs.readDirectory(folder, { recursive: true })) {
    if (basename(name).startsWith(temporaryMark)) yield* fs.remove(join(folder, name), { force: true })
  }
})

/** Removes files of a folder that were last written before a time (ms). A folder that is not there holds none. */
export const removeOlderThan = Effect.fnUntraced(function* (folder: string, time: number) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(folder))) return
  for (const name of yield* fs.readDirectory(folder)) {
    const info = yield* Effect.option(fs.stat(join(folder, name)))
    const written = Option.getOrUndefined(Option.flatMap(info, ({ mtime }) => mtime))
    if (written && written.getTime() < time) yield* fs.remove(join(folder, name), { force: true })
  }
})

const causes: Readonly<Record<string, string>> = {
  ENOTDIR: "the folder cannot be made, a file is in its place or above it",
  EEXIST: "the folder cannot be made, a file is in its place or above it",
  ENOENT: "the folder cannot be made there",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "no space is left for this user on the disk",
  EIO: "the disk does not answer as it should"
}

const causeOf = (error: PlatformError): string =>
  String("cause" in error.reason ? (error.reason.cause as { code?: unknown } | undefined)?.code : undefined)

/** Why a file or folder could not be made or written, as part of a sentence. */
export const writingProblem = (error: PlatformError): string => causes[causeOf(error)] ?? error.message

/** A folder that cannot be used: the person who named it has to name another (exit code 2), unless the disk fails (1). */
export const folderError = (folder: string, error: PlatformError): RunFolderError =>
  new RunFolderError({
    folder,
    reason: writingProblem(error),
    exitCode: ["EROFS", "ENOSPC", "EDQUOT", "EIO"].includes(causeOf(error)) ? 1 : 2
  })

/** Makes the folder if need be. Fails with RunFolderError when that cannot be, for example under a file. */
export const makeFolder = (folder: string): Effect.Effect<void, RunFolderError, FileSystem.FileSystem> =>
  Effect.mapError(makeFolders(folder), (error) => folderError(folder, error))
