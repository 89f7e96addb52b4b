import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { commonDegreeBound } from "../../src/logic/decompile/degreeBound.ts"
import { divideExactly, gcdPolynomial } from "../../src/logic/decompile/gcd.ts"
import {
  add,
  constantPolynomial,
  constantValue,
  degreeIn,
  equals,
  evaluateExact,
  evaluateNumber,
  fromRows,
  isMultilinear,
  isZero,
  mul,
  negate,
  oddsFromRows,
  type Polynomial,
  polynomialText,
  power,
  scale,
  sub,
  variablePolynomial,
  variablesOf
} from "../../src/logic/polynomial.ts"
import {
  addRational,
  compareRational,
  contentRational,
  divideRational,
  equalRational,
  logRational,
  multiplyRational,
  one,
  parseDecimal,
  type Rational,
  rational,
  rationalText,
  rationalToNumber,
  subtractRational
} from "../../src/logic/rational.ts"
import { rowsOf } from "../../src/logic/rows.ts"
import {
  countByEnumeration,
  exactWeights,
  rationalProbability,
  rowSet,
  sixPropositions,
  smallPolynomial,
  smallRational
} from "../arbitraries/logic.ts"

const names = ["a", "b", "c"]
const small = smallPolynomial(names)
const point = fc
  .tuple(smallRational, smallRational, smallRational)
  .map(([a, b, c]): Readonly<Record<string, Rational>> => ({ a, b, c }))
const [p, q] = [variablePolynomial("p"), variablePolynomial("q")]
const number = (value: number): Polynomial => constantPolynomial(value)

describe("rationals", () => {
  it("are a field in lowest terms with positive denominators", () => {
    fc.assert(
      fc.property(smallRational, smallRational, smallRational, (a, b, c) => {
        expect(multiplyRational(a, addRational(b, c))).toEqual(
          addRational(multiplyRational(a, b), multiplyRational(a, c))
        )
        expect(subtractRational(addRational(a, b), b)).toEqual(a)
        if (b.num !== 0n) expect(multiplyRational(divideRational(a, b), b)).toEqual(a)
        expect(a.den > 0n).toBe(true)
        expect(Math.sign(compareRational(a, b))).toBe(Math.sign(rationalToNumber(a) - rationalToNumber(b)))
      })
    )
  })

  it("read decimals exactly", () => {
    expect([" 0.25 ", "-1.5e-1", "2e3", ".5", "3."].map((text) => rationalText(parseDecimal(text)!))).toEqual([
      "1/4",
      "-3/20",
      "2000",
      "1/2",
      "3"
    ])
    expect(["", ".", "x", "1e9999", "1e-999", "0x10", "1/2"].map(parseDecimal)).toEqual(
      Array.from({ length: 7 }, () => undefined)
    )
  })

  it("keep value and logarithm of terms far beyond the doubles", () => {
    const huge = rational(3n * 10n ** 700n, 10n ** 700n + 1n)
    expect(rationalToNumber(huge)).toBeCloseTo(3, 14)
    expect(logRational(rational(10n ** 700n))).toBeCloseTo(700 * Math.LN10, 9)
    expect(logRational(rational(1, 10n ** 700n))).toBeCloseTo(-700 * Math.LN10, 9)
    // Near 1 the logarithm keeps its relative accuracy.
    expect(logRational(rational(10n ** 20n + 1n, 10n ** 20n))).toBeCloseTo(1e-20, 34)
    expect(() => logRational(rational(0))).toThrow(RangeError)
  })

  it("have a content that divides each into integers without common divisor", () => {
    const content = contentRational([rational(1, 2), rational(-3, 4), rational(0)])
    expect(rationalText(content)).toBe("1/4")
  })
})

describe("polynomials", () => {
  it("operations are those of the values", () => {
    fc.assert(
      fc.property(small, small, point, (f, g, at) => {
        const [x, y] = [evaluateExact(f, at), evaluateExact(g, at)]
        expect(evaluateExact(add(f, g), at)).toEqual(addRational(x, y))
        expect(evaluateExact(sub(f, g), at)).toEqual(subtractRational(x, y))
        expect(evaluateExact(mul(f, g), at)).toEqual(multiplyRational(x, y))
        expect(evaluateExact(scale(f, rational(-2, 3)), at)).toEqual(multiplyRational(x, rational(-2, 3)))
        expect(
          evaluateNumber(f, { a: rationalToNumber(at.a!), b: rationalToNumber(at.b!), c: rationalToNumber(at.c!) })
        ).toBeCloseTo(rationalToNumber(x), 6)
      })
    )
  })

  it("are equal whatever the order of operations", () => {
    fc.assert(
      fc.property(small, small, small, (f, g, h) => {
        expect(equals(mul(add(f, g), h), add(mul(h, g), mul(f, h)))).toBe(true)
        expect(isZero(add(f, negate(f)))).toBe(true)
        expect(equals(f, add(f, number(1)))).toBe(false)
      })
    )
  })

  it("know degrees, variables, constants and multilinearity", () => {
    const f = add(mul(power(p, 2), q), number(3))
    expect([degreeIn(f, "p"), degreeIn(f, "q"), degreeIn(f, "r")]).toEqual([2, 1, 0])
    expect(variablesOf(f)).toEqual(["p", "q"])
    expect(isMultilinear(f)).toBe(false)
    expect(isMultilinear(mul(p, q))).toBe(true)
    expect([constantValue(number(3)), constantValue(number(0)), constantValue(p)]).toEqual([
      rational(3),
      rational(0),
      undefined
    ])
    expect(() => power(p, -1)).toThrow(RangeError)
    expect(() => evaluateExact(p, {})).toThrow(RangeError)
  })

  it("print as mathjs text", () => {
    expect(polynomialText(sub(p, scale(mul(p, power(q, 2)), rational(1, 2))))).toBe("p - 1/2*p*q^2")
    expect([polynomialText(number(0)), polynomialText(number(-3)), polynomialText(negate(p))]).toEqual([
      "0",
      "-3",
      "-p"
    ])
  })
})

