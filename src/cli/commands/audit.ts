/** @file `losslattice audit`: exit 0 when the code equals the loss, 1 with the smallest disagreement when not. */
import { existsSync } from "node:fs"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Adapter, decodeAdapter, noAdapter } from "../../audit/adapter.ts"
import { audit } from "../../audit/audit.ts"
import { auditDocument, auditLines } from "../../audit/report.ts"
import { openSession } from "../../audit/session.ts"
import { parseTarget, type Target } from "../../audit/target.ts"
import { findPython, workerEnvironment } from "../../finetune/python.ts"
import { type CliFailure, fromInput, InputError, WorkError } from "../failure.ts"
import { readDocument } from "../files.ts"
import { resolve } from "../losses.ts"
import { printJson } from "../output.ts"

interface AuditInput {
  readonly target: string
  readonly against: string
  readonly adapter: Option.Option<string>
  readonly dtype: "both" | "float64" | "float32"
  readonly seed: number
  readonly json: boolean
}

const parseJson = (text: string): Effect.Effect<unknown, InputError> =>
  Effect.try({
    try: () => JSON.parse(text) as unknown,
    catch: (error) => new InputError({ message: `--adapter: not JSON: ${(error as Error).message}` })
  })

/** The adapter of the flag: JSON where it starts with a brace, else a file. */
const readAdapter = (flag: Option.Option<string>): Effect.Effect<Adapter, InputError> =>
  Effect.gen(function* () {
    if (Option.isNone(flag)) return noAdapter
    const text = flag.value.trim()
    const inline = text.startsWith("{")
    if (!inline && !existsSync(text))
      return yield* new InputError({
        message: `--adapter ${text}: no such file (a JSON or YAML file, or the JSON itself)`
      })
    const document = yield* inline ? parseJson(text) : readDocument(text)
    return yield* fromInput(decodeAdapter(document, inline ? "--adapter" : text))
  })

/** Settings of a trainer are constants of its arguments. */
const withSettings = (adapter: Adapter, target: Target): Adapter =>
  target.kind === "file"
    ? adapter
    : {
        ...adapter,
        arguments: {
          ...Object.fromEntries(Object.entries(target.settings).map(([name, value]) => [name, { constant: value }])),
          ...adapter.arguments
        }
      }

/** Runs `audit`. */
export const run = (input: AuditInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const loss = yield* fromInput(resolve(input.against), "--against")
    if (loss.unevaluable !== undefined) return yield* new InputError({ message: `--against: ${loss.unevaluable}` })
    const target = yield* fromInput(parseTarget(input.target))
    const adapter = withSettings(yield* readAdapter(input.adapter), target)
    const python = findPython()
    if (Result.isFailure(python)) return yield* new WorkError({ message: python.failure.message })
    const interpreter = { command: python.success.command, env: workerEnvironment() }
    const session = yield* openSession(target, interpreter).pipe(
      Effect.mapError(({ isInput, message }) => (isInput ? new InputError({ message }) : new WorkError({ message })))
    )
    const dtypes = input.dtype === "both" ? (["float64", "float32"] as const) : [input.dtype]
    const result = yield* Effect.tryPromise({
      try: () => audit(loss, session.info, adapter, session.ask, { seed: input.seed, dtypes }),
      catch: (error) => new WorkError({ message: error instanceof Error ? error.message : String(error) })
    })
    const report = yield* fromInput(result, input.target)
    yield* input.json
      ? printJson(auditDocument(input.target, report))
      : Console.log(auditLines(input.target, report).join("\n"))
    if (!report.agrees) return yield* new WorkError({ message: `${input.target} is not ${loss.spec}` })
  }).pipe(Effect.scoped)
