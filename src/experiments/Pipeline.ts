/** @file Orders the stages of a study and runs each; what goes wrong in one is recorded, and stops those alone that need it. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { keyStage, type Upstream } from "./keyedStage.ts"
import type { StageRecord } from "./manifest.ts"
import { rowsFromJsonLines } from "./records.ts"
import type { Stage, StageInputs } from "./Stage.ts"
import { type PipelineHost, settle } from "./settle.ts"

const warnIfChanged = <Config>(host: PipelineHost<Config>, record: StageRecord): Effect.Effect<void> => {
  const before = host.recorded.find(({ id }) => id === record.id)
  if (before === undefined || before.key !== record.key || before.outputHash === record.outputHash) return Effect.void
  if (before.outputHash === "" || before.failures.length > 0) return Effect.void
  const message = `stage ${record.id} gave another result for the same inputs: it is not deterministic`
  host.progress.note(message)
  return host.store.log({ event: "not-deterministic", stage: record.id, message })
}

const emptyRecord = (id: string, status: StageRecord["status"], error: string): StageRecord => ({
  id,
  status,
  key: "",
  outputHash: "",
  seconds: 0,
  cells: { total: 0, ran: 0, cached: 0 },
  files: [],
  failures: [{ id, error }]
})

const upstreamOf = <Config>(host: PipelineHost<Config>, record: StageRecord): Upstream => {
  // Several stages read the same records: parsed once.
  let rows: ReturnType<Upstream["rows"]> | undefined
  const path = join(host.store.folder, "records", `${record.id}.jsonl`)
  return {
    outputHash: record.outputHash,
    rows: () => {
      rows ??= readFile(path, "utf8").then(rowsFromJsonLines)
      return rows
    }
  }
}

const keyAndSettle = Effect.fnUntraced(function* <Config>(
  host: PipelineHost<Config>,
  stage: Stage<Config>,
  inputs: StageInputs,
  upstream: ReadonlyMap<string, Upstream>
) {
  const keyed = yield* keyStage(host, stage, inputs, upstream)
  for (const [name, hash] of Object.entries(keyed.inputFiles)) host.inputs.set(name, hash)
  const { status, outputHash, cells, files, failures } = yield* settle(host, keyed)
  return { status, key: keyed.key, outputHash, cells, files, failures }
})

/** Brings one stage to its end and keeps its record. Never fails for the stage's own reasons: the record says it. */
const runStage = Effect.fnUntraced(function* <Config>(
  host: PipelineHost<Config>,
  stage: Stage<Config>,
  inputs: StageInputs,
  upstream: ReadonlyMap<string, Upstream>,
  broken: ReadonlySet<string>
) {
  const lost = inputs.upstream.find((id) => broken.has(id))
  if (lost !== undefined) {
    const record = emptyRecord(stage.id, "blocked", `it needs stage ${lost}, which left nothing`)
    yield* host.keep(stage.id, record)
    host.progress.stageEnded(record)
    return record
  }
  const started = yield* Clock.currentTimeMillis
  const end = yield* Effect.result(keyAndSettle(host, stage, inputs, upstream))
  const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000
  const record: StageRecord = Result.isSuccess(end)
    ? { id: stage.id, ...end.success, seconds }
    : { ...emptyRecord(stage.id, "failed", end.failure.reason), seconds }
  yield* host.keep(stage.id, record)
  yield* host.store.log({
    event: "stage-ended",
    stage: stage.id,
    status: record.status,
    seconds,
    outputHash: record.outputHash
  })
  yield* warnIfChanged(host, record)
  host.progress.stageEnded(record)
  return record
})

/**
 * Runs the stages of a study in their order. Returns the record of each that is part of it; failures are in the records.
 */
export const runPipeline = Effect.fn("runPipeline")(function* <Config>(
  host: PipelineHost<Config>,
  stages: ReadonlyArray<Stage<Config>>
) {
  const upstream = new Map<string, Upstream>()
  const broken = new Set<string>()
  const records: Array<StageRecord> = []
  for (const stage of stages) {
    const inputs = stage.inputs(host.config)
    if (inputs === undefined) continue
    const record = yield* runStage(host, stage, inputs, upstream, broken)
    records.push(record)
    if (record.outputHash === "") broken.add(stage.id)
    else upstream.set(stage.id, upstreamOf(host, record))
  }
  return records
})
