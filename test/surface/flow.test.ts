/** Gradient flow on the simplex: the fields against their definitions, the integrator against small steps, ends against theory. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ipoOptimum, klOptimum } from "../../src/bandit/optima.ts"
import { parseKnownExpression } from "../../src/loss/expression.ts"
import { programFromExpression } from "../../src/loss/fromExpression.ts"
import { Rng } from "../../src/random/rng.ts"
import { fieldAngle } from "../../src/surface/angles.ts"
import { basins, endFinder, gatherEnds, totalVariation } from "../../src/surface/attractors.ts"
import { type FlowField, flowField, type Metric, metrics } from "../../src/surface/field.ts"
import { integrateFlow, normalised } from "../../src/surface/flow.ts"
import { drawPolicies, triangleGrid } from "../../src/surface/simplex.ts"
import { derivative, environmentOf, normals, programOf, studied, surfaceOf, threeArms } from "./worlds.ts"

const rounding = 0.01
const fieldOf = (loss: string, metric: Metric, environment = threeArms): FlowField =>
  flowField(programOf(loss, { rounding }), environment, { metric })

const d1 = environmentOf({ kind: "deterministic", dataset: "D1" })
const d3 = environmentOf({ kind: "deterministic", dataset: "D3'" })
const unseen = environmentOf({ kind: "bradley-terry", rewards: [2, 1, 0], reference: [0.2, 0.3, 0.5], unseen: 1 })

/** Classical Runge–Kutta with small steps: slow and obvious. */
const smallSteps = (field: FlowField, start: Float64Array, time: number): Float64Array => {
  const steps = Math.ceil(time / 1e-3)
  const h = time / steps
  const speed = (z: Float64Array) => field.velocityAt(z).value
  const ahead = (z: Float64Array, k: Float64Array, share: number) => z.map((value, i) => value + share * h * k[i]!)
  let z = start
  for (let step = 0; step < steps; step++) {
    const k1 = speed(z)
    const k2 = speed(ahead(z, k1, 0.5))
    const k3 = speed(ahead(z, k2, 0.5))
    const k4 = speed(ahead(z, k3, 1))
    z = z.map((value, i) => value + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!))
  }
  return normalised(z)
}

describe("flow fields", () => {
  it("are steepest descent: F v = -u for the natural one, v = -u for the softmax one", () => {
    for (const loss of studied) {
      const surface = surfaceOf(loss, undefined, { rounding })
      for (const seed of [1, 2, 3]) {
        const z = normals(3, Rng.fromSeed(seed))
        const u = new Float64Array(3)
        surface.gradientInto(z, u)
        const p = surface.policyAt(z)
        const softmax = fieldOf(loss, "softmax").velocityAt(z).value
        const natural = fieldOf(loss, "natural").velocityAt(z).value
        const mean = natural.reduce((sum, v, i) => sum + p[i]! * v, 0)
        for (let i = 0; i < 3; i++) {
          expect(softmax[i]!).toBeCloseTo(-u[i]!, 10)
          expect(p[i]! * (natural[i]! - mean)).toBeCloseTo(-u[i]!, 10)
        }
        expect(mean).toBeCloseTo(0, 10)
      }
    }
  })

  it("have exact directional derivatives", () => {
    for (const loss of studied) {
      for (const metric of metrics) {
        const field = fieldOf(loss, metric)
        const z = normals(3, Rng.fromSeed(6))
        const v = normals(3, Rng.fromSeed(7))
        const along = field.velocityAt(z).along(v)
        const scale = Math.max(1, ...along.map(Math.abs))
        for (let i = 0; i < 3; i++) {
          const slope = derivative((h) => field.velocityAt(z.map((x, k) => x + h * v[k]!)).value[i]!, 1e-4)
          expect(Math.abs(along[i]! - slope) / scale).toBeLessThan(1e-6)
        }
      }
    }
  })

  it("need one context", () => {
    const two = environmentOf({ kind: "bradley-terry", arms: 3, contexts: 2 })
    expect(() => fieldOf("dpo", "softmax", two)).toThrow(/2 contexts/)
  })

  it("value the loss as the surface does", () => {
    const z = Float64Array.of(0.3, 0, -0.2)
    for (const loss of studied)
      expect(fieldOf(loss, "natural").lossAt(z)).toBe(surfaceOf(loss, undefined, { rounding }).lossAt(z))
  })
})

