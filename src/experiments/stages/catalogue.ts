/** @file Stage catalogue: every published loss, decompiled or refused with the reason. */
import { catalogueIds } from "../../loss/catalogue/index.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/catalogue")

/** `catalogue.losses`: "all" published ones, or a list. One cell, because equality of losses is about all of them. */
export const catalogueStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "catalogue",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ catalogue }) => (catalogue ? { config: catalogue, upstream: [] } : undefined),
  cells: async ({ config }) => {
    const listed = config.catalogue?.losses ?? "all"
    return [{ id: "catalogue", spec: { losses: listed === "all" ? catalogueIds : listed } }]
  },
  collect: async (_context, results) => recordFiles("catalogue", doneValues(results).flat() as ReadonlyArray<Row>)
}
