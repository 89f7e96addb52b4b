/** @file A bandit cell: what runBanditCell makes of its spec, the policy left out where it is too long to be read. */
import { type BanditCellResult, runBanditCell } from "../../../bandit/cell.ts"
import type { BanditCellSpec } from "../../../bandit/cellSchema.ts"
import type { Json } from "../../canonical.ts"

/** Arms up to which a record keeps their probabilities. */
const readable = 12

/** @param spec a BanditCellSpec */
export const runCell = (spec: Json): BanditCellResult => {
  const result = runBanditCell(spec as unknown as BanditCellSpec)
  return result.policy.length <= readable ? result : { ...result, policy: [] }
}
