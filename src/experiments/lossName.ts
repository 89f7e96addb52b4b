/** @file Names of losses in a study file: checked when the file is read, so that a mistyped one has its line. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { NAMED } from "../logic/lattice.ts"
import { resolveLoss } from "../loss/resolve.ts"

/** Why a text names no loss that a study can use, or undefined. */
const problemOf = (text: string): string | undefined => {
  if (/\.json$/.test(text))
    return `${JSON.stringify(text)}: a study names losses by id or by what they are, not by file`
  const loss = resolveLoss(text)
  return Result.isFailure(loss) ? loss.failure.message : undefined
}

/** A LOSS (docs/contract.md, "Naming a loss"), files aside. */
export const LossName = Schema.NonEmptyString.check(Schema.makeFilter(problemOf))

/** A LOSS with lists of values for some of its parameters: one loss for each combination. */
export const LossGrid = Schema.Struct({
  loss: Schema.NonEmptyString,
  with: Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.Finite))
})
export type LossGrid = typeof LossGrid.Type

/** A LOSS text with one more parameter. */
export const withParameter = (loss: string, name: string, value: number | string | boolean): string =>
  `${loss}${/\?[A-Za-z_]\w*=[^?]*$/.test(loss) ? "&" : "?"}${name}=${value}`

/** The losses of a grid, the last parameter varying fastest; a plain name is itself. */
export const expandLosses = (entry: string | LossGrid): ReadonlyArray<string> =>
  typeof entry === "string"
    ? [entry]
    : Object.entries(entry.with).reduce<ReadonlyArray<string>>(
        (losses, [name, values]) => losses.flatMap((loss) => values.map((value) => withParameter(loss, name, value))),
        [entry.loss]
      )

/** The losses of a validate section, `lattice` unfolded. */
export const validatedLosses = (listed: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(listed.flatMap((loss) => (loss === "lattice" ? NAMED.map(({ id }) => id) : [loss])))
]
