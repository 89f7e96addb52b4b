/**
 * @file The records of some runs as one set of tables: which files there are, which columns they have together, and of which
 * type. A column that is a number in one run and nothing but null in another is a number.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { FileMetaData } from "hyparquet"
import { type QueryError, wrongQuery } from "./errors.ts"
import type { QueriedRun } from "./runs.ts"

/** Types of columns in records (experiments/records.ts). */
export type RecordType = "DOUBLE" | "BOOLEAN" | "VARCHAR"

/** One column of one file; `type` undefined: it holds nulls only. */
interface FileColumn {
  readonly name: string
  readonly type: RecordType | undefined
}

/** A records file of one run. */
export interface RecordFile {
  readonly run: QueriedRun
  readonly path: string
  readonly columns: ReadonlyArray<FileColumn>
}

/** A table: its files, and the columns of all of them, in order of first appearance. */
export interface RecordTable {
  readonly name: string
  readonly files: ReadonlyArray<RecordFile>
  readonly columns: ReadonlyArray<{ readonly name: string; readonly type: RecordType }>
}

const types: Readonly<Record<string, RecordType>> = { DOUBLE: "DOUBLE", BOOLEAN: "BOOLEAN" }

/** Whether every value of the column, the `index`-th, is null, by the file's own statistics. */
const isEmptyColumn = (metadata: FileMetaData, index: number): boolean =>
  metadata.row_groups.every(({ columns, num_rows }) => {
    const nulls = columns[index]?.meta_data?.statistics?.null_count
    return nulls !== undefined && BigInt(nulls) === BigInt(num_rows)
  })

const columnsOf = (metadata: FileMetaData): ReadonlyArray<FileColumn> =>
  metadata.schema.slice(1).map(({ name, type }, index) => ({
    name,
    type: isEmptyColumn(metadata, index) ? undefined : (types[type ?? ""] ?? "VARCHAR")
  }))

/** Record files of a run, by table. One of no rows has no columns, and is left out. */
const recordFilesOf = Effect.fnUntraced(function* (run: QueriedRun) {
  const { parquetMetadata } = yield* Effect.promise(() => import("hyparquet"))
  const folder = join(run.folder, "records")
  const names = Result.getOrElse(
    Result.try(() => readdirSync(folder).sort()),
    () => []
  )
  const found: Array<RecordFile & { readonly name: string }> = []
  for (const file of names.filter((name) => name.endsWith(".parquet"))) {
    const path = join(folder, file)
    const columns = yield* Effect.try({
      try: () => columnsOf(parquetMetadata(new Uint8Array(readFileSync(path)).buffer)),
      catch: (error) =>
        wrongQuery(`${path}: not readable as Parquet: ${error instanceof Error ? error.message : String(error)}`)
    })
    if (columns.length > 0) found.push({ name: file.slice(0, -".parquet".length), run, path, columns })
  }
  return found
})

/** The type that holds the values of all files: text where they differ. */
const unitedType = (all: ReadonlyArray<RecordType | undefined>): RecordType => {
  const known = new Set(all.filter((type) => type !== undefined))
  return known.size === 1 ? [...known][0]! : "VARCHAR"
}

const unite = (name: string, files: ReadonlyArray<RecordFile>): RecordTable => {
  const byName = Map.groupBy(
    files.flatMap(({ columns }) => columns),
    (column) => column.name
  )
  const columns = [...byName].map(([column, all]) => ({ name: column, type: unitedType(all.map(({ type }) => type)) }))
  return { name, files, columns }
}

/** The tables of some runs by name, and the runs that have none. */
export const recordTables = (
  runs: ReadonlyArray<QueriedRun>
): Effect.Effect<
  { readonly tables: ReadonlyArray<RecordTable>; readonly without: ReadonlyArray<QueriedRun> },
  QueryError
> =>
  Effect.gen(function* () {
    const files = (yield* Effect.forEach(runs, recordFilesOf)).flat()
    const groups = [...Map.groupBy(files, ({ name }) => name)].sort(([a], [b]) => (a < b ? -1 : 1))
    const without = runs.filter((run) => !files.some((file) => file.run === run))
    if (without.length === runs.length) {
      const where = without[0]!.folder
      return yield* wrongQuery(
        `${where}: a run without records, it has no records/*.parquet (its status: ${without[0]!.status})`
      )
    }
    return { tables: groups.map(([name, all]) => unite(name, all)), without }
  })
