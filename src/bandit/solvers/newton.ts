/** Damped Newton's method for square systems. */
import { solveLinear } from "../linearAlgebra.ts"

/** A square system of equations. */
export interface System {
  /** F(x), [n]. */
  readonly value: (x: Float64Array) => Float64Array
  /** ∂F_i/∂x_j, row-major [n * n]. */
  readonly jacobian: (x: Float64Array) => Float64Array
}

/** Where Newton's method ended. */
export interface Root {
  readonly x: Float64Array
  /** max |F(x)|. */
  readonly residual: number
  /**
   * max |Newton step| at x: about the distance to the root. A system that is solved only at infinity keeps steps of order 1
   * however small its residual gets. Infinity where the Jacobian is singular.
   */
  readonly step: number
  readonly iterations: number
}

const largest = (values: Float64Array): number => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0)
const squares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0)

/**
 * Newton's method with steps halved until Σ F² falls; stops when it falls no more, which is where rounding takes over.
 * @param start [n]
 */
export const solveSystem = (system: System, start: Float64Array, maxIterations = 500): Root => {
  let x = start
  let value = system.value(x)
  let iterations = 0
  for (; iterations < maxIterations && squares(value) > 0; iterations++) {
    const step = solveLinear(system.jacobian(x), value)
    if (step === undefined) break
    const next = descend(system, x, step, squares(value))
    if (next === undefined) break
    x = next.x
    value = next.value
  }
  const rest = solveLinear(system.jacobian(x), value)
  return { x, residual: largest(value), step: rest === undefined ? Infinity : largest(rest), iterations }
}

const descend = (system: System, x: Float64Array, step: Float64Array, from: number) => {
  for (let share = 1; share > 1e-10; share /= 2) {
    const to = x.map((v, i) => v - share * step[i]!)
    const value = system.value(to)
    const size = squares(value)
    // Armijo: the model promises a fall by the factor (1 - share)².
    if (size <= from * (1 - 1e-4 * share) && size < from) return { x: to, value }
  }
  return undefined
}
