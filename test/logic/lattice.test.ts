import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { formulaRows } from "../../src/logic/formula.ts"
import { admissibleStructures, latticeCovers, latticeNameOf, NAMED } from "../../src/logic/lattice.ts"
import { parseFormula } from "../../src/logic/parse.ts"
import { formulaText } from "../../src/logic/print.ts"
import { ratioLatex, structureRatio } from "../../src/logic/ratio.ts"
import { parseRowName, type RowSet, rowSetOf } from "../../src/logic/rows.ts"
import {
  equalStructures,
  makeStructure,
  type Structure,
  structureFromTriple,
  withReference
} from "../../src/logic/structure.ts"
import { structureSpec } from "../../src/logic/structureText.ts"
import { tripleOf } from "../../src/logic/triple.ts"
import { publishedEdges, publishedReferenceCores } from "./publishedLattice.ts"

/** docs/experiments.md 1.5, typed off the table: ticks, crosses, top and bottom of rho, core, conditioning, additive. */
const table: ReadonlyArray<readonly [string, string, string, string, string, string, string, string]> = [
  ["CEUnl", "TF", "TT FT FF", "p_w*(1-p_l)", "1-p_w*(1-p_l)", "M(w) and not M(l)", "true", "false"],
  ["cUNL", "TF", "TT FT", "p_w*(1-p_l)", "p_l", "not M(l)", "M(w) or M(l)", "false"],
  ["l3", "TF", "FT FF", "p_w*(1-p_l)", "1-p_w", "M(w)", "not (M(w) and M(l))", "false"],
  ["ORPO", "TF", "FT", "p_w*(1-p_l)", "p_l*(1-p_w)", "M(l) -> M(w)", "M(w) xor M(l)", "false"],
  ["sCE", "TF TT", "TT FT FF", "p_w", "1-p_w*(1-p_l)", "M(w)", "true", "M(w) and M(l)"],
  ["CPO", "TF TT", "TT FT", "p_w", "p_l", "M(l) -> M(w)", "M(w) or M(l)", "M(w) and M(l)"],
  ["CE", "TF TT", "FT FF", "p_w", "1-p_w", "M(w)", "true", "false"],
  ["cCPO", "TF TT", "FT", "p_w", "p_l*(1-p_w)", "M(l) -> M(w)", "M(w) or M(l)", "false"],
  ["l20", "TF FF", "TT FT FF", "1-p_l", "1-p_w*(1-p_l)", "not M(l)", "true", "not M(w) and not M(l)"],
  ["fUNL", "TF FF", "TT FT", "1-p_l", "p_l", "not M(l)", "true", "false"],
  ["qfUNL", "TF FF", "FT FF", "1-p_l", "1-p_w", "M(l) -> M(w)", "not (M(w) and M(l))", "not M(w) and not M(l)"],
  ["cfUNL", "TF FF", "FT", "1-p_l", "p_l*(1-p_w)", "M(l) -> M(w)", "not (M(w) and M(l))", "false"],
  [
    "l5",
    "TF TT FF",
    "TT FT FF",
    "1-p_l*(1-p_w)",
    "1-p_w*(1-p_l)",
    "M(l) -> M(w)",
    "true",
    "(M(w) and M(l)) or (not M(w) and not M(l))"
  ],
  ["l14", "TF TT FF", "TT FT", "1-p_l*(1-p_w)", "p_l", "M(l) -> M(w)", "true", "M(w) and M(l)"],
  ["bCPO", "TF TT FF", "FT FF", "1-p_l*(1-p_w)", "1-p_w", "M(l) -> M(w)", "true", "not M(w) and not M(l)"],
  ["unCPO", "TF TT FF", "FT", "1-p_l*(1-p_w)", "p_l*(1-p_w)", "M(l) -> M(w)", "true", "false"]
]

const rows = (names: string): RowSet => rowSetOf(names.split(" ").map((name) => parseRowName(name)!))
const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

