/** @file Stage landscape: the lattice of the sixteen losses with exact counts, and their relative twins. */
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/landscape")

/** `landscape.propositions` and `landscape.pairs` are those of the command `landscape`, `landscape.twins` asks for `twins`. */
export const landscapeStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "landscape",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ landscape }) => (landscape ? { config: landscape, upstream: [] } : undefined),
  cells: async ({ config: { landscape } }) => {
    if (!landscape) return []
    const { twins, ...counts } = landscape
    return [{ id: "landscape", spec: counts }, ...(twins ? [{ id: "twins", spec: { twins } }] : [])]
  },
  collect: async (_context, results) => {
    const [counts = [], twins] = doneValues(results) as unknown as ReadonlyArray<ReadonlyArray<Row>>
    return [...recordFiles("landscape", counts), ...(twins === undefined ? [] : recordFiles("twins", twins))]
  }
}
