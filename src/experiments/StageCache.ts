/**
 * @file Finished work shared by all runs of one output folder: outputs of stages and results of cells by key, contents by
 * their hash. Nothing is trusted: what does not have the hash it should is refused as {@link CacheCorrupt} and made again.
 */
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { contentHash, hashOf } from "./canonical.ts"
import { CacheCorrupt, type RunFolderError } from "./errors.ts"
import { makeFolder, readIfThere, removeOlderThan, writeAtomic } from "./files.ts"
import { acquireLock } from "./lock.ts"

/** A file that a stage wrote: path relative to the run folder, with `/`. */
export const OutputFile = Schema.Struct({ path: Schema.String, hash: Schema.String, bytes: Schema.Int })
export type OutputFile = typeof OutputFile.Type

/** What a stage left: its files in order of path, and one hash for them all. */
export const StageOutput = Schema.Struct({ outputHash: Schema.String, files: Schema.Array(OutputFile) })
export type StageOutput = typeof StageOutput.Type

/** Content on its way into a run folder. */
export interface NewFile {
  readonly path: string
  readonly content: string | Uint8Array
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content

/** Names, hashes and sizes of files, without their content. */
export const describeOutput = (files: ReadonlyArray<NewFile>): StageOutput => {
  const described = files
    .map(({ path, content }) => {
      const bytes = bytesOf(content)
      return { path, hash: contentHash(bytes), bytes: bytes.length }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  return { outputHash: hashOf(described.map(({ path, hash }) => [path, hash])), files: described }
}

type Io<A, E = never> = Effect.Effect<A, E | PlatformError>

/** Keys are 64 hexadecimal digits. A missing entry is undefined; a damaged one is removed and fails with CacheCorrupt. */
export interface StageCache {
  readonly readStage: (key: string) => Io<ReadonlyArray<NewFile> | undefined, CacheCorrupt>
  readonly hasStage: (key: string) => Io<boolean>
  readonly writeStage: (key: string, stage: string, files: ReadonlyArray<NewFile>) => Io<void>
  readonly removeStage: (key: string) => Io<void>
  /** JSON text of a cell's result. */
  readonly readCell: (key: string) => Io<string | undefined, CacheCorrupt>
  readonly hasCell: (key: string) => Io<boolean>
  readonly writeCell: (key: string, id: string, text: string) => Io<void>
  readonly removeCell: (key: string) => Io<void>
  /** Where a cell may keep checkpoints; goes when its result is written. */
  readonly workFolder: (key: string) => string
  /** Where cells keep what others can use too. */
  readonly sharedFolder: string
  /** Keeps other runs from a cell until the scope closes; waits for one that is at it. */
  readonly holdCell: (key: string) => Effect.Effect<void, RunFolderError, Scope.Scope>
}

const StageEntry = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), key: Schema.String, ...StageOutput.fields })
)
const CellHeader = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), key: Schema.String, hash: Schema.String })
)

/** Splits a cell file into header and payload, and checks one against the other. */
const openCell = (key: string, text: string): Result.Result<string, CacheCorrupt> => {
  const end = text.indexOf("\n")
  const header = Schema.decodeUnknownResult(CellHeader)(text.slice(0, Math.max(end, 0)))
  const payload = text.slice(end + 1)
  if (Result.isFailure(header)) return Result.fail(new CacheCorrupt({ key, reason: "its header is not readable" }))
  return header.success.key === key && header.success.hash === contentHash(payload)
    ? Result.succeed(payload)
    : Result.fail(new CacheCorrupt({ key, reason: "its content has another hash than it was written with" }))
}

const dayInMilliseconds = 86_400_000

/** The cache in `<root>/.cache`. Folders are made as they are needed. */
export const makeStageCache = (root: string): Effect.Effect<StageCache, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const provided = Effect.provideService(FileSystem.FileSystem, fs)
    const folder = join(root, ".cache")
    const temporaries = join(folder, "writing")
    // Other runs may be writing there now: only what is left of long ago goes.
    yield* Effect.ignore(removeOlderThan(temporaries, (yield* Clock.currentTimeMillis) - dayInMilliseconds))
    const shelf = (kind: string, key: string, extension: string): string =>
      join(folder, kind, key.slice(0, 2), key + extension)
    const stageFile = (key: string) => shelf("stages", key, ".json")
    const cellFile = (key: string) => shelf("cells", key, ".json")
    const objectFile = (hash: string) => shelf("objects", hash, "")
    const workFolder = (key: string) => shelf("work", key, "")
    const read = (path: string) => provided(readIfThere(path))
    const write = (path: string, content: string | Uint8Array) => provided(writeAtomic(path, content, temporaries))
    const drop = (path: string) => fs.remove(path, { force: true, recursive: true })

    const readObject = Effect.fnUntraced(function* (key: string, file: OutputFile) {
      const content = yield* read(objectFile(file.hash))
      if (content !== undefined && contentHash(content) === file.hash) return { path: file.path, content }
      yield* drop(objectFile(file.hash))
      const reason = content === undefined ? "is missing" : "has another content than it was written with"
      return yield* new CacheCorrupt({ key, reason: `its file ${file.path} ${reason}` })
    })

    const readStage = Effect.fnUntraced(function* (key: string) {
      const content = yield* read(stageFile(key))
      if (content === undefined) return undefined
      const entry = Schema.decodeUnknownResult(StageEntry)(new TextDecoder().decode(content))
      if (Result.isFailure(entry) || entry.success.key !== key) {
        yield* drop(stageFile(key))
        return yield* new CacheCorrupt({ key, reason: "its entry is not readable" })
      }
      return yield* Effect.forEach(entry.success.files, (file) => readObject(key, file)).pipe(
        Effect.tapErrorTag("CacheCorrupt", () => drop(stageFile(key)))
      )
    })

    const writeStage = Effect.fnUntraced(function* (key: string, stage: string, files: ReadonlyArray<NewFile>) {
      const output = describeOutput(files)
      for (const { path, content } of files) {
        const { hash } = output.files.find((file) => file.path === path)!
        yield* write(objectFile(hash), content)
      }
      yield* write(stageFile(key), `${JSON.stringify({ version: 1, key, stage, ...output })}\n`)
    })

    const readCell = Effect.fnUntraced(function* (key: string) {
      const content = yield* read(cellFile(key))
      if (content === undefined) return undefined
      return yield* Effect.fromResult(openCell(key, new TextDecoder().decode(content))).pipe(
        Effect.tapError(() => drop(cellFile(key)))
      )
    })

    return {
      readStage,
      hasStage: (key) => fs.exists(stageFile(key)),
      writeStage,
      removeStage: (key) => drop(stageFile(key)),
      readCell,
      hasCell: (key) => fs.exists(cellFile(key)),
      writeCell: (key, id, text) => {
        const header = JSON.stringify({ version: 1, key, id, hash: contentHash(text) })
        return Effect.andThen(write(cellFile(key), `${header}\n${text}`), drop(workFolder(key)))
      },
      holdCell: Effect.fnUntraced(function* (key: string) {
        const locks = shelf("locks", key, "")
        yield* provided(makeFolder(locks))
        yield* provided(acquireLock(locks)).pipe(
          Effect.retry({ schedule: Schedule.spaced("500 millis"), while: (error) => error._tag === "RunLocked" }),
          // The schedule has no end.
          Effect.catchTag("RunLocked", Effect.die)
        )
      }),
      removeCell: (key) => Effect.andThen(drop(cellFile(key)), drop(workFolder(key))),
      workFolder,
      sharedFolder: join(folder, "shared")
    }
  })
