/** @file `losslattice validate`: verdicts on the properties of a loss, with their evidence. */
import { existsSync, readFileSync } from "node:fs"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { structureDocument } from "../../explain/structureDocument.ts"
import { writeFileAtomic } from "../../finetune/atomicFile.ts"
import type { Loss } from "../../loss/loss.ts"
import { listedPropertyIds } from "../../properties/ids.ts"
import { canonicalPropertyId } from "../../properties/registry.ts"
import { askedProperties, type Validation } from "../../properties/validate.ts"
import type { PropertyResult, Verdict } from "../../properties/verdict.ts"
import { type CliFailure, fromInput, InputError, WorkError } from "../failure.ts"
import { systemReason } from "../files.ts"
import { resolve } from "../losses.ts"
import { printJson } from "../output.ts"
import { disagreements, expectationsText, ownNumbers, readExpectations } from "../validation/expectations.ts"
import { validationPage } from "../validation/page.ts"
import { examineAll } from "../validation/parallel.ts"
import { type PropertySpec, rememberLoss } from "../validation/propertyCell.ts"
import { replayable, testFileText } from "../validation/testFile.ts"

interface ValidateInput {
  readonly loss: string
  readonly more: ReadonlyArray<string>
  readonly property: ReadonlyArray<string>
  readonly runs: number
  readonly seed: number
  readonly workers: Option.Option<number>
  readonly expect: Option.Option<string>
  readonly writeExpect: Option.Option<string>
  readonly writeTest: Option.Option<string>
  readonly force: boolean
  readonly json: boolean
}

const fail = (message: string) => Effect.fail(new InputError({ message }))

const splitNames = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => name.split(",").map((part) => part.trim())).filter((name) => name !== "")

const allowed = `allowed: ${listedPropertyIds.join(", ")}`

/** Refuses to lose another file's content. */
const checkFree = (file: string, content: string, force: boolean): Effect.Effect<void, InputError> =>
  !force && existsSync(file) && readFileSync(file, "utf8") !== content
    ? fail(`${file}: there already with other content; name another file, or give --force to replace it`)
    : Effect.void

const write = (file: string, content: string, force: boolean): Effect.Effect<void, InputError> =>
  Effect.andThen(
    Effect.suspend(() => checkFree(file, content, force)),
    Effect.try({
      try: () => writeFileAtomic(file, content),
      catch: (error) => new InputError({ message: `${file}: ${systemReason(error)}` })
    })
  )

/** Names to examine; all that are not asked for by name where there are none. */
const namesOf = (
  { property, more, writeExpect }: ValidateInput,
  loss: Loss,
  expected: ReadonlyMap<string, Verdict>
): Effect.Effect<ReadonlyArray<string>, InputError> =>
  Effect.gen(function* () {
    const asked = [...property, ...more]
    const named = splitNames(asked)
    if (asked.length > 0 && named.length === 0)
      return yield* fail(`--property: no name in "${asked.join(" ")}"; ${allowed}`)
    // What is expected is always examined: an expectation passed over would look like one that holds.
    const ids = named.map(canonicalPropertyId)
    const unasked = [...expected.keys()].filter((id) => !ids.includes(id))
    const names = named.length > 0 || expected.size > 0 ? [...named, ...unasked] : undefined
    const listed = yield* fromInput(askedProperties(names), "--property")
    const own = Option.isSome(writeExpect) && names === undefined ? ownNumbers(loss) : []
    return [...listed.map(([name]) => name), ...own]
  })

/** Writes the files that were asked for. */
const writeFiles = (
  input: ValidateInput,
  specs: ReadonlyArray<PropertySpec>,
  results: ReadonlyArray<PropertyResult>
): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { writeExpect, writeTest, force, loss, seed } = input
    const found = replayable(results)
    if (Option.isSome(writeTest) && found.length === 0) {
      const verdicts = results.map(({ property, verdict }) => `${property} ${verdict}`).join(", ")
      return yield* fail(`--write-test: no counterexample that can be tried again (${verdicts})`)
    }
    if (Option.isSome(writeExpect)) {
      const programOnly = specs.map((spec) => ({ ...spec, bare: true }))
      const bare = yield* examineAll(programOnly, Option.getOrUndefined(input.workers))
      yield* write(writeExpect.value, expectationsText(results, bare), force)
    }
    if (Option.isSome(writeTest)) yield* write(writeTest.value, testFileText(loss, seed, found), force)
  })

/** Runs `validate`. */
export const run = (input: ValidateInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { runs, seed, json, workers } = input
    if (runs < 1) return yield* fail(`--runs: expected a whole number of at least 1, found ${runs}`)
    const threads = Option.getOrUndefined(workers)
    if (threads !== undefined && threads < 1)
      return yield* fail(`--workers: expected a whole number of at least 1, found ${threads}`)
    const loss = yield* fromInput(resolve(input.loss))
    const expected = Option.isSome(input.expect) ? yield* readExpectations(input.expect.value) : new Map()
    const names = yield* namesOf(input, loss, expected)
    rememberLoss(input.loss, loss)
    const specs = names.map((property) => ({ loss: input.loss, property, runs, seed }))
    const validation: Validation = { loss: loss.spec, seed, results: yield* examineAll(specs, threads) }
    yield* writeFiles(input, specs, validation.results)
    const structure = loss.structure ?? loss.weighted
    const subject =
      structure === undefined ? {} : { semantics: loss.semantics, structure: structureDocument(structure) }
    yield* json ? printJson({ ...validation, ...subject }) : Console.log(validationPage(validation))
    const wrong = disagreements(validation.results, expected)
    if (wrong.length > 0) return yield* new WorkError({ message: `${loss.spec}: ${wrong.join("; ")}` })
  })
