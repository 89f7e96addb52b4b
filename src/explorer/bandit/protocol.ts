/** What the page and the worker that trains say to each other; plain data. */
import type { BanditCellSpec } from "../../bandit/cellSchema.ts"
import type { StepMetrics } from "../../bandit/metrics.ts"

/** To the worker. `start` ends whatever was going on; `step` trains every cell to its next checkpoint. */
export type Order =
  | { readonly type: "start"; readonly cells: ReadonlyArray<BanditCellSpec>; readonly playing: boolean }
  | { readonly type: "play" }
  | { readonly type: "pause" }
  | { readonly type: "step" }

/** Tables of a world that are small enough to be drawn, [contexts * arms]. */
export interface WorldTables {
  readonly contexts: number
  readonly arms: number
  readonly reward: Float64Array
  readonly reference: Float64Array
}

/** From the worker, about one cell: its position in the order's list. */
export type Report =
  /** The cell is under way; `world` is absent where there are too many answers to draw. */
  | { readonly type: "started"; readonly cell: number; readonly world?: WorldTables }
  /** It cannot be trained. */
  | { readonly type: "refused"; readonly cell: number; readonly issues: ReadonlyArray<string> }
  /** A checkpoint; `policy` is π where the world can be drawn. */
  | { readonly type: "row"; readonly cell: number; readonly row: StepMetrics; readonly policy?: Float64Array }
  /** The last step was made, or a number stopped being finite. `seconds`: time in training and metrics. */
  | { readonly type: "ended"; readonly cell: number; readonly seconds: number; readonly divergence?: string }

/** Worlds of at most so many answers, over all contexts, are drawn; π of every checkpoint is kept for them. */
export const mostDrawn = 200
