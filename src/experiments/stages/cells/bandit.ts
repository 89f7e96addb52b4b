/** @file A bandit cell: what runBanditCell makes of its spec, less what the study does not keep. */
import { type BanditCellResult, runBanditCell } from "../../../bandit/cell.ts"
import type { BanditCellSpec } from "../../../bandit/cellSchema.ts"
import { type MatchedMetrics, metricsAtMatchedKl } from "../../../bandit/matched.ts"
import type { Json } from "../../canonical.ts"

/** Arms up to which a record keeps their probabilities. */
const readable = 12

/** A cell's spec, and what of its result is kept. */
export interface BanditTask {
  readonly cell: BanditCellSpec
  readonly keep: "trajectory" | "ends"
}

/** The result; `matched`: all metrics at the KL levels, where the spec names levels. */
export interface BanditCellRecord extends BanditCellResult {
  readonly matched?: ReadonlyArray<MatchedMetrics>
}

/** @param task a BanditTask */
export const runCell = (task: Json): BanditCellRecord => {
  const { cell, keep } = task as unknown as BanditTask
  const result = runBanditCell(cell)
  const { trajectory } = result
  const [first, last] = [trajectory[0]!, trajectory.at(-1)!]
  return {
    ...result,
    ...(result.policy.length <= readable ? {} : { policy: [] }),
    ...(keep === "ends" ? { trajectory: trajectory.length === 1 ? [last] : [first, last] } : {}),
    ...(cell.klLevels === undefined ? {} : { matched: metricsAtMatchedKl(trajectory, cell.klLevels) })
  }
}
