/**
 * @file The measure that maps average over: pairs as a bandit has them. Policy and reference are drawn independently, each
 * with (log p_w, log p_l) uniform on {(x, y) in (-reach, 0)^2 : e^x + e^y < 1}; the token counts n_w, n_l uniform on
 * 1..lengths. Points are a randomly shifted Halton sequence (Halton 1960; the shift: Cranley & Patterson 1976), whose points
 * off that set are passed over, so that means converge faster than with independent points.
 */
import { Rng } from "../random/rng.ts"

/** How points are drawn. */
export interface MeasureOptions {
  /** Number of points, at least 1. */
  readonly points: number
  /** Seed of the shift. */
  readonly seed: number
  /** Log-probabilities go down to -reach, nats; above log 2, so that some policy is there. */
  readonly reach: number
  /** Largest token count. */
  readonly lengths: number
}

/** Columns of the points, one number a point: log-probabilities in nats, token counts. */
export type PairColumns = Readonly<Record<"lw" | "ll" | "rw" | "rl" | "nw" | "nl", Float64Array>>

const bases = [2, 3, 5, 7, 11, 13] as const

/** The digits of `index` in `base`, mirrored at the point: the van der Corput sequence, in [0, 1). */
const mirrored = (index: number, base: number): number => {
  let [value, scale] = [0, 1 / base]
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    value += (rest % base) * scale
    scale /= base
  }
  return value
}

/** @throws RangeError for options outside their ranges */
export const drawPairs = ({ points, seed, reach, lengths }: MeasureOptions): PairColumns => {
  if (!(Number.isInteger(points) && points >= 1))
    throw new RangeError(`points must be an integer from 1, got ${points}`)
  if (!(reach > Math.LN2 && Number.isFinite(reach))) throw new RangeError(`reach must be above log 2, got ${reach}`)
  if (!(Number.isInteger(lengths) && lengths >= 1)) throw new RangeError(`lengths must be from 1, got ${lengths}`)
  const rng = Rng.fromSeed(seed).split("maps")
  const shifts = bases.map(() => rng.uniform())
  const column = () => new Float64Array(points)
  const columns = { lw: column(), ll: column(), rw: column(), rl: column(), nw: column(), nl: column() }
  const names = ["lw", "ll", "rw", "rl", "nw", "nl"] as const
  for (let [index, filled] = [1, 0]; filled < points; index++) {
    const unit = bases.map((base, k) => (mirrored(index, base) + shifts[k]!) % 1)
    const point = unit.map((u, k) => (k < 4 ? reach * (u - 1) : 1 + Math.floor(u * lengths)))
    const [lw, ll, rw, rl] = point as [number, number, number, number]
    const isPolicy = (a: number, b: number) => a < 0 && b < 0 && Math.exp(a) + Math.exp(b) < 1
    if (!isPolicy(lw, ll) || !isPolicy(rw, rl)) continue
    for (const [k, name] of names.entries()) columns[name][filled] = point[k]!
    filled++
  }
  return columns
}
