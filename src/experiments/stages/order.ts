/** @file Stage order: the dominance order of the losses over a pair, where `landscape.order` asks for it. One cell a kind. */
import type { Json } from "../canonical.ts"
import type { Row } from "../records.ts"
import { doneValues, recordFiles, type Stage } from "../Stage.ts"
import type { ExperimentConfig } from "../schema.ts"
import { moduleUrl } from "../sourceVersion.ts"

const cellModule = moduleUrl(import.meta.url, "./cells/order")

/** The kinds of `landscape.order`, in the order given. */
export const orderStage: Stage<ExperimentConfig> = {
  _tag: "Cells",
  id: "order",
  sources: [import.meta.url, cellModule],
  cellModule,
  inputs: ({ landscape }) =>
    landscape && landscape.order.length > 0 ? { config: landscape.order as unknown as Json, upstream: [] } : undefined,
  cells: async ({ config }) =>
    (config.landscape?.order ?? []).map((among) => ({ id: `order/${among}`, spec: { among } })),
  collect: async (_context, results) => recordFiles("order", doneValues(results).flat() as ReadonlyArray<Row>)
}
