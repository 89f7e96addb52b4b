/**
 * Where the runs of the page come from: scripts beside it (`data/…`, written by the program) and folders that the reader
 * opens. Both give the same documents.
 */
import type { RunDocument, RunEntry, TableChunk } from "../../rundata/format.ts"
import { readEntry, readRun } from "../../rundata/readRun.ts"
import { tableChunks } from "../../rundata/records.ts"
import { type PickedRun, pickedRuns } from "./openFolder.ts"
import { addChunk, emptyTable, type LoadedTable } from "./table.ts"

/** A run that the page can show. */
export interface RunSource {
  /** Another one for every source: a folder opened again may be the same run with other content. */
  readonly key: string
  readonly entry: RunEntry
  readonly document: () => Promise<RunDocument>
  readonly table: (name: string) => Promise<LoadedTable>
  /** Address of a figure or of the report. */
  readonly address: (path: string) => string
}

/** What the scripts call. */
interface Registry {
  losslatticeRuns?: ReadonlyArray<RunEntry>
  losslatticeData?: (id: string, document: RunDocument) => void
  losslatticeTable?: (id: string, table: string, chunk: TableChunk) => void
}

let made = 0
const nextKey = (): string => `source ${made++}`

const documents = new Map<string, RunDocument>()
const chunks = new Map<string, LoadedTable>()

const keyOf = (id: string, table: string): string => JSON.stringify([id, table])

const registry = globalThis as Registry
registry.losslatticeData = (id, document) => documents.set(id, document)
registry.losslatticeTable = (id, table, chunk) => {
  const key = keyOf(id, table)
  const loaded = chunks.get(key) ?? emptyTable()
  chunks.set(key, loaded)
  addChunk(loaded, chunk)
}

/** Runs a script of the page's folder; fails when it is not there. */
const loadScript = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = address
    script.onload = () => {
      script.remove()
      resolve()
    }
    script.onerror = () => {
      script.remove()
      reject(new Error(`${address} cannot be loaded`))
    }
    document.head.append(script)
  })

/** A promise that is made once, and again after it failed. */
const remembered = <A>(make: () => Promise<A>): (() => Promise<A>) => {
  let promise: Promise<A> | undefined
  return () => {
    promise ??= make().catch((error) => {
      promise = undefined
      throw error
    })
    return promise
  }
}

const scriptSource = (entry: RunEntry, n: number): RunSource => {
  const address = (path: string): string => `data/${n}/${path.split("/").map(encodeURIComponent).join("/")}`
  const tables = new Map<string, () => Promise<LoadedTable>>()
  const loadTable = (name: string) =>
    remembered(async () => {
      chunks.delete(keyOf(entry.id, name))
      await loadScript(address(`records/${name}.js`))
      // A table without rows registers none.
      return chunks.get(keyOf(entry.id, name)) ?? emptyTable()
    })
  return {
    key: nextKey(),
    entry,
    address,
    document: remembered(async () => {
      await loadScript(address("run.js"))
      const found = documents.get(entry.id)
      if (found === undefined) throw new Error(`${address("run.js")} is of another run`)
      return found
    }),
    table: (name) => {
      const load = tables.get(name) ?? loadTable(name)
      tables.set(name, load)
      return load()
    }
  }
}

const folderSource = (entry: RunEntry, files: PickedRun<File>): RunSource => {
  const addresses = new Map<string, string>()
  const tables = new Map<string, () => Promise<LoadedTable>>()
  const loadTable = (name: string) =>
    remembered(async () => {
      const table = emptyTable()
      for await (const chunk of tableChunks(files, name)) addChunk(table, chunk)
      return table
    })
  return {
    key: nextKey(),
    entry,
    document: remembered(async () => ({ ...(await readRun(files)), id: entry.id })),
    table: (name) => {
      const load = tables.get(name) ?? loadTable(name)
      tables.set(name, load)
      return load()
    },
    address: (path) => {
      const file = files.file(path)
      if (file === undefined) return ""
      const known = addresses.get(path) ?? URL.createObjectURL(typed(file, path))
      addresses.set(path, known)
      return known
    }
  }
}

/** The browser guesses types from the system's tables; pictures need theirs. */
const typed = (file: File, path: string): Blob =>
  path.endsWith(".svg") ? file.slice(0, file.size, "image/svg+xml") : file.slice(0, file.size, "text/html")

/** The runs that the program laid beside the page. */
export const suppliedRuns = (): ReadonlyArray<RunSource> => (registry.losslatticeRuns ?? []).map(scriptSource)

/** The runs in a folder that the reader chose; none where there is none. */
export const openedRuns = async (files: ReadonlyArray<File>): Promise<ReadonlyArray<RunSource>> => {
  const runs = pickedRuns(files)
  return Promise.all(runs.map(async (run) => folderSource(await readEntry(run), run)))
}
