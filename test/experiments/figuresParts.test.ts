import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { curve, ends, extent, spread } from "../../src/experiments/figures/drawing/curves.ts"
import { textWidth } from "../../src/experiments/figures/drawing/fonts.ts"
import { intervalPhrase, seedInterval, seedPhrase } from "../../src/experiments/figures/drawing/intervals.ts"
import { lossNames } from "../../src/experiments/figures/drawing/lossNames.ts"
import {
  fitted,
  formulaSigns,
  number,
  ratioSigns,
  richLabels,
  richWidth
} from "../../src/experiments/figures/drawing/notation.ts"

import { seriesLook } from "../../src/experiments/figures/drawing/theme.ts"
import { publishedDynamicsFigure } from "../../src/experiments/figures/publishedDynamics.ts"
import { emptyRecords } from "../../src/experiments/figures/records.ts"
import { agreesWith } from "../../src/experiments/figures/verdictMatrix.ts"
import { syntheticRecords } from "./fixtures/synthetic.ts"

describe("labels beside curves", () => {
  it("stay in order, apart, and near their values when there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 10 }), (values) => {
        const placed = spread(values, 12, 0, 200)
        const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
        for (let i = 1; i < order.length; i++) {
          expect(placed[order[i]!]! - placed[order[i - 1]!]!).toBeGreaterThanOrEqual(12 - 1e-9)
        }
        for (const place of placed) {
          expect(place).toBeGreaterThanOrEqual(-1e-9)
          expect(place).toBeLessThanOrEqual(200 + 1e-9)
        }
      })
    )
    expect(spread([50, 100], 12, 0, 200)).toEqual([50, 100])
  })
})

describe("curves", () => {
  const rows = [0, 1].flatMap((seed) => [0, 10].map((step) => ({ seed, step, value: seed === 0 ? step : 2 * step })))

  it("are means over seeds with Student's interval", () => {
    const points = curve("a", rows, (row) => row.value)
    expect(points.map((point) => [point.step, point.mean, point.seeds])).toEqual([
      [0, 0, 2],
      [10, 15, 2]
    ])
    // t(0.975, 1) = 12.706, s/√2 = 5
    expect(points[1]!.high - 15).toBeCloseTo(12.7062 * 5, 2)
    expect(ends(points)).toEqual([points[1]])
    expect(extent(points, 0)).toEqual([points[1]!.low, points[1]!.high])
  })

  it("leave out steps without a finite value", () => {
    expect(curve("a", rows, (row) => (row.step === 10 ? undefined : row.value))).toHaveLength(1)
    expect(seedInterval([undefined])).toBeUndefined()
    expect(seedInterval([3])).toEqual({ mean: 3, low: 3, high: 3, seeds: 1 })
  })
})

describe("looks of series", () => {
  it("are 64 different ones, neighbours by colour, dash and shape", () => {
    const looks = Array.from({ length: 64 }, (_, index) => seriesLook(index))
    expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(64)
    for (let index = 1; index < 64; index++) {
      const [a, b] = [looks[index - 1]!, looks[index]!]
      expect([a.colour === b.colour, String(a.dash) === String(b.dash), a.shape === b.shape]).toEqual([
        false,
        false,
        false
      ])
    }
  })
})

describe("captions", () => {
  it("name the seeds", () => {
    const rows = (seeds: readonly number[]) => seeds.map((seed) => ({ seed }))
    expect(seedPhrase(rows([4]))).toBe("seed 4")
    expect(seedPhrase(rows([2, 0, 1, 1]))).toBe("seeds 0 to 2")
    expect(seedPhrase(rows([0, 1]))).toBe("seeds 0 and 1")
    expect(seedPhrase(rows([5, 1, 8]))).toBe("seeds 1, 5 and 8")
    expect(intervalPhrase(rows([1]))).toMatch(/no interval/)
    expect(intervalPhrase(rows([1, 2]))).toMatch(/95 % intervals over seeds 1 and 2/)
  })
})

