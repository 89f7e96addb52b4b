import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  codeOf,
  distance,
  entails,
  fromCode,
  interval,
  intervalSize,
  join,
  lowerCovers,
  meet,
  upperCovers
} from "../../src/logic/order.ts"
import { rationalToNumber } from "../../src/logic/rational.ts"
import { equalStructures, makeStructure, type Structure } from "../../src/logic/structure.ts"
import { countByEnumeration, exactWeights, nonDegenerate, sixPropositions, structure } from "../arbitraries/logic.ts"

const key = (s: Structure): string => `${s.ticks}/${s.crosses}`

describe("entailment", () => {
  it("is the subset order of codes", () => {
    fc.assert(
      fc.property(structure(4), structure(4), (a, b) => {
        expect(equalStructures(fromCode(codeOf(a), a.propositions), a)).toBe(true)
        expect(entails(a, b)).toBe((codeOf(a) & ~codeOf(b)) === 0n)
        expect(entails(a, b) && entails(b, a)).toBe(equalStructures(a, b))
      })
    )
  })

  it("meet is the largest below both, join the smallest above both", () => {
    fc.assert(
      fc.property(structure(3), structure(3), structure(3), (a, b, c) => {
        const [low, high] = [meet(a, b), join(a, b)]
        expect([entails(low, a), entails(low, b), entails(a, high), entails(b, high)]).toEqual([true, true, true, true])
        expect(entails(c, low)).toBe(entails(c, a) && entails(c, b))
        expect(entails(high, c)).toBe(entails(a, c) && entails(b, c))
      })
    )
  })

  it("implies rho_a <= rho_b at every weighting (exactly)", () => {
    const propositions = sixPropositions.slice(0, 3)
    fc.assert(
      fc.property(nonDegenerate(3), nonDegenerate(3), exactWeights(propositions), (a, b, weights) => {
        const [low, high] = [meet(a, b), join(a, b)]
        if (low.ticks === 0n || high.crosses === 0n) return
        const odds = (s: Structure) => [s.ticks, s.crosses].map((set) => countByEnumeration(set, propositions, weights))
        const [[n1, d1], [n2, d2]] = [odds(low), odds(high)]
        expect(n1!.num * d1!.den * n2!.den * d2!.num <= n2!.num * d2!.den * n1!.den * d1!.num).toBe(true)
        expect(rationalToNumber(n2!)).toBeGreaterThanOrEqual(rationalToNumber(n1!))
      }),
      { numRuns: 60 }
    )
  })

  it("covers differ in one mark, and reach in both directions", () => {
    fc.assert(
      fc.property(structure(2), (s) => {
        const [up, down] = [upperCovers(s), lowerCovers(s)]
        expect(up.length + down.length).toBe(8)
        for (const cover of up) {
          expect([entails(s, cover), distance(s, cover)]).toEqual([true, 1])
          expect(lowerCovers(cover).map(key)).toContain(key(s))
        }
        for (const cover of down) expect([entails(cover, s), distance(cover, s)]).toEqual([true, 1])
      })
    )
  })

  it("intervals hold exactly the structures between, once each", () => {
    const all = Array.from({ length: 256 }, (_, i) => makeStructure(["M(w)", "M(l)"], BigInt(i & 15), BigInt(i >> 4)))
    fc.assert(
      fc.property(structure(2), structure(2), (x, y) => {
        const [a, b] = [meet(x, y), join(x, y)]
        const listed = [...interval(a, b)]
        expect(BigInt(listed.length)).toBe(intervalSize(a, b))
        const between = all.filter((s) => entails(a, s) && entails(s, b))
        expect(new Set(listed.map(key))).toEqual(new Set(between.map(key)))
        expect([key(listed[0]!), key(listed.at(-1)!)]).toEqual([key(a), key(b)])
        if (!entails(x, y)) expect([...interval(x, y), intervalSize(x, y)]).toEqual([0n])
      }),
      { numRuns: 50 }
    )
  })

  it("works on four propositions without listing: the whole lattice has 2^32 members", () => {
    const propositions = sixPropositions.slice(0, 4)
    const [bottom, top] = [makeStructure(propositions, 0n, 65535n), makeStructure(propositions, 65535n, 0n)]
    expect(intervalSize(bottom, top)).toBe(2n ** 32n)
    expect(intervalSize(top, bottom)).toBe(0n)
    const members = interval(bottom, top)
    expect([members.next(), members.next()].map((step) => codeOf(step.value as Structure))).toEqual([0n, 1n])
    members.return()
  })

  it("works on six propositions", () => {
    const propositions = sixPropositions
    const [a, b] = [makeStructure(propositions, 1n << 63n, 1n), makeStructure(propositions, (1n << 63n) | 2n, 0n)]
    expect(entails(a, b)).toBe(true)
    expect([...interval(a, b)].length).toBe(4)
  })

  it("refuses structures over different propositions", () => {
    const [a, b] = [makeStructure(["M(w)", "M(l)"], 1n, 2n), makeStructure(["M(l)", "M(w)"], 1n, 2n)]
    for (const operation of [entails, meet, join, distance, intervalSize])
      expect(() => operation(a, b)).toThrow(RangeError)
    expect(() => fromCode(256n, ["M(w)", "M(l)"])).toThrow(RangeError)
  })
})
