import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formulaRows } from "../../src/logic/formula.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { parseFormula } from "../../src/logic/parse.ts"
import { formulaText } from "../../src/logic/print.ts"
import { multiplyRational } from "../../src/logic/rational.ts"
import {
  equalStructures,
  extendTo,
  isDegenerate,
  makeStructure,
  type Structure,
  structureFromTriple,
  swapStructure,
  withReference
} from "../../src/logic/structure.ts"
import { parseStructureSpec, parseTriple, structureSpec, tripleText } from "../../src/logic/structureText.ts"
import { tripleOf } from "../../src/logic/triple.ts"
import { countByEnumeration, exactWeights, formula, sixPropositions, structure } from "../arbitraries/logic.ts"

const pair = ["M(w)", "M(l)"]
const allPairs = Array.from({ length: 256 }, (_, i) => makeStructure(pair, BigInt(i & 15), BigInt(i >> 4)))
const named = (name: string): Structure => NAMED.find((entry) => entry.name === name)!.structure

describe("triples", () => {
  it("P1: all 256 structures over M(w), M(l) come back from their triple", () => {
    for (const s of allPairs) expect(equalStructures(structureFromTriple(tripleOf(s), pair), s)).toBe(true)
  })

  it.each([3, 4, 5])("P1: random structures over %d propositions come back, through text too", (n) => {
    fc.assert(
      fc.property(structure(n), (s) => {
        const triple = tripleOf(s)
        expect(equalStructures(structureFromTriple(triple, s.propositions), s)).toBe(true)
        const read = Result.getOrThrow(parseTriple(tripleText(triple)))
        expect(equalStructures(structureFromTriple(read, s.propositions), s)).toBe(true)
      }),
      { numRuns: 40 }
    )
  })

  it("mean (P or P_A) and P_C against (not P or P_A) and P_C, by definition", () => {
    const propositions = sixPropositions.slice(0, 3)
    const part = formula(propositions)
    fc.assert(
      fc.property(part, part, part, (core, conditioning, additive) => {
        const s = structureFromTriple({ core, conditioning, additive }, propositions)
        const [p, c, a] = [core, conditioning, additive].map((f) => formulaRows(f, propositions)) as [
          bigint,
          bigint,
          bigint
        ]
        expect(s.ticks).toBe((p | a) & c)
        expect(s.crosses).toBe(((255n & ~p) | a) & c)
        // P5: what P says outside P_C or inside P_A changes nothing.
        const elsewhere = {
          _tag: "Xor",
          args: [core, { _tag: "Or", args: [{ _tag: "Not", arg: conditioning }, additive] }]
        } as const
        expect(equalStructures(structureFromTriple({ core: elsewhere, conditioning, additive }, propositions), s)).toBe(
          true
        )
      })
    )
  })

  it("declare M(w), M(l) first, whatever the formulas say", () => {
    const read = (text: string) => Result.getOrThrow(parseFormula(text))
    const triple = { core: read("M(y3)"), conditioning: read("true"), additive: read("Ref(l)") }
    expect(structureFromTriple(triple).propositions).toEqual(["M(w)", "M(l)", "Ref(w)", "Ref(l)", "M(y3)"])
  })

  it("a structure with equal sides has a true core", () => {
    expect(formulaText(tripleOf(makeStructure(pair, 0b0110n, 0b0110n)).core)).toBe("true")
  })
})

