/** Shared arbitraries of the landscape tests: small integer polynomials, structures, and points of positive odds. */
import fc from "fast-check"
import { add, fromTerms, monomial, multiply, type OddsPolynomial } from "../../src/landscape/oddsPolynomial.ts"
import { type Rational, rational } from "../../src/logic/rational.ts"
import { type AnyStructure, makeStructure, type Structure } from "../../src/logic/structure.ts"

const names = ["p_w", "p_l", "r_w", "r_l"]
const propositions = ["M(w)", "M(l)", "Ref(w)", "Ref(l)"]

/** A polynomial over the first n names: up to `size` terms, exponents up to `degree`, coefficients within ±`bound`. */
export const polynomialArbitrary = (n: number, degree = 2, size = 6, bound = 3): fc.Arbitrary<OddsPolynomial> =>
  fc
    .array(
      fc.record({
        exponents: fc.array(fc.nat(degree), { minLength: n, maxLength: n }),
        coefficient: fc.bigInt({ min: BigInt(-bound), max: BigInt(bound) })
      }),
      { maxLength: size }
    )
    .map((terms) => fromTerms(names.slice(0, n), terms))

/** A positive rational with small parts. */
export const oddsArbitrary: fc.Arbitrary<Rational> = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .map(([num, den]) => rational(num, den))

/** One positive rational for each of n variables. */
export const pointArbitrary = (n: number): fc.Arbitrary<Array<Rational>> =>
  fc.array(oddsArbitrary, { minLength: n, maxLength: n })

/** A non-degenerate structure over M(w), M(l), Ref(w), Ref(l) or the first n of them. */
export const structureArbitrary = (n: number): fc.Arbitrary<Structure> => {
  const side = fc.bigInt({ min: 1n, max: (1n << BigInt(2 ** n)) - 1n })
  return fc.tuple(side, side).map(([ticks, crosses]) => makeStructure(propositions.slice(0, n), ticks, crosses))
}

/** A structure over the first n propositions whose rows weigh 0 to 3, none of both sides empty. */
export const weightedArbitrary = (
  n: number,
  names: ReadonlyArray<string> = propositions
): fc.Arbitrary<AnyStructure> => {
  const side = fc
    .array(fc.nat(3), { minLength: 2 ** n, maxLength: 2 ** n })
    .filter((weights) => weights.some((weight) => weight > 0))
    .map(
      (weights) => new Map(weights.flatMap((weight, row) => (weight === 0 ? [] : [[row, rational(weight)] as const])))
    )
  return fc.tuple(side, side).map(([ticks, crosses]) => ({ propositions: names.slice(0, n), ticks, crosses }))
}

/** A sum of two squares over two odds, the second times 1 or an odds: nowhere negative, and often zero somewhere inside. */
export const squaresArbitrary: fc.Arbitrary<OddsPolynomial> = fc
  .tuple(polynomialArbitrary(2, 1, 4, 3), polynomialArbitrary(2, 1, 4, 3), fc.constantFrom(0, 1))
  .map(([a, b, e]) => add(multiply(a, a), multiply(monomial(["p_w", "p_l"], [e, 0]), multiply(b, b))))
