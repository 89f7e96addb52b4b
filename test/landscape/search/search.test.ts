import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { type LossClass, lossClasses, structureOf } from "../../../src/landscape/classes.ts"
import { monotoneClasses } from "../../../src/landscape/counts.ts"
import { canonicalStructure } from "../../../src/landscape/equality.ts"
import { decideProperty, type ExactPropertyName } from "../../../src/landscape/exactProperties.ts"
import {
  ballAround,
  between,
  countStructures,
  isInside,
  nonDegenerateSize,
  regionSize,
  type SearchSpace,
  searchStats,
  searchStructures,
  wholeSpace
} from "../../../src/landscape/search/index.ts"
import { codeOf, distance, entails, fromCode, join, meet } from "../../../src/logic/order.ts"
import { equals, fromRows, mul } from "../../../src/logic/polynomial.ts"
import { rowsOf } from "../../../src/logic/rows.ts"
import {
  extendTo,
  isDegenerate,
  makeStructure,
  type Structure,
  swapStructure,
  withReference
} from "../../../src/logic/structure.ts"
import { nonDegenerate, structure } from "../../arbitraries/logic.ts"

const pair = ["M(w)", "M(l)"]
const three = [...pair, "M(y3)"]
const four = [...pair, "Ref(w)", "Ref(l)"]

const codes = (structures: Iterable<Structure>): ReadonlyArray<bigint> =>
  [...structures].map(codeOf).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/** Every structure, by listing codes. */
const listed = (propositions: ReadonlyArray<string>): ReadonlyArray<Structure> =>
  Array.from({ length: 4 ** (2 ** propositions.length) }, (_, code) => fromCode(BigInt(code), propositions)).filter(
    (one) => !isDegenerate(one)
  )

/** The property as the prover decides it, for each structure on its own. */
const has =
  (name: ExactPropertyName) =>
  (one: Structure): boolean =>
    decideProperty(one, "absolute", name).verdict === "proved"

/** Exchanging w and l turns rho into -rho, as polynomials in probabilities. */
const isAntisymmetric = (one: Structure): boolean => {
  const swapped = swapStructure(one)!
  // One point first: a polynomial identity costs a thousand times as much.
  const at = (set: bigint): bigint =>
    rowsOf(set).reduce(
      (sum, row) => sum + [2n, 3n, 5n, 7n].reduce((x, odds, k) => ((row >> k) & 1 ? x * odds : x), 1n),
      0n
    )
  if (at(one.ticks) * at(swapped.ticks) !== at(one.crosses) * at(swapped.crosses)) return false
  const side = (set: bigint) => fromRows(set, one.propositions)
  return equals(mul(side(one.ticks), side(swapped.ticks)), mul(side(one.crosses), side(swapped.crosses)))
}

describe("searching a landscape that can be listed", () => {
  it.each([["M(w)"], ["M(l)"], ["M(w)", "M(l)"], ["M(l)", "Ref(w)"], ["M(w)", "M2(w)"]])(
    "finds of %s, %s what a list of all structures has",
    (...propositions) => {
      const all = listed(propositions)
      const space = wholeSpace(propositions)
      expect(codes(searchStructures(space))).toEqual(codes(all))
      expect(countStructures(space)).toBe(BigInt(all.length))
      for (const [asked, name] of [
        [{ monotone: "weak" }, "preference-monotone"],
        [{ monotone: "strict" }, "strictly-monotone"],
        [{ antisymmetric: true }, "swap-antisymmetric"]
      ] as const) {
        expect(codes(searchStructures({ ...space, ...asked })), name).toEqual(codes(all.filter(has(name))))
      }
    }
  )

  describe("of three propositions, 65,536 structures", () => {
    let classes: ReadonlyArray<LossClass>
    let monotone: ReturnType<typeof monotoneClasses>
    beforeAll(() => {
      classes = lossClasses(three)
      monotone = monotoneClasses(classes)
    }, 60_000)
    const membersOf = (chosen: ReadonlyArray<LossClass>) =>
      codes(chosen.flatMap(({ members }) => members.map((masks) => structureOf(three, masks))))
    const firstsOf = (chosen: ReadonlyArray<LossClass>) =>
      codes(chosen.map(({ members }) => structureOf(three, members[0]!)))

    it.each(["weak", "strict"] as const)("finds the %s monotone ones: the classes decided one by one", (kind) => {
      const space = { ...wholeSpace(three), monotone: kind }
      expect(codes(searchStructures(space))).toEqual(membersOf(monotone[kind]))
      expect(codes(searchStructures({ ...space, distinct: true }))).toEqual(firstsOf(monotone[kind]))
      expect(monotone[kind].length).toBe(kind === "weak" ? 4833 : 4672)
    })

    it("finds the antisymmetric ones, with every other property asked for at once", () => {
      const antisymmetric = classes.filter(({ members }) => isAntisymmetric(structureOf(three, members[0]!)))
      const space: SearchSpace = { ...wholeSpace(three), antisymmetric: true }
      expect(codes(searchStructures(space))).toEqual(membersOf(antisymmetric))
      expect(codes(searchStructures({ ...space, distinct: true }))).toEqual(firstsOf(antisymmetric))
      const both = monotone.strict.filter((one) => antisymmetric.includes(one))
      expect(codes(searchStructures({ ...space, monotone: "strict" }))).toEqual(membersOf(both))
      expect(both.length).toBeGreaterThan(0)
    })
  })
})

