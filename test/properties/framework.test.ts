/** The properties that are theorems about all structures, tried on all of them, and their parts on known values. */
import { describe, expect, it } from "vitest"
import { landscapeCounts } from "../../src/landscape/counts.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { makeStructure, type Structure } from "../../src/logic/structure.ts"
import { tripleOf } from "../../src/logic/triple.ts"
import { lossFromStructure } from "../../src/loss/resolve.ts"
import { roundTrip } from "../../src/properties/properties/p1.ts"
import { countsFault } from "../../src/properties/properties/p3.ts"
import { rewritten } from "../../src/properties/properties/p5.ts"
import { dualStructure } from "../../src/properties/properties/p7.ts"
import { vanishingClass } from "../../src/properties/properties/p13.ts"
import { finiteOptimum } from "../../src/properties/properties/p21.ts"
import { freeRows } from "../../src/properties/rewriteCase.ts"
import { subjectOf } from "../../src/properties/subject.ts"
import { lossOf, resultOf } from "../arbitraries/properties.ts"

const pair = ["M(w)", "M(l)"]
const all: ReadonlyArray<Structure> = Array.from({ length: 256 }, (_, code) =>
  makeStructure(pair, BigInt(code & 15), BigInt(code >> 4))
)
const nonDegenerate = all.filter(({ ticks, crosses }) => ticks !== 0n && crosses !== 0n)
const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

describe("P1", () => {
  it("holds for all 256 structures", () => {
    expect(all.filter((structure) => roundTrip(structure).verdict !== "proved")).toEqual([])
  })

  it("sees a triple that means another structure", () => {
    expect(roundTrip(named("ORPO"), tripleOf(named("CPO")))).toMatchObject({ verdict: "refuted" })
    expect(roundTrip(named("ORPO"), tripleOf(named("ORPO")))).toMatchObject({ verdict: "proved" })
  })

  it("holds for structures over four propositions", () => {
    // Multiples of a number prime to 2^16 visit row sets of every size.
    const four = Array.from({ length: 40 }, (_, i) =>
      makeStructure(
        [...pair, "Ref(w)", "Ref(l)"],
        BigInt((i * 40_503 + 7) % 65_536),
        BigInt((i * 30_011 + 11) % 65_536)
      )
    )
    expect(four.filter((structure) => roundTrip(structure).verdict !== "proved")).toEqual([])
  })
})

describe("P2", () => {
  it("holds for all 225 structures that are not degenerate", () => {
    const failing = nonDegenerate.filter(
      (structure) => resultOf(lossFromStructure(structure, {}), "P2").verdict !== "proved"
    )
    expect(failing).toEqual([])
  })

  it("is refused for DPOP, whose ratio is not multilinear", () => {
    expect(resultOf(lossOf("dpop"), "P2").verdict).toBe("not-applicable")
  })

  it("holds for the relatives of a published loss, whose ratios are not the published one", () => {
    for (const { id } of NAMED) {
      for (const setting of ["reference=true", "semantics=relative", "oddsBeta=0.5"]) {
        expect(resultOf(lossOf(`${id}?${setting}`), "P2").verdict, `${id}?${setting}`).toBe("proved")
      }
    }
  })
})

describe("P3", () => {
  it("sees a wrong count", () => {
    const counts = landscapeCounts(pair)
    expect(countsFault(counts)).toBeUndefined()
    expect(countsFault({ ...counts, monotone: 42 })).toContain("monotone is 42, not 41")
  })
})

describe("P5", () => {
  it("rewriting on the free rows never changes a structure, on another row always does", () => {
    for (const structure of all) {
      const free = freeRows(structure)
      for (let row = 0; row < 4; row++) {
        const flipped = 1n << BigInt(row)
        const same = rewritten(structure, flipped)
        const unchanged = same.ticks === structure.ticks && same.crosses === structure.crosses
        expect(unchanged).toBe((free & flipped) !== 0n)
      }
    }
  })
})

describe("P7", () => {
  it("pairs the sixteen as published", () => {
    const pairs = [
      ["CPO", "qfUNL"],
      ["CE", "fUNL"],
      ["cCPO", "cfUNL"],
      ["cUNL", "l3"],
      ["sCE", "l20"],
      ["bCPO", "l14"],
      ["ORPO", "ORPO"],
      ["CEUnl", "CEUnl"],
      ["l5", "l5"],
      ["unCPO", "unCPO"]
    ] as const
    for (const [a, b] of pairs) {
      expect(dualStructure(named(a))).toEqual(named(b))
      expect(dualStructure(named(b))).toEqual(named(a))
    }
  })

  it("is an involution", () => {
    for (const structure of all) expect(dualStructure(dualStructure(structure))).toEqual(structure)
  })
})

