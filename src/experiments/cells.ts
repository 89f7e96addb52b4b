/** @file The cells of one stage: which are finished already, and running the others. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { hashOf, type Json } from "./canonical.ts"
import type { RunFolderError } from "./errors.ts"
import type { Progress } from "./progress.ts"
import type { LogEvent } from "./RunStore.ts"
import { runCellHere } from "./runCell.ts"
import type { Cell, CellResult } from "./Stage.ts"
import type { StageCache } from "./StageCache.ts"
import type { WorkerPool } from "./WorkerPool.ts"

/** Key of a cell: its spec, the keys of the cells it reads, the code that runs it. Where it stands in a study does not count. */
const cellKey = (parts: {
  readonly stage: string
  readonly spec: Json
  readonly needs: ReadonlyArray<string>
  readonly code: string
}): string => hashOf({ kind: "cell", ...parts })

/** A cell with its key, and its depth: 0 when it needs no other, else one more than the deepest that it needs. */
export interface PlannedCell {
  readonly cell: Cell
  readonly key: string
  readonly depth: number
}

/**
 * Keys of a stage's cells. @param code version of the cells' module
 * @throws RangeError for an id that occurs twice, or a need that is no earlier cell
 */
export const planCells = (stage: string, cells: ReadonlyArray<Cell>, code: string): ReadonlyArray<PlannedCell> => {
  const planned = new Map<string, PlannedCell>()
  for (const cell of cells) {
    if (planned.has(cell.id)) throw new RangeError(`stage ${stage}: two cells are called ${cell.id}`)
    const needs = (cell.needs ?? []).map((id) => {
      const need = planned.get(id)
      if (!need) throw new RangeError(`stage ${stage}: ${cell.id} needs ${id}, which is no cell before it`)
      return need
    })
    const key = cellKey({ stage, spec: cell.spec, needs: needs.map((need) => need.key), code })
    planned.set(cell.id, { cell, key, depth: needs.reduce((depth, need) => Math.max(depth, need.depth + 1), 0) })
  }
  return [...planned.values()]
}

/** What running cells needs of the run around it. */
export interface CellHost {
  readonly stage: string
  /** URL of the module that does the work. */
  readonly module: string
  /** Whether a cell is left to one run at a time, because it keeps checkpoints. */
  readonly exclusive: boolean
  readonly cache: StageCache
  readonly pool: WorkerPool
  /** How many cells that wait for other processes go on at once. */
  readonly jobsAtOnce: number
  readonly progress: Progress
  readonly log: (event: LogEvent) => Effect.Effect<void>
}

/** JSON text of a result, or why there is none. */
type End = Result.Result<string, string>

/** A damaged result is no result: said in the log, then made again. */
const readFinished = (host: CellHost, { key, cell }: PlannedCell) =>
  host.cache
    .readCell(key)
    .pipe(
      Effect.catchTag("CacheCorrupt", (error) =>
        Effect.as(host.log({ event: "cache-corrupt", cell: cell.id, message: error.message }), undefined)
      )
    )

/** The results a cell reads, or the first of them that is missing. */
const gatherNeeds = (cell: Cell, ends: ReadonlyMap<string, End>): Result.Result<Record<string, string>, string> => {
  const needs: Record<string, string> = {}
  for (const id of cell.needs ?? []) {
    const end = ends.get(id)
    if (end === undefined || Result.isFailure(end)) return Result.fail(`it needs ${id}, which failed`)
    needs[id] = end.success
  }
  return Result.succeed(needs)
}

