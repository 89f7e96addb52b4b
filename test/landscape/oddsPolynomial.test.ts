import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { aboveOne, belowOne } from "../../src/landscape/axisShift.ts"
import {
  add,
  derivative,
  equal,
  evaluate,
  fromPolynomial,
  multiply,
  power,
  primitive,
  renameVariables,
  scale,
  signAt,
  subtract,
  toPolynomial,
  variable,
  withDegrees
} from "../../src/landscape/oddsPolynomial.ts"
import { makeSubstitution } from "../../src/landscape/substitution.ts"
import { evaluateExact, mul } from "../../src/logic/polynomial.ts"
import { addRational, divideRational, multiplyRational, type Rational } from "../../src/logic/rational.ts"
import { pointArbitrary, polynomialArbitrary } from "./polynomials.ts"

const named = (point: ReadonlyArray<Rational>): Record<string, Rational> =>
  Object.fromEntries(["p_w", "p_l", "r_w", "r_l"].slice(0, point.length).map((name, k) => [name, point[k]!]))

describe("odds polynomials", () => {
  it("evaluate as the logic core's sparse polynomials do", () =>
    fc.assert(
      fc.property(polynomialArbitrary(3), pointArbitrary(3), (a, point) => {
        const exact = evaluate(a, point)
        expect(exact).toEqual(evaluateExact(toPolynomial(a), named(point)))
        expect(signAt(a, point)).toBe(exact.num > 0n ? 1 : exact.num < 0n ? -1 : 0)
      })
    ))

  it("add and multiply as functions", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2), polynomialArbitrary(2), pointArbitrary(2), (a, b, point) => {
        expect(evaluate(add(a, b), point)).toEqual(addRational(evaluate(a, point), evaluate(b, point)))
        expect(evaluate(multiply(a, b), point)).toEqual(multiplyRational(evaluate(a, point), evaluate(b, point)))
        expect(equal(subtract(add(a, b), b), a)).toBe(true)
      })
    ))

  it("agree with the sparse product, and survive the round trip through it", () =>
    fc.assert(
      fc.property(polynomialArbitrary(3), polynomialArbitrary(3), (a, b) => {
        expect(toPolynomial(multiply(a, b))).toEqual(mul(toPolynomial(a), toPolynomial(b)))
        expect(equal(fromPolynomial(toPolynomial(a), a.variables), a)).toBe(true)
      })
    ))

  it("differentiate by the product rule", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2), polynomialArbitrary(2), fc.nat(1), (a, b, k) => {
        const left = derivative(multiply(a, b), k)
        const right = add(multiply(derivative(a, k), b), multiply(a, derivative(b, k)))
        expect(equal(left, right)).toBe(true)
        const cube = derivative(power(variable(a.variables, k), 3), k)
        expect(equal(cube, scale(power(variable(a.variables, k), 2), 3n))).toBe(true)
      })
    ))

  it("substitute quotients, denominators cleared by the degree of the array", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2), pointArbitrary(2), (a, point) => {
        const x = a.variables.map((_, k) => variable(a.variables, k))
        const one = power(x[0]!, 0)
        const denominators = [add(one, x[1]!), add(one, multiply(x[0]!, x[0]!))]
        const result = makeSubstitution([x[1]!, add(x[0]!, x[1]!)], denominators, a.degrees)(a)
        const inner = [
          divideRational(point[1]!, evaluate(denominators[0]!, point)),
          divideRational(addRational(point[0]!, point[1]!), evaluate(denominators[1]!, point))
        ]
        const factor = a.degrees
          .map((degree, k) => evaluate(power(denominators[k]!, degree), point))
          .reduce(multiplyRational)
        expect(evaluate(result, point)).toEqual(multiplyRational(evaluate(a, inner), factor))
      })
    ))

  it("shift along one axis as the substitutions 1 + t and t/(1+t) say", () =>
    fc.assert(
      fc.property(polynomialArbitrary(3), fc.nat(2), (a, k) => {
        const x = a.variables.map((_, i) => variable(a.variables, i))
        const unit = power(x[0]!, 0)
        const units = x.map(() => unit)
        const more = add(unit, x[k]!)
        expect(equal(aboveOne(a, k), makeSubstitution(x.with(k, more), units, a.degrees)(a))).toBe(true)
        expect(equal(belowOne(a, k), makeSubstitution(x, units.with(k, more), a.degrees)(a))).toBe(true)
      })
    ))

  it("keep their sign when made primitive, and their value when given more room or renamed", () =>
    fc.assert(
      fc.property(polynomialArbitrary(2), pointArbitrary(2), (a, point) => {
        if (a.coefficients.some((c) => c !== 0n)) expect(signAt(primitive(a), point)).toBe(signAt(a, point))
        expect(evaluate(withDegrees(a, [5, 5]), point)).toEqual(evaluate(a, point))
        expect(evaluate(renameVariables(a, [1, 0]), point)).toEqual(evaluate(a, [point[1]!, point[0]!]))
      })
    ))

  it("refuse to mix variables", () => {
    const a = variable(["p_w", "p_l"], 0)
    expect(() => add(a, variable(["p_w"], 0))).toThrow(RangeError)
    expect(() => withDegrees(a, [0, 0])).toThrow(RangeError)
  })
})