describe("notation", () => {
  it("writes formulas with the signs of logic and ratios with a real minus", () => {
    expect(formulaSigns("Ref(w) and M(l) -> not M(w) or true")).toBe("Ref(w) ∧ M(l) → ¬M(w) ∨ ⊤")
    expect(formulaSigns("M(w) xor M(l) <-> false")).toBe("M(w) ⊕ M(l) ↔ ⊥")
    expect(formulaSigns("!M(w) & M(l) | M(g)")).toBe("¬M(w) ∧ M(l) ∨ M(g)")
    expect(ratioSigns("p_w*(1-p_l)")).toBe("p_w(1 − p_l)")
    expect(ratioSigns("1 - p_w*r_l")).toBe("1 − p_w r_l")
    expect(number(-0.004, 2)).toBe("0.00")
    expect(number(-1.5, 1)).toBe("−1.5")
  })

  it("sets subscripts lower and smaller, without changing what is read", () => {
    const labels = richLabels({ x: 10, y: 5, text: "p_w(1 − p_l)" })
    expect(labels.map((label) => label.text).join("")).toBe("pw(1 − pl)")
    expect(labels[1]!.y).toBeGreaterThan(5)
    expect(labels[1]!.size!).toBeLessThan(labels[0]!.size!)
    const centred = richLabels({ x: 0, y: 0, text: "p_w", align: "center" })
    expect(centred[0]!.x).toBeCloseTo(-richWidth("p_w") / 2, 1)
  })

  it("fits text into a width by size first, then by cutting", () => {
    expect(fitted("CPO", 100, 11)).toEqual({ text: "CPO", size: 11 })
    const cut = fitted("a very long name that cannot fit", 40, 11)
    expect(cut.text.endsWith("…")).toBe(true)
    expect(textWidth(cut.text, cut.size)).toBeLessThanOrEqual(40)
  })
})

describe("names of losses", () => {
  it("come from the derivation, the lattice, the catalogue, in this order", () => {
    const names = lossNames(syntheticRecords, ["cpo_core", "dpo", "simpo", "rows:TF,TT/FF,FT,TT?beta=1", "nonsense"])
    expect([...names.values()]).toEqual(["CPO", "DPO", "SimPO", "x-sCE", "nonsense"])
  })

  it("tell losses of one name apart by id or parameters", () => {
    const names = lossNames(syntheticRecords, ["dpo?beta=0.1", "dpo?beta=0.5", "ccpo", "rows:TF,TT/FT"])
    expect(names.get("dpo?beta=0.1")).toBe("DPO (β = 0.1)")
    expect(names.get("dpo?beta=0.5")).toBe("DPO (β = 0.5)")
    expect(names.get("ccpo")).toBe("cCPO (ccpo)")
    expect(names.get("rows:TF,TT/FT")).toBe("cCPO (rows:TF,TT/FT)")
    expect(lossNames(emptyRecords, ["dpo"]).get("dpo")).toBe("dpo")
  })
})

describe("expected verdicts", () => {
  it("H is met by proved and held, F by refuted, a verdict by itself", () => {
    expect(agreesWith("H", "proved") && agreesWith("H", "held") && agreesWith("held", "proved")).toBe(true)
    expect(agreesWith("F", "refuted") && agreesWith("-", "not-applicable") && agreesWith("refuted", "refuted")).toBe(
      true
    )
    expect(agreesWith("H", "refuted") || agreesWith("F", "held") || agreesWith("proved", "held")).toBe(false)
  })
})

describe("ends of training beside the published runs", () => {
  const panels = (
    publishedDynamicsFigure.draw(syntheticRecords) as unknown as {
      readonly spec: { readonly hconcat: ReadonlyArray<{ readonly layer: ReadonlyArray<{ readonly data: unknown }> }> }
    }
  ).spec.hconcat.map(({ layer }) => layer.map(({ data }) => JSON.stringify(data)).join())

  it("show the mean of the last evaluation on the left, each card on the right, under one name for a setting", () => {
    const ends = syntheticRecords.finetune.filter(
      (row) => row.loss === "cpo_core" && row.ceWeight === 0.01 && row.step === 150
    )
    const mean = ends.reduce((sum, row) => sum + Number(row["logps_per_token/chosen"]), 0) / ends.length
    const [own, published] = panels as [string, string]
    const shown = JSON.parse(/\{"row":"CPO, CE 0.01","side":"chosen"[^}]*\}/.exec(own)![0])
    expect(shown.mean).toBeCloseTo(mean, 12)
    expect(published).toContain('{"row":"CPO, CE 0.01","side":"chosen","mean":-3.3285,"low":-3.3285,"high":-3.3285}')
    expect(published).toContain('{"row":"unCPO","side":"rejected","mean":-47.3422')
    // A loss that this study did not train is left out.
    expect(published).not.toContain("fUNL")
  })
})
