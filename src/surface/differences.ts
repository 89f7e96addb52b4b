/** @file Hessian-vector products from gradients alone. */
import type { Operator } from "./surface.ts"

/**
 * An operator from a gradient alone, for surfaces without second derivatives: central differences
 * `(g(θ + h v) - g(θ - h v)) / 2h` with `h = step / ‖v‖`; error O(step²) and O(rounding of g / step).
 */
export const differenceOperator =
  (
    gradientInto: (parameters: Float64Array, gradient: Float64Array) => number,
    parameters: Float64Array,
    step: number
  ): Operator =>
  (direction, product) => {
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0))
    if (length === 0) {
      product.fill(0)
      return
    }
    const h = step / length
    const behind = new Float64Array(parameters.length)
    gradientInto(
      parameters.map((value, i) => value + h * direction[i]!),
      product
    )
    gradientInto(
      parameters.map((value, i) => value - h * direction[i]!),
      behind
    )
    for (let i = 0; i < product.length; i++) product[i] = (product[i]! - behind[i]!) / (2 * h)
  }
