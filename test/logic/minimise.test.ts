import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Formula, formulaRows, iff, implies, not } from "../../src/logic/formula.ts"
import { allCubes, literalCount, minimise, primeImplicants } from "../../src/logic/minimise.ts"
import { formulaText } from "../../src/logic/print.ts"
import { awkwardness, formulaCost } from "../../src/logic/readingCost.ts"
import { count, type RowSet, rowSetOf } from "../../src/logic/rows.ts"
import { shortestFormula } from "../../src/logic/shortest.ts"
import { cheapestSmallFormula } from "../../src/logic/smallFormulas.ts"
import { rowSet, rowSetWithDontCares, sixPropositions } from "../arbitraries/logic.ts"

const cost = (cubes: ReadonlyArray<{ readonly care: number }>): number =>
  cubes.reduce((sum, cube) => sum + 1000 + count(BigInt(cube.care)), 0)

/** Cheapest cost of every union of cubes within `allowed`, by breadth-first search over unions: slow and obvious. */
const cheapestUnions = (allowed: RowSet, n: number): ReadonlyMap<RowSet, number> => {
  const cubes = allCubes(n).filter((cube) => (cube.rows & ~allowed) === 0n)
  const best = new Map<RowSet, number>([[0n, 0]])
  for (let changed = true; changed; ) {
    changed = false
    for (const [set, paid] of [...best]) {
      for (const cube of cubes) {
        const next = paid + 1000 + literalCount(cube)
        if (next < (best.get(set | cube.rows) ?? Number.POSITIVE_INFINITY)) {
          best.set(set | cube.rows, next)
          changed = true
        }
      }
    }
  }
  return best
}

const symmetric = (n: number, trueCounts: ReadonlyArray<number>): RowSet =>
  rowSetOf(Array.from({ length: 2 ** n }, (_, row) => row).filter((row) => trueCounts.includes(count(BigInt(row)))))

describe("minimise", () => {
  it("covers the rows asked for and none of those excluded, with prime implicants", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }).chain((n) => fc.tuple(fc.constant(n), rowSetWithDontCares(n))),
        ([n, { on, dontCare }]) => {
          const cubes = minimise(on, n, dontCare)
          const union = cubes.reduce((set, cube) => set | cube.rows, 0n)
          expect(on & ~union).toBe(0n)
          expect(union & ~(on | dontCare)).toBe(0n)
          const primes = primeImplicants(on | dontCare, n)
          expect(cubes.every((cube) => primes.includes(cube))).toBe(true)
        }
      ),
      { numRuns: 60 }
    )
  })

  it("is as cheap as any union of cubes (three propositions, against search over all unions)", () => {
    fc.assert(
      fc.property(rowSetWithDontCares(3), ({ on, dontCare }) => {
        const unions = [...cheapestUnions(on | dontCare, 3)].filter(([set]) => (on & ~set) === 0n)
        expect(cost(minimise(on, 3, dontCare))).toBe(Math.min(...unions.map(([, paid]) => paid)))
      }),
      { numRuns: 40 }
    )
  })

  // Known sizes: the cover of S_{1..n-1}(n) is a cycle of n cubes; parity has no cube larger than a row.
  it.each([
    [4, [1, 2, 3], 4],
    [6, [1, 2, 3, 4, 5], 6],
    [6, [2, 3, 4], 15],
    [5, [1, 3, 5], 16],
    [6, [0, 1, 2, 3, 4, 5, 6], 1],
    [6, [], 0]
  ])("symmetric function over %d propositions, true counts %j: %d cubes", (n, trueCounts, cubes) => {
    expect(minimise(symmetric(n, trueCounts), n).length).toBe(cubes)
  })

  it("refuses overlapping sets and rows that do not exist", () => {
    expect(() => minimise(1n, 2, 1n)).toThrow(RangeError)
    expect(() => minimise(16n, 2)).toThrow(RangeError)
    expect(() => minimise(0n, 7)).toThrow(RangeError)
  })
})

describe("prime implicants", () => {
  it("are the cubes that no larger cube within the set contains", () => {
    fc.assert(
      fc.property(rowSet(4), (set) => {
        const inside = allCubes(4).filter((cube) => (cube.rows & ~set) === 0n)
        const maximal = inside.filter(
          (cube) => !inside.some((other) => other !== cube && (cube.rows & ~other.rows) === 0n)
        )
        expect(primeImplicants(set, 4)).toEqual(maximal)
      }),
      { numRuns: 50 }
    )
  })
})

