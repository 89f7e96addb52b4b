/** @file `losslattice export`: a loss as code or data that stands alone. */
import { writeFileSync } from "node:fs"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type ExportFormat, exportLoss } from "../../loss/export/index.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { resolve } from "../losses.ts"
import { printJson } from "../output.ts"

interface ExportInput {
  readonly loss: string
  readonly to: ExportFormat
  readonly out: Option.Option<string>
  readonly json: boolean
}

/** Runs `export`. With `--json` the text comes as `{loss, format, content}` (or `{…, file}`). */
export const run = ({ loss: spec, to, out, json }: ExportInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const loss = yield* fromInput(resolve(spec))
    const content = yield* fromInput(exportLoss(loss, to))
    if (Option.isNone(out)) {
      return yield* json ? printJson({ loss: loss.spec, format: to, content }) : Console.log(content.trimEnd())
    }
    const file = out.value
    yield* Effect.try({
      try: () => writeFileSync(file, content),
      catch: (error) =>
        new InputError({
          message: `--out ${file}: cannot be written: ${error instanceof Error ? error.message : String(error)}`
        })
    })
    yield* json ? printJson({ loss: loss.spec, format: to, file }) : Console.error(`wrote ${file}`)
  })