describe("structures", () => {
  it("extending by free propositions keeps every count; reordering keeps the meaning", () => {
    const wide = [...sixPropositions].reverse()
    fc.assert(
      fc.property(structure(3), exactWeights(sixPropositions), (s, weights) => {
        const extended = extendTo(s, wide)
        expect(countByEnumeration(extended.ticks, wide, weights)).toEqual(
          countByEnumeration(s.ticks, s.propositions, weights)
        )
        expect(countByEnumeration(extended.crosses, wide, weights)).toEqual(
          countByEnumeration(s.crosses, s.propositions, weights)
        )
      }),
      { numRuns: 25 }
    )
    expect(() => extendTo(named("CPO"), ["M(w)"])).toThrow(RangeError)
  })

  it("a reference model multiplies ticks by Ref(l) and crosses by Ref(w)", () => {
    fc.assert(
      fc.property(structure(2), exactWeights(sixPropositions), (s, weights) => {
        const referenced = withReference(s)
        expect(referenced.propositions).toEqual(["M(w)", "M(l)", "Ref(w)", "Ref(l)"])
        const counted = (x: Structure, set: bigint) => countByEnumeration(set, x.propositions, weights)
        expect(counted(referenced, referenced.ticks)).toEqual(multiplyRational(counted(s, s.ticks), weights.r_l!))
        expect(counted(referenced, referenced.crosses)).toEqual(multiplyRational(counted(s, s.crosses), weights.r_w!))
      })
    )
    expect(() => withReference(withReference(named("CPO")))).toThrow(RangeError)
    expect(withReference(makeStructure(["M(w)", "M(l)", "M(g)"], 1n, 2n)).propositions).toEqual([
      "M(w)",
      "M(l)",
      "Ref(w)",
      "Ref(l)",
      "M(g)"
    ])
  })

  it("swapping w and l twice is the identity, and swaps the weights", () => {
    fc.assert(
      fc.property(structure(4), exactWeights(sixPropositions), (s, weights) => {
        const swapped = swapStructure(s)!
        expect(equalStructures(swapStructure(swapped)!, s)).toBe(true)
        const exchanged = { ...weights, p_w: weights.p_l!, p_l: weights.p_w!, r_w: weights.r_l!, r_l: weights.r_w! }
        expect(countByEnumeration(swapped.ticks, s.propositions, weights)).toEqual(
          countByEnumeration(s.ticks, s.propositions, exchanged)
        )
      })
    )
    expect(swapStructure(makeStructure(["M(w)", "M(l)", "M2(w)"], 1n, 2n))).toBeUndefined()
  })

  it("P6: ORPO, CPO, qfUNL and l5 are the swap-antisymmetric ones of the sixteen", () => {
    const antisymmetric = NAMED.filter(({ structure: s }) => {
      const swapped = swapStructure(s)!
      return swapped.ticks === s.crosses && swapped.crosses === s.ticks
    })
    expect(antisymmetric.map((entry) => entry.name)).toEqual(["ORPO", "CPO", "qfUNL", "l5"])
  })

  it("degenerate means an empty side", () => {
    expect(allPairs.filter(isDegenerate).length).toBe(256 - 225)
  })

  it("refuses rows beyond its propositions and repeated names", () => {
    expect(() => makeStructure(pair, 16n, 0n)).toThrow(RangeError)
    expect(() => makeStructure(pair, 0n, -1n)).toThrow(RangeError)
    expect(() => makeStructure(["M(w)", "M(w)"], 0n, 0n)).toThrow(RangeError)
  })
})

describe("structures as text", () => {
  it("are read back, by row names over the pair, by masks else", () => {
    for (const s of allPairs)
      expect(equalStructures(Result.getOrThrow(parseStructureSpec(structureSpec(s))), s)).toBe(true)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }).chain(structure), (s) => {
        expect(equalStructures(Result.getOrThrow(parseStructureSpec(structureSpec(s))), s)).toBe(true)
      })
    )
  })

  it("are spelled as documented", () => {
    expect(structureSpec(named("CPO"))).toBe("rows:TF,TT/FT,TT")
    expect(structureSpec(makeStructure(pair, 0n, 0b0100n))).toBe("rows:/FT")
    expect(structureSpec(makeStructure(["M(l)", "M(w)"], 0b0010n, 0b0100n))).toBe("rows:0b0010/0b0100@M(l),M(w)")
    expect(equalStructures(Result.getOrThrow(parseStructureSpec("rows:0b1010/0b1100@M(w),M(l)")), named("CPO"))).toBe(
      true
    )
    expect(equalStructures(Result.getOrThrow(parseStructureSpec("TT, TF / FT,TT")), named("CPO"))).toBe(true)
    expect(tripleText(tripleOf(named("ORPO")))).toBe("M(l) -> M(w); given: M(w) xor M(l)")
  })

  it.each([
    ["rows:TF", 5, "separated by one /"],
    ["rows:TF/FT/TT", 5, "separated by one /"],
    ["rows:TF,TX/FT", 8, "letters T and F"],
    ["rows:TF/FTT", 8, "letters T and F"],
    ["rows:0b10010/0b1", 5, "binary digits"],
    ["rows:TF/FT@M(w),X(l)", 16, "a proposition"],
    ["rows:0b1/0b1@M(w),M(w)", 18, "once"],
    ["rows:0b1/0b1@M(a),M(b),M(c),M(d),M(e),M(f),M(g)", 13, "at most 6"]
  ])("%s fails at offset %d: %s", (text, position, expected) => {
    const result = parseStructureSpec(text)
    if (Result.isSuccess(result)) throw new Error("was read")
    expect(result.failure.position).toBe(position)
    expect(result.failure.message).toContain(expected)
  })

  it.each([
    ["M(w); given", 5, '"given:" or "both:"'],
    ["M(w); both: M(w); both: true", 17, "once"],
    ["M(w) and; given: true", 8, "a proposition"],
    ["M(w); given: M(w) nor M(l)", 18, "an operator or the end"],
    ["M(a) and M(b) and M(c); both: M(d) or M(e)", 0, "at most 6"]
  ])("logic: %s fails at offset %d: %s", (text, position, expected) => {
    const result = parseTriple(text)
    if (Result.isSuccess(result)) throw new Error("was read")
    expect(result.failure.position).toBe(position)
    expect(result.failure.expected).toContain(expected)
  })

  it("given and both may come in any order or not at all", () => {
    const [a, b] = ["M(l); both: M(w); given: M(l)", "M(l);given:M(l);both:M(w)"].map((text) =>
      Result.getOrThrow(parseTriple(text))
    )
    expect(a).toEqual(b)
    expect(tripleText(Result.getOrThrow(parseTriple("M(l)")))).toBe("M(l)")
  })
})
