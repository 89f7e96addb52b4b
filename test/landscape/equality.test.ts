import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { lossClasses, popcount, structureOf } from "../../src/landscape/classes.ts"
import { canonicalStructure, classSize, sameLoss } from "../../src/landscape/equality.ts"
import { NAMED } from "../../src/logic/lattice.ts"
import { equals, fromRows, mul } from "../../src/logic/polynomial.ts"
import { rowsOf } from "../../src/logic/rows.ts"
import { extendTo, makeStructure, type Structure, withReference } from "../../src/logic/structure.ts"
import { structureArbitrary } from "./polynomials.ts"

const pair = ["M(w)", "M(l)"]

/** The definition itself, in probabilities: `N_1 D_2 = N_2 D_1` as polynomials. */
const equalByDefinition = (a: Structure, b: Structure): boolean => {
  const [n1, d1] = [fromRows(a.ticks, a.propositions), fromRows(a.crosses, a.propositions)]
  const [n2, d2] = [fromRows(b.ticks, b.propositions), fromRows(b.crosses, b.propositions)]
  return equals(mul(n1, d2), mul(n2, d1))
}

describe("equality of losses", () => {
  it("is the equality of polynomials in probabilities", () => {
    const classes = lossClasses(pair)
    const structures = [...classes.slice(0, 12), ...classes.slice(-12)].flatMap(({ members }) =>
      members.slice(0, 2).map((masks) => structureOf(pair, masks))
    )
    for (const a of structures) for (const b of structures) expect(sameLoss(a, b)).toBe(equalByDefinition(a, b))
  })

  it("log 1/(1-p_w) is log (1-p_l)/((1-p_w)(1-p_l)), over one proposition or two", () => {
    const one = makeStructure(["M(w)"], 0b11n, 0b01n)
    const two = makeStructure(pair, 0b0011n, 0b0001n)
    expect(sameLoss(one, two)).toBe(true)
    expect(sameLoss(one, extendTo(one, pair))).toBe(true)
    expect(sameLoss(one, makeStructure(pair, 0b0101n, 0b0001n))).toBe(false)
  })

  it("holds between copies on the diagonal only: p_w² is the same with either copy", () => {
    const propositions = ["M(w)", "M(l)", "M2(w)"]
    const first = makeStructure(propositions, 0b00000010n, 0b00000001n)
    const second = makeStructure(propositions, 0b00010000n, 0b00000001n)
    expect(sameLoss(first, second)).toBe(true)
    expect(canonicalStructure(second)).toEqual(first)
    expect(classSize(first)).toBeUndefined()
  })

  it.each([
    [["M(w)", "M2(w)"], 1],
    [["M(w)", "M2(w)", "M3(w)"], 11],
    [["M(w)", "M(l)", "M2(w)"], 29],
    [["M2(w)", "M(l)", "M(w)"], 37]
  ] as const)("with copies too it is the first of its class by listing: %s", (propositions, step) => {
    // Every step-th member, so that the many small classes and the few large ones all have some.
    let member = 0
    for (const { members } of lossClasses(propositions)) {
      const first = structureOf(propositions, members[0]!)
      for (const masks of members) {
        if (member++ % step === 0) expect(canonicalStructure(structureOf(propositions, masks))).toEqual(first)
      }
    }
    expect(member).toBe((2 ** (2 ** propositions.length) - 1) ** 2)
  })

  it("a cancelled count that has a negative coefficient is lifted to rows again: (1 + o³)/(1 + o)", () => {
    const propositions = ["M(w)", "M2(w)", "M3(w)"]
    // 1 + o³ over (1 + o)(1 + o): (1 - o + o²)/(1 + o) has no rows for 1 - o + o².
    const structure = makeStructure(propositions, 0b10000001n, 0b00001111n)
    expect(sameLoss(structure, makeStructure(propositions, 0b10000001n, 0b00110011n))).toBe(true)
    expect(canonicalStructure(structure)).toEqual(structure)
  })

  it("with up to six propositions and copies it is the same loss, no larger, and its own canonical structure", () =>
    fc.assert(
      fc.property(
        fc
          .constantFrom(
            ["M(w)", "M(l)", "M2(w)", "M2(l)"],
            ["M(w)", "M(l)", "M2(w)", "M3(w)", "M2(l)"],
            ["M(w)", "M(l)", "Ref(w)", "Ref(l)", "M2(w)", "M2(l)"]
          )
          .chain((propositions) => {
            const side = fc.bigInt({ min: 1n, max: (1n << BigInt(2 ** propositions.length)) - 1n })
            return fc.tuple(side, side).map(([ticks, crosses]) => makeStructure(propositions, ticks, crosses))
          }),
        (structure) => {
          const canonical = canonicalStructure(structure)
          const rows = ({ ticks, crosses }: Structure) => rowsOf(ticks).length + rowsOf(crosses).length
          expect(sameLoss(canonical, structure)).toBe(true)
          expect(rows(canonical)).toBeLessThanOrEqual(rows(structure))
          expect(canonicalStructure(canonical)).toEqual(canonical)
        }
      ),
      { numRuns: 60 }
    ))

  it("knows weights: p_w/p_l with every weight doubled is the same, with one side doubled it is not", () => {
    const cpo = NAMED.find((entry) => entry.name === "CPO")!.structure
    const weigh = (ticks: bigint, crosses: bigint) => ({
      propositions: pair,
      ticks: new Map([1, 3].map((row) => [row, { num: ticks, den: 3n }])),
      crosses: new Map([2, 3].map((row) => [row, { num: crosses, den: 3n }]))
    })
    expect(sameLoss(cpo, weigh(2n, 2n))).toBe(true)
    expect(sameLoss(cpo, weigh(2n, 1n))).toBe(false)
  })

  it.each([1, 2])("the canonical structure is the first of its class by listing, n = %i", (n) => {
    const propositions = pair.slice(0, n)
    for (const { members } of lossClasses(propositions)) {
      for (const masks of members) {
        const structure = structureOf(propositions, masks)
        expect(canonicalStructure(structure)).toEqual(structureOf(propositions, members[0]!))
        expect(classSize(structure)).toBe(BigInt(members.length))
        const rows = (m: (typeof members)[number]) => popcount(m.ticks) + popcount(m.crosses)
        expect(rows(members[0]!)).toBeLessThanOrEqual(rows(masks))
      }
    }
  })

  it("the canonical structure over four propositions is the same loss, and one for the whole class", () =>
    fc.assert(
      fc.property(structureArbitrary(2), fc.bigInt({ min: 1n, max: 15n }), (core, factor) => {
        // core times a common factor in the reference propositions.
        const propositions = [...pair, "Ref(w)", "Ref(l)"]
        const extended = extendTo(core, propositions)
        const common = extendTo(makeStructure(["Ref(w)", "Ref(l)"], factor, factor), propositions).ticks
        const multiplied = makeStructure(propositions, extended.ticks & common, extended.crosses & common)
        const canonical = canonicalStructure(multiplied)
        expect(sameLoss(canonical, core)).toBe(true)
        expect(canonical).toEqual(canonicalStructure(extended))
        expect(canonicalStructure(canonical)).toEqual(canonical)
      })
    ))

  it("a reference model is no common factor", () => {
    for (const { structure } of NAMED) expect(sameLoss(structure, withReference(structure))).toBe(false)
  })

  it("refuses degenerate structures", () => {
    expect(() => sameLoss(makeStructure(pair, 0n, 1n), makeStructure(pair, 1n, 1n))).toThrow(RangeError)
    expect(() => canonicalStructure(makeStructure(pair, 0n, 1n))).toThrow(RangeError)
  })
})
