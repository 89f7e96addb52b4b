/** @file The records of a run as figures, tables and report take them. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { emptyRecords, type RecordName, type Records, recordNames } from "./figures/records.ts"
import { rowsFromJsonLines } from "./records.ts"

/** Builds records from a reader of one file's rows; what the reader does not have is empty. */
export const gatherRecords = async (read: (name: RecordName) => Promise<ReadonlyArray<unknown>>): Promise<Records> => {
  const entries = await Promise.all(recordNames.map(async (name) => [name, await read(name)] as const))
  return { ...emptyRecords, ...Object.fromEntries(entries) }
}

/** Reads records from their files, name → path. @throws SyntaxError for a file that is not JSON lines */
export const readRecordFiles = (paths: Readonly<Record<string, string>>): Promise<Records> =>
  gatherRecords(async (name) => {
    const path = paths[name]
    return path === undefined ? [] : rowsFromJsonLines(await readFile(path, "utf8"))
  })

/** Paths of the records files that a run folder may have. */
export const recordPaths = (folder: string): Readonly<Record<RecordName, string>> =>
  Object.fromEntries(recordNames.map((name) => [name, join(folder, "records", `${name}.jsonl`)])) as Record<
    RecordName,
    string
  >
