/**
 * @file Brings one stage to its end by the cheapest honest way: cached (its files are in the run folder, unchanged), restored
 * (another run left the same work in the shared cache), or run. Files that this folder had under the same key but has no
 * longer, or has altered, mean that somebody wants them made again: then the stage's own work is thrown away and done anew,
 * and that stage's alone.
 */
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import { type PlannedCell, runCells } from "./cells.ts"
import { type CacheCorrupt, type RunFolderError, StageError } from "./errors.ts"
import { writingProblem } from "./files.ts"
import { attempt, cellsOf, type KeyedStage, type KeyingHost } from "./keyedStage.ts"
import type { StageRecord } from "./manifest.ts"
import type { Progress } from "./progress.ts"
import type { CellStage, StageContext } from "./Stage.ts"
import { describeOutput, type NewFile, type StageCache } from "./StageCache.ts"
import { sourceVersion } from "./sourceVersion.ts"
import type { WorkerPool } from "./WorkerPool.ts"

/** The run that the pipeline works for. */
export interface PipelineHost<Config> extends KeyingHost<Config> {
  readonly cache: StageCache
  readonly pool: WorkerPool
  readonly progress: Progress
  /** Stage records of this folder's last run. */
  readonly recorded: ReadonlyArray<StageRecord>
  /** Input files met so far, name → hash of the content; added to as stages are keyed. */
  readonly inputs: Map<string, string>
  /** Do everything again. */
  readonly fresh: boolean
  /** Keeps a stage's record, or (with `undefined`) forgets it; called before anything else relies on it. */
  readonly keep: (stage: string, record: StageRecord | undefined) => Effect.Effect<void, StageError>
}

/** How a stage is brought to its end. */
export type Decision =
  | { readonly _tag: "Cached"; readonly record: StageRecord }
  | { readonly _tag: "Restore"; readonly files: ReadonlyArray<NewFile> }
  | { readonly _tag: "Run"; readonly throwAway: boolean }

const inWorld = <A, E extends PlatformError | RunFolderError, R>(stage: string, effect: Effect.Effect<A, E, R>) =>
  Effect.mapError(effect, (error) => {
    const reason = error._tag === "PlatformError" ? writingProblem(error) : error.message
    return new StageError({ stage, reason })
  })

/** Looks at what there is. A damaged entry of the shared cache counts as none. */
export const decide = Effect.fn("decide")(function* <Config>(
  host: Pick<PipelineHost<Config>, "store" | "cache" | "recorded" | "fresh">,
  stage: string,
  key: string
) {
  const record = host.recorded.find(({ id }) => id === stage)
  if (host.fresh) return { _tag: "Run", throwAway: true } satisfies Decision as Decision
  if (record?.key === key && record.outputHash !== "") {
    const intact = yield* inWorld(stage, host.store.intact(record.files))
    if (!intact) return { _tag: "Run", throwAway: true } as Decision
    // What failed is tried again; its finished cells are kept.
    return record.failures.length > 0
      ? ({ _tag: "Run", throwAway: false } as Decision)
      : ({ _tag: "Cached", record } as Decision)
  }
  const report = (error: CacheCorrupt) =>
    Effect.as(host.store.log({ event: "cache-corrupt", stage, message: error.message }), undefined)
  const files = yield* inWorld(stage, Effect.catchTag(host.cache.readStage(key), "CacheCorrupt", report))
  return files ? ({ _tag: "Restore", files } as Decision) : ({ _tag: "Run", throwAway: false } as Decision)
})

interface Work {
  readonly files: ReadonlyArray<NewFile>
  readonly cells: StageRecord["cells"]
  readonly failures: StageRecord["failures"]
}

/**
 * Threads load a cell's code when its stage begins: code that was edited since the run began would give results under the
 * key of the code that it was.
 */
const refuseEditedCode = Effect.fnUntraced(function* <Config>(stage: CellStage<Config>, cellCode: string) {
  const now = yield* sourceVersion([stage.cellModule])
  if (now.hash === cellCode) return
  const reason = "its code was edited while the run went on; the same command begins with the code as it is now"
  return yield* new StageError({ stage: stage.id, reason })
})

