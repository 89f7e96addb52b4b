/** A run folder as a document: everything that can be read, and what cannot. */
import { captionsOf } from "./captions.ts"
import { type FigureSummary, isShown, type RunDocument, type RunEntry, type RunFiles, textOf } from "./format.ts"
import { type ReadConfig, type ReadManifest, readConfigText, readManifestText } from "./manifest.ts"
import { summariseTable, tableNames } from "./records.ts"

/** Longest report, bytes, that captions are looked for in. */
const longestReport = 200_000_000

const figuresOf = async (files: RunFiles): Promise<ReadonlyArray<FigureSummary>> => {
  const size = files.sizes.get("report.html") ?? 0
  const report = size <= longestReport ? await textOf(files, "report.html") : undefined
  const captions = captionsOf(report ?? "")
  // In the order of the report; figures that it does not have come last.
  const order = [...captions.keys()]
  const place = (id: string): number => (captions.has(id) ? order.indexOf(id) : order.length)
  return [...files.sizes.keys()]
    .flatMap((image) => {
      const id = /^figures\/([^/]+)\.svg$/.exec(image)?.[1]
      return id === undefined ? [] : [{ id, caption: captions.get(id) ?? id, image }]
    })
    .sort((a, b) => place(a.id) - place(b.id) || (a.id < b.id ? -1 : 1))
}

interface Head {
  readonly entry: RunEntry
  readonly manifest: ReadManifest
  readonly config: ReadConfig
  readonly configText: string | undefined
  readonly problems: ReadonlyArray<string>
}

const headOf = async (files: RunFiles): Promise<Head> => {
  const manifest = readManifestText(await textOf(files, "manifest.json"))
  const configText = await textOf(files, "config.yaml")
  const config = readConfigText(configText)
  const missing = manifest.files.filter((path) => isShown(path) && !files.sizes.has(path))
  const problems = [
    ...manifest.problems,
    ...config.problems,
    ...missing.map((path) => `${path}: the manifest names it, but it is not there`)
  ]
  const entry = {
    id: manifest.id ?? files.name,
    title: config.title ?? manifest.study ?? files.name,
    status: manifest.status,
    ...(problems.length === 0 ? {} : { problem: problems[0]! })
  }
  return { entry, manifest, config, configText, problems }
}

/** The run's line in the list; reads no table. */
export const readEntry = async (files: RunFiles): Promise<RunEntry> => (await headOf(files)).entry

/** The run's document; reads every table from end to end, and keeps none. */
export const readRun = async (files: RunFiles): Promise<RunDocument> => {
  const { entry, manifest, config, configText, problems } = await headOf(files)
  const tables: Array<Awaited<ReturnType<typeof summariseTable>>> = []
  for (const name of tableNames(files)) tables.push(await summariseTable(files, name))
  const all = [...problems, ...tables.flatMap((table) => table.problems)]
  return {
    ...entry,
    ...(all.length === 0 ? {} : { problem: all[0]! }),
    ...(config.question === undefined ? {} : { question: config.question }),
    limits: config.limits,
    manifest: manifest.manifest,
    config: configText ?? null,
    stages: manifest.stages,
    tables,
    figures: await figuresOf(files),
    report: files.sizes.has("report.html"),
    problems: all
  }
}
