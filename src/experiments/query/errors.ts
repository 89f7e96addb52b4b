/** @file How a query fails: one error with an exit code, and DuckDB's own errors as one sentence with the place in the statement. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** A query that cannot be asked (2), or whose work failed (1). */
export class QueryError extends Data.TaggedError("QueryError")<{
  readonly message: string
  readonly exitCode: 1 | 2
}> {}

/** A {@link QueryError} about what was asked. */
export const wrongQuery = (message: string): QueryError => new QueryError({ message, exitCode: 2 })

/** What DuckDB says of an error when `errors_as_json` is set. `position`: a byte of the statement, from 0. */
interface DuckError {
  readonly exception_type: string
  readonly exception_message: string
  readonly position?: string
  readonly error_subtype?: string
  readonly type?: string
}

const parsed = (text: string): DuckError | undefined => {
  const start = text.indexOf("{")
  const found = Result.getOrUndefined(Result.try(() => JSON.parse(text.slice(start)) as DuckError))
  return typeof found?.exception_message === "string" ? found : undefined
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").trim()

/** What DuckDB said, without its JSON, on one line. */
export const duckReason = (error: unknown): string => {
  const text = messageOf(error)
  return oneLine(parsed(text)?.exception_message ?? text)
}

/** ` at position N`, in characters from 1, where DuckDB counts bytes from 0. */
const placeIn = (statement: string, position: string | undefined): string => {
  const byte = Number(position)
  if (position === undefined || !Number.isInteger(byte)) return ""
  const before = new TextDecoder().decode(new TextEncoder().encode(statement).subarray(0, byte))
  return ` at position ${[...before].length + 1}`
}

/** The error of a statement. @param tables the names that it may read, for those that it does not know */
export const statementError = (statement: string, error: unknown, tables: ReadonlyArray<string>): QueryError => {
  const found = parsed(messageOf(error))
  if (found === undefined) return wrongQuery(`statement: ${oneLine(messageOf(error))}`)
  const { exception_type: kind, exception_message: message, position, type } = found
  const place = `statement${placeIn(statement, position)}`
  if (kind === "Permission") {
    return wrongQuery(`${place}: ${oneLine(message)}; a query reads the records of its runs and nothing else`)
  }
  if (kind === "Catalog" && type === "Table") {
    // DuckDB's own "did you mean" looks among its system tables too.
    const said = oneLine(message.split("\n")[0]!).replace(/!$/, "")
    return wrongQuery(`${place}: ${said}; tables: ${tables.join(", ")}`)
  }
  const isWork = kind === "Out of Memory" || kind === "INTERNAL" || kind === "IO"
  return new QueryError({ message: `${place}: ${oneLine(message)}`, exitCode: isWork ? 1 : 2 })
}
