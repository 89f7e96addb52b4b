import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { coefficientsIn, commonFactor, degreeIn, divideExactly, takeSquares } from "../../src/landscape/factor.ts"
import {
  add,
  constant,
  equal,
  isZero,
  multiply,
  power,
  subtract,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { polynomialArbitrary } from "./polynomials.ts"

const nonZero = (n: number, size = 4) => polynomialArbitrary(n, 1, size, 2).filter((a) => !isZero(a))
const isConstant = (a: Parameters<typeof isZero>[0]): boolean => a.variables.every((_, k) => degreeIn(a, k) === 0)

describe("factors of odds polynomials", () => {
  it("division undoes multiplication", () =>
    fc.assert(
      fc.property(polynomialArbitrary(3), nonZero(3), (a, b) => {
        const quotient = divideExactly(multiply(a, b), b)
        expect(quotient).toBeDefined()
        expect(equal(quotient!, a)).toBe(true)
      })
    ))

  it("division refuses what does not divide", () => {
    const [x, y] = [0, 1].map((k) => variable(["p_w", "p_l"], k))
    const one = constant(["p_w", "p_l"], 1n)
    expect(divideExactly(add(multiply(x!, x!), one), add(x!, one))).toBeUndefined()
    expect(divideExactly(x!, y!)).toBeUndefined()
    expect(divideExactly(x!, constant(["p_w", "p_l"], 0n))).toBeUndefined()
  })

  it("coefficients by a variable rebuild the polynomial", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2), (a) => {
        const x = variable(a.variables, 1)
        const rebuilt = coefficientsIn(a, 1).reduce(
          (sum, slice, e) => add(sum, multiply(slice, power(x, e))),
          constant(a.variables, 0n)
        )
        expect(equal(rebuilt, a)).toBe(true)
      })
    ))

  it("the common factor of ac and bc is a multiple of c that divides both", () =>
    fc.assert(
      fc.property(nonZero(2), nonZero(2), nonZero(2), (a, b, c) => {
        const common = commonFactor(multiply(a, c), multiply(b, c))
        expect(divideExactly(multiply(multiply(a, c), constant(a.variables, 1n)), common)).toBeDefined()
        expect(divideExactly(multiply(multiply(b, c), constant(a.variables, 1n)), common)).toBeDefined()
        // Up to an integer factor (coefficients are sums of at most four in ±2, so 840 will do) c divides it.
        expect(divideExactly(multiply(common, constant(a.variables, 840n)), c)).toBeDefined()
      }),
      { numRuns: 60 }
    ))

  it("takes squares out: Π squares² · rest is the polynomial, and the rest has none left", () =>
    fc.assert(
      fc.property(nonZero(2, 3), nonZero(2, 3), (s, r) => {
        const product = multiply(multiply(s, s), r)
        const parts = takeSquares(product)
        if (parts === undefined) {
          expect(isConstant(s)).toBe(true)
          return
        }
        const rebuilt = parts.squares.reduce((sum, square) => multiply(sum, multiply(square, square)), parts.rest)
        expect(equal(rebuilt, product)).toBe(true)
        expect(takeSquares(parts.rest)).toBeUndefined()
      }),
      { numRuns: 60 }
    ))

  it("finds a square whose root mixes the variables, and a cube's single square", () => {
    const [x, y] = [variable(["p_w", "p_l"], 0), variable(["p_w", "p_l"], 1)]
    const one = constant(["p_w", "p_l"], 1n)
    const root = subtract(multiply(x, y), one)
    const squared = takeSquares(multiply(power(root, 3), add(x, one)))
    expect(squared?.squares).toHaveLength(1)
    expect(equal(squared!.squares[0]!, root)).toBe(true)
    expect(equal(squared!.rest, multiply(root, add(x, one)))).toBe(true)
  })
})