describe("integrateFlow", () => {
  it("agrees with small steps of Runge–Kutta at every one of its own times", () => {
    for (const loss of ["dpo?beta=1", "ipo?tau=1", "uncpo", "slic", "copg?beta=1"]) {
      for (const metric of metrics) {
        const field = fieldOf(loss, metric)
        const start = normalised(Float64Array.of(-0.5, 1, 0.3))
        const run = integrateFlow(field, start, { tolerance: 1e-8 })
        const early = run.times.filter((time) => time <= 4)
        expect(early.length).toBeGreaterThan(20)
        for (const k of [early.length >> 2, early.length >> 1, early.length - 1]) {
          const slow = smallSteps(field, start, run.times[k]!)
          for (let i = 0; i < 3; i++) expect(Math.abs(run.path[k]![i]! - slow[i]!)).toBeLessThan(2e-5)
        }
      }
    }
  })

  it("only ever lowers the loss", () => {
    // Not DPO and CoPG at beta 0.1, whose optimum has an arm below -12 nats: it is held on the way there.
    for (const loss of ["dpo?beta=1", "copg?beta=1", ...studied.filter((name) => name !== "dpo" && name !== "copg")]) {
      const field = fieldOf(loss, "softmax")
      const run = integrateFlow(field, Float64Array.of(0.5, -1, 0.2))
      const losses = run.path.map((logp) => field.lossAt(logp))
      for (let k = 1; k < losses.length; k++) {
        expect(losses[k]!).toBeLessThanOrEqual(losses[k - 1]! + 1e-6 * Math.max(1, Math.abs(losses[k]!)))
      }
    }
  })

  it("does not depend on a constant added to the logits", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (shift) => {
        const field = fieldOf("uncpo", "natural")
        const start = Float64Array.of(0.1, -0.4, 0.7)
        const [a, b] = [start, start.map((z) => z + shift)].map((z) => integrateFlow(field, z).logp.map(Math.exp))
        expect(totalVariation(a!, b!)).toBeLessThan(1e-6)
      }),
      { numRuns: 10 }
    )
  })

  it("says when the slope is no number", () => {
    const field = fieldOf("dpo", "softmax")
    expect(integrateFlow(field, Float64Array.of(Number.NaN, 0, 0)).reason).toBe("undefined")
    expect(integrateFlow(field, Float64Array.of(0, 0, 0), { maxSteps: 3 }).reason).toBe("steps")
  })
})

const ends = (loss: string, metric: Metric, environment = threeArms, program = programOf(loss, { rounding })) =>
  basins({ program, environment, metric }, triangleGrid(4))