describe("counts as polynomials", () => {
  it("equal the weighted sum over rows", () => {
    const propositions = sixPropositions.slice(0, 5)
    fc.assert(
      fc.property(rowSet(5), exactWeights(propositions), (set, weights) => {
        expect(evaluateExact(fromRows(set, propositions), weights)).toEqual(
          countByEnumeration(set, propositions, weights)
        )
      }),
      { numRuns: 30 }
    )
  })

  it("take the same number of odds per row, one monomial each", () => {
    fc.assert(
      fc.property(rowSet(4), fc.array(rationalProbability, { minLength: 4, maxLength: 4 }), (set, weights) => {
        const odds = oddsFromRows(set, 4)
        expect(odds.terms.size).toBe(rowsOf(set).length)
        // The count is the odds polynomial times the product of the negative weights.
        const failures = weights.reduce(
          (product, weight) => multiplyRational(product, subtractRational(one, weight)),
          one
        )
        const at = Object.fromEntries(
          weights.map((weight, k) => [`o${k}`, divideRational(weight, subtractRational(one, weight))])
        )
        const propositions = sixPropositions.slice(0, 4)
        const record = { p_w: weights[0]!, p_l: weights[1]!, r_w: weights[2]!, r_l: weights[3]! }
        expect(multiplyRational(evaluateExact(odds, at), failures)).toEqual(
          countByEnumeration(set, propositions, record)
        )
      }),
      { numRuns: 40 }
    )
  })

  it("copies share their variable: the diagonal", () => {
    expect(polynomialText(fromRows(0b1000n, ["M(w)", "M2(w)"]))).toBe("p_w^2")
  })
})

describe("common factors", () => {
  const nonZero = small.filter((f) => !isZero(f))

  it("the gcd divides both, and what is left has no common factor", () => {
    fc.assert(
      fc.property(nonZero, nonZero, nonZero, (f, g, h) => {
        const [a, b] = [mul(f, h), mul(g, h)]
        const common = gcdPolynomial(a, b)
        const [left, right] = [divideExactly(a, common), divideExactly(b, common)]
        expect(left !== undefined && right !== undefined).toBe(true)
        expect(equals(mul(left!, common), a)).toBe(true)
        expect(divideExactly(common, h)).toBeDefined()
        expect(constantValue(gcdPolynomial(left!, right!))).toEqual(one)
      }),
      { numRuns: 60 }
    )
  })

  it("the degree bound is never below the degree of the gcd", () => {
    fc.assert(
      fc.property(nonZero, nonZero, nonZero, (f, g, h) => {
        const [a, b] = [mul(f, h), mul(g, h)]
        const common = gcdPolynomial(a, b)
        for (const name of names) expect(commonDegreeBound(a, b, name)).toBeGreaterThanOrEqual(degreeIn(common, name))
      }),
      { numRuns: 60 }
    )
  })

  it("the degree bound is exact on these", () => {
    const [f, g] = [sub(p, mul(number(2), q)), add(p, q)]
    expect(commonDegreeBound(mul(f, g), mul(f, f), "p")).toBe(1)
    expect(commonDegreeBound(f, g, "p")).toBe(0)
  })

  it("known cases", () => {
    expect(polynomialText(gcdPolynomial(sub(power(p, 2), power(q, 2)), sub(p, q)))).toBe("p - q")
    expect(polynomialText(gcdPolynomial(mul(p, q), mul(q, number(4))))).toBe("q")
    expect(polynomialText(gcdPolynomial(number(0), scale(p, rational(-2, 3))))).toBe("p")
    expect(polynomialText(gcdPolynomial(number(6), number(4)))).toBe("1")
    expect(isZero(gcdPolynomial(number(0), number(0)))).toBe(true)
    expect(divideExactly(add(p, number(1)), q)).toBeUndefined()
    expect(() => divideExactly(p, number(0))).toThrow(RangeError)
  })

  it("equal rationals are equal field by field", () => {
    fc.assert(fc.property(smallRational, (a) => equalRational(a, rational(a.num * -7n, a.den * -7n))))
  })
})
