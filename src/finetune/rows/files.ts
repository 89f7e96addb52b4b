/**
 * @file Rows of a file as they stand there, a batch at a time: JSON lines read as a stream, Parquet row group by row group. Blank
 * lines are skipped; a line that holds no object comes with the reason in its place.
 */

import { createReadStream, statSync } from "node:fs"
import { open } from "node:fs/promises"
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import * as Data from "effect/Data"
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from "hyparquet"
import { type Fields, kindOfValue } from "./text.ts"

/** A row with its line (JSON lines) or number (Parquet), from 1; `fault` in place of fields says why there are none. */
export type FileRow =
  | { readonly line: number; readonly fields: Fields }
  | { readonly line: number; readonly fault: string }

/** A file that cannot be read at all. */
export class RowFileError extends Data.TaggedError("RowFileError")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `${this.file}: ${this.reason}`
  }
}

/** What a file holds, by its name. */
export type RowFormat = "jsonl" | "parquet"

/** Parquet where the name says so, JSON lines otherwise. */
export const formatOf = (file: string): RowFormat => (file.toLowerCase().endsWith(".parquet") ? "parquet" : "jsonl")

/** Bytes of a line beyond which a file is taken for no JSON lines. */
const longestLine = 256 * 1024 * 1024

const batchSize = 1024

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "is a folder, a file is needed",
  EACCES: "may not be read"
}

const unreadable = (file: string, error: unknown): RowFileError => {
  const code = (error as NodeJS.ErrnoException).code ?? ""
  const reason = systemReasons[code] ?? (error instanceof Error ? error.message : String(error))
  return new RowFileError({ file, reason })
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** Reads a line of a file of JSON lines. */
const jsonRow = (bytes: Uint8Array, line: number): FileRow | undefined => {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { line, fault: "not UTF-8" }
  }
  if (text.trim() === "") return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { line, fields: value as Fields }
    return { line, fault: `an object is needed, found ${kindOfValue(value)}` }
  } catch (error) {
    return { line, fault: `no JSON: ${(error as Error).message}` }
  }
}

/** The lines of a file as bytes, whatever the pieces it is read in. */
async function* linesOf(file: string): AsyncGenerator<ReadonlyArray<Uint8Array>> {
  let rest: Array<Buffer> = []
  let held = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const lines: Array<Uint8Array> = []
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(rest.length === 0 ? chunk.subarray(start, end) : Buffer.concat([...rest, chunk.subarray(start, end)]))
      rest = []
      held = 0
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    held += chunk.length - start
    if (held > longestLine) throw new RowFileError({ file, reason: "a line is longer than 256 MiB" })
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [Buffer.concat(rest)]
}

async function* jsonLines(file: string): AsyncGenerator<ReadonlyArray<FileRow>> {
  let line = 0
  for await (const lines of linesOf(file)) {
    const rows: Array<FileRow> = []
    for (const bytes of lines) {
      const row = jsonRow(bytes, ++line)
      if (row !== undefined) rows.push(row)
    }
    if (rows.length > 0) yield rows
  }
}

/** Node's own decompressors; Snappy is the reader's. */
const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
  BROTLI: (input) => brotliDecompressSync(input)
}

/** Numbers of 64 bits as numbers, absent fields left out: the same objects as JSON lines would give. */
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null || value.constructor !== Object) return value
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined)
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]))
}

async function* parquetGroups(buffer: AsyncBuffer): AsyncGenerator<ReadonlyArray<FileRow>> {
  const metadata = await parquetMetadataAsync(buffer)
  let first = 0
  for (const group of metadata.row_groups) {
    const rowEnd = first + Number(group.num_rows)
    const objects = await parquetReadObjects({ file: buffer, metadata, compressors, rowStart: first, rowEnd })
    for (let at = 0; at < objects.length; at += batchSize) {
      const part = objects.slice(at, at + batchSize)
      yield part.map((fields, i) => ({ line: first + at + i + 1, fields: plain(fields) as Fields }))
    }
    first = rowEnd
  }
}

async function* parquetRows(file: string): AsyncGenerator<ReadonlyArray<FileRow>> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const slice = async (start: number, end: number = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start)
      await handle.read(bytes, 0, bytes.length, start)
      return bytes.buffer
    }
    yield* parquetGroups({ byteLength: size, slice })
  } finally {
    await handle.close()
  }
}

/**
 * Batches of the rows of a file. A file that cannot be read, or is no Parquet though its name says so, ends the iteration with a
 * {@link RowFileError}.
 */
export async function* rowBatches(file: string): AsyncGenerator<ReadonlyArray<FileRow>> {
  try {
    if (statSync(file).isDirectory()) throw new RowFileError({ file, reason: systemReasons.EISDIR! })
    yield* formatOf(file) === "parquet" ? parquetRows(file) : jsonLines(file)
  } catch (error) {
    if (error instanceof RowFileError) throw error
    const failed = unreadable(file, error)
    const isSystems = (error as NodeJS.ErrnoException).code !== undefined
    throw formatOf(file) === "parquet" && !isSystems
      ? new RowFileError({ file, reason: `no Parquet file that can be read: ${failed.reason}` })
      : failed
  }
}
