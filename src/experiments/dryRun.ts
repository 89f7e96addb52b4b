/** @file What a run would do, without doing it: its cells, and what is there already. */
import { dirname, resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { ConfigFileError } from "./errors.ts"
import { cellsOf, type KeyedStage, type KeyingHost, keyStage, type Upstream } from "./keyedStage.ts"
import { loadConfig } from "./load.ts"
import { readManifest } from "./manifest.ts"
import { type RunStore, runFolderOf, runStoreAt } from "./RunStore.ts"
import { rowsFromJsonLines } from "./records.ts"
import type { Stage, StageInputs } from "./Stage.ts"
import { describeOutput, makeStageCache, type NewFile, type StageCache } from "./StageCache.ts"
import { type Decision, decide, type PipelineHost } from "./settle.ts"
import { sourceMemory } from "./sourceVersion.ts"
import type { StudyKind, StudyOptions } from "./study.ts"

/** A cell of the plan; `cached`: its result is there. */
export interface DryCell {
  readonly id: string
  readonly cached: boolean
}

/**
 * A stage of the plan. `cached` and `restorable` need no work; `run` does; `unknown`: it has to be seen what the stages before it
 * leave, so its cells cannot be listed yet; `failing`: its inputs are wrong, and `reason` says how.
 */
export interface DryStage {
  readonly id: string
  readonly state: "cached" | "restorable" | "run" | "unknown" | "failing"
  readonly cells: ReadonlyArray<DryCell>
  readonly reason?: string
  /** The script that would be submitted to a cluster, or why there can be none. */
  readonly script?: string
}

/** The plan of a run. */
export interface DryRun {
  readonly folder: string
  readonly stages: ReadonlyArray<DryStage>
}

const states = { Cached: "cached", Restore: "restorable", Run: "run" } as const

const rowsOf = (store: RunStore, stage: string, decision: Decision): Upstream["rows"] => {
  const path = `records/${stage}.jsonl`
  const text = async (): Promise<string> => {
    if (decision._tag !== "Restore") return new TextDecoder().decode(await Effect.runPromise(store.read(path)))
    const file: NewFile | undefined = decision.files.find((one) => one.path === path)
    return typeof file?.content === "string" ? file.content : new TextDecoder().decode(file?.content)
  }
  return async () => rowsFromJsonLines(await text())
}

/** The script of a stage's cells, see Stage. */
const scriptOf = <Config>(
  stage: Stage<Config>,
  config: Config,
  runFolder: string,
  workFolders: ReadonlyArray<string>
): { readonly script?: string } => {
  if (stage._tag === "Direct" || stage.script === undefined) return {}
  const { script } = stage
  const made = Result.try(() => script(config, runFolder, workFolders))
  const text = Result.isSuccess(made) ? made.success : (made.failure as Error).message
  return text === undefined ? {} : { script: text }
}

const listCells = Effect.fnUntraced(function* <Config>(
  cache: StageCache,
  keyed: KeyedStage<Config>,
  decision: Decision
) {
  const planned = yield* cellsOf(keyed)
  const throwAway = decision._tag === "Run" && decision.throwAway
  return yield* Effect.forEach(planned, ({ cell, key }) =>
    Effect.map(cache.hasCell(key), (there) => {
      const cached = decision._tag !== "Run" || (there && !throwAway)
      const submitted = cell.waits === true && !cached
      return { shown: { id: cell.id, cached } satisfies DryCell, submitted: submitted ? [cache.workFolder(key)] : [] }
    })
  )
})

/** A stage of the plan, and what those after it may read if it needs no work. */
interface Planned {
  readonly stage: DryStage
  readonly output?: Upstream
}

const unknownStage = <Config>(
  host: DryHost<Config>,
  stage: Stage<Config>,
  awaited: string
): Result.Result<Planned, never> =>
  Result.succeed({
    stage: {
      id: stage.id,
      state: "unknown",
      cells: [],
      reason: `depends on what stage ${awaited} leaves`,
      ...scriptOf(stage, host.config, host.store.folder, [])
    }
  })

type DryHost<Config> = KeyingHost<Config> & Pick<PipelineHost<Config>, "cache" | "recorded" | "fresh">

const planStage = Effect.fnUntraced(function* <Config>(
  host: DryHost<Config>,
  stage: Stage<Config>,
  inputs: StageInputs,
  upstream: ReadonlyMap<string, Upstream>
) {
  const keyed = yield* keyStage(host, stage, inputs, upstream)
  const decision = yield* decide(host, stage.id, keyed.key)
  const cells = yield* listCells(host.cache, keyed, decision)
  const submitted = cells.flatMap((cell) => cell.submitted)
  const shown: DryStage = {
    id: stage.id,
    state: states[decision._tag],
    cells: cells.map((cell) => cell.shown),
    ...(submitted.length === 0 ? {} : scriptOf(stage, host.config, host.store.folder, submitted))
  }
  if (decision._tag === "Run") return { stage: shown } satisfies Planned as Planned
  const { outputHash } = decision._tag === "Cached" ? decision.record : describeOutput(decision.files)
  return {
    stage: shown,
    output: { outputHash, rows: rowsOf(host.store, stage.id, decision) }
  } satisfies Planned as Planned
})

/** A file system on which nothing changes: looking at a cache else tidies it up, and says so in the log. */
const onlyRead = Effect.map(FileSystem.FileSystem, (fs): FileSystem.FileSystem => {
  const nothing = () => Effect.void
  return {
    ...fs,
    remove: nothing,
    rename: nothing,
    writeFile: nothing,
    writeFileString: nothing,
    makeDirectory: nothing
  }
})

/** Plans a run. Nothing is made or changed. Fails only for a configuration that cannot be used. */
export const dryRunOf = <S extends Schema.ConstraintDecoder<unknown>>(
  kind: StudyKind<S>,
  options: StudyOptions
): Effect.Effect<DryRun, ConfigFileError, FileSystem.FileSystem> =>
  Effect.provideServiceEffect(plan(kind, options), FileSystem.FileSystem, onlyRead)

const plan = Effect.fn("dryRun")(function* <S extends Schema.ConstraintDecoder<unknown>>(
  kind: StudyKind<S>,
  options: StudyOptions
): Effect.fn.Return<DryRun, ConfigFileError, FileSystem.FileSystem> {
  const loaded = yield* loadConfig(kind.schema, options.file, options)
  const root = resolve(options.out ?? "runs")
  const folder = runFolderOf(root, kind.name(loaded.config), loaded.hash)
  const store = yield* runStoreAt(folder)
  const cache = yield* makeStageCache(root)
  const manifest = yield* Effect.orElseSucceed(readManifest(folder), () => undefined)
  const host = {
    config: loaded.config,
    configFolder: resolve(dirname(loaded.file)),
    store,
    cache,
    sources: sourceMemory(),
    recorded: manifest?.stages ?? [],
    fresh: options.fresh ?? false
  }
  const upstream = new Map<string, Upstream>()
  const open = new Set<string>()
  const stages: Array<DryStage> = []
  for (const stage of kind.stages) {
    const inputs = stage.inputs(loaded.config)
    if (inputs === undefined) continue
    const awaited = inputs.upstream.find((id) => open.has(id))
    const planned =
      awaited === undefined
        ? yield* Effect.result(planStage(host, stage, inputs, upstream))
        : unknownStage(host, stage, awaited)
    const { stage: shown, output } = Result.isSuccess(planned)
      ? planned.success
      : {
          stage: { id: stage.id, state: "failing" as const, cells: [], reason: planned.failure.message },
          output: undefined
        }
    stages.push(shown)
    if (output) upstream.set(stage.id, output)
    else open.add(stage.id)
  }
  return { folder, stages }
})
