/** @file A derive cell: the losses that one query asks for. */
import * as Result from "effect/Result"
import { type DeriveQuery, deriveLosses } from "../../../derive/index.ts"
import type { Json } from "../../canonical.ts"
import type { DeriveRow } from "../../figures/records.ts"

/** @param spec `{ query }` @returns the query's rows of `records/derive.jsonl` */
export const runCell = (spec: Json): ReadonlyArray<DeriveRow> => {
  const { query } = spec as unknown as { readonly query: DeriveQuery }
  const derived = deriveLosses(query)
  if (Result.isFailure(derived)) throw derived.failure
  const { candidates, examined, pruned } = derived.success
  return candidates.map((candidate) => ({ query: query.name, ...candidate, examined, pruned }))
}
