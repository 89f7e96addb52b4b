/** Exact Hessians against finite differences of exact gradients, for every studied loss and both kinds of policy. */

import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { exactPairs } from "../../src/bandit/pairs.ts"
import { parseKnownExpression } from "../../src/loss/expression.ts"
import { programFromExpression } from "../../src/loss/fromExpression.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { hessianRows } from "../../src/loss/secondDerivatives.ts"
import { Rng } from "../../src/random/rng.ts"
import { hasKinks, rounded } from "../../src/surface/rounded.ts"
import { denseMatrix } from "../../src/surface/spectrum.ts"
import { programSurface } from "../../src/surface/surface.ts"
import {
  derivative,
  environmentOf,
  linear,
  normals,
  programOf,
  studied,
  surfaceOf,
  tabular,
  threeArms
} from "./worlds.ts"

const lowRank = environmentOf({ kind: "low-rank" })
const settings = {
  "three arms": tabular(),
  "linear policy, features trained": linear(),
  "linear policy, features fixed": linear(threeArms, 2, false),
  "several contexts": tabular(environmentOf({ kind: "bradley-terry", arms: 4, contexts: 2 })),
  "low rank": { ...linear(lowRank) }
} as const

/** The point is off the start, so that no symmetry hides a term. */
const pointOf = (setting: (typeof settings)[keyof typeof settings], seed: number) => {
  const start = setting.policy.initial()
  const noise = normals(start.length, Rng.fromSeed(seed).split("noise"), 0.3)
  return start.map((value, i) => value + noise[i]!)
}

describe.each(Object.entries(settings))("Hessian products, %s", (_name, setting) => {
  it.each(studied)("%s: equals differences of the gradient", (loss) => {
    const surface = surfaceOf(loss, setting)
    for (const seed of [1, 2]) {
      const at = pointOf(setting, seed)
      const v = normals(at.length, Rng.fromSeed(seed).split("v"))
      const product = new Float64Array(at.length)
      surface.hessianAt(at)(v, product)
      const gradients = (h: number) => {
        const out = new Float64Array(at.length)
        surface.gradientInto(
          at.map((value, i) => value + h * v[i]!),
          out
        )
        return out
      }
      const scale = Math.max(...product.map(Math.abs), 1e-3)
      for (let i = 0; i < at.length; i++) {
        const slope = derivative((h) => gradients(h)[i]!, 1e-4)
        expect(Math.abs(product[i]! - slope) / scale).toBeLessThan(1e-7)
      }
    }
  })
})

describe("surfaces", () => {
  it("have gradients that are derivatives of their values", () => {
    for (const loss of studied) {
      const setting = settings["low rank"]
      const surface = surfaceOf(loss, setting)
      const at = pointOf(setting, 3)
      const v = normals(at.length, Rng.fromSeed(4))
      const gradient = new Float64Array(at.length)
      const value = surface.gradientInto(at, gradient)
      expect(value).toBe(surface.lossAt(at))
      const slope = derivative((h) => surface.lossAt(at.map((x, i) => x + h * v[i]!)), 1e-4)
      expect(gradient.reduce((sum, g, i) => sum + g * v[i]!, 0)).toBeCloseTo(slope, 8)
    }
  })

  it("have symmetric Hessians", () => {
    for (const loss of studied) {
      const setting = settings["three arms"]
      const apply = surfaceOf(loss, setting).hessianAt(pointOf(setting, 5))
      const dense = denseMatrix(apply, 3)
      for (let k = 0; k < 3; k++) {
        const unit = new Float64Array(3)
        unit[k] = 1
        const column = new Float64Array(3)
        apply(unit, column)
        for (let i = 0; i < 3; i++) expect(column[i]!).toBeCloseTo(dense[i * 3 + k]!, 12)
        // A constant added to all logits changes nothing.
        expect(column.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 12)
      }
    }
  })

  it("keep an operator's point when the surface is used elsewhere", () => {
    const surface = surfaceOf("dpo")
    const at = Float64Array.of(0.3, -0.1, 0)
    const apply = surface.hessianAt(at)
    const v = Float64Array.of(1, 0, 0)
    const [before, after] = [new Float64Array(3), new Float64Array(3)]
    apply(v, before)
    at.fill(7)
    surface.lossAt(at)
    surface.hessianAt(at)(v, new Float64Array(3))
    apply(v, after)
    expect(after).toEqual(before)
  })

  it("take a cross-entropy term", () => {
    const [plain, weighted] = [0, 0.5].map((ceWeight) => programSurface(programOf("dpo"), { ...tabular(), ceWeight }))
    const at = threeArms.reference.map(Math.log)
    const table = exactPairs(threeArms)
    const entropy = table.chosen.reduce((sum, y, i) => sum - table.weight[i]! * at[y]!, 0)
    expect(weighted!.lossAt(at) - plain!.lossAt(at)).toBeCloseTo(0.5 * entropy, 12)
  })
})

