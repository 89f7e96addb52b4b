/** @file `losslattice verify`: certificates and witnesses of a document, checked again. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type CliFailure, fromInput, WorkError } from "../failure.ts"
import { readJson } from "../files.ts"
import { resolve } from "../losses.ts"
import { labelled, printJson, style } from "../output.ts"
import { type Verification, verifyDocument } from "../verification.ts"

interface VerifyInput {
  readonly file: string
  readonly json: boolean
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const page = ({ document, checked, unchecked }: Verification): string => {
  const { certificates, witnesses, identities } = checked
  const parts = [
    counted(certificates, "certificate"),
    counted(witnesses, "witness", "witnesses"),
    counted(identities, "identity", "identities")
  ]
  return [
    `${style.good("holds")}: what ${document} wrote, ${parts.join(", ")}`,
    ...(unchecked.length === 0
      ? []
      : labelled("not checked", `${unchecked.join(", ")}: no certificate or exact witness`))
  ].join("\n")
}

/** Runs `verify`. */
export const run = ({ file, json }: VerifyInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const found = yield* fromInput(verifyDocument(yield* readJson(file), resolve), file)
    if (json) yield* printJson({ file, ...found })
    if (found.failure !== undefined) return yield* new WorkError({ message: `${file}: ${found.failure}` })
    if (!json) yield* Console.log(page(found))
  })
