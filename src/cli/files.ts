/** @file Reading files that a person named: every failure is an {@link InputError} with the file's name and place in it. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import { InputError } from "./failure.ts"

/** Why the system refused a file, in words. */
export const systemReason = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code
  if (code === "ENOENT") return "no such file"
  if (code === "EISDIR") return "is a folder, a file is needed"
  if (code === "EACCES") return "may not be read"
  return error instanceof Error ? error.message : String(error)
}

/** The text of a file. */
export const readText = (file: string): Effect.Effect<string, InputError> =>
  Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: (error) => new InputError({ message: `${file}: ${systemReason(error)}` })
  })

/** A JSON or YAML document; a syntax error names line and column. YAML is a superset, so one parser reads both. */
export const readDocument = (file: string): Effect.Effect<unknown, InputError> =>
  Effect.gen(function* () {
    const text = yield* readText(file)
    const { parseDocument } = yield* Effect.promise(() => import("yaml"))
    const document = parseDocument(text, { prettyErrors: true })
    const error = document.errors[0]
    if (error) {
      const place = error.linePos?.[0]
      const where = place ? `${file}:${place.line}:${place.col}` : file
      const reason = error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")
      return yield* new InputError({ message: `${where}: ${reason}` })
    }
    return document.toJS() as unknown
  })

/** A JSON document, strictly; a syntax error carries the position that the parser names. */
export const readJson = (file: string): Effect.Effect<unknown, InputError> =>
  Effect.flatMap(readText(file), (text) =>
    Effect.try({
      try: () => JSON.parse(text) as unknown,
      catch: (error) =>
        new InputError({ message: `${file}: not JSON: ${error instanceof Error ? error.message : String(error)}` })
    })
  )
