/** @file Stage landscape: the lattice of the sixteen losses, and exact counts. */
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/landscape")

/** `landscape.propositions` and `landscape.pairs` are those of the command `landscape`. */
export const landscapeStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "landscape",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ landscape }) => (landscape ? { config: landscape, upstream: [] } : undefined),
  cells: async ({ config }) => (config.landscape ? [{ id: "landscape", spec: config.landscape }] : []),
  collect: async (_context, results) => recordFiles("landscape", doneValues(results).flat() as ReadonlyArray<Row>)
}
