/** Distances between losses: laws of a pseudometric, angles known by hand, and the geometry of softmax steps. */
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { type DirectionField, type DirectionFields, directionFields, softmaxStep } from "../../src/maps/directions.ts"
import { fieldDistance, fieldDistances, groupsOfSame } from "../../src/maps/distance.ts"
import { defaultSettings, mapLoss } from "../../src/maps/mapped.ts"
import { drawPairs } from "../../src/maps/measure.ts"
import "../seed.ts"

const lossOf = (text: string) => Result.getOrThrow(resolveLoss(text))
const columns = drawPairs({ ...defaultSettings, points: 512 })
const fieldsOf = (text: string): DirectionFields => {
  const fields = directionFields(compileKernel(lossOf(text).program), columns, 6)
  if ("point" in fields) throw new Error(`${text} has no gradient at ${JSON.stringify(fields.point)}`)
  return fields
}
const degrees = (a: string, b: string): number =>
  (fieldDistance(fieldsOf(a)["log-probability"], fieldsOf(b)["log-probability"]) * 180) / Math.PI

/** A field over five points, some of which do not move. */
const field: fc.Arbitrary<DirectionField> = fc
  .array(fc.option(fc.double({ min: -Math.PI, max: Math.PI, noNaN: true })), { minLength: 5, maxLength: 5 })
  .map((angles) => ({
    angle: Float64Array.from(angles, (angle) => angle ?? 0),
    moves: Uint8Array.from(angles, (angle) => (angle === null ? 0 : 1))
  }))

describe("the distance of two fields", () => {
  it("is a pseudometric", () => {
    fc.assert(
      fc.property(field, field, field, (a, b, c) => {
        const d = fieldDistance(a, b)
        expect(fieldDistance(a, a)).toBe(0)
        expect(d).toBe(fieldDistance(b, a))
        expect(d).toBeGreaterThanOrEqual(0)
        expect(d).toBeLessThanOrEqual(Math.PI + 1e-12)
        expect(d).toBeLessThanOrEqual(fieldDistance(a, c) + fieldDistance(c, b) + 1e-12)
      })
    )
  })

  it("is the mean of angles taken by the inner product, where both move", () => {
    fc.assert(
      fc.property(field, field, (a, b) => {
        const angles = [...a.angle].map((x, i) => {
          const y = b.angle[i]!
          if (a.moves[i] !== b.moves[i]) return Math.PI / 2
          if (a.moves[i] === 0) return 0
          const cosine = Math.cos(x) * Math.cos(y) + Math.sin(x) * Math.sin(y)
          return Math.acos(Math.max(-1, Math.min(1, cosine)))
        })
        // acos loses half the digits near 0 and pi.
        expect(fieldDistance(a, b)).toBeCloseTo(angles.reduce((sum, x) => sum + x, 0) / 5, 6)
      })
    )
  })

  it("refuses fields over different numbers of points", () => {
    const short = { angle: new Float64Array(2), moves: new Uint8Array(2) }
    expect(() => fieldDistance(fieldsOf("ce").softmax, short)).toThrow(/512 and 2 points/)
  })
})

