/**
 * @file A DuckDB in memory that holds the records of some runs, and then is closed to everything else: no files, no network, no
 * extensions, no settings. It reads one statement that selects; what kind of statement it is, DuckDB's own parser says.
 */
import type { DuckDBConnection, DuckDBPreparedStatement } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { duckReason, QueryError, statementError, wrongQuery } from "./errors.ts"
import { type RecordTable, recordTables } from "./records.ts"
import type { QueriedRun } from "./runs.ts"
import { plainName, runsSql, tableSql } from "./sql.ts"
import { plainValues, type QueryValue } from "./values.ts"

/** What a statement gives. Column names are distinct: the second `a` is `a:1`. */
export interface QueryResult {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>
  readonly rows: ReadonlyArray<ReadonlyArray<QueryValue>>
}

/** A table that can be asked. `sql`: its name as it is typed; `alias`: its name as a file has it, where that differs. */
export interface QueryTable {
  readonly name: string
  readonly sql: string
  readonly alias?: string
  readonly rows: number
  readonly columns: ReadonlyArray<{ readonly name: string; readonly sql: string; readonly type: string }>
}

/** An open database. */
export interface QueryDatabase {
  /** Runs without any records: they are in the table `runs` only. */
  readonly without: ReadonlyArray<QueriedRun>
  /** Every table with its columns and its number of rows. */
  readonly tables: Effect.Effect<ReadonlyArray<QueryTable>, QueryError>
  /** Runs one statement. Fails with QueryError for any but one that selects, describes, shows or summarises. */
  readonly ask: (statement: string) => Effect.Effect<QueryResult, QueryError>
}

type Duck = typeof import("@duckdb/node-api")

/** Loaded when a query is asked: nothing else waits for its 68 MB. */
const loadDuck: Effect.Effect<Duck, QueryError> = Effect.tryPromise({
  try: () => import("@duckdb/node-api"),
  catch: (error) =>
    new QueryError({
      message: `DuckDB cannot be loaded (npm package @duckdb/node-api, its binary for ${process.platform} ${process.arch}): ${duckReason(error)}`,
      exitCode: 1
    })
})

const config = {
  errors_as_json: "true",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  // A result that does not fit in memory fails; it leaves no files behind.
  temp_directory: ""
}

const closed = ["set enable_external_access = false", "set lock_configuration = true"]

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, QueryError> =>
  Effect.tryPromise({ try: work, catch: (error) => new QueryError({ message: duckReason(error), exitCode: 1 }) })

const connect = (duck: Duck): Effect.Effect<DuckDBConnection, QueryError, Scope.Scope> =>
  Effect.gen(function* () {
    const instance = yield* Effect.acquireRelease(
      attempt(() => duck.DuckDBInstance.create(":memory:", config)),
      (opened) => Effect.sync(() => opened.closeSync())
    )
    return yield* Effect.acquireRelease(
      attempt(() => instance.connect()),
      (opened) => Effect.sync(() => opened.closeSync())
    )
  })

/** Fills the database, a table at a time, so that a file that cannot be read is named. */
const fill = (connection: DuckDBConnection, runs: ReadonlyArray<QueriedRun>, tables: ReadonlyArray<RecordTable>) =>
  Effect.forEach(
    [...tables.flatMap(tableSql), ...runsSql(runs), ...closed],
    (sql) =>
      Effect.tryPromise({
        try: () => connection.run(sql),
        catch: (error) => wrongQuery(`records: ${duckReason(error)}`)
      }),
    { discard: true }
  )

const allowed = "a query is one statement that reads: select, with, from, values, describe, show or summarize"

/** The statement, prepared, if it is the only one and may be run. */
const prepare = (duck: Duck, connection: DuckDBConnection, statement: string, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (statement.trim() === "") return yield* wrongQuery(`the statement is empty; ${allowed}`)
    const failed = (error: unknown): QueryError => statementError(statement, error, names)
    const found = yield* Effect.tryPromise({ try: () => connection.extractStatements(statement), catch: failed })
    if (found.count !== 1) {
      return yield* wrongQuery(`${found.count} statements (a pivot without "in" is two); ${allowed}`)
    }
    const prepared = yield* Effect.tryPromise({ try: () => found.prepare(0), catch: failed })
    const { statementType, parameterCount } = prepared
    if (statementType !== duck.StatementType.SELECT) {
      const kind = (duck.StatementType[statementType] ?? "other").toLowerCase().replaceAll("_", " ")
      return yield* wrongQuery(`a statement of the kind "${kind}" is not allowed; ${allowed}`)
    }
    if (parameterCount > 0) return yield* wrongQuery("a statement with parameters (?, $1) has no values for them here")
    return prepared
  })

const resultOf = (duck: Duck, prepared: DuckDBPreparedStatement) => async (): Promise<QueryResult> => {
  const reader = await prepared.runAndReadAll()
  const names = reader.deduplicatedColumnNames()
  const plain = plainValues(duck)
  return {
    columns: reader.columnTypes().map((type, index) => ({ name: names[index]!, type: String(type) })),
    rows: reader.getRows().map((row) => row.map(plain))
  }
}

const readAll = (connection: DuckDBConnection, sql: string) =>
  attempt(async () => (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String)))

/** Tables as they are typed: a word of SQL, or a name with other characters than a word's, in quotes. */
const listTables = (connection: DuckDBConnection, tables: ReadonlyArray<RecordTable>) =>
  Effect.gen(function* () {
    const words = yield* readAll(
      connection,
      "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
    )
    const reserved = new Set(words.map(([word]) => word))
    const typed = (name: string): string =>
      /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`
    return yield* Effect.forEach(["runs", ...tables.map(({ name }) => name)], (file) =>
      Effect.gen(function* () {
        const name = plainName(file)
        const [[rows] = []] = yield* readAll(connection, `select count(*) from ${typed(name)}`)
        const columns = yield* readAll(connection, `describe ${typed(name)}`)
        const table: QueryTable = {
          name,
          sql: typed(name),
          ...(name === file ? {} : { alias: file }),
          rows: Number(rows),
          columns: columns.map(([column, type]) => ({ name: column!, sql: typed(column!), type: type! }))
        }
        return table
      })
    )
  })

/** Opens a database with the records of some runs. It is closed with the scope. */
export const openDatabase = Effect.fn("openDatabase")(function* (runs: ReadonlyArray<QueriedRun>) {
  const { tables, without } = yield* recordTables(runs)
  const duck = yield* loadDuck
  const connection = yield* connect(duck)
  yield* fill(connection, runs, tables)
  const names = ["runs", ...tables.map(({ name }) => plainName(name))]
  const database: QueryDatabase = {
    without,
    tables: listTables(connection, tables),
    ask: (statement) =>
      Effect.gen(function* () {
        const prepared = yield* prepare(duck, connection, statement, names)
        return yield* Effect.tryPromise({
          try: resultOf(duck, prepared),
          catch: (error) => statementError(statement, error, names)
        })
      })
  }
  return database
})