describe.each(metrics)("ends of the %s flow", (metric) => {
  it("are the optima that theory gives", () => {
    const dpo = ends("dpo?beta=1", metric)
    expect(dpo.attractors).toHaveLength(1)
    expect(dpo.attractors[0]!.kind).toBe("minimum")
    expect(totalVariation(dpo.attractors[0]!.policy, klOptimum(threeArms, 1).policy)).toBeLessThan(1e-9)
    // Pairs of distinct arms, uniformly proposed: IPO's optimum against that behaviour.
    const ipo = ends("ipo?tau=0.5", metric, d1).attractors[0]!
    expect(ipo.kind).toBe("minimum")
    const copg = ends("copg?beta=0.5", metric).attractors[0]!
    expect(totalVariation(copg.policy, klOptimum(threeArms, 0.5).policy)).toBeLessThan(1e-8)
  })

  it("lie on the boundary when preferences are deterministic: DPO at the winner, cross-entropy at the frequencies", () => {
    const dpo = ends("dpo", metric, d1).attractors
    expect(dpo).toHaveLength(1)
    expect(dpo[0]).toMatchObject({ kind: "face", vanishing: [1, 2], share: 1 })
    expect(dpo[0]!.loss).toBeCloseTo(0, 10)
    expect([...dpo[0]!.policy]).toEqual([expect.closeTo(1, 9), 0, 0])
    const ce = ends("ce", metric, d1).attractors[0]!
    expect(ce).toMatchObject({ kind: "face", vanishing: [2] })
    expect([...ce.policy]).toEqual([expect.closeTo(2 / 3, 6), expect.closeTo(1 / 3, 6), 0])
    expect(ce.loss).toBeCloseTo(Math.log(3) - (2 / 3) * Math.log(2), 8)
  })

  it("are free where the data leave the policy free: D3' ties a and b and never shows c winning", () => {
    const dpo = ends("dpo", metric, d3).attractors[0]!
    expect(dpo).toMatchObject({ kind: "face", vanishing: [2] })
    expect([...dpo.policy]).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.5, 6), 0])
    expect(dpo.loss).toBeCloseTo((2 / 3) * Math.LN2, 8)
    const unpaired = ends("dpo?beta=1", metric, unseen).attractors
    expect(unpaired).toHaveLength(1)
    expect(unpaired[0]!.kind).toBe("flat")
    expect(unpaired[0]!.spread).toBeGreaterThan(0.2)
  })

  it("escape to the arm that no pair shows when only the losers' fall counts", () => {
    for (const loss of ["uncpo", "cfunl"]) {
      const [only, ...others] = ends(loss, metric, unseen).attractors
      expect(others).toEqual([])
      expect(only).toMatchObject({ kind: "face", vanishing: [0, 1] })
      expect(only!.loss).toBeCloseTo(0, 10)
    }
  })

  it("fall for ever where the loss has no lower bound", () => {
    const program = programFromExpression(parseKnownExpression("ll - lw"), {}, ["lw", "ll"])
    const [only] = ends("", metric, d1, program).attractors
    expect(only).toMatchObject({ kind: "face", vanishing: [1, 2], loss: Number.NEGATIVE_INFINITY })
  })
})

describe("IPO's flow", () => {
  it("ends at the closed form for pairs y, y' drawn independently", () => {
    const copgWorld = environmentOf({ kind: "copg" })
    const independent = {
      ...copgWorld,
      comparisons: {
        ...copgWorld.comparisons,
        second: (copgWorld.comparisons as { first: Float64Array }).first
      } as never
    }
    const end = endFinder({ program: programOf("ipo?tau=0.5"), environment: independent, metric: "softmax" })(
      new Float64Array(3)
    )
    const mu = (independent.comparisons as unknown as { first: Float64Array }).first
    expect(totalVariation(end.policy, ipoOptimum(independent, mu, 0.5))).toBeLessThan(1e-9)
  })
})

describe("gatherEnds", () => {
  const end = (
    policy: ReadonlyArray<number>,
    kind: "minimum" | "flat" | "face",
    loss = 0,
    vanishing: number[] = []
  ) => ({
    kind,
    policy: Float64Array.from(policy),
    vanishing,
    loss
  })

  it("groups points by distance and sets by what vanishes, by falling share", () => {
    const { attractors, ends: of } = gatherEnds([
      end([0.2, 0.3, 0.5], "minimum", 1),
      end([0.6, 0.4, 0], "face", 2, [2]),
      end([0.201, 0.299, 0.5], "minimum", 0.9),
      end([0.9, 0.1, 0], "face", 3, [2]),
      end([0.1, 0.9, 0], "face", 3, [2]),
      end([0.5, 0.3, 0.2], "minimum", 4)
    ])
    expect(of).toEqual([1, 0, 1, 0, 0, 2])
    expect(attractors.map(({ share }) => share)).toEqual([0.5, expect.closeTo(1 / 3), expect.closeTo(1 / 6)])
    expect(attractors[0]!.spread).toBeGreaterThan(0.3)
    expect(attractors[1]).toMatchObject({ loss: 0.9 })
    expect(() => gatherEnds([])).toThrow(RangeError)
  })
})