describe("distances of losses", () => {
  it.each([
    ["expr:-lw", "cpo_core", 45],
    ["expr:-lw", "expr:ll", 90],
    ["expr:-lw", "expr:lw", 180],
    ["expr:ll", "cpo_core", 45],
    ["expr:-2*lw+ll", "expr:-lw", (Math.atan2(1, 2) * 180) / Math.PI],
    ["ce", "sft", 0],
    ["dpo", "cpo_core", 0],
    ["npo", "funl", 0],
    ["expr:-lw", "expr:max(0, lw-1)", 90],
    ["expr:max(0, lw-1)", "expr:max(0, ll-1)", 0]
  ])("%s and %s are %d degrees apart", (a, b, expected) => expect(degrees(a, b)).toBeCloseTo(expected, 9))

  it("do not change when a loss is multiplied by a positive number, and turn by 180 degrees by a negative one", () => {
    const own = "softplus(-0.1*((lw-rw)-(ll-rl))) - 0.05*lw/nw"
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (factor) => {
        expect(degrees(`expr:${factor}*(${own})`, `expr:${own}`)).toBeCloseTo(0, 9)
        expect(degrees(`expr:-${factor}*(${own})`, `expr:${own}`)).toBeCloseTo(180, 9)
      }),
      { numRuns: 20 }
    )
  })

  it("are blind to beta where the direction is: DPO at every beta, but not CPO with its likelihood term", () => {
    expect(degrees("dpo?beta=0.01", "dpo?beta=5")).toBeLessThan(1e-9)
    expect(degrees("cpo_trl?beta=0.1", "cpo_trl?beta=2")).toBeGreaterThan(1)
  })

  it("put losses with the same field into one group, in order", () => {
    const losses = ["dpo", "ce", "cpo_core", "sft", "uncpo"]
    const matrix = fieldDistances(losses.map((loss) => fieldsOf(loss)["log-probability"]))
    expect(groupsOfSame(matrix)).toEqual([[0, 2], [1, 3], [4]])
  })

  it("name what a loss lacks, or where it has no gradient", () => {
    const failure = (text: string) => Result.getOrThrow(Result.flip(mapLoss(lossOf(text), columns, 8)))
    expect(failure("kto")).toMatch(/kl \(a statistic of the batch/)
    expect(failure("aot")).toMatch(/sorting/)
    expect(failure("expr:1/(lw-lw)*ll")).toMatch(/gradient is not finite .* at \{"lw":/)
  })
})

describe("the softmax geometry", () => {
  it("has the angles of the steps on the logits, written out", () => {
    const weight = fc.double({ min: -2, max: 2, noNaN: true })
    const mass = fc.double({ min: 0.01, max: 1, noNaN: true })
    fc.assert(
      fc.property(weight, weight, weight, weight, mass, mass, mass, fc.integer({ min: 1, max: 9 }), (...drawn) => {
        const [aw, al, bw, bl, x, y, z, others] = drawn
        const [chosen, rejected] = [x / (x + y + z), y / (x + y + z)]
        const arms = [chosen, rejected, ...new Array<number>(others).fill((1 - chosen - rejected) / others)]
        const step = ([w, l]: readonly [number, number]) =>
          arms.map((p, arm) => w * ((arm === 0 ? 1 : 0) - p) + l * ((arm === 1 ? 1 : 0) - p))
        const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
        const a = softmaxStep([aw, al], chosen, rejected, others)
        const b = softmaxStep([bw, bl], chosen, rejected, others)
        expect(dot(a, b)).toBeCloseTo(dot(step([aw, al]), step([bw, bl])), 10)
        expect(dot(a, a)).toBeCloseTo(dot(step([aw, al]), step([aw, al])), 10)
      })
    )
  })
})

describe("the measure", () => {
  it("draws policies alone, the same for the same seed and others for another", () => {
    const again = drawPairs({ ...defaultSettings, points: 512 })
    expect(again).toEqual(columns)
    expect(drawPairs({ ...defaultSettings, points: 512, seed: 1 }).lw).not.toEqual(columns.lw)
    for (const [w, l] of [
      ["lw", "ll"],
      ["rw", "rl"]
    ] as const) {
      for (let i = 0; i < 512; i++) {
        expect(Math.exp(columns[w][i]!) + Math.exp(columns[l][i]!)).toBeLessThan(1)
        expect(Math.min(columns[w][i]!, columns[l][i]!)).toBeGreaterThanOrEqual(-6)
      }
    }
    expect([...new Set(columns.nw)].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it("is uniform on the policies: the mean of log p_w is that of a fine grid", () => {
    const side = 600
    let [sum, count] = [0, 0]
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        const [x, y] = [(-6 * (i + 0.5)) / side, (-6 * (j + 0.5)) / side]
        if (Math.exp(x) + Math.exp(y) < 1) [sum, count] = [sum + x, count + 1]
      }
    }
    const { lw } = drawPairs({ ...defaultSettings, points: 4096 })
    expect(lw.reduce((s, x) => s + x, 0) / lw.length).toBeCloseTo(sum / count, 1)
  })

  it.each([
    [{ points: 0 }, /points/],
    [{ reach: 0.5 }, /reach/],
    [{ lengths: 1.5 }, /lengths/]
  ])("refuses %j", (wrong, message) => {
    expect(() => drawPairs({ ...defaultSettings, ...wrong })).toThrow(message)
  })
})
