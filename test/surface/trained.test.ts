/** Training on a surface, sharpness at its end, and connections between ends. */
import { describe, expect, it } from "vitest"
import { symmetricEigensystem } from "../../src/bandit/linearAlgebra.ts"
import { klOptimum } from "../../src/bandit/optima.ts"
import { Rng } from "../../src/random/rng.ts"
import { totalVariation } from "../../src/surface/attractors.ts"
import { denseMatrix } from "../../src/surface/spectrum.ts"
import { connect, sharpnessAt, trainOn } from "../../src/surface/trained.ts"
import { linear, surfaceOf, threeArms } from "./worlds.ts"

describe("trainOn", () => {
  it("brings DPO to the KL-regularised optimum", () => {
    const surface = surfaceOf("dpo?beta=1")
    const end = trainOn(surface, threeArms.reference.map(Math.log), { learningRate: 0.02, steps: 3000 })
    expect(totalVariation(surface.policyAt(end), klOptimum(threeArms, 1).policy)).toBeLessThan(1e-4)
  })

  it("says at which step a parameter stops being finite", () => {
    const broken = { size: 1, gradientInto: (_: Float64Array, gradient: Float64Array) => (gradient[0] = Number.NaN) }
    expect(() => trainOn(broken, new Float64Array(1), { learningRate: 0.1, steps: 5 })).toThrow(/after step 1/)
  })
})

describe("sharpnessAt", () => {
  it("is the dense spectrum's ends and trace", () => {
    const surface = surfaceOf("cpo", linear())
    const at = linear().policy.initial()
    const dense = denseMatrix(surface.hessianAt(at), surface.size)
    const { values } = symmetricEigensystem(dense, surface.size)
    const found = sharpnessAt(surface, at, { eigenvalues: 2, probes: 2000 }, Rng.fromSeed(1))
    expect(found.top.map(({ value }) => value)).toEqual([
      expect.closeTo(values.at(-1)!, 9),
      expect.closeTo(values.at(-2)!, 9)
    ])
    expect(found.smallest.value).toBeCloseTo(values[0]!, 9)
    const trace = values.reduce((sum, value) => sum + value, 0)
    expect(Math.abs(found.trace.mean - trace)).toBeLessThan(5 * found.trace.standardError)
  })
})

describe("connect", () => {
  it("gives both curves the same ends, and the trained one a mean no higher", () => {
    const surface = surfaceOf("npo?beta=1")
    const { line, bezier } = connect(surface, Float64Array.of(4, 0, 0), Float64Array.of(0, 4, 0), 21)
    expect(bezier.losses[0]).toBe(line.losses[0])
    expect(bezier.losses.at(-1)).toBe(line.losses.at(-1))
    const mean = (losses: readonly number[]) => losses.reduce((sum, x) => sum + x, 0) / losses.length
    expect(mean(bezier.losses)).toBeLessThanOrEqual(mean(line.losses))
  })
})
