/** @file An order cell: losses, covers and counts of the dominance order of one kind of losses. */
import { dominanceReport, type OrderedKind } from "../../../derive/order.ts"
import { pairPropositions } from "../../../logic/structure.ts"
import type { Json } from "../../canonical.ts"
import type { OrderRow } from "../../figures/records.ts"

/** @param spec `{ among }` @returns the rows of `records/order.jsonl` of that kind */
export const runCell = (spec: Json): ReadonlyArray<OrderRow> => {
  const { among } = spec as unknown as { readonly among: OrderedKind }
  const { losses, covers, pairs, height, width } = dominanceReport(pairPropositions, among)
  return [
    ...losses.map((loss) => ({ kind: "loss", among, ...loss }) as const),
    ...covers.map(({ from, to, kind }) => ({ kind: "cover", among, from, to, by: kind }) as const),
    { kind: "counts", among, losses: losses.length, covers: covers.length, height, width, ...pairs }
  ]
}