/** Two structures of four propositions, one below the other, at most six bits apart. */
const smallInterval = fc
  .tuple(structure(4), fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { maxLength: 6 }))
  .map(([one, bits]) => {
    const flipped = fromCode(
      bits.reduce((code, bit) => code ^ (1n << BigInt(bit)), codeOf(one)),
      one.propositions
    )
    return { lower: meet(one, flipped), upper: join(one, flipped) }
  })

describe("searching four propositions", () => {
  it("finds in an interval exactly the monotone and the antisymmetric members", () => {
    fc.assert(
      fc.property(smallInterval, (bounds) => {
        const space = between(wholeSpace(four), bounds)
        const members = [...searchStructures(space)]
        expect(BigInt(members.length)).toBe(nonDegenerateSize(space))
        expect(members.every((one) => entails(bounds.lower, one) && entails(one, bounds.upper))).toBe(true)
        for (const [asked, holds] of [
          [{ monotone: "weak" }, has("preference-monotone")],
          [{ monotone: "strict" }, has("strictly-monotone")],
          [{ antisymmetric: true }, isAntisymmetric]
        ] as const) {
          expect(codes(searchStructures({ ...space, ...asked }))).toEqual(codes(members.filter(holds)))
        }
      }),
      { numRuns: 30 }
    )
  })

  it("finds around DPO every monotone structure that differs in two row marks", () => {
    const dpo = withReference(makeStructure(pair, 0b1010n, 0b1100n))
    const ball = ballAround(dpo, 2)
    const members = [...searchStructures(ball)]
    expect(members.length).toBe(1 + 32 + 496)
    expect(codes(searchStructures({ ...ball, monotone: "weak" }))).toEqual(
      codes(members.filter(has("preference-monotone")))
    )
  })

  it.each([5, 6])("finds around DPO over %i propositions every monotone structure one row mark away", (n) => {
    const centre = extendTo(
      withReference(makeStructure(pair, 0b1010n, 0b1100n)),
      [...four, "M(y3)", "M(g)"].slice(0, n)
    )
    const ball = ballAround(centre, 1)
    const members = [...searchStructures(ball)]
    expect(members.length).toBe(1 + 2 ** (n + 1))
    expect(codes(searchStructures({ ...ball, monotone: "weak" }))).toEqual(
      codes(members.filter(has("preference-monotone")))
    )
  })

  it("counts what it passes over: examined and pruned are the whole space", () => {
    const stats = searchStats()
    const found = [
      ...searchStructures({ ...wholeSpace(four), antisymmetric: true, monotone: "strict", distinct: true }, stats)
    ]
    expect(found.length).toBe(stats.found)
    expect(BigInt(stats.examined) + stats.pruned).toBe((2n ** 16n - 1n) ** 2n)
    expect(found.every((one) => codeOf(canonicalStructure(one)!) === codeOf(one))).toBe(true)
    expect(new Set(found.map(codeOf)).size).toBe(found.length)
  })
})

describe("spaces", () => {
  const ball = fc
    .tuple(
      fc.array(nonDegenerate(3), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 4 }),
      structure(3),
      structure(3)
    )
    .map(
      ([centres, radius, a, b]): SearchSpace => ({
        ...between(wholeSpace(centres[0]!.propositions), { lower: meet(a, b), upper: join(a, b) }),
        centres: centres.map(codeOf),
        radius
      })
    )

  it("have the size that a list of all codes gives, around any number of centres", () => {
    fc.assert(
      fc.property(ball, (space) => {
        const inside = Array.from({ length: 2 ** 16 }, (_, code) => BigInt(code)).filter((code) =>
          isInside(space, code)
        )
        expect(regionSize(space)).toBe(BigInt(inside.length))
        const members = inside.map((code) => fromCode(code, space.propositions)).filter((one) => !isDegenerate(one))
        expect(nonDegenerateSize(space)).toBe(BigInt(members.length))
        expect(codes(searchStructures(space))).toEqual(codes(members))
        expect(
          members.every((one) =>
            space.centres!.some((c) => distance(fromCode(c, space.propositions), one) <= space.radius!)
          )
        ).toBe(true)
      }),
      { numRuns: 20 }
    )
  })

  it("keep one member of each loss, the canonical one where they have it", () => {
    fc.assert(
      fc.property(ball, (space) => {
        const canonical = (one: Structure) => codeOf(canonicalStructure(one)!)
        const members = [...searchStructures(space)]
        const kept = [...searchStructures({ ...space, distinct: true })]
        expect(new Set(kept.map(canonical)).size).toBe(kept.length)
        expect(new Set(kept.map(canonical))).toEqual(new Set(members.map(canonical)))
        for (const one of kept) if (isInside(space, canonical(one))) expect(codeOf(one)).toBe(canonical(one))
      }),
      { numRuns: 20 }
    )
  })

  it("have 2^32 members over four propositions and 2^128 over six, none of them listed", () => {
    expect(regionSize(wholeSpace(four))).toBe(2n ** 32n)
    const six = [...four, "M(y3)", "M(y4)"]
    expect(regionSize(wholeSpace(six))).toBe(2n ** 128n)
    expect(countStructures(wholeSpace(six))).toBe((2n ** 64n - 1n) ** 2n)
  })
})