const runCell = Effect.fnUntraced(function* (
  host: CellHost,
  { cell, key }: PlannedCell,
  needs: Readonly<Record<string, string>>
): Effect.fn.Return<End, PlatformError> {
  const request = {
    id: cell.id,
    module: host.module,
    spec: cell.spec,
    resources: cell.resources ?? null,
    workFolder: host.cache.workFolder(key),
    sharedFolder: host.cache.sharedFolder,
    needs
  }
  const started = yield* Clock.currentTimeMillis
  const report = (fraction: number, text: string | undefined) =>
    host.progress.cellAdvanced(host.stage, cell.id, fraction, text)
  if (cell.waits) yield* host.log({ event: "cell-waits", cell: cell.id, key, folder: request.workFolder })
  const end = yield* Effect.result(cell.waits ? runCellHere(request, report) : host.pool.run(request, report))
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000
  if (Result.isFailure(end)) {
    yield* host.log({ event: "cell-failed", cell: cell.id, key, seconds, ...end.failure })
    return Result.fail(end.failure.error)
  }
  yield* host.cache.writeCell(key, cell.id, end.success)
  yield* host.log({ event: "cell-finished", cell: cell.id, key, seconds })
  return Result.succeed(end.success)
})

/** A cell that another run may be at: waits for it, and takes its result. */
const runAlone = Effect.fnUntraced(function* (
  host: CellHost,
  planned: PlannedCell,
  needs: Readonly<Record<string, string>>
): Effect.fn.Return<End, PlatformError | RunFolderError, Scope.Scope> {
  yield* host.cache.holdCell(planned.key)
  const finished = yield* readFinished(host, planned)
  return finished === undefined ? yield* runCell(host, planned, needs) : Result.succeed(finished)
}, Effect.scoped)

const runOne = (host: CellHost, planned: PlannedCell, ends: ReadonlyMap<string, End>) => {
  const needs = gatherNeeds(planned.cell, ends)
  if (Result.isFailure(needs)) return Effect.succeed<End>(Result.fail(needs.failure))
  return host.exclusive ? runAlone(host, planned, needs.success) : runCell(host, planned, needs.success)
}

/** Ends of all cells in their order, whatever the order they finished in, and how many of them were there before. */
export interface CellsRun {
  readonly results: ReadonlyArray<CellResult>
  readonly cached: number
}

/**
 * Runs the unfinished cells, as many at once as the pool has threads, and beside them those that wait for other processes. A cell that fails takes nothing with it but the cells
 * that need it. Results are kept as each cell ends, so an interruption loses only the cells that are going on.
 */
export const runCells = Effect.fn("runCells")(function* (host: CellHost, planned: ReadonlyArray<PlannedCell>) {
  const ends = new Map<string, End>()
  const finished = yield* Effect.forEach(planned, (one) => readFinished(host, one), { concurrency: 8 })
  planned.forEach(({ cell }, i) => {
    const text = finished[i]
    if (text !== undefined) ends.set(cell.id, Result.succeed(text))
  })
  const cached = ends.size
  host.progress.stageStarted(host.stage, planned.length, cached)
  yield* host.log({ event: "stage-started", stage: host.stage, cells: planned.length, cached })
  const deepest = planned.reduce((depth, one) => Math.max(depth, one.depth), 0)
  for (let depth = 0; depth <= deepest; depth++) {
    const open = planned.filter((one) => one.depth === depth && !ends.has(one.cell.id))
    const run = (cells: ReadonlyArray<PlannedCell>, concurrency: number) =>
      Effect.forEach(
        cells,
        Effect.fnUntraced(function* (one) {
          const end = yield* runOne(host, one, ends)
          ends.set(one.cell.id, end)
          host.progress.cellEnded(host.stage, one.cell.id, Result.isFailure(end) ? end.failure : undefined)
        }),
        { concurrency, discard: true }
      )
    const [waiting, working] = [open.filter(({ cell }) => cell.waits), open.filter(({ cell }) => !cell.waits)]
    yield* Effect.all([run(working, host.pool.size), run(waiting, host.jobsAtOnce)], { concurrency: 2, discard: true })
  }
  const results = planned.map(({ cell }): CellResult => {
    const end = ends.get(cell.id)!
    return Result.isSuccess(end)
      ? { _tag: "Done", cell, value: JSON.parse(end.success) as Json }
      : { _tag: "Failed", cell, error: end.failure }
  })
  return { results, cached } satisfies CellsRun
})