describe("the sixteen named losses", () => {
  it.each(table)("%s: %s against %s", (name, ticks, crosses, top, bottom, core, conditioning, additive) => {
    const s = named(name)
    expect(equalStructures(s, makeStructure(["M(w)", "M(l)"], rows(ticks), rows(crosses)))).toBe(true)
    expect(structureRatio(s)).toEqual({ numerator: top, denominator: bottom })
    const triple = tripleOf(s)
    expect([triple.core, triple.conditioning, triple.additive].map(formulaText)).toEqual([core, conditioning, additive])
    expect(latticeNameOf(s)).toBe(name)
  })

  it("are exactly the admissible structures", () => {
    expect(NAMED.length).toBe(16)
    const key = (s: Structure): string => structureSpec(s)
    expect(new Set(admissibleStructures().map(key))).toEqual(new Set(NAMED.map((entry) => key(entry.structure))))
    expect(admissibleStructures().length).toBe(16)
  })

  it("no other structure has a name", () => {
    expect(latticeNameOf(makeStructure(["M(w)", "M(l)"], 0b0110n, 0b0100n))).toBeUndefined()
    expect(latticeNameOf(makeStructure(["M(l)", "M(w)"], 0b0010n, 0b0100n))).toBeUndefined()
    expect(latticeNameOf(withReference(named("CPO")))).toBeUndefined()
  })

  it("have catalogue ids; four were known before", () => {
    expect(NAMED.filter((entry) => entry.known).map((entry) => entry.id)).toEqual([
      "ceunl",
      "orpo_seq",
      "cpo_core",
      "ce_odds"
    ])
    expect(new Set(NAMED.map((entry) => entry.id)).size).toBe(16)
  })
})

describe("the lattice", () => {
  it("has the 32 published covers", () => {
    const computed = latticeCovers().map(({ from, to }) => `${from.name} > ${to.name}`)
    expect(computed.length).toBe(32)
    expect(new Set(computed)).toEqual(new Set(publishedEdges))
  })

  it("P7: exchanging sides' TT and FF with swap and complement pairs the names as published", () => {
    // Dual: row (w, l) becomes (not l, not w), which fixes TF and FT and exchanges TT and FF.
    const exchange = (set: RowSet): RowSet => (set & 0b0110n) | ((set & 1n) << 3n) | (set >> 3n)
    const dual = (s: Structure): Structure => makeStructure(s.propositions, exchange(s.ticks), exchange(s.crosses))
    const pairs = ["CPO-qfUNL", "CE-fUNL", "cCPO-cfUNL", "cUNL-l3", "sCE-l20", "bCPO-l14"]
    for (const pair of pairs) {
      const [a, b] = pair.split("-") as [string, string]
      expect([latticeNameOf(dual(named(a))), latticeNameOf(dual(named(b)))]).toEqual([b, a])
    }
    for (const self of ["ORPO", "CEUnl", "l5", "unCPO"]) expect(latticeNameOf(dual(named(self)))).toBe(self)
  })
})

describe("the sixteen with a reference model", () => {
  it.each(Object.entries(publishedReferenceCores))("%s: %s", (name, core) => {
    const s = withReference(named(name))
    const triple = tripleOf(s)
    expect(formulaText(triple.core)).toBe(core)
    expect(equalStructures(structureFromTriple(triple, s.propositions), s)).toBe(true)
    // The published core decides every row with one mark, by its own rows alone.
    const published = formulaRows(Result.getOrThrow(parseFormula(core)), s.propositions)
    expect(published & (s.ticks ^ s.crosses)).toBe(s.ticks & ~s.crosses)
  })

  it("DPO is CPO's", () => {
    const dpo = withReference(named("CPO"))
    expect(structureRatio(dpo)).toEqual({ numerator: "p_w*r_l", denominator: "p_l*r_w" })
    expect(formulaText(tripleOf(dpo).conditioning)).toBe("(M(w) and Ref(l)) or (M(l) and Ref(w))")
    expect(formulaText(tripleOf(dpo).additive)).toBe("M(w) and M(l) and Ref(w) and Ref(l)")
    expect(ratioLatex(dpo)).toBe(
      "\\frac{\\pi_\\theta(y_w\\mid x)\\,\\pi_{\\mathrm{ref}}(y_l\\mid x)}{\\pi_\\theta(y_l\\mid x)\\,\\pi_{\\mathrm{ref}}(y_w\\mid x)}"
    )
  })
})
