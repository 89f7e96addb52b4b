/** @file `losslattice derive`: losses that meet a query. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type Candidate, type Derived, decodeDeriveQuery, deriveLosses } from "../../derive/index.ts"
import { type CliFailure, fromInput } from "../failure.ts"
import { readDocument } from "../files.ts"
import { labelled, printJson, style, textWidth, wrap } from "../output.ts"

interface DeriveInput {
  readonly config: string
  readonly json: boolean
}

const candidateLines = (found: Candidate): ReadonlyArray<string> => {
  const near = found.neighbours.map(({ id, distance }) => `${id} (${distance})`).join(", ")
  const proved = Object.entries(found.properties).filter(([, verdict]) => verdict === "proved")
  const line = (label: string, text: string) =>
    labelled(label, text, { column: 8, indent: 3 }).map((row) => `   ${row}`)
  return [
    "",
    `${style.bold(`${found.rank}. ${found.name}`)}  ${found.loss}`,
    ...wrap(found.sentence, textWidth - 3).map((row) => `   ${row}`),
    ...line("core", `${found.core}; given: ${found.conditioning}; both: ${found.additive}`),
    ...line("ratio", found.ratio.numerator),
    ...line("over", found.ratio.denominator),
    ...line("proved", proved.map(([name]) => name).join(", ")),
    ...(near === "" ? [] : line("near", near))
  ]
}

const page = ({ candidates, examined, pruned }: Derived): string =>
  [
    `${candidates.length} losses; ${examined} structures examined, ${pruned} pruned`,
    ...candidates.flatMap(candidateLines)
  ].join("\n")

/** Runs `derive`. */
export const run = ({ config, json }: DeriveInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const query = yield* fromInput(decodeDeriveQuery(yield* readDocument(config)), config)
    const derived = yield* fromInput(deriveLosses(query), config)
    yield* json ? printJson(derived) : Console.log(page(derived))
  })
