/** Stage surfaces: its cells, its records, its section of a study file. */
import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import type { SurfacesRow } from "../../src/experiments/figures/drawing/surfaceRows.ts"
import { banditRows } from "../../src/experiments/stages/cells/surfaces.ts"
import { SurfacesConfig } from "../../src/experiments/surfacesStudy.ts"
import { decodeWhole } from "../../src/loss/schemaFindings.ts"

const world = {
  world: "bt",
  environment: { kind: "bradley-terry", rewards: [2, 1, 0], reference: [0.2, 0.3, 0.5] },
  seeds: [3, 4]
} as const

const simplex = (loss: string) => banditRows({ ...world, part: "simplex", loss, grid: 6, starts: 3, draws: 4 })

const of = <K extends SurfacesRow["kind"]>(rows: ReadonlyArray<SurfacesRow>, kind: K) =>
  rows.filter((row): row is Extract<SurfacesRow, { readonly kind: K }> => row.kind === kind)

const policies = {
  ...{ part: "policies", study: "s", seed: 1, policy: { kind: "tabular" }, losses: ["dpo?beta=1", "uncpo", "cpo"] },
  ...{ environment: { kind: "bradley-terry", arms: 4 }, learningRate: 0.05, steps: 40, eigenvalues: 2, probes: 3 },
  ...{ connect: ["dpo?beta=1", "uncpo"], pathPoints: 5, startNoise: 1, slice: 5, plane: ["dpo?beta=1", "uncpo", "cpo"] }
} as const

describe("simplex cells", () => {
  it("hold a loss's landscape, its attractors, and shares that sum to 1 for every seed", () => {
    const rows = simplex("npo?beta=1")
    const [row] = of(rows, "simplex")
    expect(row!.values).toHaveLength(21)
    expect(row!.ends.softmax).toHaveLength(6)
    const attractors = of(rows, "attractor").filter(({ metric }) => metric === "softmax")
    expect(attractors.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 8)
    for (const seed of world.seeds) {
      for (const measure of ["uniform", "near-reference"] as const) {
        const shares = of(rows, "share").filter(
          (one) => one.seed === seed && one.measure === measure && one.metric === "natural"
        )
        expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 8)
      }
    }
  })

  it("give the same rows again, and a refusal with its reason for a loss without landscape", () => {
    expect(simplex("uncpo")).toEqual(simplex("uncpo"))
    expect(simplex("odpo")).toEqual([
      { kind: "refused", place: "bt", loss: "odpo", reason: expect.stringMatching(/no finite value/) }
    ])
  })
})

describe("the cell of angles", () => {
  it("has the world, and every pair of losses for every metric, measure and seed", () => {
    const rows = banditRows({ ...world, part: "angles", losses: ["dpo?beta=1", "odpo", "uncpo"], points: 10 })
    expect(of(rows, "world")[0]!.landmarks.nash).toEqual([1, 0, 0])
    expect(of(rows, "angle")).toHaveLength(8)
    for (const { degrees, opposed } of of(rows, "angle")) {
      expect(degrees).toBeGreaterThan(0)
      expect(opposed).toBeLessThanOrEqual(1)
    }
  })
})

describe("cells of policies", () => {
  it("hold sharpness of every loss, both losses of every pair on both curves, own paths, slices", () => {
    const rows = banditRows(policies)
    expect(of(rows, "sharpness").map(({ loss }) => loss)).toEqual(policies.losses)
    const paths = of(rows, "path")
    // Two losses × two curves of the pair, and two curves of each loss between its own two ends.
    expect(paths).toHaveLength(8)
    expect(paths.filter(({ from, to }) => from === to)).toHaveLength(4)
    for (const { values, barrier } of paths) {
      const numbers = values as ReadonlyArray<number>
      const ends = Math.max(numbers[0]!, numbers.at(-1)!)
      expect(barrier).toBeCloseTo(Math.max(...numbers) - ends, 6)
    }
    const slices = of(rows, "slice")
    expect(slices.map(({ plane }) => plane)).toEqual([...Array(3).fill("random"), ...Array(3).fill("through three")])
    for (const { size, values } of slices) expect(values).toHaveLength(size * size)
    expect(banditRows(policies)).toEqual(rows)
  })

  it("draw no slices where none are asked for", () => {
    expect(of(banditRows({ ...policies, slice: 0 }), "slice")).toEqual([])
  })
})

describe("the section surfaces", () => {
  const decode = (input: unknown) => {
    const decoded = decodeWhole(SurfacesConfig, input)
    return Result.isFailure(decoded) ? decoded.failure.map(({ path, message }) => `${path.join(".")}: ${message}`) : []
  }
  const { environment } = world

  it("fills in what is left out and refuses what has no surface, by its place", () => {
    expect(decode({ simplex: { worlds: { bt: environment }, losses: ["dpo"] } })).toEqual([])
    const [wrong] = decode({ simplex: { worlds: { bt: environment }, losses: ["dpo", "kto_batch_nothing"] } })
    expect(wrong).toMatch(/^simplex\.losses\.1: /)
    const [untrained] = decode({
      policies: { s: { environment, policy: { kind: "tabular" }, losses: ["dpo"], connect: ["ipo"] } }
    })
    expect(untrained).toMatch(/^policies\.s\.connect\.0: "ipo" is not among the losses that are trained/)
  })
})