const doCells = Effect.fnUntraced(function* <Config>(
  host: PipelineHost<Config>,
  stage: CellStage<Config>,
  context: StageContext<Config>,
  planned: ReadonlyArray<PlannedCell>
) {
  const cellHost = {
    stage: stage.id,
    module: stage.cellModule,
    exclusive: stage.keepsCheckpoints ?? false,
    cache: host.cache,
    pool: host.pool,
    jobsAtOnce: stage.jobsAtOnce?.(host.config) ?? 1,
    progress: host.progress,
    log: host.store.log
  }
  const { results, cached } = yield* inWorld(stage.id, runCells(cellHost, planned))
  const files = yield* attempt(stage.id, () => stage.collect(context, results))
  const failures = results.flatMap((result) =>
    result._tag === "Failed" ? [{ id: result.cell.id, error: result.error }] : []
  )
  const work: Work = { files, cells: { total: planned.length, ran: planned.length - cached, cached }, failures }
  return work
})

const doStage = Effect.fnUntraced(function* <Config>(
  host: PipelineHost<Config>,
  keyed: KeyedStage<Config>,
  throwAway: boolean
) {
  const { stage, context, key } = keyed
  const planned = yield* cellsOf(keyed)
  if (throwAway) {
    yield* inWorld(stage.id, host.cache.removeStage(key))
    yield* inWorld(
      stage.id,
      Effect.forEach(planned, (one) => host.cache.removeCell(one.key), { discard: true })
    )
    // Last: until here a killed run would find the record again, and begin to throw away again.
    yield* host.keep(stage.id, undefined)
  }
  if (stage._tag === "Cells") {
    yield* refuseEditedCode(stage, keyed.cellCode)
    return yield* doCells(host, stage, context, planned)
  }
  host.progress.stageStarted(stage.id, 0, 0)
  yield* host.store.log({ event: "stage-started", stage: stage.id, cells: 0, cached: 0 })
  const files = yield* attempt(stage.id, () => stage.run(context))
  const work: Work = { files, cells: { total: 0, ran: 0, cached: 0 }, failures: [] }
  return work
})

/** Puts a stage's files in the folder, and takes away those of its last run that are no longer among them. */
const place = Effect.fnUntraced(function* <Config>(
  host: PipelineHost<Config>,
  stage: string,
  files: ReadonlyArray<NewFile>
) {
  const before = host.recorded.find(({ id }) => id === stage)?.files ?? []
  const now = new Set(files.map(({ path }) => path))
  yield* inWorld(stage, host.store.write(files))
  yield* inWorld(stage, host.store.remove(before.map(({ path }) => path).filter((path) => !now.has(path))))
})

type Settled = Pick<StageRecord, "status" | "outputHash" | "files" | "cells" | "failures">

/** Does what {@link decide} says. Fails when the stage's own code, or the world, does. */
export const settle = Effect.fnUntraced(function* <Config>(host: PipelineHost<Config>, keyed: KeyedStage<Config>) {
  const { stage, key } = keyed
  const decision = yield* decide(host, stage.id, key)
  if (decision._tag === "Cached") {
    const { total } = decision.record.cells
    const settled: Settled = { ...decision.record, status: "cached", cells: { total, ran: 0, cached: total } }
    return settled
  }
  if (decision._tag === "Restore") {
    yield* place(host, stage.id, decision.files)
    const settled: Settled = {
      status: "restored",
      ...describeOutput(decision.files),
      cells: { total: 0, ran: 0, cached: 0 },
      failures: []
    }
    return settled
  }
  const work = yield* doStage(host, keyed, decision.throwAway)
  // A stage with failures is not finished work: it stays out of the shared cache.
  if (work.failures.length === 0) yield* inWorld(stage.id, host.cache.writeStage(key, stage.id, work.files))
  yield* place(host, stage.id, work.files)
  const settled: Settled = {
    status: work.failures.length > 0 ? "failed" : "ran",
    ...describeOutput(work.files),
    cells: work.cells,
    failures: work.failures
  }
  return settled
})
