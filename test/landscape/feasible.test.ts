import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Condition, findSolution } from "../../src/landscape/feasible.ts"
import { fromTerms, type OddsPolynomial, signAt } from "../../src/landscape/oddsPolynomial.ts"
import { rational } from "../../src/logic/rational.ts"

const xy = ["x", "y"]
/** Coefficient of x^i y^j by row i, column j. */
const poly = (table: ReadonlyArray<ReadonlyArray<number>>): OddsPolynomial =>
  fromTerms(
    xy,
    table.flatMap((row, i) => row.map((c, j) => ({ exponents: [i, j], coefficient: BigInt(c) })))
  )
const above = (table: ReadonlyArray<ReadonlyArray<number>>): Condition => ({ polynomial: poly(table), strict: true })
const atLeast = (table: ReadonlyArray<ReadonlyArray<number>>): Condition => ({ polynomial: poly(table), strict: false })

describe("systems of polynomial conditions on positive variables", () => {
  it("find a point, also one that only a wall has", () => {
    // x >= 1 and x <= 1.
    const found = findSolution([atLeast([[-1], [1]]), atLeast([[1], [-1]])])
    expect(found).toEqual({ verdict: "solution", point: [rational(1), rational(1)] })
  })

  it("tell strict from non-strict", () => {
    expect(findSolution([above([[-1], [1]]), atLeast([[1], [-1]])]).verdict).toBe("empty")
    // y = 2 x from both sides.
    expect(findSolution([atLeast([[0, 1], [-2]]), atLeast([[0, -1], [2]])]).verdict).toBe("solution")
    expect(findSolution([above([[0, 1], [-2]]), atLeast([[0, -1], [2]])]).verdict).toBe("empty")
  })

  it("rule out conditions that touch in one irrational point of the boundary", () => {
    // x² > x + 1, y² + y > 1, x y < 1: the closure has x = 1.618…, y = 0.618… alone.
    const system = [above([[-1], [-1], [1]]), above([[-1, 1, 1]]), above([[1], [0, -1]])]
    expect(findSolution(system.slice(0, 2)).verdict).toBe("solution")
    expect(findSolution([...system, above([[1]])]).verdict).not.toBe("solution")
  })

  it("agree with a grid of points on random systems", () => {
    const entry = fc.integer({ min: -3, max: 3 })
    const table = fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 })
    const condition = fc.record({ polynomial: table.map(poly), strict: fc.boolean() })
    const values = [1, 2, 3, 5, 9, 40].flatMap((n) => [rational(n), rational(1, n)])
    const points = values.flatMap((x) => values.map((y) => [x, y]))
    const isMet = (system: ReadonlyArray<Condition>, point: (typeof points)[number]) =>
      system.every(({ polynomial, strict }) => signAt(polynomial, point) >= (strict ? 1 : 0))
    fc.assert(
      fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), (system) => {
        const found = findSolution(system, 300)
        if (found.verdict === "solution") expect(isMet(system, [...found.point])).toBe(true)
        if (found.verdict === "empty") expect(points.some((point) => isMet(system, point))).toBe(false)
      }),
      { numRuns: 150 }
    )
  })
})
