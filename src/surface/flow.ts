/**
 * @file Integrates gradient flow on the simplex to its end, which may lie on the boundary, infinitely far away in logits. Flow
 * is stiff there (arms decay like 1/t while others have long settled), so the method is L-stable and uses exact Jacobians: the
 * Rosenbrock pair of order 2 with an error estimate of order 3 of Shampine & Reichelt 1997, "The MATLAB ODE Suite", eq. (ode23s).
 */
import type { FlowField, Velocity } from "./field.ts"

/** Where a flow stopped, and why. */
export interface FlowRun {
  /** log π along the way, the start first, to where arms that vanish are at 6e-6. */
  readonly path: ReadonlyArray<Float64Array>
  readonly times: ReadonlyArray<number>
  /** log π at the end; arms that vanish are far on their way. */
  readonly logp: Float64Array
  /** Arms that vanish, ascending; where some arm does, all below 6e-6 count. */
  readonly vanishing: ReadonlyArray<number>
  /**
   * `rest`: no arm that is left moves, or none that falls at the horizon; `steps`: the limit of steps; `undefined`: a slope
   * stopped being a number.
   */
  readonly reason: "rest" | "steps" | "undefined"
}

/** Tolerances of {@link integrateFlow}. */
export interface FlowOptions {
  /** Local error of a step, nats. Default 1e-5. */
  readonly tolerance?: number
  /** Time at which arms that still fall are taken for vanishing: beyond it rounding moves the others. Default 1e12. */
  readonly horizon?: number
  /** Default 4000. */
  readonly maxSteps?: number
  /** Speed in nats per unit of time at which nothing moves any more, if it is also slow against 1 / time. Default 1e-10. */
  readonly rest?: number
}

const defaults = { tolerance: 1e-5, horizon: 1e12, maxSteps: 4000, rest: 1e-10 } as const
type Limits = Required<FlowOptions>

/**
 * log π at which arms that keep falling are held while the others come to rest, nats, one after the other: at -12 (6e-6) their
 * pull on the others may not be over, and what falls along with them vanishes too.
 */
const floors = [-12, -24, -48] as const
/** Where those that vanish are held at last, while the others come to rest: as far on as doubles reach. */
const farthest = -600

const logSumExp = (values: Float64Array): number => {
  const top = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  let total = 0
  for (let i = 0; i < values.length; i++) total += Math.exp(values[i]! - top)
  return top + Math.log(total)
}

/** The same policy with log Σ exp = 0. */
export const normalised = (logits: Float64Array): Float64Array => {
  const shift = logSumExp(logits)
  return logits.map((z) => z - shift)
}

/** Solves A x = b by elimination with partial pivoting; both are overwritten. */
const solveInPlace = (a: Float64Array, b: Float64Array): Float64Array => {
  const n = b.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i
    for (let j = 0; pivot !== k && j < n; j++) {
      const held = a[k * n + j]!
      a[k * n + j] = a[pivot * n + j]!
      a[pivot * n + j] = held
    }
    const held = b[k]!
    b[k] = b[pivot]!
    b[pivot] = held
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!
      if (factor === 0) continue
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!
      b[i]! -= factor * b[k]!
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i]! -= a[i * n + j]! * b[j]!
    b[i]! /= a[i * n + i]!
  }
  return b
}

/** log π below which an arm that still falls at the horizon is taken for vanishing. */
const rare = -4

/** Arms that are held, and at how many nats. */
type Held = ReadonlyMap<number, number>

/** The flow among the arms that are left; those held stand at their nats below log Σ exp of the others. */
interface Reduced {
  readonly left: ReadonlyArray<number>
  readonly full: (own: Float64Array) => Float64Array
  readonly speed: (own: Float64Array) => Float64Array
  /** Relative speed of every log π among the arms left, 0 where rounding explains it. */
  readonly relative: (own: Float64Array) => Float64Array
  readonly jacobian: (own: Float64Array) => Float64Array
}

const reduce = (field: FlowField, held: Held): Reduced => {
  const left = Array.from({ length: field.arms }, (_, i) => i).filter((i) => !held.has(i))
  const m = left.length
  const full = (own: Float64Array): Float64Array => {
    const total = logSumExp(own)
    const logits = new Float64Array(field.arms)
    for (const [arm, nats] of held) logits[arm] = nats + total
    for (const [k, arm] of left.entries()) logits[arm] = own[k]!
    return logits
  }
  const pick = (values: Float64Array): Float64Array => Float64Array.from(left, (arm) => values[arm]!)
  // A step asks for the field at its start three times over.
  let last: { readonly own: Float64Array; readonly velocity: Velocity } | undefined
  const velocityAt = (own: Float64Array): Velocity => {
    if (last?.own !== own) last = { own, velocity: field.velocityAt(full(own)) }
    return last.velocity
  }
  return {
    left,
    full,
    speed: (own) => pick(velocityAt(own).value),
    relative: (own) => {
      const { value, noise } = velocityAt(own)
      const total = logSumExp(own)
      const mean = left.reduce((sum, arm, k) => sum + Math.exp(own[k]! - total) * value[arm]!, 0)
      return Float64Array.from(left, (arm) => {
        const speed = value[arm]! - mean
        return Math.abs(speed) <= noise[arm]! ? 0 : speed
      })
    },
    jacobian: (own) => {
      const { along } = velocityAt(own)
      const total = logSumExp(own)
      const out = new Float64Array(m * m)
      for (let k = 0; k < m; k++) {
        // Arms that are held move with log Σ exp of the others.
        const direction = new Float64Array(field.arms).fill(Math.exp(own[k]! - total))
        for (const [other, arm] of left.entries()) direction[arm] = other === k ? 1 : 0
        const column = pick(along(direction))
        for (let i = 0; i < m; i++) out[i * m + k] = column[i]!
      }
      return out
    }
  }
}

