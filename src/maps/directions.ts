/**
 * @file Directions of descent: which way a gradient step on one pair leads, as one angle a point.
 *
 * With descent weights a = -(d loss/d log p_w, d loss/d log p_l) two geometries are measured:
 * - `log-probability`: the angle of a itself in the plane (log p_w, log p_l);
 * - `softmax`: the angle of the step on the logits of a tabular softmax, a_w (e_w - pi) + a_l (e_l - pi). Steps of all losses
 *   at one policy lie in one plane, with Gram matrix <e_i - pi, e_j - pi> = [i = j] - p_i - p_j + S, S the sum of all squared
 *   arm probabilities; its Cholesky factor takes a to plane coordinates in which angles are those of the logit steps.
 */
import type { Kernel } from "../loss/kernel.ts"
import type { PairColumns } from "./measure.ts"

/** In which space two steps are compared. */
export const geometries = ["log-probability", "softmax"] as const
export type Geometry = (typeof geometries)[number]

/** One loss's field on all points: an angle in [-pi, pi], and 0 in `moves` where the gradient vanishes (the angle is then 0). */
export interface DirectionField {
  readonly angle: Float64Array
  readonly moves: Uint8Array
}

/** The first point at which a loss has no finite gradient. */
export interface NoGradient {
  readonly point: Readonly<Record<string, number>>
  readonly dlw: number
  readonly dll: number
}

/** S for a policy whose mass beyond the pair is shared evenly by `others` further arms. */
export const squaredMass = (chosen: number, rejected: number, others: number): number =>
  chosen ** 2 + rejected ** 2 + (1 - chosen - rejected) ** 2 / others

/** Plane coordinates of a softmax step: the Cholesky factor of the Gram matrix applied to the weights. */
export const softmaxStep = (
  [aw, al]: readonly [number, number],
  chosen: number,
  rejected: number,
  others: number
): readonly [number, number] => {
  const s = squaredMass(chosen, rejected, others)
  const [ww, wl, ll] = [1 - 2 * chosen + s, s - chosen - rejected, 1 - 2 * rejected + s]
  const first = Math.sqrt(ww)
  return [first * aw + (wl / first) * al, Math.sqrt(Math.max(0, ll - (wl * wl) / ww)) * al]
}

/** Fields of one loss in both geometries, from one evaluation. */
export type DirectionFields = Readonly<Record<Geometry, DirectionField>>

/**
 * @param others further arms of the softmax's policies, at least 1
 * @returns the fields, or where the gradient is not finite
 */
export const directionFields = (kernel: Kernel, columns: PairColumns, others: number): DirectionFields | NoGradient => {
  const count = columns.lw.length
  const out = { loss: new Float64Array(count), dlw: new Float64Array(count), dll: new Float64Array(count) }
  kernel.run(columns, out, count)
  const moves = new Uint8Array(count)
  const [plain, softmax] = [new Float64Array(count), new Float64Array(count)]
  for (let i = 0; i < count; i++) {
    const [dlw, dll] = [out.dlw[i]!, out.dll[i]!]
    if (!Number.isFinite(dlw) || !Number.isFinite(dll)) {
      return {
        point: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]!])),
        dlw,
        dll
      }
    }
    if (dlw === 0 && dll === 0) continue
    moves[i] = 1
    // Angles do not depend on the length; without it, tiny gradients would vanish in products.
    const size = Math.max(Math.abs(dlw), Math.abs(dll))
    const weights = [-dlw / size, -dll / size] as const
    plain[i] = Math.atan2(weights[1], weights[0])
    const [x, y] = softmaxStep(weights, Math.exp(columns.lw[i]!), Math.exp(columns.ll[i]!), others)
    softmax[i] = Math.atan2(y, x)
  }
  return { "log-probability": { angle: plain, moves }, softmax: { angle: softmax, moves } }
}