describe("policies of the simplex", () => {
  it("form a regular grid of policies", () => {
    const grid = triangleGrid(7)
    expect(grid).toHaveLength(28)
    for (const logp of grid) expect(logp.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 12)
    expect(new Set(grid.map((logp) => logp.join())).size).toBe(28)
    expect(() => triangleGrid(0)).toThrow(RangeError)
  })

  it("are uniform on average (1/3 each, variance 1/18), or near the reference", () => {
    const count = 4000
    const draws = drawPolicies("uniform", threeArms.reference, count, Rng.fromSeed(1)).map((logp) => logp.map(Math.exp))
    for (let i = 0; i < 3; i++) {
      const mean = draws.reduce((sum, p) => sum + p[i]! / count, 0)
      const variance = draws.reduce((sum, p) => sum + (p[i]! - mean) ** 2 / count, 0)
      // Five standard errors.
      expect(Math.abs(mean - 1 / 3)).toBeLessThan(5 * Math.sqrt(1 / 18 / count))
      expect(Math.abs(variance - 1 / 18)).toBeLessThan(0.006)
    }
    const near = drawPolicies("near-reference", threeArms.reference, count, Rng.fromSeed(2))
    const ratio = near.map((logp) => logp[0]! - logp[2]!)
    const mean = ratio.reduce((sum, r) => sum + r / count, 0)
    expect(Math.abs(mean - Math.log(0.4))).toBeLessThan(5 * Math.sqrt(0.5 / count))
  })
})

describe("fieldAngle", () => {
  const policies = drawPolicies("uniform", threeArms.reference, 200, Rng.fromSeed(3))
  const expression = (text: string, metric: Metric) =>
    flowField(programFromExpression(parseKnownExpression(text), {}, ["lw", "ll"]), threeArms, { metric })

  it.each(metrics)("is 0 to itself and to a multiple, π to the opposite, in the %s metric", (metric) => {
    const field = fieldOf("dpo?beta=1", metric)
    expect(fieldAngle(field, field, policies).mean).toBeLessThan(1e-6)
    const [one, three, minus] = ["lw - 2*ll", "3*lw - 6*ll", "2*ll - lw"].map((text) => expression(text, metric))
    expect(fieldAngle(one!, three!, policies)).toEqual({ mean: expect.closeTo(0, 6), opposed: 0 })
    expect(fieldAngle(one!, minus!, policies)).toEqual({ mean: expect.closeTo(Math.PI, 6), opposed: 1 })
  })

  it("is symmetric, and that of a field that vanishes is a right angle", () => {
    const [a, b] = [fieldOf("uncpo", "softmax"), fieldOf("ipo?tau=1", "softmax")]
    expect(fieldAngle(a, b, policies).mean).toBeCloseTo(fieldAngle(b, a, policies).mean, 12)
    const nothing = expression("0*lw", "softmax")
    expect(fieldAngle(a, nothing, policies).mean).toBeCloseTo(Math.PI / 2, 12)
    expect(fieldAngle(nothing, nothing, policies).mean).toBe(0)
  })

  it("equals the angle of finite differences of the loss in the plane of the triangle", () => {
    // Softmax metric: the logits' directions (1, -1, 0)/√2 and (1, 1, -2)/√6 span the moves that change the policy.
    const frame = [
      Float64Array.of(1, -1, 0).map((x) => x / Math.SQRT2),
      Float64Array.of(1, 1, -2).map((x) => x / Math.sqrt(6))
    ]
    const angle = (loss: string, logp: Float64Array) => {
      const field = fieldOf(loss, "softmax")
      const [x, y] = frame.map((v) => derivative((h) => field.lossAt(logp.map((z, i) => z + h * v[i]!)), 1e-4))
      return Math.atan2(y!, x!)
    }
    const few = policies.slice(0, 20)
    const slow = few.map((logp) => {
      const arc = Math.abs(angle("uncpo", logp) - angle("dpo?beta=1", logp))
      return arc > Math.PI ? 2 * Math.PI - arc : arc
    })
    const mean = slow.reduce((sum, arc) => sum + arc / few.length, 0)
    expect(fieldAngle(fieldOf("uncpo", "softmax"), fieldOf("dpo?beta=1", "softmax"), few).mean).toBeCloseTo(mean, 6)
  })

  it("refuses fields that cannot be compared", () => {
    expect(() => fieldAngle(fieldOf("dpo", "softmax"), fieldOf("dpo", "natural"), policies)).toThrow(RangeError)
    expect(() => fieldAngle(fieldOf("dpo", "softmax"), fieldOf("dpo", "softmax"), [])).toThrow(RangeError)
  })
})
