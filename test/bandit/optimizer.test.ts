import { describe, expect, it } from "vitest"
import { adam, gradientDescent } from "../../src/bandit/optimizer.ts"

describe("gradientDescent", () => {
  it("moves against the gradient", () => {
    const theta = Float64Array.of(1, 2)
    gradientDescent(0.1).stepInPlace(theta, Float64Array.of(10, -10))
    expect([...theta]).toEqual([0, 3])
  })
  it("refuses a rate that is not positive", () => expect(() => gradientDescent(0)).toThrow(RangeError))
})

/** Adam as in Algorithm 1, one number at a time. */
const slowAdam = (rate: number, gradients: ReadonlyArray<number>): number => {
  let theta = 0
  let m = 0
  let v = 0
  gradients.forEach((g, i) => {
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    theta -= (rate * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
  })
  return theta
}

describe("adam", () => {
  it("follows the published algorithm", () => {
    const gradients = [3, -1, 0.5, 1e-9, 0, 7, -2, 4]
    const theta = new Float64Array(1)
    const optimizer = adam(0.02, 1)
    for (const g of gradients) optimizer.stepInPlace(theta, Float64Array.of(g))
    expect(theta[0]).toBeCloseTo(slowAdam(0.02, gradients), 14)
  })
  it("makes a first step of the learning rate, whatever the scale of the gradient", () => {
    const theta = new Float64Array(2)
    adam(0.01, 2).stepInPlace(theta, Float64Array.of(1e-3, -1e5))
    expect(theta[0]).toBeCloseTo(-0.01, 6)
    expect(theta[1]).toBeCloseTo(0.01, 12)
  })
})
