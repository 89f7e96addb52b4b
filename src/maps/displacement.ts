/**
 * @file Where a gradient step on a tabular softmax moves a response the wrong way (docs/theory.md §9). With descent weights
 * a = -(d loss/d log p_w, d loss/d log p_l) and S the sum of all squared arm probabilities, the step changes
 *
 *   log p_w by a_w (1 - 2 p_w + S) + a_l (S - p_w - p_l),   log p_l by a_l (1 - 2 p_l + S) + a_w (S - p_w - p_l),
 *
 * linear in S, whose ends are the mass beyond the pair spread over ever more arms and on one arm.
 */
import type { Kernel } from "../loss/kernel.ts"
import type { PairColumns } from "./measure.ts"

/** Loss at one point with its derivatives by the two log-probabilities; nats. */
export interface PairPoint {
  readonly loss: number
  readonly dlw: number
  readonly dll: number
}

/** Derivatives of the loss by the two log-probabilities. */
export type Gradient = Pick<PairPoint, "dlw" | "dll">

/** Where the mass beyond the pair is. */
export const rests = ["many-arms", "one-arm"] as const
export type Rest = (typeof rests)[number]

/** Rates at which the step moves both log-probabilities, at one policy. */
export interface Moves {
  readonly chosen: number
  readonly rejected: number
}

/** Rounding, as a share of what is added up: a rate beyond it is a displacement. */
const slack = 1e-12

/** What the step does; `undefined` off the policies (p_w + p_l >= 1). */
export const stepMoves = ({ dlw, dll }: Gradient, chosen: number, rejected: number, rest: Rest): Moves | undefined => {
  const left = 1 - chosen - rejected
  if (left <= 0) return undefined
  const s = chosen ** 2 + rejected ** 2 + (rest === "one-arm" ? left ** 2 : 0)
  const shared = s - chosen - rejected
  return {
    chosen: -dlw * (1 - 2 * chosen + s) - dll * shared,
    rejected: -dll * (1 - 2 * rejected + s) - dlw * shared
  }
}

const scale = ({ dlw, dll }: Gradient): number => slack * (Math.abs(dlw) + Math.abs(dll))

/** Whether the step lowers the chosen response's log-probability (what P9 forbids). */
export const lowersChosen = (gradient: Gradient, chosen: number, rejected: number, rest: Rest): boolean =>
  (stepMoves(gradient, chosen, rejected, rest)?.chosen ?? 0) < -scale(gradient)

/** Whether the step raises the rejected response's log-probability (what P10 forbids). */
export const raisesRejected = (gradient: Gradient, chosen: number, rejected: number, rest: Rest): boolean =>
  (stepMoves(gradient, chosen, rejected, rest)?.rejected ?? 0) > scale(gradient)

/** In what share of a measure's policies a step displaces, in [0, 1]: any policy with these two probabilities counts. */
export type Shares = Readonly<Record<Rest, { readonly lowersChosen: number; readonly raisesRejected: number }>>

/** The shares of a loss over drawn pairs; every point is a policy, so that its weight is 1 / number of points. */
export const displacementShares = (kernel: Kernel, columns: PairColumns): Shares => {
  const count = columns.lw.length
  const out = { loss: new Float64Array(count), dlw: new Float64Array(count), dll: new Float64Array(count) }
  kernel.run(columns, out, count)
  const share = (rest: Rest) => {
    let [chosen, rejected] = [0, 0]
    for (let i = 0; i < count; i++) {
      const point = { dlw: out.dlw[i]!, dll: out.dll[i]! }
      const [p, q] = [Math.exp(columns.lw[i]!), Math.exp(columns.ll[i]!)]
      if (lowersChosen(point, p, q, rest)) chosen++
      if (raisesRejected(point, p, q, rest)) rejected++
    }
    return { lowersChosen: chosen / count, raisesRejected: rejected / count }
  }
  return { "many-arms": share("many-arms"), "one-arm": share("one-arm") }
}
