import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { simplePairs } from "../../src/audit/inputs.ts"
import { plainReading, readings, valuesRead } from "../../src/audit/readings.ts"
import { roundTo } from "../../src/audit/rounding.ts"
import { shrunk } from "../../src/audit/shrink.ts"
import { catalogue } from "../../src/loss/catalogue/index.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"

describe("rounding", () => {
  it("is to the nearest, ties to even", () => {
    expect(roundTo(1 + 2 ** -8, "bfloat16")).toBe(1)
    expect(roundTo(1 + 3 * 2 ** -8, "bfloat16")).toBe(1 + 2 ** -6)
    expect(roundTo(-12.53, "bfloat16")).toBe(-12.5)
    expect(roundTo(2049, "float16")).toBe(2048)
    expect(roundTo(0.1, "float32")).toBe(Math.fround(0.1))
    expect(roundTo(0, "float16")).toBe(0)
  })
})

describe("readings", () => {
  const program = Result.getOrThrow(resolveLoss("ipo_norm")).program

  it("as it is give the kernel's values", () => {
    for (const loss of catalogue.filter(({ inputs }) => inputs.every((name) => /^[lrn][wl]$/.test(name)))) {
      const own = Result.getOrThrow(resolveLoss(loss.id)).program
      const read = valuesRead(own, plainReading, simplePairs, true)
      for (const [k, pair] of simplePairs.entries()) {
        const { loss: wanted, dlw, dll } = compileKernel(own).evaluate(pair)
        expect(read.loss[k]).toBeCloseTo(wanted, 9)
        expect(read.gradients.lw![k]).toBeCloseTo(dlw, 9)
        expect(read.gradients.ll![k]).toBeCloseTo(dll, 9)
      }
    }
  })

  it.each(readings)("$id: derivatives are those of the losses that it gives", (reading) => {
    const rows = simplePairs.slice(5).map((row, k) => ({ ...row, lw: row.lw! - 0.013 * k, ll: row.ll! + 0.021 * k }))
    const total = (at: typeof rows): number =>
      valuesRead(program, reading, at, true).loss.reduce((sum, x) => sum + x, 0)
    const { gradients } = valuesRead(program, reading, rows, true)
    for (const name of ["lw", "ll"] as const) {
      for (const k of rows.keys()) {
        const moved = (h: number) => total(rows.map((row, j) => (j === k ? { ...row, [name]: row[name]! + h } : row)))
        expect(gradients[name]![k]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4)
      }
    }
  })
})

describe("shrinking", () => {
  it("ends at one pair of small numbers that still disagrees", async () => {
    const start = {
      family: "typical",
      dtype: "float64",
      params: { beta: 0.26 },
      rows: [-31.4, -17.9].map((lw) => ({ lw, ll: -22.2, rw: -19, rl: -21.1, nw: 12, nl: 17 }))
    } as const
    const found = await shrunk(
      start,
      { beta: 0.1 },
      () => true,
      async (calls) => calls.map(({ rows }) => rows.some(({ lw, ll }) => lw! < ll! - 1.5))
    )
    expect(found.params).toEqual({ beta: 0.1 })
    expect(found.rows).toEqual([{ lw: -3, ll: -1, rw: -1, rl: -1, nw: 1, nl: 1 }])
  })
})