/** All formulas over two variables with up to three leaves, every part possibly negated. */
const smallFormulas = (): ReadonlyArray<Formula> => {
  const withNegations = (formulas: ReadonlyArray<Formula>): ReadonlyArray<Formula> => [
    ...formulas,
    ...formulas.map(not)
  ]
  const combine = (left: ReadonlyArray<Formula>, right: ReadonlyArray<Formula>): ReadonlyArray<Formula> =>
    left.flatMap((a) =>
      right.flatMap(
        (b): ReadonlyArray<Formula> => [
          ...(["And", "Or", "Xor"] as const).map((_tag): Formula => ({ _tag, args: [a, b] })),
          implies(a, b),
          iff(a, b)
        ]
      )
    )
  const one = withNegations(["M(w)", "M(l)"].map((name): Formula => ({ _tag: "Var", name })))
  const two = withNegations(combine(one, one))
  return [...one, ...two, ...combine(one, two), ...combine(two, one)]
}

describe("shortest formulas", () => {
  it("has the rows asked for and none of those excluded, for up to 6 propositions", () => {
    const arbitrary = fc.integer({ min: 1, max: 6 }).chain((n) => fc.tuple(fc.constant(n), rowSetWithDontCares(n)))
    fc.assert(
      fc.property(arbitrary, ([n, { on, dontCare }]) => {
        const propositions = sixPropositions.slice(0, n)
        const rows = formulaRows(shortestFormula(on, propositions, dontCare), propositions)
        expect(on & ~rows).toBe(0n)
        expect(rows & ~(on | dontCare)).toBe(0n)
      }),
      { numRuns: 60 }
    )
  })

  it("no formula over two variables with at most three leaves is cheaper", () => {
    const cheapest = new Map<RowSet, number>()
    for (const candidate of smallFormulas()) {
      const rows = formulaRows(candidate, ["M(w)", "M(l)"])
      cheapest.set(rows, Math.min(cheapest.get(rows) ?? Number.POSITIVE_INFINITY, formulaCost(candidate)))
    }
    for (let table = 1n; table < 15n; table++) {
      expect(cheapestSmallFormula(Number(table), 0, 2).cost).toBe(cheapest.get(table))
    }
  })

  it("costs what the cost function says, for every function of three variables", () => {
    for (let table = 0; table < 256; table++) {
      const { formula, cost: claimed } = cheapestSmallFormula(table, 0, 3)
      expect(formulaCost(formula)).toBe(claimed)
      expect(formulaRows(formula, ["0", "1", "2"])).toBe(BigInt(table))
    }
  })

  it("never reads worse than the minimal disjunction", () => {
    fc.assert(
      fc.property(rowSet(4), (on) => {
        const propositions = sixPropositions.slice(0, 4)
        const found = shortestFormula(on, propositions)
        const leaves = minimise(on, 4).reduce((sum, cube) => sum + literalCount(cube), 0)
        // A disjunction of cubes costs at most 6 a literal and 1 a bracket.
        expect(formulaCost(found) + awkwardness(found)).toBeLessThanOrEqual(6 * leaves + minimise(on, 4).length + 1)
      }),
      { numRuns: 40 }
    )
  })

  it.each([
    [0b0010n, 2, "M(w) and not M(l)"],
    [0b1011n, 2, "M(l) -> M(w)"],
    [0b0110n, 2, "M(w) xor M(l)"],
    [0b1001n, 2, "M(w) <-> M(l)"],
    [0b1111n, 2, "true"],
    [0n, 2, "false"],
    // Exactly one of three, the odd number of them without all three.
    [0b00010110n, 3, "not (M(w) and M(l)) and (M(w) xor M(l) xor Ref(w))"],
    [0b10010110n, 3, "M(w) xor M(l) xor Ref(w)"],
    [0b1111111111110111n, 4, "M(w) and M(l) -> Ref(w) or Ref(l)"]
  ])("%d over %d propositions reads %s", (on, n, text) => {
    expect(formulaText(shortestFormula(on, sixPropositions.slice(0, n)))).toBe(text)
  })

  it("uses the rows that are free", () => {
    expect(formulaText(shortestFormula(0b0010n, ["M(w)", "M(l)"], 0b1001n))).toBe("M(w)")
    expect(formulaText(shortestFormula(0b0001n, ["M(w)", "M(l)"], 0b1110n))).toBe("true")
    expect(formulaText(shortestFormula(0n, ["M(w)", "M(l)"], 0b1110n))).toBe("false")
  })
})
