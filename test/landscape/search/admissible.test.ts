import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sameLoss } from "../../../src/landscape/equality.ts"
import {
  admissibleSpace,
  nearestAdmissible,
  nearestAdmissibleLosses,
  nonDegenerateSize,
  regionSize,
  searchStructures
} from "../../../src/landscape/search/index.ts"
import { NAMED } from "../../../src/logic/lattice.ts"
import { codeOf, distance, fromCode } from "../../../src/logic/order.ts"
import { hasRow } from "../../../src/logic/rows.ts"
import { isDegenerate, makeStructure, type Structure } from "../../../src/logic/structure.ts"
import { nonDegenerate, structureOver } from "../../arbitraries/logic.ts"

const pair = ["M(w)", "M(l)"]

/** The definition, row by row. */
const isAdmissible = ({ propositions, ticks, crosses }: Structure): boolean => {
  const [w, l] = [propositions.indexOf("M(w)"), propositions.indexOf("M(l)")]
  return Array.from({ length: 2 ** propositions.length }, (_, row) => row).every((row) => {
    const [chosen, rejected] = [(row >> w) & 1, (row >> l) & 1]
    if (chosen === rejected) return true
    return hasRow(ticks, row) === (chosen === 1) && hasRow(crosses, row) === (rejected === 1)
  })
}

const codes = (structures: ReadonlyArray<Structure>) => structures.map(codeOf)

describe("admissible structures", () => {
  it("are the sixteen over a pair", () => {
    const found = [...searchStructures(admissibleSpace(pair)!)]
    expect(new Set(codes(found))).toEqual(new Set(NAMED.map((entry) => codeOf(entry.structure))))
  })

  it("are those of the definition over three propositions, in any order, all of them non-degenerate", () => {
    const propositions = ["M(l)", "M(y3)", "M(w)"]
    const space = admissibleSpace(propositions)!
    const listed = Array.from({ length: 2 ** 16 }, (_, code) => fromCode(BigInt(code), propositions)).filter(
      isAdmissible
    )
    expect(new Set(codes([...searchStructures(space)]))).toEqual(new Set(codes(listed)))
    expect(nonDegenerateSize(space)).toBe(regionSize(space))
    expect(regionSize(space)).toBe(4n ** 4n)
  })

  it("do not exist without M(w) and M(l)", () => {
    expect(admissibleSpace(["M(w)", "Ref(l)"])).toBeUndefined()
    expect(nearestAdmissible(makeStructure(["M(w)"], 1n, 2n))).toBeUndefined()
    expect(nearestAdmissibleLosses(makeStructure(["M(w)"], 1n, 2n))).toBeUndefined()
  })
})

describe("the nearest admissible structure", () => {
  const propositions = ["M(w)", "M(l)", "M(y3)"]
  const admissible = [...searchStructures(admissibleSpace(propositions)!)]

  it("is the only one at the least distance", () => {
    fc.assert(
      fc.property(structureOver(propositions), (structure) => {
        const found = nearestAdmissible(structure)!
        const distances = admissible.map((one) => distance(one, structure))
        expect(found.distance).toBe(Math.min(...distances))
        const nearest = admissible.filter((_, i) => distances[i] === found.distance)
        expect(codes(found.structures)).toEqual(codes(nearest))
      }),
      { numRuns: 50 }
    )
  })

  it("of a loss is that of any structure of it, ties included", () => {
    const all = Array.from({ length: 256 }, (_, code) => fromCode(BigInt(code), pair)).filter(
      (one) => !isDegenerate(one)
    )
    const sixteen = NAMED.map((entry) => entry.structure)
    fc.assert(
      fc.property(nonDegenerate(2), (structure) => {
        const members = all.filter((one) => sameLoss(one, structure))
        const distances = sixteen.map((one) => Math.min(...members.map((member) => distance(member, one))))
        const least = Math.min(...distances)
        const found = nearestAdmissibleLosses(structure)!
        expect(found.distance).toBe(least)
        expect(new Set(codes(found.structures))).toEqual(
          new Set(codes(sixteen.filter((_, i) => distances[i] === least)))
        )
      }),
      { numRuns: 60 }
    )
  })

  it("of rho = 0 is any of four: TT and FF are neither or both, TF and FT lose or gain a mark each", () => {
    const zero = makeStructure(pair, 0b0001n, 0b0001n)
    const { distance: changes, structures } = nearestAdmissibleLosses(zero)!
    expect(changes).toBe(2)
    expect(structures.length).toBe(4)
  })

  it("says when one loss has too many structures to compare", () => {
    const five = ["M(w)", "M(l)", "M(y3)", "M(y4)", "M(y5)"]
    expect(() => nearestAdmissibleLosses(makeStructure(five, 1n, 1n))).toThrow(/2\^32 - 1 structures/)
  })
})
