/**
 * @file Run folders as the files that the page's run browser loads: classic scripts, which load from disk as well as from a
 * server, figures and reports. Nothing is kept in memory but the list of runs; tables are read line by line when asked for.
 *
 * `data/index.js` sets `losslatticeRuns`; `data/<n>/run.js` calls `losslatticeData(id, document)`;
 * `data/<n>/records/<table>.js` calls `losslatticeTable(id, table, chunk)` once per chunk. Types: rundata/format.ts.
 */
import { createReadStream, type Dirent, readdirSync, statSync } from "node:fs"
import { basename, dirname, extname, join, relative, resolve } from "node:path"
import { isShown, type RunEntry, type RunFiles } from "../../rundata/format.ts"
import { readEntry, readRun } from "../../rundata/readRun.ts"
import { tableChunks, tableNames } from "../../rundata/records.ts"

type Content = AsyncIterable<string | Uint8Array>

/** The files of some runs. Paths are relative to the page's folder, with slashes. */
export interface RunData {
  readonly entries: ReadonlyArray<RunEntry>
  /** Every file that there is. */
  readonly paths: () => ReadonlyArray<string>
  /** The content of a file; undefined when there is none of that path. */
  readonly read: (path: string) => Content | undefined
  /** What a server calls the content of a path. */
  readonly typeOf: (path: string) => string
}

const filesIn = (folder: string, at: string): ReadonlyArray<Dirent> => {
  try {
    return readdirSync(join(folder, at), { withFileTypes: true }).filter((entry) => entry.isFile())
  } catch {
    return []
  }
}

/** A run folder on disk. */
export const runFilesAt = (folder: string): RunFiles => {
  const paths = ["", "records", "figures"].flatMap((at) =>
    filesIn(folder, at).map(({ name }) => (at === "" ? name : `${at}/${name}`))
  )
  const sizes = paths.filter((path) => isShown(path)).map((path) => [path, statSync(join(folder, path)).size] as const)
  const whole = resolve(folder)
  return {
    name: `${basename(dirname(whole))}/${basename(whole)}`,
    sizes: new Map(sizes),
    read: (path) => createReadStream(join(folder, path), { encoding: "utf8", highWaterMark: 2 ** 18 })
  }
}

/** JSON as an expression of a script, safe inside a page as well; JSON.parse, so that no key means anything to the language. */
export const scriptValue = (value: unknown): string =>
  `JSON.parse(${JSON.stringify(JSON.stringify(value)).replaceAll(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )})`

async function* indexScript(entries: ReadonlyArray<RunEntry>) {
  yield `globalThis.losslatticeRuns = ${scriptValue(entries)}\n`
}

async function* runScript(id: string, files: RunFiles) {
  yield `losslatticeData(${scriptValue(id)}, ${scriptValue({ ...(await readRun(files)), id })})\n`
}

async function* tableScript(id: string, files: RunFiles, table: string) {
  for await (const chunk of tableChunks(files, table)) {
    yield `losslatticeTable(${scriptValue(id)}, ${scriptValue(table)}, ${scriptValue(chunk)})\n`
  }
}

/** The files of one run by their path in its folder of the page. */
const runPaths = (id: string, folder: string, files: RunFiles): ReadonlyMap<string, () => Content> => {
  const asItIs = (path: string) => [path, () => createReadStream(join(folder, path))] as const
  return new Map<string, () => Content>([
    ["run.js", () => runScript(id, files)],
    ...tableNames(files).map((table) => [`records/${table}.js`, () => tableScript(id, files, table)] as const),
    ...[...files.sizes.keys()].filter((path) => /^(?:figures\/|report\.html$)/.test(path)).map(asItIs)
  ])
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8"
}

/** Runs with different ids: a second one of the same id gets its folder's name added. */
const distinctIds = (entries: ReadonlyArray<RunEntry>, folders: ReadonlyArray<string>): ReadonlyArray<RunEntry> =>
  entries.map((entry, i) => {
    const first = entries.findIndex(({ id }) => id === entry.id) === i
    return first ? entry : { ...entry, id: `${entry.id} (${relative(process.cwd(), folders[i]!) || folders[i]!})` }
  })

/** Opens run folders, whatever state they are in; one that is missing is a run with problems. */
export const openRunData = async (folders: ReadonlyArray<string>): Promise<RunData> => {
  const runs = folders.map(runFilesAt)
  const entries = distinctIds(await Promise.all(runs.map(readEntry)), folders)
  const files = new Map<string, () => Content>([["data/index.js", () => indexScript(entries)]])
  runs.forEach((run, n) => {
    for (const [path, content] of runPaths(entries[n]!.id, folders[n]!, run)) files.set(`data/${n}/${path}`, content)
  })
  return {
    entries,
    paths: () => [...files.keys()],
    read: (path) => files.get(path)?.(),
    typeOf: (path) => types[extname(path)] ?? "application/octet-stream"
  }
}
