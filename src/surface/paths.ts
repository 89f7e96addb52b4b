/**
 * @file Mode connectivity: the loss along paths between two parameter vectors, and how high it gets in between. The straight
 * line, and a quadratic Bézier curve whose middle point is trained to keep the loss low along the curve.
 */
import type { Surface } from "./surface.ts"

/** A path of parameters for t in [0, 1]. */
export type Path = (t: number) => Float64Array

/** The straight line. */
export const linePath =
  (from: Float64Array, to: Float64Array): Path =>
  (t) =>
    from.map((value, i) => (1 - t) * value + t * to[i]!)

/** The quadratic Bézier curve `(1 - t)² a + 2 t (1 - t) m + t² b`. */
export const bezierPath =
  (from: Float64Array, middle: Float64Array, to: Float64Array): Path =>
  (t) =>
    from.map((value, i) => (1 - t) ** 2 * value + 2 * t * (1 - t) * middle[i]! + t * t * to[i]!)

/** The loss along a path. */
export interface Profile {
  readonly t: ReadonlyArray<number>
  readonly losses: ReadonlyArray<number>
  /** `max_t L - max(L(0), L(1))`, nats, at least 0: 0 where no point of the path is worse than its worse end. */
  readonly barrier: number
}

/** Loss at `points` evenly spaced t, the ends included. @throws RangeError for fewer than three points */
export const profile = (lossAt: Surface["lossAt"], path: Path, points: number): Profile => {
  if (!(Number.isInteger(points) && points >= 3))
    throw new RangeError(`profile: points must be at least 3, got ${points}`)
  const t = Array.from({ length: points }, (_, k) => k / (points - 1))
  const losses = t.map((share) => lossAt(path(share)))
  const ends = Math.max(losses[0]!, losses.at(-1)!)
  return { t, losses, barrier: Math.max(...losses) - ends }
}

/** Limits of {@link trainBezier}. */
export interface BezierOptions {
  /** Points of the curve whose mean loss is minimised, at the midpoints of equal intervals of t. Default 16. */
  readonly nodes?: number
  /** Steps of descent. Default 200. */
  readonly steps?: number
}

/** A trained middle point. */
export interface BezierFit {
  readonly middle: Float64Array
  /** Mean loss over the nodes before (the straight line) and after. */
  readonly before: number
  readonly after: number
}

/**
 * Trains the middle of a Bézier curve: minimises the mean loss over the nodes, `∂/∂m = Σ 2 t (1 - t) ∇L(φ(t)) / nodes`, from the
 * straight line's middle by L-BFGS; the mean never rises.
 * @see Garipov et al. 2018, "Loss surfaces, mode connectivity, and fast ensembling of DNNs", §3
 */
export const trainBezier = (
  { gradientInto, size }: Pick<Surface, "gradientInto" | "size">,
  from: Float64Array,
  to: Float64Array,
  { nodes = 16, steps = 200 }: BezierOptions = {}
): BezierFit => {
  const shares = Array.from({ length: nodes }, (_, k) => (k + 0.5) / nodes)
  const own = new Float64Array(size)
  const objective = (middle: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0)
    let total = 0
    for (const t of shares) {
      total += gradientInto(bezierPath(from, middle, to)(t), own) / nodes
      const weight = (2 * t * (1 - t)) / nodes
      for (let i = 0; i < size; i++) gradient[i]! += weight * own[i]!
    }
    return total
  }
  const start = linePath(from, to)(0.5)
  const { point, value } = minimise(objective, start, steps)
  return { middle: point, before: objective(start, new Float64Array(size)), after: value }
}

/** A function with its gradient, which it overwrites. */
export type Differentiable = (point: Float64Array, gradient: Float64Array) => number

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)

/** Pairs of a step and the change of the gradient that L-BFGS remembers. */
const memory = 8

interface Update {
  readonly step: Float64Array
  readonly change: Float64Array
  readonly product: number
}

/** `-H g` by the two-loop recursion (Nocedal & Wright, Algorithm 7.4). */
const descentDirection = (gradient: Float64Array, updates: ReadonlyArray<Update>): Float64Array => {
  const q = Float64Array.from(gradient)
  const alphas = [...updates].reverse().map(({ step, change, product }) => {
    const alpha = dot(step, q) / product
    for (let i = 0; i < q.length; i++) q[i]! -= alpha * change[i]!
    return alpha
  })
  const last = updates.at(-1)
  const scale = last === undefined ? 1 : last.product / dot(last.change, last.change)
  for (let i = 0; i < q.length; i++) q[i]! *= scale
  for (const [k, { step, change, product }] of updates.entries()) {
    const beta = dot(change, q) / product
    const alpha = alphas[updates.length - 1 - k]!
    for (let i = 0; i < q.length; i++) q[i]! += (alpha - beta) * step[i]!
  }
  return q.map((value) => -value)
}

/** L-BFGS with step halving (Armijo): deterministic, and the value never rises. Stops where no step improves. */
export const minimise = (
  f: Differentiable,
  start: Float64Array,
  steps: number
): { readonly point: Float64Array; readonly value: number } => {
  let point = Float64Array.from(start)
  let gradient = new Float64Array(start.length)
  let value = f(point, gradient)
  const updates: Array<Update> = []
  for (let k = 0; k < steps; k++) {
    const direction = descentDirection(gradient, updates)
    const slope = dot(direction, gradient)
    if (!(slope < 0)) break
    let share = updates.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    const next = { gradient: new Float64Array(start.length), value: Number.NaN, point }
    for (; share > 1e-12; share /= 2) {
      next.point = point.map((x, i) => x + share * direction[i]!)
      next.value = f(next.point, next.gradient)
      if (next.value <= value + 1e-4 * share * slope) break
    }
    if (!(next.value < value)) break
    const step = next.point.map((x, i) => x - point[i]!)
    const change = next.gradient.map((g, i) => g - gradient[i]!)
    const product = dot(step, change)
    if (product > 1e-12 * Math.sqrt(dot(step, step) * dot(change, change))) updates.push({ step, change, product })
    if (updates.length > memory) updates.shift()
    point = Float64Array.from(next.point)
    gradient = Float64Array.from(next.gradient)
    value = next.value
  }
  return { point, value }
}
