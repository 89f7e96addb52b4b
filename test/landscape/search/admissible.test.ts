import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canonicalStructure, sameLoss } from "../../../src/landscape/equality.ts"
import {
  admissibleSpace,
  countStructures,
  nearestAdmissible,
  nearestAdmissibleLosses,
  nonDegenerateSize,
  regionSize,
  searchStructures
} from "../../../src/landscape/search/index.ts"
import { NAMED } from "../../../src/logic/lattice.ts"
import { codeOf, distance, fromCode } from "../../../src/logic/order.ts"
import { hasRow, rowSetOf, rowsOf } from "../../../src/logic/rows.ts"
import { extendTo, isDegenerate, makeStructure, type Structure } from "../../../src/logic/structure.ts"
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

  it.each([
    [pair, 16],
    [["M(w)", "M(y3)", "M(l)"], 256],
    [["M(w)", "M(l)", "Ref(w)", "Ref(l)"], 65_536]
  ])("over %s are all monotone, and strictly so but for log o_w and -log o_l", (propositions, size) => {
    const space = admissibleSpace(propositions)!
    expect(countStructures({ ...space, monotone: "weak" })).toBe(BigInt(size))
    expect(countStructures({ ...space, monotone: "strict" })).toBe(BigInt(size - 2))
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

  it("of a loss over three propositions is the least over all its structures", () => {
    fc.assert(
      fc.property(
        structureOver(pair).filter((one) => !isDegenerate(one)),
        fc.nat(2),
        (two, position) => {
          const structure = canonicalStructure(extendTo(two, pair.toSpliced(position, 0, "M(y3)")))!
          const used = rowsOf(structure.ticks | structure.crosses).reduce((set, row) => set | row, 0)
          const free = Array.from({ length: 8 }, (_, row) => row).filter((row) => (row & used) === 0)
          const distances = new Map<bigint, number>()
          for (let chosen = 1; chosen < 2 ** free.length; chosen++) {
            const times = (set: bigint): bigint =>
              rowSetOf(
                rowsOf(set).flatMap((row) => free.filter((_, i) => (chosen >> i) & 1).map((pattern) => row | pattern))
              )
            const member = makeStructure(structure.propositions, times(structure.ticks), times(structure.crosses))
            const { structures, distance: changes } = nearestAdmissible(member)!
            const code = codeOf(structures[0]!)
            distances.set(code, Math.min(changes, distances.get(code) ?? changes))
          }
          const least = Math.min(...distances.values())
          const found = nearestAdmissibleLosses(structure)!
          expect(found.distance).toBe(least)
          expect(new Set(codes(found.structures))).toEqual(
            new Set([...distances].filter(([, changes]) => changes === least).map(([code]) => code))
          )
        }
      ),
      { numRuns: 60 }
    )
  })

  it("says when too many are tied to be listed", () => {
    const six = ["M(w)", "M(l)", "M(y3)", "M(y4)", "M(y5)", "M(y6)"]
    expect(() => nearestAdmissibleLosses(makeStructure(six, 1n, 1n))).toThrow(/more than 65536 ties/)
  })
})
