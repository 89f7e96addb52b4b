/** @file `losslattice validate`: verdicts on the properties of a loss, with their evidence. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { listedPropertyIds } from "../../properties/ids.ts"
import { canonicalPropertyId, findProperty } from "../../properties/registry.ts"
import { type Validation, validateLoss } from "../../properties/validate.ts"
import { type PropertyResult, type Verdict, verdicts } from "../../properties/verdict.ts"
import { type CliFailure, fromInput, InputError, WorkError } from "../failure.ts"
import { readDocument } from "../files.ts"
import { resolve } from "../losses.ts"
import { labelled, printJson, style, textWidth, wrap } from "../output.ts"
import { structureDocument } from "../structureDocument.ts"

interface ValidateInput {
  readonly loss: string
  readonly more: ReadonlyArray<string>
  readonly property: ReadonlyArray<string>
  readonly runs: number
  readonly seed: number
  readonly expect: Option.Option<string>
  readonly json: boolean
}

const fail = (message: string) => Effect.fail(new InputError({ message }))

/** Expected verdicts by property id or name. */
const readExpectations = (file: string): Effect.Effect<ReadonlyMap<string, Verdict>, InputError> =>
  Effect.gen(function* () {
    const document = yield* readDocument(file)
    if (typeof document !== "object" || document === null || Array.isArray(document)) {
      return yield* fail(`${file}: expected an object, property → verdict`)
    }
    const expected = new Map<string, Verdict>()
    for (const [name, verdict] of Object.entries(document)) {
      const property = yield* fromInput(findProperty(name), file)
      if (!(verdicts as ReadonlyArray<unknown>).includes(verdict)) {
        return yield* fail(`${file}: ${name}: expected one of ${verdicts.join(", ")}, found ${JSON.stringify(verdict)}`)
      }
      const before = expected.get(property.id)
      if (before !== undefined && before !== verdict) {
        return yield* fail(
          `${file}: ${name}: expected ${verdict} here and ${before} under another name of ${property.id}`
        )
      }
      expected.set(property.id, verdict as Verdict)
    }
    if (expected.size === 0) return yield* fail(`${file}: no expectations in it`)
    return expected
  })

const verdictText: Readonly<Record<Verdict, (text: string) => string>> = {
  proved: style.good,
  held: style.good,
  refuted: style.bad,
  undecided: style.open,
  "not-applicable": style.dim
}

const evidence = (result: PropertyResult): ReadonlyArray<string> => {
  switch (result.verdict) {
    case "held":
      return [`in ${result.runs} cases`]
    case "proved":
      return result.certificate === undefined ? [] : [result.certificate]
    case "refuted":
      return (result.counterexample?.text ?? result.certificate ?? "").split("\n")
    case "undecided":
    case "not-applicable":
      return result.reason === undefined ? [] : [result.reason]
  }
}

/** A line of evidence, wrapped unless it is a row of a table. */
const evidenceLines = (line: string): ReadonlyArray<string> =>
  (/\S {2,}\S/.test(line) ? [line] : wrap(line, textWidth - 7)).map((row) => `       ${style.dim(row)}`)

const page = ({ loss, results, seed }: Validation): string => {
  const asked = results.filter(({ verdict }) => verdict !== "not-applicable")
  // Numbers fit into four columns; the few properties that have only a name push their first line.
  const [width, column] = [4, 15]
  const lines = asked.flatMap(({ property, verdict, statement, ...rest }) => {
    const [first = "", ...others] = wrap(statement, textWidth - column - Math.max(0, property.length - width))
    return [
      `${style.bold(property.padEnd(width))} ${verdictText[verdict](verdict.padEnd(9))} ${first}`,
      ...others.map((row) => " ".repeat(column) + row),
      ...evidence({ property, verdict, statement, ...rest }).flatMap(evidenceLines)
    ]
  })
  const left = results.filter(({ verdict }) => verdict === "not-applicable")
  const tail = left.flatMap(({ property, reason }) =>
    labelled(property, `not applicable: ${reason ?? ""}`, { column: width + 1, paint: style.dim })
  )
  return [`${style.bold(loss)}  seed ${seed}`, "", ...lines, ...(tail.length > 0 ? ["", ...tail] : [])].join("\n")
}

const disagreements = (results: ReadonlyArray<PropertyResult>, expected: ReadonlyMap<string, Verdict>) =>
  results.flatMap(({ id, verdict }) => {
    const wanted = expected.get(id)
    return wanted === undefined || wanted === verdict ? [] : [`${id}: expected ${wanted}, found ${verdict}`]
  })

const splitNames = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => name.split(",").map((part) => part.trim())).filter((name) => name !== "")

const allowed = `allowed: ${listedPropertyIds.join(", ")}`

/** Runs `validate`. */
export const run = (input: ValidateInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const { runs, seed, json } = input
    if (runs < 1) return yield* fail(`--runs: expected a whole number of at least 1, found ${runs}`)
    const loss = yield* fromInput(resolve(input.loss))
    const expected = Option.isSome(input.expect) ? yield* readExpectations(input.expect.value) : undefined
    const asked = [...input.property, ...input.more]
    const named = splitNames(asked)
    if (asked.length > 0 && named.length === 0)
      return yield* fail(`--property: no name in "${asked.join(" ")}"; ${allowed}`)
    // What is expected is always examined: an expectation passed over would look like one that holds.
    const ids = named.map(canonicalPropertyId)
    const unasked = [...(expected?.keys() ?? [])].filter((id) => !ids.includes(id))
    const names = named.length > 0 || expected ? [...named, ...unasked] : undefined
    const options = { runs, seed, ...(names === undefined ? {} : { properties: names }) }
    const validation = yield* fromInput(validateLoss(loss, options), "--property")
    const structure = loss.structure ?? loss.weighted
    const subject =
      structure === undefined ? {} : { semantics: loss.semantics, structure: structureDocument(structure) }
    yield* json ? printJson({ ...validation, ...subject }) : Console.log(page(validation))
    const wrong = disagreements(validation.results, expected ?? new Map())
    if (wrong.length > 0) return yield* new WorkError({ message: `${loss.spec}: ${wrong.join("; ")}` })
  })
