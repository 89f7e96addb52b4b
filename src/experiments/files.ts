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

/**
 * Writes under a temporary name, then renames. Makes the folder. Not interruptible half-way.
 * @param aside where the temporary file is made (same file system); default: beside the target
 */
export const writeAtomic = Effect.fnUntraced(function* (
  path: string,
  content: string | Uint8Array,
  aside: string = dirname(path)
) {
  const fs = yield* FileSystem.FileSystem
  const temporary = join(aside, `${temporaryMark}${randomUUID().slice(0, 8)}-${basename(path)}`)
  yield* fs.makeDirectory(dirname(path), { recursive: true })
  if (aside !== dirname(path)) yield* fs.makeDirectory(aside, { recursive: true })
  yield* typeof content === "string" ? fs.writeFileString(temporary, content) : fs.writeFile(temporary, content)
  yield* fs.rename(temporary, path)
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

/** Why a folder could not be made or written, as part of a sentence. */
export const folderReason = (error: PlatformError): string => {
  const cause = "cause" in error.reason ? (error.reason.cause as { code?: unknown } | undefined) : undefined
  if (cause?.code === "ENOTDIR" || cause?.code === "EEXIST")
    return "the folder cannot be made, a file is in its place or above it"
  if (cause?.code === "EACCES" || cause?.code === "EPERM") return "the folder may not be written"
  if (cause?.code === "EROFS") return "the folder is on a read-only file system"
  if (cause?.code === "ENOSPC") return "no space is left on the disk"
  return `the folder cannot be used (${error.message})`
}

/** Makes the folder if need be. Fails with RunFolderError when that cannot be, for example under a file. */
export const makeFolder = Effect.fn("makeFolder")(
  function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(folder, { recursive: true })
  },
  (effect, folder) =>
    Effect.catchTag(effect, "PlatformError", (error) =>
      Effect.fail(new RunFolderError({ folder, reason: folderReason(error) }))
    )
)
