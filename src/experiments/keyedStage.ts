/** @file A stage of one study, with its key and with what it may read. */
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { contentHash, hashOf, type Json } from "./canonical.ts"
import { planCells } from "./cells.ts"
import { StageError } from "./errors.ts"
import type { RunStore } from "./RunStore.ts"
import type { Stage, StageContext, StageInputs } from "./Stage.ts"
import { type SourceMemory, sourceVersion } from "./sourceVersion.ts"

/** What keys are worked out from. */
export interface KeyingHost<Config> {
  readonly config: Config
  /** Folder of the study file, absolute. */
  readonly configFolder: string
  readonly store: RunStore
  readonly sources: SourceMemory
}

/** What an earlier stage left, for those after it. */
export interface Upstream {
  readonly outputHash: string
  readonly rows: () => Promise<ReadonlyArray<Readonly<Record<string, Json>>>>
}

/** A stage of this study with its key, once all that the key depends on is known. */
export interface KeyedStage<Config> {
  readonly stage: Stage<Config>
  readonly key: string
  readonly inputFiles: Readonly<Record<string, string>>
  /** Code version of the cells' module. */
  readonly cellCode: string
  readonly context: StageContext<Config>
}

const unreadable = (stage: string, name: string) =>
  Effect.mapError(
    (error: { readonly message: string }) => new StageError({ stage, reason: `${name}: ${error.message}` })
  )

/** Hash of a file's content, or of all that a folder holds, names included; undefined when there is neither. */
const treeHash = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(path))) return undefined
  if ((yield* fs.stat(path)).type !== "Directory") return contentHash(yield* fs.readFile(path))
  const names = (yield* fs.readDirectory(path, { recursive: true }))
    .sort()
    .filter((name) => !name.includes("__pycache__"))
  const parts: Array<readonly [string, string]> = []
  for (const name of names) {
    const info = yield* fs.stat(join(path, name))
    if (info.type !== "Directory") parts.push([name, contentHash(yield* fs.readFile(join(path, name)))])
  }
  return hashOf(parts)
})

/** Hashes of the files that a stage names, by the names that stand in its key. */
const inputFileHashes = Effect.fnUntraced(function* (stage: string, folder: string, inputs: StageInputs) {
  const paths = [
    ...(inputs.files ?? []).map((name) => [name, resolve(folder, name)] as const),
    ...Object.entries(inputs.assets ?? {})
  ]
  const hashes: Record<string, string> = {}
  for (const [name, path] of paths) {
    const hash = yield* unreadable(stage, name)(treeHash(path))
    if (hash === undefined) return yield* new StageError({ stage, reason: `${name}: no such file` })
    hashes[name] = hash
  }
  return hashes
})

/** The context of a stage: it sees the stages it named, and no other. */
const contextOf = <Config>(
  host: KeyingHost<Config>,
  stage: string,
  inputs: StageInputs,
  upstream: ReadonlyMap<string, Upstream>,
  inputFiles: Readonly<Record<string, string>>
): StageContext<Config> => {
  const declared = (id: string): void => {
    if (!inputs.upstream.includes(id)) throw new RangeError(`stage ${stage} reads ${id} without naming it upstream`)
  }
  return {
    config: host.config,
    configFolder: host.configFolder,
    runFolder: host.store.folder,
    rows: async (id) => {
      declared(id)
      return (await upstream.get(id)?.rows()) ?? []
    },
    recordsFile: (id) => {
      declared(id)
      return upstream.has(id) ? join(host.store.folder, "records", `${id}.jsonl`) : undefined
    },
    outputHash: (id) => {
      declared(id)
      return upstream.get(id)?.outputHash
    },
    assetHash: (label) => {
      const hash = inputFiles[label]
      if (hash === undefined) throw new RangeError(`stage ${stage} asks for ${label}, which is none of its assets`)
      return hash
    },
    readText: (id, path) => {
      declared(id)
      return readFile(join(host.store.folder, path), "utf8")
    }
  }
}

/** Key of a stage: its configuration, the outputs it reads, the files it reads, its code. Order of the lists does not count. */
const stageKey = (parts: {
  readonly stage: string
  readonly config: Json
  readonly upstream: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly code: string
}): string => hashOf({ kind: "stage", ...parts })

/** Works out a stage's key. */
export const keyStage = Effect.fn("keyStage")(function* <Config>(
  host: KeyingHost<Config>,
  stage: Stage<Config>,
  inputs: StageInputs,
  upstream: ReadonlyMap<string, Upstream>
) {
  const inputFiles = yield* inputFileHashes(stage.id, host.configFolder, inputs)
  const code = yield* sourceVersion(stage.sources, host.sources)
  const cellCode = stage._tag === "Cells" ? (yield* sourceVersion([stage.cellModule], host.sources)).hash : ""
  const hashes = inputs.upstream.flatMap((id) => {
    const output = upstream.get(id)
    return output ? [[id, output.outputHash] as const] : []
  })
  const key = stageKey({
    stage: stage.id,
    config: inputs.config,
    upstream: Object.fromEntries(hashes),
    files: inputFiles,
    code: code.hash
  })
  const keyed: KeyedStage<Config> = {
    stage,
    key,
    inputFiles,
    cellCode,
    context: contextOf(host, stage.id, inputs, upstream, inputFiles)
  }
  return keyed
})

/** Runs a stage's own code: what it throws is the stage's failure. */
export const attempt = <A>(stage: string, work: () => Promise<A>): Effect.Effect<A, StageError> =>
  Effect.tryPromise({
    try: work,
    catch: (error) => new StageError({ stage, reason: error instanceof Error ? error.message : String(error) })
  })

/** The cells of a stage. */
export const cellsOf = Effect.fnUntraced(function* <Config>(keyed: KeyedStage<Config>) {
  const { stage, context, cellCode } = keyed
  if (stage._tag === "Direct") return []
  const cells = yield* attempt(stage.id, () => stage.cells(context))
  return planCells(stage.id, cells, cellCode)
})
