/** @file `losslattice query`: SQL over the records of runs, and the list of their tables. */

import { existsSync, readFileSync } from "node:fs"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { writeAtomic, writingProblem } from "../../experiments/files.ts"
import {
  openDatabase,
  type QueryDatabase,
  type QueryResult,
  type QueryTable
} from "../../experiments/query/database.ts"
import { cellText, resultCsv, resultObjects, resultParquet } from "../../experiments/query/formats.ts"
import { findRuns, namesRun } from "../../experiments/query/runs.ts"
import type { QueryValue } from "../../experiments/query/values.ts"
import { fromStudy, InputError } from "../failure.ts"
import { systemReason } from "../files.ts"
import { jsonText, printJson, style, tableLines } from "../output.ts"

type Format = "table" | "csv" | "json" | "parquet"

interface QueryInput {
  readonly words: ReadonlyArray<string>
  readonly runs: string
  readonly format: Option.Option<Format>
  readonly out: Option.Option<string>
  readonly force: boolean
  readonly json: boolean
}

const wrong = (message: string) => Effect.fail(new InputError({ message }))

const formatOfName = (file: string): Format => {
  const ending = /\.(csv|json|parquet)$/i.exec(file)?.[1]?.toLowerCase()
  return (ending as Format | undefined) ?? "table"
}

const formatOf = ({ format, out, json }: QueryInput): Effect.Effect<Format, InputError> => {
  if (json && Option.isSome(format) && format.value !== "json") {
    return wrong(`--json and --format ${format.value}: two forms of one result; give one of them`)
  }
  const chosen = json
    ? "json"
    : Option.getOrElse(format, () => Option.match(out, { onNone: () => "table" as const, onSome: formatOfName }))
  return chosen === "parquet" && Option.isNone(out)
    ? wrong("--format parquet: a binary file, which needs a name; add --out FILE")
    : Effect.succeed(chosen)
}

/** Runs, and the statement, which is the last word if it is no run: words with spaces are no names of runs unless they are there. */
const split = ({ words, runs }: QueryInput) =>
  Effect.gen(function* () {
    const last = words.at(-1)!
    if (last.trim() !== "" && !/\s/.test(last)) return { names: words, statement: undefined }
    if (last !== "" && (existsSync(last) || (yield* namesRun(runs, last))))
      return { names: words, statement: undefined }
    if (words.length > 1) return { names: words.slice(0, -1), statement: last }
    return yield* wrong(
      `${JSON.stringify(last)}: no run is named before the statement: losslattice query RUN… "select …"`
    )
  })

/** Control characters would break lines, or reach the terminal. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1))

/** Numbers with six digits that count: people read them, files have them in full. */
const shown = (value: QueryValue): string =>
  printable(
    typeof value === "number" && Number.isFinite(value) && !Number.isInteger(value)
      ? String(Number(value.toPrecision(6)))
      : cellText(value)
  )

const tableText = ({ columns, rows }: QueryResult): string =>
  tableLines([columns.map(({ name }) => printable(name)), ...rows.map((row) => row.map(shown))]).join("\n")

const write = (file: string, content: string | Uint8Array, force: boolean) =>
  Effect.gen(function* () {
    const same = () => readFileSync(file).equals(Buffer.from(content))
    const taken = yield* Effect.try({
      try: () => !force && existsSync(file) && !same(),
      catch: (error) => new InputError({ message: `--out ${file}: ${systemReason(error)}` })
    })
    if (taken) {
      return yield* wrong(
        `--out ${file}: there already with other content; name another file, or give --force to replace it`
      )
    }
    yield* Effect.mapError(
      writeAtomic(file, content),
      (error) => new InputError({ message: `--out ${file}: cannot be written: ${writingProblem(error)}` })
    )
  })

/** NaN and the infinities are printed by name, and said: an average over them would be one too. */
const warnNotFinite = ({ columns, rows }: QueryResult) =>
  Effect.forEach(columns, ({ name }, index) => {
    const values = rows.map((row) => row[index]).filter((value) => typeof value === "number" && !Number.isFinite(value))
    if (values.length === 0) return Effect.void
    const kinds = [...new Set(values.map(String))].join(" or ")
    return Console.error(
      `losslattice: warning: column ${printable(name)} is ${kinds} in ${values.length} of ${rows.length} rows`
    )
  })

const contents = {
  table: (result: QueryResult) => `${tableText(result)}\n`,
  csv: resultCsv,
  json: (result: QueryResult) => `${jsonText(resultObjects(result))}\n`,
  parquet: resultParquet
} as const satisfies Record<Format, (result: QueryResult) => string | Uint8Array>

const answer = (database: QueryDatabase, statement: string, format: Format, { out, force }: QueryInput) =>
  Effect.gen(function* () {
    const result = yield* fromStudy(database.ask(statement))
    yield* warnNotFinite(result)
    const content = contents[format](result)
    const count = `${result.rows.length} ${result.rows.length === 1 ? "row" : "rows"}`
    if (Option.isSome(out)) {
      yield* write(out.value, content, force)
      return yield* Console.error(`wrote ${out.value}: ${count}`)
    }
    yield* Console.log(String(content).replace(/\n$/, ""))
    if (format === "table") yield* Console.error(count)
  })

const tableBlock = ({ sql, alias, rows, columns }: QueryTable): string =>
  [
    `${style.bold(sql)}${alias === undefined ? "" : ` (or "${alias}")`}, ${rows} ${rows === 1 ? "row" : "rows"}`,
    ...tableLines([["  column", "type"], ...columns.map(({ sql: name, type }) => [`  ${printable(name)}`, type])])
  ].join("\n")

const list = (database: QueryDatabase, format: Format, { out, json }: QueryInput) =>
  Effect.gen(function* () {
    if (Option.isSome(out) || (format !== "table" && format !== "json")) {
      return yield* wrong(
        `${Option.isSome(out) ? "--out" : `--format ${format}`}: without a statement there is no result; add "select …"`
      )
    }
    const tables = yield* fromStudy(database.tables)
    yield* json || format === "json" ? printJson({ tables }) : Console.log(tables.map(tableBlock).join("\n\n"))
  })

/** Runs `query`. */
export const run = (input: QueryInput) =>
  Effect.scoped(
    Effect.gen(function* () {
      const format = yield* formatOf(input)
      const { names, statement } = yield* split(input)
      const runs = yield* fromStudy(findRuns(input.runs, names))
      const database = yield* fromStudy(openDatabase(runs))
      for (const { folder } of database.without) {
        yield* Console.error(`losslattice: warning: ${folder}: a run without records, it is in the table runs only`)
      }
      yield* statement === undefined ? list(database, format, input) : answer(database, statement, format, input)
    })
  )
