/**
 * @file Runs a study from its file to its run folder: configuration, folder, lock, pipeline, manifest. What a study consists
 * of is an argument, so that the machinery is tested with studies that take milliseconds.
 */
import { hostname } from "node:os"
import { dirname, resolve } from "node:path"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Schema from "effect/Schema"
import { RunFailed, StageError } from "./errors.ts"
import { folderError, makeFolder, writingProblem } from "./files.ts"
import { type LoadedConfig, loadConfig } from "./load.ts"
import { acquireLock } from "./lock.ts"
import { type RunManifest, readManifest, type StageRecord, writeManifest } from "./manifest.ts"
import { runPipeline } from "./Pipeline.ts"
import { type Progress, silentProgress } from "./progress.ts"
import { provenance } from "./provenance.ts"
import { openRunStore, type RunStore, runFolderOf } from "./RunStore.ts"
import { resolvedYaml } from "./resolvedYaml.ts"
import { modulesOf, type Stage } from "./Stage.ts"
import { makeStageCache } from "./StageCache.ts"
import { rememberSources } from "./sourceVersion.ts"
import { makeWorkerPool } from "./WorkerPool.ts"

/** A kind of study: the format of its file, and its stages in order. */
export interface StudyKind<S extends Schema.ConstraintDecoder<unknown>> {
  readonly schema: S
  readonly stages: ReadonlyArray<Stage<S["Type"]>>
  /** The name of the study's folder: lower-case letters, digits, `-`, `_`, `.`. */
  readonly name: (config: S["Type"]) => string
  /** The seeds that the manifest lists. */
  readonly seeds: (config: S["Type"]) => ReadonlyArray<number>
}

/** What the command line says about a run. */
export interface StudyOptions {
  /** The study file. */
  readonly file: string
  readonly overrides?: ReadonlyArray<string>
  /** A profile of the study. */
  readonly profile?: string
  /** Folder of run folders and of their shared cache; default `runs`. */
  readonly out?: string
  /** Do everything again, whatever is cached. */
  readonly fresh?: boolean
  /** Worker threads; default: one per core. */
  readonly workers?: number
  readonly progress?: Progress
}

/** Where a finished run is, and its manifest. */
export interface RunResult {
  readonly folder: string
  readonly manifest: RunManifest
}

const isoTime = Effect.map(Clock.currentTimeMillis, (now) => new Date(now).toISOString())

/** The manifest of a run while it goes on: changed in place, written after every change. */
interface LiveManifest {
  readonly current: () => RunManifest
  readonly update: (change: Partial<RunManifest>) => Effect.Effect<void, StageError>
}

const liveManifest = (folder: string, fs: FileSystem.FileSystem, first: RunManifest): LiveManifest => {
  let manifest = first
  return {
    current: () => manifest,
    update: (change) =>
      Effect.suspend(() => {
        manifest = { ...manifest, ...change }
        return writeManifest(folder, manifest)
      }).pipe(
        Effect.provideService(FileSystem.FileSystem, fs),
        Effect.mapError((error) => new StageError({ stage: "manifest", reason: writingProblem(error) }))
      )
  }
}

/** One record replaced, added or (undefined) taken out, the stages in their order. */
const withRecord = (
  records: ReadonlyArray<StageRecord>,
  order: ReadonlyArray<string>,
  id: string,
  record: StageRecord | undefined
): ReadonlyArray<StageRecord> => {
  const kept = records.filter((one) => one.id !== id)
  return (record ? [...kept, record] : kept).toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
}

const firstManifest = Effect.fnUntraced(function* <S extends Schema.ConstraintDecoder<unknown>>(
  kind: StudyKind<S>,
  loaded: LoadedConfig<S["Type"]>,
  stages: ReadonlyArray<StageRecord>
) {
  const manifest: RunManifest = {
    version: 1,
    ...(yield* provenance),
    study: kind.name(loaded.config),
    configHash: loaded.hash,
    configFile: loaded.file,
    ...(loaded.profile === undefined ? {} : { profile: loaded.profile }),
    overrides: loaded.overrides,
    status: "running",
    started: yield* isoTime,
    host: hostname(),
    seeds: kind.seeds(loaded.config),
    inputs: Object.fromEntries(loaded.files.map(({ file, hash }) => [file, hash])),
    stages
  }
  return manifest
})

