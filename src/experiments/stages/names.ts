/** @file Stage names: every published and trainers' name by classes of equal losses, where `catalogue.names` asks for it. */
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/names")

/** One cell, the same in every study: the names are all there are. */
export const namesStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "names",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ catalogue }) => (catalogue?.names ? { config: {}, upstream: [] } : undefined),
  cells: async () => [{ id: "names", spec: {} }],
  collect: async (_context, results) => recordFiles("names", doneValues(results).flat() as ReadonlyArray<Row>)
}
