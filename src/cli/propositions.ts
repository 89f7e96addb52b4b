/** @file The `--propositions` of a command line. */
import * as Effect from "effect/Effect"
import { makeProposition, type Proposition, parseProposition } from "../logic/proposition.ts"
import { maxPropositions } from "../logic/rows.ts"
import { InputError } from "./failure.ts"

const fail = (message: string) => Effect.fail(new InputError({ message: `--propositions: ${message}` }))

/** Propositions separated by commas, in the order given, each once, six at most. */
export const readPropositions = (text: string): Effect.Effect<ReadonlyArray<Proposition>, InputError> =>
  Effect.gen(function* () {
    const names: Array<Proposition> = []
    for (const part of text.split(",")) {
      const parsed = parseProposition(part.trim())
      if (parsed === undefined)
        return yield* fail(`expected a proposition such as M(w), Ref(l) or M2(w), found "${part.trim()}"`)
      const name = makeProposition(parsed)
      if (names.includes(name)) return yield* fail(`${name} is named twice`)
      names.push(name)
    }
    if (names.length > maxPropositions)
      return yield* fail(`${names.length} propositions; at most ${maxPropositions} are supported`)
    return names
  })
