/**
 * Rows of `records/<table>.jsonl`, read as far as they can be: a line that is no JSON object is left out and named. A page
 * holds the first rows of a table, up to {@link mostCells} values or {@link mostCharacters} of text.
 */
import type { JsonValue, RunFiles, TableChunk, TableSummary } from "./format.ts"
import { type Line, linesOf } from "./lines.ts"

type Row = Readonly<Record<string, JsonValue>>

/** Values that a page holds of one table: a quarter of a gigabyte or so, with what the browser adds. */
export const mostCells = 4_000_000

/** Characters of JSON lines that a page holds of one table. */
export const mostCharacters = 100_000_000

/** Rows of a chunk. */
const chunkRows = 2_000

/** Problems of one table that are listed one by one. */
const mostProblems = 5

/** Where the records of a table are. */
export const recordsPath = (table: string): string => `records/${table}.jsonl`

/** Names of the tables of a run. */
export const tableNames = ({ sizes }: RunFiles): ReadonlyArray<string> =>
  [...sizes.keys()].flatMap((path) => /^records\/([^/]+)\.jsonl$/.exec(path)?.[1] ?? []).sort()

const parsed = (text: string): { readonly row: Row } | { readonly wrong: string } => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { row: value as Row }
    return { wrong: `a JSON object is needed, found ${text.slice(0, 40)}` }
  } catch {
    return { wrong: `not JSON: ${text.slice(0, 40)}` }
  }
}

const lineProblem = (path: string, { number, ended }: Line, wrong: string): string =>
  ended
    ? `${path}:${number}: ${wrong}; the line is left out`
    : `${path}:${number}: the last line is cut off (${wrong}); it is left out`

/** Rows of a table, and a text for each line that is none. */
async function* readRows(files: RunFiles, table: string): AsyncGenerator<{ row: Row; size: number } | string> {
  const path = recordsPath(table)
  try {
    for await (const line of linesOf(files.read(path))) {
      if (line.text.trim() === "") continue
      const one = parsed(line.text)
      yield "row" in one ? { row: one.row, size: line.text.length } : lineProblem(path, line, one.wrong)
    }
  } catch (error) {
    yield `${path}: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Says of rows that come one after the other whether the page still holds them. */
const holder = () => {
  let [cells, characters] = [0, 0]
  return (row: Row, size: number): boolean => {
    cells += Object.keys(row).length
    characters += size
    return cells <= mostCells && characters <= mostCharacters
  }
}

/** Reads a table from end to end and keeps none of its rows. */
export const summariseTable = async (files: RunFiles, table: string): Promise<TableSummary> => {
  const columns = new Set<string>()
  const problems: Array<string> = []
  const holds = holder()
  let [rows, shown, wrong] = [0, 0, 0]
  for await (const one of readRows(files, table)) {
    if (typeof one === "string") {
      if (++wrong <= mostProblems) problems.push(one)
      continue
    }
    rows++
    if (holds(one.row, one.size)) shown++
    for (const key of Object.keys(one.row)) columns.add(key)
  }
  if (wrong > mostProblems) problems.push(`${recordsPath(table)}: and ${wrong - mostProblems} more lines like these`)
  return { name: table, bytes: files.sizes.get(recordsPath(table)) ?? 0, rows, shown, columns: [...columns], problems }
}

const chunkOf = (rows: ReadonlyArray<Row>): TableChunk => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return {
    rows: rows.length,
    columns: names.map((name) => ({
      name,
      values: rows.map((row) => (Object.hasOwn(row, name) ? row[name]! : null))
    }))
  }
}

/** The rows that a page holds of a table, chunk by chunk. */
export async function* tableChunks(files: RunFiles, table: string): AsyncGenerator<TableChunk> {
  const holds = holder()
  let rows: Array<Row> = []
  for await (const one of readRows(files, table)) {
    if (typeof one === "string") continue
    if (!holds(one.row, one.size)) break
    rows.push(one.row)
    if (rows.length < chunkRows) continue
    yield chunkOf(rows)
    rows = []
  }
  if (rows.length > 0) yield chunkOf(rows)
}
