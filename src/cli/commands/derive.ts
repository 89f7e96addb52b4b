/** @file `losslattice derive`: losses that meet a query. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Candidate, type Derived, type DeriveQuery, DeriveQuerySchema, deriveLosses } from "../../derive/index.ts"
import { decodeLocated } from "../../experiments/decode.ts"
import { parseLocated, placeText } from "../../experiments/located.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { readText } from "../files.ts"
import { labelled, printJson, style, textWidth, wrap } from "../output.ts"

interface DeriveInput {
  readonly config: string
  readonly json: boolean
}

const candidateLines = (found: Candidate, { rankBy }: DeriveQuery): ReadonlyArray<string> => {
  const near = found.neighbours.map(({ id, distance }) => `${id} (${distance})`).join(", ")
  const proved = Object.entries(found.properties).filter(([, verdict]) => verdict === "proved")
  const line = (label: string, text: string) =>
    labelled(label, text, { column: 8, indent: 3 }).map((row) => `   ${row}`)
  return [
    "",
    `${style.bold(`${found.rank}. ${found.name}`)}  ${found.loss}`,
    ...wrap(found.sentence, textWidth - 3).map((row) => `   ${row}`),
    ...(found.outcome === undefined || typeof rankBy === "string"
      ? []
      : line("by", `${rankBy.outcome} ${found.outcome.toPrecision(4)}`)),
    ...line("core", `${found.core}; given: ${found.conditioning}; both: ${found.additive}`),
    ...line("ratio", found.ratio.numerator),
    ...line("over", found.ratio.denominator),
    ...line("proved", proved.map(([name]) => name).join(", ")),
    ...(near === "" ? [] : line("near", near))
  ]
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`

const page = ({ query, candidates, examined, pruned, undecided }: Derived): string =>
  [
    `${counted(candidates.length, "loss")}; ${counted(examined, "structure")} examined, ${pruned} pruned` +
      (undecided === 0 ? "" : `; ${undecided} left out because a property is undecided`),
    ...candidates.flatMap((found) => candidateLines(found, query))
  ].join("\n")

/** The query of a file; every problem with line and column. */
const readQuery = (file: string): Effect.Effect<DeriveQuery, InputError> =>
  Effect.flatMap(readText(file), (text) => {
    const decoded = Result.flatMap(parseLocated(file, text), (located) => decodeLocated(DeriveQuerySchema, located))
    return Result.isSuccess(decoded)
      ? Effect.succeed(decoded.success)
      : Effect.fail(
          new InputError({
            message: decoded.failure.map(({ place, message }) => `${placeText(place)}: ${message}`).join("\n")
          })
        )
  })

/** Runs `derive`. */
export const run = ({ config, json }: DeriveInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const query = yield* readQuery(config)
    const derived = yield* fromInput(deriveLosses(query), config)
    yield* json ? printJson(derived) : Console.log(page(derived))
  })