/** The stage records of the folder's last run. A manifest that cannot be read is none: its stages come from the cache, or run. */
const lastRecords = Effect.fnUntraced(function* (store: RunStore, known: ReadonlyArray<string>) {
  const manifest = yield* Effect.catchTag(readManifest(store.folder), "CacheCorrupt", (error) =>
    Effect.as(store.log({ event: "cache-corrupt", message: error.message }), undefined)
  )
  return (manifest?.stages ?? []).filter(({ id }) => known.includes(id))
})

/** How the run ended, into the manifest; an interruption and a defect too. */
const recordEnd = Effect.fnUntraced(function* (
  live: LiveManifest,
  store: RunStore,
  exit: Exit.Exit<unknown, { readonly message: string }>
) {
  const finished = yield* isoTime
  const status = Exit.isSuccess(exit) ? "finished" : Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "failed"
  const reason = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  const error = status === "failed" ? { error: reason instanceof Error ? reason.message : String(reason) } : {}
  yield* Effect.ignore(live.update({ status, finished, ...error }))
  yield* store.log({ event: "run-ended", status, ...error })
})

const runStages = Effect.fnUntraced(function* <S extends Schema.ConstraintDecoder<unknown>>(
  kind: StudyKind<S>,
  loaded: LoadedConfig<S["Type"]>,
  options: StudyOptions,
  store: RunStore,
  live: LiveManifest
) {
  // Before anything is loaded on a thread: keys name the code that this process began with.
  const sources = yield* rememberSources(kind.stages.flatMap(modulesOf))
  const cache = yield* makeStageCache(resolve(options.out ?? "runs"))
  const output: Array<string> = []
  const pool = yield* makeWorkerPool({
    ...(options.workers === undefined ? {} : { size: options.workers }),
    onOutput: (text) => output.push(text)
  })
  const order = kind.stages.map(({ id }) => id)
  const inputs = new Map<string, string>()
  const records = yield* runPipeline(
    {
      config: loaded.config,
      configFolder: resolve(dirname(loaded.file)),
      store,
      cache,
      pool,
      progress: options.progress ?? silentProgress,
      sources,
      inputs,
      recorded: live.current().stages,
      fresh: options.fresh ?? false,
      keep: (id, record) => live.update({ stages: withRecord(live.current().stages, order, id, record) })
    },
    kind.stages
  ).pipe(
    Effect.ensuring(
      Effect.suspend(() => (output.length > 0 ? store.log({ event: "output", text: output.join("") }) : Effect.void))
    )
  )
  yield* live.update({ inputs: { ...live.current().inputs, ...Object.fromEntries(inputs) } })
  const failures = records.flatMap(({ id, failures }) =>
    failures.map(
      (failure) =>
        new StageError({ stage: id, ...(failure.id === id ? {} : { cell: failure.id }), reason: failure.error })
    )
  )
  if (failures.length > 0) return yield* new RunFailed({ folder: store.folder, failures })
})

/**
 * Runs a study, or continues it: the same command after any interruption ends with the same bytes in records, figures,
 * tables and report. Fails with ConfigFileError, RunFolderError or RunLocked before anything is done, with RunFailed when
 * parts failed (all else is in the folder). Interrupting it keeps what is finished.
 */
export const runStudyOf = Effect.fn("runStudy")(function* <S extends Schema.ConstraintDecoder<unknown>>(
  kind: StudyKind<S>,
  options: StudyOptions
) {
  const fs = yield* FileSystem.FileSystem
  const loaded = yield* loadConfig(kind.schema, options.file, options)
  const folder = runFolderOf(options.out ?? "runs", kind.name(loaded.config), loaded.hash)
  yield* makeFolder(folder)
  yield* acquireLock(folder)
  const inFolder = Effect.mapError((error: PlatformError) => folderError(folder, error))
  const store = yield* inFolder(openRunStore(folder))
  const recorded = yield* inFolder(
    lastRecords(
      store,
      kind.stages.map(({ id }) => id)
    )
  )
  yield* inFolder(store.write([{ path: "config.yaml", content: resolvedYaml(loaded.config) }]))
  const live = liveManifest(folder, fs, yield* firstManifest(kind, loaded, recorded))
  yield* live.update({})
  yield* store.log({ event: "run-started", pid: process.pid, host: hostname(), config: loaded.file })
  yield* runStages(kind, loaded, options, store, live).pipe(
    Effect.ensuring(Effect.sync(() => options.progress?.ended())),
    Effect.onExit((exit) => recordEnd(live, store, exit))
  )
  const result: RunResult = { folder, manifest: live.current() }
  return result
}, Effect.scoped)
