/** @file Stage derive: losses that nobody has to have published, from declarative queries. One cell a query. */
import type { Json } from "../canonical.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/derive")

/** The queries of `derive.queries`, in the form that `losslattice derive` reads. */
export const deriveStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "derive",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ derive }) => (derive ? { config: derive as unknown as Json, upstream: [] } : undefined),
  cells: async ({ config }) =>
    (config.derive?.queries ?? []).map((query) => ({
      id: `derive/${query.name}`,
      spec: { query } as unknown as Json
    })),
  collect: async (_context, results) => recordFiles("derive", doneValues(results).flat() as ReadonlyArray<Row>)
}
