/** @file Stage twins: the relative twins of the lattice's losses, where `landscape.twins` asks for them. */
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/twins")

/** One cell, the same in every study: there is nothing to configure. */
export const twinsStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "twins",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ landscape }) => (landscape?.twins ? { config: {}, upstream: [] } : undefined),
  cells: async () => [{ id: "twins", spec: {} }],
  collect: async (_context, results) => recordFiles("twins", doneValues(results).flat() as ReadonlyArray<Row>)
}
