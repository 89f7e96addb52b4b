/** @file Stage maps: how far losses are from one another as fields of gradients, and where their steps displace. */
import { catalogueIds } from "../../loss/catalogue/index.ts"
import type { Json } from "../canonical.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/maps")

/** `maps.losses`: "all" published ones, or a list. One cell: a distance is about two losses. */
export const mapsStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "maps",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ maps }) => (maps ? { config: maps as unknown as Json, upstream: [] } : undefined),
  cells: async ({ config: { maps } }) => {
    if (maps === undefined) return []
    const losses = maps.losses === "all" ? catalogueIds : [...new Set(maps.losses)]
    return [{ id: "maps", spec: { ...maps, losses } }]
  },
  collect: async (_context, results) => recordFiles("maps", doneValues(results).flat() as ReadonlyArray<Row>)
}
