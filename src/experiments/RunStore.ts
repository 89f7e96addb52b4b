/** @file A run folder: `<root>/<study>/<config-hash>/`, its files, and its log. */
import { join, resolve } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import { contentHash, shortHash } from "./canonical.ts"
import { readIfThere, removeTemporaries, writeAtomic } from "./files.ts"
import type { NewFile, OutputFile } from "./StageCache.ts"

/** Where the run of a study is kept, absolute. */
export const runFolderOf = (root: string, study: string, configHash: string): string =>
  join(resolve(root), study, shortHash(configHash))

/** One line of log.jsonl. */
export interface LogEvent {
  readonly event: string
  readonly [field: string]: unknown
}

type Io<A> = Effect.Effect<A, PlatformError>

/** A run folder in use. Paths are relative to it. */
export interface RunStore {
  readonly folder: string
  readonly write: (files: ReadonlyArray<NewFile>) => Io<void>
  readonly remove: (paths: ReadonlyArray<string>) => Io<void>
  readonly read: (path: string) => Io<Uint8Array | undefined>
  /** Whether every file is there with its content unchanged. */
  readonly intact: (files: ReadonlyArray<OutputFile>) => Io<boolean>
  /** Appends to the log with the time. A log that cannot be written stops nothing. */
  readonly log: (event: LogEvent) => Effect.Effect<void>
}

/** The folder as it stands, for reading and writing; it need not exist yet. */
export const runStoreAt = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const provided = Effect.provideService(FileSystem.FileSystem, fs)
  const at = (path: string): string => join(folder, path)
  const read = (path: string) => provided(readIfThere(at(path)))
  const isIntact = (file: OutputFile) =>
    Effect.map(read(file.path), (content) => content !== undefined && contentHash(content) === file.hash)
  const store: RunStore = {
    folder,
    read,
    write: (files) =>
      Effect.forEach(files, ({ path, content }) => provided(writeAtomic(at(path), content)), { discard: true }),
    remove: (paths) => Effect.forEach(paths, (path) => fs.remove(at(path), { force: true }), { discard: true }),
    intact: (files) => Effect.map(Effect.forEach(files, isIntact), (all) => all.every((one) => one)),
    log: (event) =>
      Effect.gen(function* () {
        const time = new Date(yield* Clock.currentTimeMillis).toISOString()
        yield* fs.writeFileString(at("log.jsonl"), `${JSON.stringify({ time, ...event })}\n`, { flag: "a" })
      }).pipe(Effect.ignore)
  }
  return store
})

/** Opens a folder whose lock is held: first clears what a crashed writer left. */
export const openRunStore = Effect.fnUntraced(function* (folder: string) {
  yield* removeTemporaries(folder)
  return yield* runStoreAt(folder)
})
