/** Lanczos against the dense eigensystem, Hutchinson against the trace. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { symmetricEigensystem } from "../../src/bandit/linearAlgebra.ts"
import { Rng } from "../../src/random/rng.ts"
import { differenceOperator } from "../../src/surface/differences.ts"
import { denseMatrix, spectrumEnds, traceEstimate } from "../../src/surface/spectrum.ts"
import type { Operator } from "../../src/surface/surface.ts"
import { environmentOf, linear, normals, studied, surfaceOf } from "./worlds.ts"

const operatorOf =
  (matrix: Float64Array, n: number): Operator =>
  (direction, product) => {
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * direction[k]!
      product[i] = sum
    }
  }

/** Q diag(values) Qᵀ with a random rotation Q. */
const withSpectrum = (values: ReadonlyArray<number>, seed: number): Float64Array => {
  const n = values.length
  const random = normals(n * n, Rng.fromSeed(seed))
  const symmetric = random.map((_, k) => random[k]! + random[(k % n) * n + Math.floor(k / n)]!)
  const { vectors } = symmetricEigensystem(symmetric, n)
  return Float64Array.from({ length: n * n }, (_, k) =>
    values.reduce((sum, value, e) => sum + value * vectors[e]![Math.floor(k / n)]! * vectors[e]![k % n]!, 0)
  )
}

describe("spectrumEnds", () => {
  it("finds both ends of a matrix, multiple eigenvalues as often as they occur", () => {
    const values = [5, 5, 5, 2, 1, 0, 0, -1, -3, -3]
    const found = spectrumEnds(operatorOf(withSpectrum(values, 1), 10), 10, { count: 4 }, Rng.fromSeed(2))
    expect(found.largest.map(({ value }) => value)).toEqual([5, 5, 5, 2].map((v) => expect.closeTo(v, 9)))
    expect(found.smallest.map(({ value }) => value)).toEqual([-3, -3, -1, 0].map((v) => expect.closeTo(v, 9)))
  })

  it("agrees with the dense eigensystem, and its residuals bound the error", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), fc.integer({ min: 1, max: 12 }), (n, seed, most) => {
        const random = normals(n * n, Rng.fromSeed(seed))
        const matrix = random.map((_, k) => random[k]! + random[(k % n) * n + Math.floor(k / n)]!)
        const exact = symmetricEigensystem(matrix, n).values
        const found = spectrumEnds(operatorOf(matrix, n), n, { count: 2, iterations: most }, Rng.fromSeed(0))
        for (const { value, residual } of [...found.largest, ...found.smallest]) {
          const off = Math.min(...exact.map((one) => Math.abs(one - value)))
          expect(off).toBeLessThanOrEqual(residual + 1e-10)
        }
        if (most >= n) expect(found.largest[0]!.value).toBeCloseTo(exact[n - 1]!, 8)
      }),
      { numRuns: 60 }
    )
  })

  it("stops early when the ends have settled", () => {
    const values = Array.from({ length: 60 }, (_, i) => (i === 0 ? 1000 : i === 1 ? -1000 : i / 100))
    const found = spectrumEnds(
      operatorOf(withSpectrum(values, 3), 60),
      60,
      { count: 1, iterations: 40 },
      Rng.fromSeed(1)
    )
    expect(found.products).toBeLessThan(20)
    expect(found.largest[0]!.value).toBeCloseTo(1000, 6)
  })

  it("refuses a product that is not finite", () => {
    const apply: Operator = (_direction, product) => product.fill(Number.NaN)
    expect(() => spectrumEnds(apply, 3, { count: 1 }, Rng.fromSeed(0))).toThrow(/not finite/)
  })

  it("gives the Hessian's ends of a linear policy, for every studied loss", () => {
    const setting = linear(environmentOf({ kind: "bradley-terry", arms: 6, contexts: 2 }), 3)
    const at = setting.policy.initial()
    for (const loss of studied) {
      const apply = surfaceOf(loss, setting).hessianAt(at)
      const dense = symmetricEigensystem(denseMatrix(apply, at.length), at.length).values
      const found = spectrumEnds(apply, at.length, { count: 3 }, Rng.fromSeed(7))
      expect(found.largest.map(({ value }) => value)).toEqual(
        [...dense]
          .reverse()
          .slice(0, 3)
          .map((v) => expect.closeTo(v, 7))
      )
      expect(found.smallest[0]!.value).toBeCloseTo(dense[0]!, 7)
    }
  })
})

describe("traceEstimate", () => {
  it("is exact for a diagonal operator", () => {
    const apply = operatorOf(Float64Array.of(1, 0, 0, 0, 2, 0, 0, 0, -5), 3)
    expect(traceEstimate(apply, 3, 4, Rng.fromSeed(0))).toEqual({ mean: -2, standardError: 0 })
    expect(() => traceEstimate(apply, 3, 1, Rng.fromSeed(0))).toThrow(RangeError)
  })

  it("is within five standard errors of the trace", () => {
    const matrix = withSpectrum([9, 4, 1, -1, -2, 0.5, 0.2, 0], 4)
    const { mean, standardError } = traceEstimate(operatorOf(matrix, 8), 8, 400, Rng.fromSeed(1))
    expect(standardError).toBeGreaterThan(0)
    expect(Math.abs(mean - 11.7)).toBeLessThan(5 * standardError)
  })
})

describe("differenceOperator", () => {
  it("comes near the exact product, and is 0 along 0", () => {
    const surface = surfaceOf("uncpo")
    const at = Float64Array.of(0.2, 0.1, -0.4)
    const v = Float64Array.of(1, -2, 0.5)
    const [exact, near] = [new Float64Array(3), new Float64Array(3)]
    surface.hessianAt(at)(v, exact)
    const apply = differenceOperator(surface.gradientInto, at, 1e-4)
    apply(v, near)
    for (let i = 0; i < 3; i++) expect(near[i]!).toBeCloseTo(exact[i]!, 7)
    apply(new Float64Array(3), near)
    expect(near).toEqual(new Float64Array(3))
  })
})