describe("hessianRows", () => {
  it("gives DPO's second derivatives: β² σ(m) σ(-m) [[1, -1], [-1, 1]]", () => {
    const loss = Result.getOrThrow(resolveLoss("dpo?beta=0.7"))
    const rows = hessianRows(loss.program)
    const surface = surfaceOf("dpo?beta=0.7", { ...tabular(), table: pairTable() })
    const logits = Float64Array.of(0.4, -0.2, 0.1)
    const product = new Float64Array(3)
    surface.hessianAt(logits)(Float64Array.of(1, 0, 0), product)
    const margin = 0.7 * (0.4 + 0.2 - Math.log(0.2 / 0.3))
    const sigmoid = 1 / (1 + Math.exp(-margin))
    expect(product[0]!).toBeCloseTo(0.49 * sigmoid * (1 - sigmoid), 12)
    expect(product[1]!).toBeCloseTo(-0.49 * sigmoid * (1 - sigmoid), 12)
    expect(Object.keys(rows.lw.outputs.gradients)).toEqual(["lw", "ll"])
  })

  it("refuses a stopped gradient", () => {
    const program = programFromExpression(parseKnownExpression("stopGradient(lw) * ll"), {}, ["lw", "ll"])
    expect(() => hessianRows(program)).toThrow(/stops a gradient/)
  })
})

const pairTable = () => ({
  count: 1,
  chosen: Int32Array.of(0),
  rejected: Int32Array.of(1),
  weight: Float64Array.of(1),
  rw: Float64Array.of(Math.log(0.2)),
  rl: Float64Array.of(Math.log(0.3)),
  nw: Float64Array.of(1),
  nl: Float64Array.of(1),
  sw: Float64Array.of(2),
  sl: Float64Array.of(1)
})

describe("rounded", () => {
  it("leaves a smooth loss alone", () => {
    const smooth = programOf("dpo")
    expect(hasKinks(smooth)).toBe(false)
    expect(rounded(smooth, 0.1)).toBe(smooth)
    expect(() => rounded(smooth, 0)).toThrow(RangeError)
  })

  it("is above a hinge by at most width · log 2, and smooth", () => {
    const [hinge, round] = [surfaceOf("slic"), surfaceOf("slic", tabular(), { rounding: 0.01 })]
    for (const seed of [1, 2, 3]) {
      const at = normals(3, Rng.fromSeed(seed))
      const above = round.lossAt(at) - hinge.lossAt(at)
      expect(above).toBeGreaterThanOrEqual(-1e-15)
      expect(above).toBeLessThanOrEqual(0.01 * Math.LN2)
    }
    // On the kink itself the hinge has no curvature to show, the rounded loss has.
    const kink = Float64Array.of(1, 0, -1)
    const product = new Float64Array(3)
    round.hessianAt(kink)(Float64Array.of(1, -1, 0), product)
    expect(product[0]!).toBeGreaterThan(1)
  })

  it("rounds minima and absolute values too", () => {
    const at = (text: string) => {
      const program = programFromExpression(parseKnownExpression(text), {}, ["lw", "ll"])
      const surface = programSurface(rounded(program, 0.01), { ...tabular(), table: pairTable() })
      return surface.lossAt(Float64Array.of(1, 0, 0))
    }
    expect(at("min(lw, ll)")).toBeCloseTo(at("ll"), 10)
    expect(at("abs(lw - ll)")).toBeCloseTo(1, 10)
  })
})
