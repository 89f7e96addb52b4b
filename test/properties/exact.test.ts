/** Exact decisions against the search, structure by structure: neither may contradict the other. */
import { describe, expect, it } from "vitest"
import { makeStructure, type Semantics, type Structure } from "../../src/logic/structure.ts"
import { lossFromStructure } from "../../src/loss/resolve.ts"
import type { Property } from "../../src/properties/property.ts"
import { type LossSubject, subjectOf } from "../../src/properties/subject.ts"
import { examineProperty } from "../../src/properties/validate.ts"
import { lossOf, propertyOf, resultOf } from "../arbitraries/properties.ts"

const structures: ReadonlyArray<Structure> = Array.from({ length: 225 }, (_, code) =>
  makeStructure(["M(w)", "M(l)"], BigInt((code % 15) + 1), BigInt(Math.floor(code / 15) + 1))
)

// The property with its decision taken away: only the search is left.
const searchOnly = ({ decide: _, ...rest }: Property): Property => rest

// How many of the structures at least must be refuted by the search: it does find things. P12 is only ever proved exactly.
const compared = { P6: 20, P8: 20, P9: 20, P10: 20, P12: 0, P15: 20 } as const

describe.each(["absolute", "relative"] as const)("in the %s reading", (semantics: Semantics) => {
  // Exact safety in the relative reading is the slow one: a third of the structures there.
  const tried = semantics === "absolute" ? structures : structures.filter((_, k) => k % 3 === 0)

  it.each(Object.entries(compared))(
    "%s: what is proved survives the search; what is refuted shows a bandit or a point",
    (id, fewest) => {
      const property = propertyOf(id)
      let both = 0
      for (const structure of tried) {
        const subject: LossSubject = subjectOf(lossFromStructure(structure, { semantics }))
        expect(subject.agrees).toBe(true)
        const exact = property.decide?.(subject)
        if (exact === undefined) continue
        expect(exact.verdict).not.toBe("undecided")
        const searched = examineProperty(subject.loss, searchOnly(property), { runs: 60, seed: 5 })
        if (exact.verdict === "proved") {
          expect(searched.verdict, JSON.stringify([structure.ticks, structure.crosses].map(String))).not.toBe("refuted")
        }
        if (searched.verdict === "refuted") both++
      }
      expect(both).toBeGreaterThanOrEqual(fewest)
    }
  )
})

describe("readings differ where they must", () => {
  it("CPO never lowers the chosen answer, its relative twin can", () => {
    expect(resultOf(lossOf("rows:TF,TT/FT,TT"), "chosen-safe").verdict).toBe("proved")
    const twin = resultOf(lossOf("rows:TF,TT/FT,TT?semantics=relative"), "chosen-safe")
    expect(twin.verdict).toBe("refuted")
    expect(twin.counterexample!.arms.length).toBeLessThanOrEqual(3)
  })

  it("ORPO's relative twin is DPO, level-invariant where ORPO is not", () => {
    expect(resultOf(lossOf("rows:TF/FT"), "level-invariant").verdict).toBe("refuted")
    expect(resultOf(lossOf("rows:TF/FT?semantics=relative"), "level-invariant").verdict).toBe("proved")
    expect(resultOf(lossOf("rows:TF/FT?semantics=relative&beta=0.1"), "P18").verdict).toBe("held")
  })

  it("per-token losses say that an arm is one token, where the verdict depends on it", () => {
    const { certificate } = resultOf(lossOf("simpo"), "P9")
    expect(certificate).toMatch(/; decided for answers of one token each$/)
    expect(resultOf(lossOf("simpo"), "P8").certificate).not.toMatch(/one token/)
    expect(resultOf(lossOf("dpo"), "P9").certificate).not.toMatch(/one token/)
  })

  it("powers of the odds keep monotonicity proved; safety is decided at simple ones and searched at others", () => {
    expect(resultOf(lossOf("rows:TF,TT/FT,TT?oddsBeta=2"), "P9").verdict).toBe("proved")
    expect(resultOf(lossOf("rows:TF,TT/FT,TT?semantics=relative&oddsBeta=1.2345"), "P9").verdict).toBe("refuted")
    const loss = lossOf("rows:TF,TT/FT,TT?oddsBeta=1.2345")
    expect(resultOf(loss, "P8").verdict).toBe("proved")
    expect(["held", "refuted"]).toContain(resultOf(loss, "P9").verdict)
  })
})
