/** Whole landscapes: marks, shares of random starts, refusals. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { Rng } from "../../src/random/rng.ts"
import { fieldAngle } from "../../src/surface/angles.ts"
import { flowField } from "../../src/surface/field.ts"
import {
  attractorShares,
  flowRounding,
  landmarks,
  landscapeAngles,
  landscapeLoss,
  simplexLandscape
} from "../../src/surface/landscape.ts"
import { drawPolicies, triangleGrid } from "../../src/surface/simplex.ts"
import { environmentOf, programOf, surfaceOf, threeArms } from "./worlds.ts"

const ready = (loss: string, environment = threeArms) => Result.getOrThrow(landscapeLoss(loss, environment))

describe("a landscape", () => {
  it("holds the values of the loss itself, kinks and all, and flows of the rounded one", () => {
    const landscape = simplexLandscape(ready("slic"), threeArms, { grid: 5, starts: 2 })
    const surface = surfaceOf("slic")
    expect(landscape.values).toEqual(triangleGrid(5).map(surface.lossAt))
    expect(landscape.basins.softmax.ends).toHaveLength(3)
    const [start] = landscape.fromReference.natural.path
    expect([...start!].map(Math.exp)).toEqual([0.2, 0.3, 0.5].map((p) => expect.closeTo(p, 12)))
  })

  it("is marked with the equilibrium of the cyclic world, (.3, .3, .4)", () => {
    const { nash, reference } = landmarks(environmentOf({ kind: "cyclic" }))
    expect([...nash!]).toEqual([0.3, 0.3, 0.4].map((p) => expect.closeTo(p, 9)))
    expect([...reference!]).toEqual([1, 1, 1].map((p) => expect.closeTo(p / 3, 12)))
  })

  it("needs three arms, one context, and a value everywhere", () => {
    const reason = (loss: string, environment = threeArms) => failureOf(landscapeLoss(loss, environment))
    expect(reason("dpo", environmentOf({ kind: "bradley-terry", arms: 4 }))).toMatch(/4 arms/)
    expect(reason("odpo")).toMatch(/no finite value and slope .* at policy/)
    expect(reason("nosuchloss")).toMatch(/nosuchloss/)
  })
})

const failureOf = (result: ReturnType<typeof landscapeLoss>): string =>
  Result.isFailure(result) ? result.failure.message : "no failure"

describe("shares of random starts", () => {
  it("sum to 1 over the attractors, and find NPO's two", () => {
    const loss = ready("npo?beta=1")
    const { basins } = simplexLandscape(loss, threeArms, { grid: 2, starts: 8 })
    const starts = drawPolicies("uniform", threeArms.reference, 40, Rng.fromSeed(1))
    const { shares, other } = attractorShares(loss, threeArms, "softmax", basins.softmax, starts)
    expect(shares.length).toBe(2)
    expect(shares.reduce((sum, share) => sum + share, other)).toBeCloseTo(1, 12)
    expect(Math.min(...shares)).toBeGreaterThan(0.1)
    expect(other).toBe(0)
  })

  it("count what ends at no known attractor as other", () => {
    const loss = ready("dpo?beta=1")
    const nothing = { attractors: [], ends: [] }
    const starts = drawPolicies("uniform", threeArms.reference, 3, Rng.fromSeed(1))
    expect(attractorShares(loss, threeArms, "softmax", nothing, starts)).toEqual({ shares: [], other: 1 })
  })
})

describe("angles of a set of losses", () => {
  it("are those of every pair over the same policies", () => {
    const losses = ["dpo?beta=1", "uncpo", "ce"].map((loss) => ready(loss))
    const angles = landscapeAngles(losses, threeArms, "natural", "near-reference", 30, Rng.fromSeed(4))
    expect(angles.map(({ a, b }) => [a, b])).toEqual([
      ["dpo?beta=1", "uncpo"],
      ["dpo?beta=1", "ce"],
      ["uncpo", "ce"]
    ])
    const policies = drawPolicies("near-reference", threeArms.reference, 30, Rng.fromSeed(4))
    const field = (loss: string) =>
      flowField(programOf(loss, { rounding: flowRounding }), threeArms, { metric: "natural" })
    expect(angles[2]!.mean).toBe(fieldAngle(field("uncpo"), field("ce"), policies).mean)
  })
})
