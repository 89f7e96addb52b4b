/** @file Stage figures: every figure that the records can show, and every table. One cell a figure. */

import type { Json } from "../canonical.ts"
import { type RecordName, type Records, recordNames } from "../figures/records.ts"
import { studyFigures } from "../figures/studyFigures.ts"
import { gatherRecords } from "../runRecords.ts"
import { doneValues, type Stage, type StageContext } from "../Stage.ts"
import type { NewFile } from "../StageCache.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"
import { allTablesTex, writeTables } from "../tables.ts"
import type { DrawnFigure } from "./cells/figures.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/figures")

const recordsOf = (context: StageContext<ExperimentConfig>) => gatherRecords((name) => context.rows(name))

/** Name → value for the records that the study has. */
const present = <A>(value: (name: RecordName) => A | undefined): Record<string, A> =>
  Object.fromEntries(
    recordNames.flatMap((name) => {
      const found = value(name)
      return found === undefined ? [] : [[name, found] as const]
    })
  )

/** The files of one figure. */
export const figureFiles = (drawn: DrawnFigure): ReadonlyArray<NewFile> => [
  { path: `figures/${drawn.file}.svg`, content: drawn.svg },
  { path: `figures/${drawn.file}.pdf`, content: Uint8Array.from(Buffer.from(drawn.pdf, "base64")) },
  { path: `figures/${drawn.file}.png`, content: Uint8Array.from(Buffer.from(drawn.png, "base64")) },
  { path: `figures/${drawn.file}.${drawn.source.extension}`, content: drawn.source.text }
]

/** The files of the tables. */
export const tableFiles = (records: Records): ReadonlyArray<NewFile> => {
  const tables = writeTables(records)
  const files = tables.flatMap(({ name, csv, tex }) => [
    { path: `tables/${name}.csv`, content: csv },
    { path: `tables/${name}.tex`, content: tex }
  ])
  return tables.length === 0 ? files : [...files, { path: "tables/all.tex", content: allTablesTex(records) }]
}

/** Always part of a study. Figures without rows to show are left out, tables likewise. */
export const figuresStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "figures",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ figures }) => ({ config: figures, upstream: recordNames }),
  cells: async (context) => {
    const hashes = present((name) => context.outputHash(name))
    const resources = { records: present((name) => context.recordsFile(name)) }
    return studyFigures(await recordsOf(context), context.config.figures).map(({ task }) => ({
      id: `figures/${task.file}`,
      spec: { ...(task as unknown as Readonly<Record<string, Json>>), records: hashes },
      resources
    }))
  },
  collect: async (context, results) => [
    ...(doneValues(results) as unknown as ReadonlyArray<DrawnFigure>).flatMap(figureFiles),
    ...tableFiles(await recordsOf(context))
  ]
}
