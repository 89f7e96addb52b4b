/** @file The manifest of a run: what ran, with what, where and how it ended. With the log the only file that holds clock times, hosts and paths. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { CacheCorrupt } from "./errors.ts"
import { readIfThere, writeAtomic } from "./files.ts"
import { OutputFile } from "./StageCache.ts"

/** A cell that failed, or a stage that did (then `id` is the stage's). */
export const Failure = Schema.Struct({ id: Schema.String, error: Schema.String })

/**
 * One stage. `ran`: its work was done now; `cached`: its files were already here; `restored`: they came from the shared
 * cache; `failed`: some cells failed, the files hold the rest; `blocked`: a stage that it needs left nothing.
 */
export const StageRecord = Schema.Struct({
  id: Schema.String,
  status: Schema.Literals(["ran", "cached", "restored", "failed", "blocked"]),
  key: Schema.String,
  outputHash: Schema.String,
  /** Wall-clock time of this status, seconds. */
  seconds: Schema.Finite,
  cells: Schema.Struct({ total: Schema.Int, ran: Schema.Int, cached: Schema.Int }),
  files: Schema.Array(OutputFile),
  failures: Schema.Array(Failure)
})
export type StageRecord = typeof StageRecord.Type

/** `running` with no process behind it means killed: the next run of the study continues. */
export const RunStatus = Schema.Literals(["running", "finished", "failed", "interrupted"])
export type RunStatus = typeof RunStatus.Type

/** Format 1 of manifest.json. Times are ISO 8601, hashes SHA-256 in hexadecimal. */
export const RunManifest = Schema.Struct({
  version: Schema.Literal(1),
  program: Schema.Struct({ name: Schema.String, version: Schema.String }),
  study: Schema.String,
  configHash: Schema.String,
  configFile: Schema.String,
  profile: Schema.optionalKey(Schema.String),
  overrides: Schema.Array(Schema.String),
  status: RunStatus,
  started: Schema.String,
  finished: Schema.optionalKey(Schema.String),
  host: Schema.String,
  node: Schema.String,
  /** Git commit of the program's sources; absent outside a checkout. `dirty`: uncommitted changes. */
  commit: Schema.optionalKey(Schema.String),
  dirty: Schema.optionalKey(Schema.Boolean),
  packages: Schema.Record(Schema.String, Schema.String),
  seeds: Schema.Array(Schema.Int),
  /** Every file that was read as input, with its content's hash. */
  inputs: Schema.Record(Schema.String, Schema.String),
  stages: Schema.Array(StageRecord),
  error: Schema.optionalKey(Schema.String)
})
export type RunManifest = typeof RunManifest.Type

const decodeManifest = Schema.decodeUnknownResult(Schema.fromJsonString(RunManifest))

/** Where a run folder has its manifest. */
export const manifestFile = (folder: string): string => join(folder, "manifest.json")

/** The manifest of a run folder; undefined when there is none. Fails with CacheCorrupt when it cannot be read as one. */
export const readManifest = Effect.fn("readManifest")(function* (folder: string) {
  const content = yield* readIfThere(manifestFile(folder))
  if (content === undefined) return undefined
  const decoded = decodeManifest(new TextDecoder().decode(content))
  if (Result.isSuccess(decoded)) return decoded.success
  return yield* new CacheCorrupt({ key: "manifest.json", reason: "it is not a manifest of format 1" })
})

/** Writes the manifest, whole or not at all. */
export const writeManifest = (folder: string, manifest: RunManifest) =>
  writeAtomic(manifestFile(folder), `${JSON.stringify(manifest, null, 2)}\n`)