const d = 1 / (2 + Math.SQRT2)
const e32 = 6 + Math.SQRT2

interface Step {
  readonly next: Float64Array
  /** Largest entry of the error estimate, nats. */
  readonly error: number
}

/** One Rosenbrock step of length h from y, with f(y) and the Jacobian there. */
const rosenbrockStep = (flow: Reduced, y: Float64Array, f0: Float64Array, jacobian: Float64Array, h: number): Step => {
  const m = y.length
  const solve = (right: Float64Array): Float64Array => {
    const w = jacobian.map((value, k) => (k % (m + 1) === 0 ? 1 : 0) - h * d * value)
    return solveInPlace(w, right)
  }
  const k1 = solve(Float64Array.from(f0))
  const f1 = flow.speed(y.map((value, i) => value + 0.5 * h * k1[i]!))
  const k2 = solve(f1.map((value, i) => value - k1[i]!)).map((value, i) => value + k1[i]!)
  const next = y.map((value, i) => value + h * k2[i]!)
  const f2 = flow.speed(next)
  const k3 = solve(f2.map((value, i) => value - e32 * (k2[i]! - f1[i]!) - 2 * (k1[i]! - f0[i]!)))
  let error = 0
  for (let i = 0; i < m; i++) error = Math.max(error, Math.abs((h / 6) * (k1[i]! - 2 * k2[i]! + k3[i]!)))
  return { next, error: next.every(Number.isFinite) ? error : Number.POSITIVE_INFINITY }
}

const largest = (values: Float64Array): number => {
  let top = 0
  for (let i = 0; i < values.length; i++) top = Math.max(top, Math.abs(values[i]!))
  return Number.isNaN(sumOf(values)) ? Number.NaN : top
}

const sumOf = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)

/** Speed of log π_i of an arm that is gone: positive when it comes back. */
const returnSpeed = (field: FlowField, logits: Float64Array, arm: number): number => {
  const { value } = field.velocityAt(logits)
  const logp = normalised(logits)
  return value[arm]! - value.reduce((mean, v, i) => mean + Math.exp(logp[i]!) * v, 0)
}

class FlowIntegrator {
  readonly #field: FlowField
  readonly #limits: Limits
  readonly path: Array<Float64Array> = []
  readonly times: Array<number> = [0]
  readonly held = new Map<number, number>()
  #floor: number = floors[0]
  #returns = 0
  #flow: Reduced
  #own: Float64Array
  /** Since the last restart; the times of the path go on. */
  #time = 0
  #h = Number.POSITIVE_INFINITY

  constructor(field: FlowField, start: Float64Array, limits: Limits) {
    this.#field = field
    this.#limits = limits
    this.#flow = reduce(field, this.held)
    this.#own = normalised(start)
    this.path.push(this.logp())
  }

  logp(): Float64Array {
    return normalised(this.#flow.full(this.#own))
  }

  /** Goes on from log π with the arms that are held. */
  #restart(logp: Float64Array): void {
    this.#flow = reduce(this.#field, this.held)
    this.#own = Float64Array.from(this.#flow.left, (arm) => logp[arm]!)
    this.#time = 0
    this.#h = Number.POSITIVE_INFINITY
  }

  /** Holds arms at the given nats; others that fall below `floor` will be held there. */
  hold(nats: Held, floor: number): void {
    const logp = this.logp()
    this.#floor = floor
    for (const [arm, value] of nats) this.held.set(arm, value)
    this.#restart(logp)
  }

  /** Holds arms that are below the floor and still fall, where they are; false when there are none. */
  #holdFallen(relative: Float64Array): boolean {
    const logp = this.logp()
    const fallen = this.#flow.left.filter((arm, k) => logp[arm]! < this.#floor && relative[k]! < 0)
    if (fallen.length === 0) return false
    this.hold(new Map(fallen.map((arm) => [arm, logp[arm]!])), this.#floor)
    return true
  }