describe("P11", () => {
  it("is proved of a loss that is chosen-safe without being monotone", () => {
    const loss = lossOf("rows:TF,TT/FF")
    expect(resultOf(loss, "P8").verdict).toBe("refuted")
    expect(resultOf(loss, "P9").verdict).toBe("proved")
    expect(resultOf(loss, "P11").verdict).toBe("proved")
  })
})

describe("P13", () => {
  it("puts the sixteen into four classes of four, as published", () => {
    const byClass = (limit: string) =>
      NAMED.filter(({ structure }) => vanishingClass(structure) === limit).map(({ name }) => name)
    expect(byClass("log p_w")).toEqual(["CEUnl", "l3", "sCE", "CE"])
    expect(byClass("log p_w/p_l")).toEqual(["cUNL", "ORPO", "CPO", "cCPO"])
    expect(byClass("0")).toEqual(["l20", "qfUNL", "l5", "bCPO"])
    expect(byClass("-log p_l")).toEqual(["fUNL", "cfUNL", "l14", "unCPO"])
  })

  it("is a property of rho: common factors of the leading rows cancel", () => {
    const classOf = (spec: string) => vanishingClass(lossOf(spec).structure!)
    expect(classOf("rows:TF,TT/TT")).toBe("-log p_l")
    expect(classOf("rows:TT/FT,TT")).toBe("log p_w")
    expect(classOf("rows:TF,FT/TF,FT,TT")).toBe("0")
    expect(classOf("rows:TF,FT/TF")).toBeUndefined()
    expect(classOf("rows:TF/TT")).toBe("-log p_l")
    expect(classOf("rows:FT/TT")).toBeUndefined()
    expect(classOf("dpo")).toBe("log p_w/p_l")
    // p_w r_w + p_l over p_w + p_l: the same rows of the pair lead both sides, and still the ratio moves with p_w/p_l.
    expect(classOf("ratio:(p_w*r_w*(1-p_l)+p_l*(1-p_w))/(p_w*(1-p_l)+p_l*(1-p_w))")).toBeUndefined()
  })
})

describe("P14", () => {
  it("is proved for every structure whose ratio grows as both answers vanish, with a reference or copies too", () => {
    for (const spec of [
      "rows:TF,TT/TT",
      "rows:TF/TT",
      "uncpo?reference=true",
      "rows:0b00000010/0b11000000@M(w),M(l),M2(l)"
    ]) {
      expect(resultOf(lossOf(spec), "P14").verdict, spec).toBe("proved")
    }
    for (const spec of ["cpo_core", "rows:TF,FT/TF", "dpo"])
      expect(resultOf(lossOf(spec), "P14").verdict, spec).toBe("refuted")
  })
})

describe("P21", () => {
  const even = { policy: [1, 1], reference: [1, 1] }

  it("finds IPO's gap 1/(2 tau) and the hinge's margin", () => {
    for (const tau of [0.1, 0.5, 2]) {
      expect(finiteOptimum(subjectOf(lossOf(`ipo?tau=${tau}`)), even)).toBeCloseTo(1 / (2 * tau), 6)
    }
    expect(finiteOptimum(subjectOf(lossOf("hinge?beta=0.5")), even)).toBeCloseTo(2, 6)
  })

  it("counts the gap from the reference", () => {
    const tilted = { policy: [1, 1], reference: [3, 1] }
    expect(finiteOptimum(subjectOf(lossOf("ipo?tau=0.5")), tilted)).toBeCloseTo(1 + Math.log(3), 6)
  })

  it("finds CoPG's gap: reward difference over beta", () => {
    const rewards = { ...even, inputs: { s_w: 2, s_l: 1 } }
    expect(finiteOptimum(subjectOf(lossOf("copg?beta=0.5")), rewards)).toBeCloseTo(2, 6)
  })

  it("finds none for DPO", () => {
    expect(finiteOptimum(subjectOf(lossOf("dpo")), even)).toBeUndefined()
  })
})
