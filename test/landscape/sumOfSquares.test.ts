import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkSign } from "../../src/landscape/checker.ts"
import { complete, decompose, type Equation, eliminate } from "../../src/landscape/exactLinear.ts"
import { faceBasis, simpleFraction } from "../../src/landscape/faces.ts"
import { gramBlocks, productOf } from "../../src/landscape/gram.ts"
import {
  add,
  constant,
  isZero,
  multiply,
  type OddsPolynomial,
  primitive,
  scale,
  signAt,
  subtract,
  termsOf,
  toPolynomial,
  variable
} from "../../src/landscape/oddsPolynomial.ts"
import { decideSign } from "../../src/landscape/sign.ts"
import { proveBySquares } from "../../src/landscape/sumOfSquares.ts"
import { addRational, multiplyRational, type Rational, rational, zero } from "../../src/logic/rational.ts"
import { pointArbitrary, polynomialArbitrary } from "./polynomials.ts"

const four = ["p_w", "p_l", "r_w", "r_l"]
const square = (a: OddsPolynomial) => multiply(a, a)
const integer = fc.integer({ min: -4, max: 4 }).map((n) => rational(n))
const matrixOf = (n: number, m = n) =>
  fc.array(fc.array(integer, { minLength: m, maxLength: m }), { minLength: n, maxLength: n })
const times = (a: ReadonlyArray<Rational>, b: ReadonlyArray<Rational>): Rational =>
  a.reduce((sum, value, k) => addRational(sum, multiplyRational(value, b[k]!)), zero)

/** Multilinear polynomials that are zero where all odds are 1. */
const zeroAtOne = (n: number): fc.Arbitrary<OddsPolynomial> =>
  polynomialArbitrary(n, 1, 3, 3).map((a) =>
    subtract(
      a,
      constant(
        a.variables,
        a.coefficients.reduce((sum, c) => sum + c, 0n)
      )
    )
  )

describe("sums of squares", () => {
  it("are found for sums of squares that are zero at one point inside, over four odds too", () => {
    const samples = fc.sample(fc.tuple(zeroAtOne(4), zeroAtOne(4)), { numRuns: 25, seed: 8 })
    let [proved, asked] = [0, 0]
    for (const [a, b] of samples) {
      const sum = add(square(a), square(b))
      if (isZero(sum)) continue
      asked++
      const verdict = decideSign(sum)
      expect(verdict.verdict).not.toBe("fails")
      if (verdict.verdict !== "holds") continue
      expect(checkSign(toPolynomial(sum), verdict.proof)).toBe(true)
      proved++
    }
    expect(proved).toBeGreaterThanOrEqual(0.9 * asked)
  })

  it("are proofs that the checker accepts, and none is found for what is negative somewhere", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2, 2, 7, 4), pointArbitrary(2), (a, point) => {
        fc.pre(!isZero(a))
        const core = primitive(a)
        const proof = proveBySquares(core)
        if (proof === undefined) return
        expect(checkSign(toPolynomial(core), proof)).toBe(true)
        expect(signAt(core, point)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 120 }
    ))

  it("a coefficient in powers of one odds that touches zero at an irrational point does not hide the sign", () => {
    const [w, l] = [variable(four, 0), variable(four, 1)]
    const unit = constant(four, 1n)
    const touching = square(subtract(unit, scale(square(w), 2n)))
    const a = add(add(multiply(square(l), touching), l), unit)
    expect(decideSign(a)).toMatchObject({ verdict: "holds" })
  })

  it("every product of a square of a polynomial is among the products of its blocks", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2, 2, 4, 3), (root) => {
        const a = square(root)
        fc.pre(!isZero(a))
        const products = new Set(
          gramBlocks(a).flatMap((block) =>
            block.monomials.flatMap((_, i) => block.monomials.map((_, j) => productOf(block, i, j).join()))
          )
        )
        for (const { exponents } of termsOf(a)) expect(products.has(exponents.join())).toBe(true)
        // The root's own monomials are in the block without odd odds.
        const even = gramBlocks(a).find(({ odd }) => odd.every((e) => e === 0))!
        const monomials = new Set(even.monomials.map((m) => m.join()))
        for (const { exponents } of termsOf(root)) expect(monomials.has(exponents.join())).toBe(true)
      })
    ))
})

describe("exact linear algebra", () => {
  it("decomposes B'B, and refuses it once a diagonal entry is made too small", () =>
    fc.assert(
      fc.property(matrixOf(3, 4), (rows) => {
        const columns = [0, 1, 2, 3].map((j) => rows.map((row) => row[j]!))
        const gram = columns.map((x) => columns.map((y) => times(x, y)))
        const parts = decompose(gram)!
        const sum = gram.map((row, i) =>
          row.map((_, j) =>
            parts.reduce(
              (all, { weight, column }) =>
                addRational(all, multiplyRational(weight, multiplyRational(column[i]!, column[j]!))),
              zero
            )
          )
        )
        expect(sum).toEqual(gram)
        expect(parts.every(({ weight }) => weight.num > 0n)).toBe(true)
        // Of rank 3 at most, B'B is positive in no open set of matrices: less on the diagonal is too little.
        const less = gram.map((row, i) =>
          row.map((value, j) => (i === j ? addRational(value, rational(-1, 9)) : value))
        )
        expect(decompose(less)).toBeUndefined()
      })
    ))

  it("solves for as many unknowns as there are independent equations", () =>
    fc.assert(
      fc.property(matrixOf(3, 5), fc.array(integer, { minLength: 5, maxLength: 5 }), (rows, solution) => {
        const equations = rows.map(
          (row): Equation => ({
            coefficients: new Map(row.flatMap((value, j) => (value.num === 0n ? [] : [[j, value] as const]))),
            value: times(row, solution)
          })
        )
        const solved = eliminate(equations)!
        const values = complete(solved, 5, (j) => rational(j + 1, 3))
        for (const row of rows) expect(times(row, values)).toEqual(times(row, solution))
      })
    ))

  it("sees a contradiction", () => {
    const equation = (value: number): Equation => ({
      coefficients: new Map([[0, rational(1)]]),
      value: rational(value)
    })
    expect(eliminate([equation(1), equation(2)])).toBeUndefined()
    expect(eliminate([equation(1), equation(1)])?.size).toBe(1)
  })

  it("the face of a matrix with a rational kernel is what is orthogonal to it", () => {
    // x x' with x = (2, -1, 3): everything orthogonal to x is kernel.
    const x = [2, -1, 3]
    const basis = faceBasis(Float64Array.from(x.flatMap((a) => x.map((b) => a * b))), 3, 1e-6)!
    expect(basis).toHaveLength(1)
    const ratio = (i: number, j: number) =>
      Number(basis[0]![i]!.num) / Number(basis[0]![i]!.den) / (Number(basis[0]![j]!.num) / Number(basis[0]![j]!.den))
    expect([ratio(1, 0), ratio(2, 0)]).toEqual([-1 / 2, 3 / 2])
    expect(faceBasis(Float64Array.from([2, 1, 1, 2]), 2, 1e-6)).toHaveLength(2)
  })

  it("rounds to the fraction with the smallest denominator, or to none", () => {
    expect(simpleFraction(0.33333333, 64, 1e-6)).toEqual(rational(1, 3))
    expect(simpleFraction(-2, 64, 1e-6)).toEqual(rational(-2))
    expect(simpleFraction(Math.SQRT2, 64, 1e-6)).toBeUndefined()
  })
})