  /** When the others rest: lets those arms go that the field pushes up again; false when there are none. */
  #release(): boolean {
    if (this.#returns >= 2 * this.#field.arms) return false
    const full = this.#flow.full(this.#own)
    const rising = [...this.held.keys()].filter((arm) => returnSpeed(this.#field, full, arm) > this.#limits.rest)
    if (rising.length === 0) return false
    this.#returns += rising.length
    const logp = this.logp()
    for (const arm of rising) this.held.delete(arm)
    this.#restart(logp)
    return true
  }

  /** At the horizon: holds the arms that still fall by a nat in every so many e-folds of time; false when there are none. */
  #holdSlow(relative: Float64Array): boolean {
    const logp = this.logp()
    const slow = this.#flow.left.filter((arm, k) => logp[arm]! < rare && relative[k]! * this.#time < -1e-3)
    if (slow.length === 0) return false
    this.hold(new Map(slow.map((arm) => [arm, logp[arm]!])), this.#floor)
    return true
  }

  /** Holds what stands below the floor at a lower one; what was too slow to get there goes on. */
  lower(floor: number): void {
    const held = [...this.held].filter(([, nats]) => nats < this.#floor)
    this.held.clear()
    this.hold(new Map(held.map(([arm, nats]) => [arm, Math.min(nats, floor)])), floor)
  }

  run(): FlowRun["reason"] {
    const { horizon, maxSteps, rest, tolerance } = this.#limits
    for (let steps = 0; steps < maxSteps; steps++) {
      const relative = this.#flow.relative(this.#own)
      if (this.#holdFallen(relative)) continue
      const speed = this.#flow.left.length === 1 ? 0 : largest(relative)
      if (Number.isNaN(speed)) return "undefined"
      // An arm that leaves by a nat every time the time doubles is slow, but not at rest.
      if (speed <= Math.min(rest, 1e-6 / Math.max(1, this.times.at(-1)!))) {
        if (this.#release()) continue
        return "rest"
      }
      if (this.#time >= horizon) {
        if (this.#holdSlow(relative)) continue
        return "rest"
      }
      // A first step of a twentieth of a nat: the error control takes over from there.
      const first = Number.isFinite(this.#h) ? this.#h : 0.05 / speed
      if (!this.#advance(first, tolerance)) return "undefined"
    }
    return "steps"
  }

  /** One accepted step; false when none is small enough. */
  #advance(first: number, tolerance: number): boolean {
    const f0 = this.#flow.speed(this.#own)
    const jacobian = this.#flow.jacobian(this.#own)
    let h = first
    for (let attempt = 0; attempt < 60; attempt++) {
      const { next, error } = rosenbrockStep(this.#flow, this.#own, f0, jacobian, h)
      const ratio = error / tolerance
      if (ratio <= 1) {
        const shift = logSumExp(next)
        this.#own = next.map((value) => value - shift)
        this.#time += h
        this.#h = h * Math.min(5, 0.8 * Math.max(ratio, 1e-6) ** (-1 / 3))
        this.times.push(this.times.at(-1)! + h)
        this.path.push(this.logp())
        return true
      }
      h *= Number.isFinite(ratio) ? Math.max(0.1, 0.8 * ratio ** (-1 / 3)) : 0.1
    }
    return false
  }
}

/** Arms that are held or fell along from one rest to the next, each with where it stands when it has gone on so for long. */
const falls = (held: Held, [before, after]: readonly [Float64Array, Float64Array]): Held => {
  const vanishes = (arm: number): boolean => held.has(arm) || after[arm]! < Math.max(floors[0], before[arm]! - 1)
  const arms = [...after.keys()].filter(vanishes)
  const fall = (arm: number): number => Math.min(after[arm]! - before[arm]!, -1)
  // All the same number of times, or the ratios of what vanishes would change.
  const times = Math.min(20, ...arms.map((arm) => (farthest - after[arm]!) / fall(arm)))
  return new Map(arms.map((arm) => [arm, after[arm]! + Math.max(0, times) * fall(arm)]))
}

/**
 * Follows the flow from logits to where nothing moves. An arm that falls below -12 nats is held there while the others go on
 * among themselves, and let go when the field pushes it up again; then it is held lower and lower, so that what falls along with
 * it shows, and the others come to rest as if it were gone.
 * @param start logits, shape [arms]
 */
export const integrateFlow = (field: FlowField, start: Float64Array, options: FlowOptions = {}): FlowRun => {
  const integrator = new FlowIntegrator(field, start, { ...defaults, ...options })
  const rests: Array<Float64Array> = []
  let reason: FlowRun["reason"] = "rest"
  let walked: Pick<FlowRun, "path" | "times"> | undefined
  for (const floor of floors) {
    integrator.lower(floor)
    reason = integrator.run()
    rests.push(integrator.logp())
    walked ??= { path: [...integrator.path], times: [...integrator.times] }
    if (integrator.held.size === 0 || reason !== "rest") break
  }
  if (integrator.held.size > 0 && reason === "rest") {
    integrator.hold(falls(integrator.held, [rests.at(-2)!, rests.at(-1)!]), floors.at(-1)!)
    reason = integrator.run()
    rests.push(integrator.logp())
  }
  const logp = rests.at(-1)!
  const vanishes = (arm: number): boolean => integrator.held.has(arm) || logp[arm]! < floors[0]
  const vanishing = integrator.held.size === 0 ? [] : [...logp.keys()].filter(vanishes)
  return { ...walked!, logp, vanishing, reason }
}
