/** A loss over (log p_w, log p_l), all else fixed: values on grids and at points, by the loss's own kernel. */
import * as Result from "effect/Result"
import { compileKernel } from "../../../loss/kernel.ts"
import type { Loss } from "../../../loss/loss.ts"
import type { PairPoint } from "../../../maps/displacement.ts"
import { mappability } from "../../../maps/mapped.ts"

/** What is fixed: the reference's log-probabilities (nats, below 0), and the token counts. */
export interface Setting {
  readonly rw: number
  readonly rl: number
  readonly nw: number
  readonly nl: number
}

/** A point of a map: log-probabilities of chosen and rejected, nats. */
export interface Point {
  readonly lw: number
  readonly ll: number
}

/** What is drawn over the heat. */
export interface Layers {
  readonly arrows: boolean
  readonly displacement: boolean
}

/** What the axes measure. */
export const axisKinds = ["log", "prob"] as const
export type AxisKind = (typeof axisKinds)[number]

/** Log-probabilities go down to here, nats. */
export const logReach = 6

/** The log-probability at a place of the unit interval. */
export const logAt = (kind: AxisKind, unit: number): number => (kind === "log" ? logReach * (unit - 1) : Math.log(unit))

/** The place of a log-probability in the unit interval; below 0 where it is off the map. */
export const unitAt = (kind: AxisKind, log: number): number => (kind === "log" ? 1 + log / logReach : Math.exp(log))

/** Values at the centres of `cells` x `cells` cells, row by row from the bottom: place `row * cells + column`. */
export interface Grid {
  readonly cells: number
  readonly lw: Float64Array
  readonly ll: Float64Array
  readonly loss: Float64Array
  readonly dlw: Float64Array
  readonly dll: Float64Array
}

/** A loss at a setting. */
export interface Surface {
  readonly loss: Loss
  readonly at: (lw: number, ll: number) => PairPoint
  readonly grid: (kind: AxisKind, cells: number) => Grid
}

const columnsOf = (count: number, { rw, rl, nw, nl }: Setting) => ({
  lw: new Float64Array(count),
  ll: new Float64Array(count),
  rw: new Float64Array(count).fill(rw),
  rl: new Float64Array(count).fill(rl),
  nw: new Float64Array(count).fill(nw),
  nl: new Float64Array(count).fill(nl)
})

const outputOf = (count: number) => ({
  loss: new Float64Array(count),
  dlw: new Float64Array(count),
  dll: new Float64Array(count)
})

/** The surface of a loss; the failure says in one sentence why a pair's log-probabilities are not enough for it. */
export const surfaceOf = (loss: Loss, setting: Setting): Result.Result<Surface, string> => {
  const able = mappability(loss)
  if (Result.isFailure(able)) return Result.fail(able.failure)
  const kernel = compileKernel(loss.program)
  const at = (lw: number, ll: number): PairPoint => {
    const [columns, out] = [columnsOf(1, setting), outputOf(1)]
    columns.lw[0] = lw
    columns.ll[0] = ll
    kernel.run(columns, out, 1)
    return { loss: out.loss[0]!, dlw: out.dlw[0]!, dll: out.dll[0]! }
  }
  const grid = (kind: AxisKind, cells: number): Grid => {
    const count = cells * cells
    const [columns, out] = [columnsOf(count, setting), outputOf(count)]
    for (let place = 0; place < count; place++) {
      columns.lw[place] = logAt(kind, ((place % cells) + 0.5) / cells)
      columns.ll[place] = logAt(kind, (Math.floor(place / cells) + 0.5) / cells)
    }
    kernel.run(columns, out, count)
    return { cells, lw: columns.lw, ll: columns.ll, ...out }
  }
  return Result.succeed({ loss, at, grid })
}

/** Whether a loss reads reference log-probabilities; token counts. */
export const readsReference = ({ inputs }: Loss): boolean => inputs.includes("rw") || inputs.includes("rl")
export const readsLengths = ({ inputs }: Loss): boolean => inputs.includes("nw") || inputs.includes("nl")
