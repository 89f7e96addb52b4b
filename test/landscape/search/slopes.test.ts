import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { oddsCounts, slope } from "../../../src/landscape/odds.ts"
import { toPolynomial } from "../../../src/landscape/oddsPolynomial.ts"
import { marksOf, structureOfMarks } from "../../../src/landscape/search/marks.ts"
import { isPlainlyPositive, isPlainlyZero } from "../../../src/landscape/search/packed.ts"
import { isSumOfMeans, slopeInto, slopeSigns } from "../../../src/landscape/search/slopes.ts"
import { decideSign } from "../../../src/landscape/sign.ts"
import { hasRow } from "../../../src/logic/rows.ts"
import { nonDegenerate, sixPropositions } from "../../arbitraries/logic.ts"

/** Rows of n propositions with the first as axis: already in the order that a slope wants. */
const allRows = (n: number): Int32Array => Int32Array.from({ length: 2 ** n }, (_, row) => row)

const exponents = (index: number, m: number): Array<number> =>
  Array.from({ length: m }, (_, k) => Math.floor(index / 3 ** k) % 3)

/** Coefficients of a slope in three variables, small ones of either sign. */
const smallSlope = fc
  .array(fc.integer({ min: -2, max: 4 }), { minLength: 27, maxLength: 27 })
  .map((q) => Int16Array.from(q))

const polynomialOf = (q: Int16Array, m: number) => ({
  variables: ["a", "b", "c"].slice(0, m),
  degrees: new Array<number>(m).fill(2),
  coefficients: Array.from(q, BigInt)
})

describe("marks", () => {
  it("say what each row is, and make the structure again", () => {
    fc.assert(
      fc.property(nonDegenerate(4), (structure) => {
        const marks = marksOf(structure)
        marks.forEach((mark, row) => {
          expect(mark).toBe((hasRow(structure.ticks, row) ? 1 : 0) + (hasRow(structure.crosses, row) ? 2 : 0))
        })
        expect(structureOfMarks(structure.propositions, marks)).toEqual(structure)
      })
    )
  })
})

describe("slopes from row marks", () => {
  it.each([1, 2, 3, 4, 5])("are the derivative's polynomial, n = %i", (n) => {
    fc.assert(
      fc.property(nonDegenerate(n), fc.boolean(), (structure, turned) => {
        const q = new Int16Array(3 ** (n - 1))
        const positive = slopeInto(marksOf(structure), allRows(n), turned, q)
        expect(positive).toBe(q.every((coefficient) => coefficient >= 0))
        const variables = sixPropositions.slice(0, n).map((_, k) => ["p_w", "p_l", "r_w", "r_l", "p_y3"][k]!)
        const exact = toPolynomial(slope(oddsCounts(structure, variables), 0))
        const expected = new Map(
          [...exact.terms.values()].map((term) => [
            term.powers
              .map(([name, e]) => `${name}${e}`)
              .sort()
              .join(),
            Number(term.coefficient.num)
          ])
        )
        const found = new Map<string, number>()
        q.forEach((coefficient, index) => {
          const powers = exponents(index, n - 1).flatMap((e, k) => (e === 0 ? [] : [`${variables[k + 1]}${e}`]))
          if (coefficient !== 0) found.set(powers.sort().join(), turned ? -coefficient : coefficient)
        })
        expect(found).toEqual(expected)
      }),
      { numRuns: 30 }
    )
  })

  it("packed into words say the same of all signs and of zero", () => {
    const sets = fc.record({ a: fc.nat(255), b: fc.nat(255), c: fc.nat(255), e: fc.nat(255) })
    // Equal sets on purpose: zero slopes are rare among random ones.
    const symmetric = fc.tuple(fc.nat(255), fc.nat(255)).map(([x, y]) => ({ a: x, b: x, c: y, e: y }))
    fc.assert(
      fc.property(fc.oneof(sets, symmetric), (halves) => {
        const { a, b, c, e } = halves
        const bit = (set: number, i: number): number => (set >> i) & 1
        const marks = Uint8Array.from({ length: 16 }, (_, row) => {
          const [ticks, crosses] = row % 2 === 0 ? [a, c] : [b, e]
          return bit(ticks, row >> 1) + 2 * bit(crosses, row >> 1)
        })
        const q = new Int16Array(27)
        expect(isPlainlyPositive(halves)).toBe(slopeInto(marks, allRows(4), false, q))
        expect(isPlainlyZero(halves)).toBe(q.every((coefficient) => coefficient === 0))
      }),
      { numRuns: 500 }
    )
  })
})

describe("signs of slopes", () => {
  it("by means: what is proved so holds, and x² - x y + y² is, along any segment of exponents", () => {
    const scratch = new Int16Array(27)
    fc.assert(
      fc.property(smallSlope, (q) => {
        if (isSumOfMeans(q, 3, scratch)) expect(decideSign(polynomialOf(q, 3)).verdict).not.toBe("fails")
      }),
      { numRuns: 100 }
    )
    // a² b² - a b c + c²: neither multiplier of Pólya shows it.
    const q = new Int16Array(27)
    q[8] = 1
    q[13] = -1
    q[18] = 1
    expect(isSumOfMeans(q, 3, scratch)).toBe(true)
    q[13] = -3
    expect(isSumOfMeans(q, 3, scratch)).toBe(false)
    expect(slopeSigns().decide(q, 3)).toBe("fails")
  })

  it.each([1, 2, 3])("agree with the prover, and with themselves for every order of the variables, m = %i", (m) => {
    const signs = slopeSigns()
    const slopes = fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 3 ** m, maxLength: 3 ** m })
    fc.assert(
      fc.property(slopes, (coefficients) => {
        const q = Int16Array.from(coefficients)
        const sign = signs.decide(q, m)
        const exact = decideSign(polynomialOf(q, m)).verdict
        if (exact !== "undecided") expect(sign).toBe(exact)
        // Reversing the index order of base 3 digits turns the list of variables round.
        const turned = q.map((_, index) => q[exponents(index, m).reduce((sum, e) => 3 * sum + e, 0)]!)
        expect(signs.decide(turned, m)).toBe(sign)
      }),
      { numRuns: 100 }
    )
  })
})
