/** @file The SQL that makes tables of records: plain text, nothing is run here. */
import { shortHash } from "../canonical.ts"
import type { RecordFile, RecordTable } from "./records.ts"
import type { QueriedRun } from "./runs.ts"

/** A text as an SQL literal; nothing is `null`. */
export const literal = (text: string | undefined): string =>
  text === undefined ? "null" : `'${text.replaceAll("'", "''")}'`

/** A name in quotes. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The name without a dash, by which a table is reached without quotes. */
export const plainName = (name: string): string => name.replaceAll("-", "_")

/** Columns that say where a row is from; a record's own column of such a name gets `record_` before it. */
const origin = ["run", "study"]

/** The name that a record's column has in a table. */
export const columnName = (name: string): string => (origin.includes(name.toLowerCase()) ? `record_${name}` : name)

const rowsOf = ({ columns }: RecordTable, file: RecordFile): string => {
  const own = new Set(file.columns.map(({ name }) => name))
  const selected = columns.map(({ name, type }) => {
    const value = own.has(name) ? `cast(${quoted(name)} as ${type})` : `cast(null as ${type})`
    return `${value} as ${quoted(columnName(name))}`
  })
  const { run, manifest } = file.run
  const from = [`${literal(run)} as run`, `${literal(manifest.study)} as study`]
  return `select ${[...from, ...selected].join(", ")} from read_parquet(${literal(file.path)})`
}

/** Makes the table, and a view by its other name where it has a dash. */
export const tableSql = (table: RecordTable): ReadonlyArray<string> => {
  const plain = plainName(table.name)
  const rows = table.files.map((file) => rowsOf(table, file)).join(" union all ")
  return [
    `create table ${quoted(plain)} as ${rows}`,
    ...(plain === table.name ? [] : [`create view ${quoted(table.name)} as select * from ${quoted(plain)}`])
  ]
}

const runColumns = [
  "run varchar",
  "study varchar",
  "hash varchar",
  "title varchar",
  "commit varchar",
  "dirty boolean",
  "started timestamp",
  "finished timestamp",
  "status varchar",
  "seeds integer[]",
  "folder varchar"
]

const runValues = ({ run, folder, status, title, manifest }: QueriedRun): string =>
  `(${[
    literal(run),
    literal(manifest.study),
    literal(shortHash(manifest.configHash)),
    literal(title),
    literal(manifest.commit),
    manifest.dirty === undefined ? "null" : String(manifest.dirty),
    literal(manifest.started),
    literal(manifest.finished),
    literal(status),
    `[${manifest.seeds.join(", ")}]::integer[]`,
    literal(folder)
  ].join(", ")})`

/** Makes the table `runs`, a row a run. */
export const runsSql = (runs: ReadonlyArray<QueriedRun>): ReadonlyArray<string> => [
  `create table runs (${runColumns.join(", ")})`,
  `insert into runs values ${runs.map(runValues).join(", ")}`
]
