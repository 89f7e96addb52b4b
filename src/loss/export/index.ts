/** Exports of a loss: data that is read back, and code that stands alone. */
import * as Result from "effect/Result"
import type { Loss } from "../loss.ts"
import { lossToJson } from "../lossJson.ts"
import { pytorchOf } from "./pytorch.ts"
import { ExportError } from "./statements.ts"
import { trlOf } from "./trl.ts"
import { typescriptOf } from "./typescript.ts"

export { ExportError } from "./statements.ts"

/** A format of `losslattice export --to`. */
export type ExportFormat = "json" | "latex" | "pytorch" | "trl" | "typescript"

const exporters = {
  json: (loss) => Result.succeed(`${JSON.stringify(lossToJson(loss), undefined, 2)}\n`),
  latex: (loss) => Result.succeed(`${loss.latex}\n`),
  pytorch: (loss) => Result.succeed(pytorchOf(loss)),
  trl: trlOf,
  typescript: (loss) => Result.succeed(typescriptOf(loss))
} satisfies Readonly<Record<ExportFormat, (loss: Loss) => Result.Result<string, ExportError>>>

/** The names of the formats. */
export const exportFormats = Object.keys(exporters) as ReadonlyArray<ExportFormat>

/** The loss in a format; code is refused for a degenerate structure, `trl` for losses that DPOTrainer cannot feed. */
export const exportLoss = (loss: Loss, format: ExportFormat): Result.Result<string, ExportError> => {
  const isCode = format !== "json" && format !== "latex"
  return isCode && loss.unevaluable !== undefined
    ? Result.fail(new ExportError({ spec: loss.spec, reason: loss.unevaluable }))
    : exporters[format](loss)
}
