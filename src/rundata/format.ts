/**
 * The documents that the page's run browser shows, plain JSON: the list of runs, one document a run, and the rows of each
 * table in chunks, column by column. The program writes them as scripts (cli/explore), the page makes them of a folder that
 * its reader opens: both through readRun.ts and records.ts.
 */

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<JsonValue>
  | { readonly [key: string]: JsonValue }

/** One line of the list of runs. */
export interface RunEntry {
  /** `study/hash`, the first twelve digits; the folder's name where the manifest does not say. */
  readonly id: string
  readonly title: string
  /** As the manifest has it: running, finished, failed, interrupted; "unknown" without one. */
  readonly status: string
  /** The first of the run's problems. */
  readonly problem?: string
}

/** A stage as the manifest has it. */
export interface StageSummary {
  readonly id: string
  readonly status: string
  /** Wall-clock time, seconds; null where the manifest does not say. */
  readonly seconds: number | null
  readonly cells: { readonly total: number; readonly ran: number; readonly cached: number }
  readonly failures: ReadonlyArray<{ readonly id: string; readonly error: string }>
}

/** A table of records, without its rows. */
export interface TableSummary {
  /** `bandit` of `records/bandit.jsonl`. */
  readonly name: string
  readonly bytes: number
  /** Rows of the file. */
  readonly rows: number
  /** How many of them, from the first, the chunks hold; see records.ts for the limits. */
  readonly shown: number
  /** Keys of all rows, in order of first appearance. */
  readonly columns: ReadonlyArray<string>
  /** What is wrong with the file, by line. */
  readonly problems: ReadonlyArray<string>
}

/** A figure of the run; `image` is its file, relative to the run's folder. */
export interface FigureSummary {
  readonly id: string
  readonly caption: string
  readonly image: string
}

/** A run but for the rows of its tables. */
export interface RunDocument extends RunEntry {
  readonly question?: string
  readonly limits: ReadonlyArray<string>
  /** manifest.json as it is; null where it cannot be read. */
  readonly manifest: JsonValue
  /** Text of config.yaml; null where there is none. */
  readonly config: string | null
  readonly stages: ReadonlyArray<StageSummary>
  readonly tables: ReadonlyArray<TableSummary>
  readonly figures: ReadonlyArray<FigureSummary>
  /** Whether there is a report.html. */
  readonly report: boolean
  /** What is wrong with the folder, each with file and line where there is one. */
  readonly problems: ReadonlyArray<string>
}

/** Consecutive rows of a table; a key that a row lacks is null. Numbers that are not finite are strings, as in the records. */
export interface TableChunk {
  readonly rows: number
  readonly columns: ReadonlyArray<{ readonly name: string; readonly values: ReadonlyArray<JsonValue> }>
}

/** The files of a run folder, wherever they are. Paths are relative to it, with slashes. */
export interface RunFiles {
  /** Names of the folder itself and the one that it is in, for runs whose manifest does not say who they are. */
  readonly name: string
  /** Sizes in bytes by path, of the files that {@link isShown}. */
  readonly sizes: ReadonlyMap<string, number>
  /** The file's text in pieces of any length. */
  readonly read: (path: string) => AsyncIterable<string>
}

/** Whether the page reads the file of a run folder: the others (Parquet, PDF, LaTeX, …) hold the same again. */
export const isShown = (path: string): boolean =>
  /^(?:manifest\.json|config\.yaml|report\.html|records\/[^/]+\.jsonl|figures\/[^/]+\.svg)$/.test(path)

/** The whole text of a file; undefined when there is none. */
export const textOf = async (files: RunFiles, path: string): Promise<string | undefined> => {
  if (!files.sizes.has(path)) return undefined
  let text = ""
  for await (const piece of files.read(path)) text += piece
  return text
}
