/** @file A derive cell: the losses that one query asks for, ranked by what they do on a small bandit where the query says so. */
import * as Result from "effect/Result"
import { runBanditCell } from "../../../bandit/cell.ts"
import { type DeriveQuery, deriveLosses } from "../../../derive/index.ts"
import type { Measure } from "../../banditStudy.ts"
import type { Json } from "../../canonical.ts"
import type { DeriveRow } from "../../figures/records.ts"

interface DeriveSpec {
  readonly query: DeriveQuery
  readonly measure?: Measure
}

/**
 * Mean final outcome over the measure's seeds. A run that stops being finite is worse than any that does not.
 * @throws RangeError when the metric is none of a bandit's
 */
const outcomeOf =
  (measure: Measure, metric: string, direction: "max" | "min") =>
  (loss: string): number => {
    const { seeds, ...setting } = measure
    let sum = 0
    for (const seed of seeds) {
      const { final, failure } = runBanditCell({ ...setting, loss, checkpoints: 1, seed })
      const value = (final as unknown as Readonly<Record<string, unknown>>)[metric]
      if (typeof value !== "number") throw new RangeError(`a bandit has no outcome ${metric}`)
      if (failure || !Number.isFinite(value)) return direction === "max" ? -Number.MAX_VALUE : Number.MAX_VALUE
      sum += value
    }
    return sum / seeds.length
  }

/** @param input a query, and how to measure outcomes @returns the query's rows of `records/derive.jsonl` */
export const runCell = (input: Json): ReadonlyArray<DeriveRow> => {
  const { query, measure } = input as unknown as DeriveSpec
  const { rankBy } = query
  const outcome =
    typeof rankBy === "object" && measure ? outcomeOf(measure, rankBy.outcome, rankBy.direction) : undefined
  const derived = deriveLosses(query, outcome ? { outcome } : {})
  if (Result.isFailure(derived)) throw derived.failure
  const { candidates, examined, pruned } = derived.success
  return candidates.map((candidate) => ({ query: query.name, ...candidate, examined, pruned }))
}
