import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { symmetricEigensystem } from "../../src/bandit/linearAlgebra.ts"

const matrices = fc
  .integer({ min: 1, max: 6 })
  .chain((n) => fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }))

describe("symmetricEigensystem", () => {
  it("knows a 2 x 2 by the quadratic formula", () => {
    const [low, high] = symmetricEigensystem(Float64Array.of(2, 1, 1, -1), 2).values
    expect(low).toBeCloseTo((1 - Math.sqrt(13)) / 2, 13)
    expect(high).toBeCloseTo((1 + Math.sqrt(13)) / 2, 13)
  })
  it("is ascending, orthonormal, and gives the matrix back", () =>
    fc.assert(
      fc.property(matrices, (entries) => {
        const n = Math.sqrt(entries.length)
        const matrix = Float64Array.from(entries)
        const symmetric = matrix.map((v, i) => v + matrix[(i % n) * n + Math.floor(i / n)]!)
        const { values, vectors } = symmetricEigensystem(symmetric, n)
        expect([...values]).toEqual([...values].sort((a, b) => a - b))
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let product = 0
            let inner = 0
            for (let k = 0; k < n; k++) {
              product += values[k]! * vectors[k]![i]! * vectors[k]![j]!
              inner += vectors[i]![k]! * vectors[j]![k]!
            }
            expect(product).toBeCloseTo(symmetric[i * n + j]!, 10)
            expect(inner).toBeCloseTo(i === j ? 1 : 0, 12)
          }
        }
      })
    ))
})
