/** @file The figures and tables of a run, drawn again from its records. */
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import type { Json } from "./canonical.ts"
import { RunQueryError } from "./errors.ts"
import { PlotSpec } from "./figures/plots/plot.ts"
import { SheetSpec } from "./figures/plots/sheet.ts"
import { studyFigures } from "./figures/studyFigures.ts"
import { readIfThere, writeAtomic } from "./files.ts"
import { readManifest } from "./manifest.ts"
import { readRecordFiles, recordPaths } from "./runRecords.ts"
import type { NewFile } from "./StageCache.ts"
import type { ExperimentConfig } from "./schema.ts"
import { type DrawnFigure, runCell } from "./stages/cells/figures.ts"
import { figureFiles, tableFiles } from "./stages/figures.ts"

const wrong = (folder: string, reason: string, exitCode: 1 | 2) => new RunQueryError({ folder, reason, exitCode })

/** Records that the run has: paths by name. */
const presentRecords = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const present: Record<string, string> = {}
  for (const [name, path] of Object.entries(recordPaths(folder))) if (yield* fs.exists(path)) present[name] = path
  return present
})

/** What the run's own configuration says about figures. */
const figuresConfig = Effect.fnUntraced(function* (folder: string) {
  const content = yield* readIfThere(join(folder, "config.yaml"))
  if (content === undefined) return {}
  const config: unknown = parse(new TextDecoder().decode(content))
  const decoded = decodeFigures(config)
  if (Result.isSuccess(decoded)) return decoded.success.figures ?? {}
  // A configuration of another version, or edited: drawing something else in silence would be worse than stopping.
  return yield* wrong(folder, `the figures section of its config.yaml cannot be read: ${String(decoded.failure)}`, 1)
})

const decodeFigures = Schema.decodeUnknownResult(
  Schema.Struct({
    figures: Schema.optionalKey(
      Schema.Struct({
        only: Schema.optionalKey(Schema.Array(Schema.String)),
        plots: Schema.optionalKey(Schema.Array(PlotSpec)),
        sheets: Schema.optionalKey(Schema.Array(SheetSpec)),
        order: Schema.optionalKey(Schema.NonEmptyArray(Schema.String))
      })
    )
  })
)

const draw = (folder: string, records: Readonly<Record<string, string>>, config: ExperimentConfig["figures"]) =>
  Effect.tryPromise({
    try: async (): Promise<ReadonlyArray<NewFile>> => {
      const rows = await readRecordFiles(records)
      const drawn: Array<DrawnFigure> = []
      for (const { task } of studyFigures(rows, config)) {
        const tools = { report: () => undefined, workFolder: "", result: () => null, resources: { records } }
        drawn.push(await runCell(task as unknown as Json, tools))
      }
      return [...drawn.flatMap(figureFiles), ...tableFiles(rows)]
    },
    catch: (error) => wrong(folder, error instanceof Error ? error.message : String(error), 1)
  })

const sameBytes = (a: Uint8Array | undefined, b: string | Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, Buffer.from(b as Uint8Array)) === 0

/** Files under figures/ and tables/ that no figure or table accounts for. */
const strangers = Effect.fnUntraced(function* (folder: string, files: ReadonlyArray<NewFile>) {
  const fs = yield* FileSystem.FileSystem
  const known = new Set(files.map(({ path }) => path))
  const found: Array<string> = []
  for (const part of ["figures", "tables"]) {
    if (!(yield* fs.exists(join(folder, part)))) continue
    for (const name of yield* fs.readDirectory(join(folder, part)))
      if (!known.has(`${part}/${name}`)) found.push(`${part}/${name}`)
  }
  return found.sort()
})

/** What was drawn: paths in the run folder, and which of them were not there before, byte for byte. */
export interface Rendered {
  readonly files: ReadonlyArray<string>
  readonly changed: ReadonlyArray<string>
}

/**
 * Draws every figure and table of a run from its records. With `check` nothing is written, and a file that differs, is
 * missing, or belongs to no figure fails with exit code 1; a folder that is no run, with 2.
 */
export const renderFigures = Effect.fn("renderFigures")(
  function* (folder: string, options: { readonly check: boolean }) {
    const manifest = yield* Effect.result(readManifest(folder))
    if (Result.isSuccess(manifest) && manifest.success === undefined) {
      return yield* wrong(folder, "no run folder, there is no manifest.json in it", 2)
    }
    const files = yield* draw(folder, yield* presentRecords(folder), yield* figuresConfig(folder))
    const changed: Array<string> = []
    for (const { path, content } of files) {
      if (!sameBytes(yield* readIfThere(join(folder, path)), content)) changed.push(path)
    }
    if (options.check) {
      const wrongFiles = [...changed, ...(yield* strangers(folder, files))]
      if (wrongFiles.length > 0) return yield* wrong(folder, `not what its records give: ${wrongFiles.join(", ")}`, 1)
    } else {
      for (const { path, content } of files) if (changed.includes(path)) yield* writeAtomic(join(folder, path), content)
    }
    const rendered: Rendered = { files: files.map(({ path }) => path), changed }
    return rendered
  },
  (effect, folder) => Effect.catchTag(effect, "PlatformError", (error) => Effect.fail(wrong(folder, error.message, 1)))
)
