/** @file Names of losses in a study file: checked when the file is read, so that a mistyped one has its line. */
import { readFileSync } from "node:fs"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { lossesOf, lossSets } from "../derive/index.ts"
import { NAMED } from "../logic/lattice.ts"
import { encodeProgram } from "../loss/codec.ts"
import { resolveLoss } from "../loss/resolve.ts"

/** The text that a loss file says it is, when that names the loss of the file; the failure is one sentence. */
const specOfFile = (path: string): Result.Result<string, string> => {
  const inFile = resolveLoss(path, (file) => readFileSync(file, "utf8"))
  if (Result.isFailure(inFile)) return Result.fail(inFile.failure.message)
  const { spec, program } = inFile.success
  const named = resolveLoss(spec)
  const isSame =
    Result.isSuccess(named) &&
    JSON.stringify(encodeProgram(named.success.program)) === JSON.stringify(encodeProgram(program))
  return isSame
    ? Result.succeed(spec)
    : Result.fail(
        `${JSON.stringify(path)}: a study can use a loss file whose "spec" names its loss, ${JSON.stringify(spec)} does not`
      )
}

const isFile = (text: string): boolean => /\.json$/.test(text)

/**
 * A LOSS text, or a loss file as `derive --out` writes them, which is replaced by the text that it is the loss of: the study
 * then says what it trains, wherever the file goes. A file that cannot be stays, for the check that follows to refuse.
 */
export const LossText = Schema.NonEmptyString.pipe(
  Schema.decodeTo(Schema.NonEmptyString, {
    decode: SchemaGetter.transform((text) => (isFile(text) ? Result.getOrElse(specOfFile(text), () => text) : text)),
    encode: SchemaGetter.passthrough()
  })
)

/** Why a text that is left names a file that no study can use, or undefined. */
export const fileProblem = (text: string): string | undefined =>
  isFile(text) ? Option.getOrUndefined(Result.getFailure(specOfFile(text))) : undefined

/** Why a text names no loss that a study can use, or undefined. */
const problemOf = (text: string): string | undefined => {
  if (isFile(text)) return fileProblem(text)
  const loss = resolveLoss(text)
  return Result.isFailure(loss) ? loss.failure.message : undefined
}

/** A LOSS (docs/contract.md, "Naming a loss"). */
export const LossName = LossText.check(Schema.makeFilter(problemOf)).annotate({ identifier: "LossName" })

const Values = Schema.NonEmptyArray(Schema.Union([Schema.Finite, Schema.Boolean, Schema.NonEmptyString]))
const With = Schema.Record(Schema.String, Values)

/**
 * A LOSS, or all losses of a set (`lattice`, `strict`, `monotone`: derive/lossSets.ts), with lists of values for some of their
 * settings: one loss for each combination.
 */
export const LossGrid = Schema.Union([
  Schema.Struct({ loss: Schema.NonEmptyString, with: With }),
  Schema.Struct({ set: Schema.Literals(lossSets), with: Schema.optionalKey(With) })
])
export type LossGrid = typeof LossGrid.Type

/** A LOSS text with one more parameter. */
export const withParameter = (loss: string, name: string, value: number | string | boolean): string =>
  `${loss}${/\?[A-Za-z_]\w*=[^?]*$/.test(loss) ? "&" : "?"}${name}=${value}`

/** The losses of a grid, the last parameter varying fastest; a plain name is itself. */
export const expandLosses = (entry: string | LossGrid): ReadonlyArray<string> =>
  typeof entry === "string"
    ? [entry]
    : Object.entries(entry.with ?? {}).reduce<ReadonlyArray<string>>(
        (losses, [name, values]) => losses.flatMap((loss) => values.map((value) => withParameter(loss, name, value))),
        "set" in entry ? lossesOf(entry.set) : [entry.loss]
      )

/** The losses of a validate section, `lattice` unfolded. */
export const validatedLosses = (listed: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(listed.flatMap((loss) => (loss === "lattice" ? NAMED.map(({ id }) => id) : [loss])))
]
