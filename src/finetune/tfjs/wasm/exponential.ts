/**
 * @file The exponential of the SIMD kernels.
 */

import { type Code, type Expr, type FunctionScope, f32x4, type Local, sequence } from "./assembler.ts"

const { add, mul, sub } = f32x4

/** Writes `exp(x)` into `out`, relative error below 2e-7: reduction by log 2, then Cephes' expf polynomial. */
export const exponential = (scope: FunctionScope): ((out: Local<"v128">, x: Expr<"v128">) => Code) => {
  const [r, n] = scope.locals("v128", 2)
  const coefficients = [
    1.9875691e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1
  ]
  return (out, x) => {
    const polynomial = coefficients
      .slice(1)
      .reduce((sum, c) => add(mul(sum, r.get), f32x4.const(c)), f32x4.const(coefficients[0]!))
    return sequence(
      r.set(f32x4.min(f32x4.max(x, f32x4.const(-87.3)), f32x4.const(88))),
      n.set(f32x4.nearest(mul(r.get, f32x4.const(Math.LOG2E)))),
      r.set(sub(sub(r.get, mul(n.get, f32x4.const(0.693359375))), mul(n.get, f32x4.const(-2.1219444e-4)))),
      out.set(add(add(mul(polynomial, mul(r.get, r.get)), r.get), f32x4.const(1))),
      out.set(mul(out.get, f32x4.powerOfTwo(n.get)))
    )
  }
}
