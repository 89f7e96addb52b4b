/** @file `losslattice figures`: every figure and table of a run again from its records. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { renderFigures } from "../../experiments/renderFigures.ts"
import { fromStudy } from "../failure.ts"

/** Runs `figures`. */
export const run = ({ run: folder, check }: { readonly run: string; readonly check: boolean }) =>
  Effect.flatMap(fromStudy(renderFigures(folder, { check })), ({ files, changed }) =>
    check
      ? Console.error(`${files.length} files are what the records give`)
      : Console.error(`${files.length} files drawn, ${changed.length} changed`)
  )
