/** Random propositions, formulas, row sets, structures, rationals and polynomials, and counts by plain enumeration. */
import fc from "fast-check"
import type { Formula } from "../../src/logic/formula.ts"
import { type Polynomial, polynomial } from "../../src/logic/polynomial.ts"
import { type Proposition, ratioName } from "../../src/logic/proposition.ts"
import {
  addRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  subtractRational,
  zero
} from "../../src/logic/rational.ts"
import type { RowSet } from "../../src/logic/rows.ts"
import { makeStructure, type Semantics, type Structure } from "../../src/logic/structure.ts"

/** The propositions that random formulas and structures declare, in this order: the first n of them. */
export const sixPropositions: ReadonlyArray<Proposition> = ["M(w)", "M(l)", "Ref(w)", "Ref(l)", "M(y3)", "M2(w)"]

/** Any formula over the propositions, chains of two to four arguments. */
export const formula = (propositions: ReadonlyArray<Proposition>): fc.Arbitrary<Formula> => {
  const { node } = fc.letrec<{ node: Formula; leaf: Formula }>((tie) => ({
    leaf: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...propositions).map((name): Formula => ({ _tag: "Var", name })) },
      { weight: 1, arbitrary: fc.boolean().map((value): Formula => ({ _tag: "Const", value })) }
    ),
    node: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      tie("leaf"),
      tie("node").map((arg): Formula => ({ _tag: "Not", arg })),
      fc
        .tuple(fc.constantFrom("And", "Or", "Xor"), fc.array(tie("node"), { minLength: 2, maxLength: 4 }))
        .map(([_tag, args]): Formula => ({ _tag, args })),
      fc.tuple(tie("node"), tie("node")).map(([from, to]): Formula => ({ _tag: "Implies", from, to })),
      fc.tuple(tie("node"), tie("node")).map(([left, right]): Formula => ({ _tag: "Iff", left, right }))
    )
  }))
  return node
}

/** Any set of the rows of n propositions. */
export const rowSet = (n: number): fc.Arbitrary<RowSet> => fc.bigInt({ min: 0n, max: (1n << BigInt(2 ** n)) - 1n })

/** Disjoint sets: rows to include and rows that may go either way. */
export const rowSetWithDontCares = (n: number): fc.Arbitrary<{ readonly on: RowSet; readonly dontCare: RowSet }> =>
  fc.tuple(rowSet(n), rowSet(n)).map(([on, free]) => ({ on: on & ~free, dontCare: free }))

/** Any structure over the given propositions, degenerate ones included. */
export const structureOver = (propositions: ReadonlyArray<Proposition>): fc.Arbitrary<Structure> =>
  fc
    .tuple(rowSet(propositions.length), rowSet(propositions.length))
    .map(([ticks, crosses]) => makeStructure(propositions, ticks, crosses))

/** Any structure over the first n of {@link sixPropositions}. */
export const structure = (n: number): fc.Arbitrary<Structure> => structureOver(sixPropositions.slice(0, n))

/** A structure with ticks and crosses. */
export const nonDegenerate = (n: number): fc.Arbitrary<Structure> =>
  structure(n).filter(({ ticks, crosses }) => ticks !== 0n && crosses !== 0n)

/** A rational with numerator and denominator of one or two digits. */
export const smallRational: fc.Arbitrary<Rational> = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 12 }))
  .map(([num, den]) => rational(num, den))

/** A probability strictly between 0 and 1 as a rational. */
export const rationalProbability: fc.Arbitrary<Rational> = fc
  .tuple(fc.integer({ min: 1, max: 98 }), fc.integer({ min: 1, max: 60 }))
  .map(([a, b]) => rational(a, a + b))

/** A polynomial of up to four terms over the variables, exponents up to 2. */
export const smallPolynomial = (names: ReadonlyArray<string>): fc.Arbitrary<Polynomial> =>
  fc
    .array(fc.tuple(smallRational, fc.tuple(...names.map(() => fc.integer({ min: 0, max: 2 })))), { maxLength: 4 })
    .map((terms) =>
      polynomial(
        terms.map(([coefficient, exponents]) => ({
          coefficient,
          powers: names
            .map((name, i) => [name, exponents[i]!] as const)
            .filter(([, exponent]) => exponent > 0)
            .sort()
        }))
      )
    )

/** A weight for every ratio variable of the propositions (copies share theirs; in the relative reading r_x is free of p_x). */
export const exactWeights = (
  propositions: ReadonlyArray<Proposition>
): fc.Arbitrary<Readonly<Record<string, Rational>>> => {
  const names = [...new Set(propositions.flatMap((p) => [ratioName(p), ratioName(p).replace(/^p/, "r")]))]
  return fc
    .tuple(...names.map(() => rationalProbability))
    .map((values) => Object.fromEntries(names.map((name, i) => [name, values[i]!])))
}

/**
 * Weighted model count by definition: the sum over the rows of the set of the product of literal weights, `(p, 1 - p)` in
 * the absolute reading, `(p, r)` in the relative one. The slow, obvious oracle of everything faster.
 */
export const countByEnumeration = (
  set: RowSet,
  propositions: ReadonlyArray<Proposition>,
  weights: Readonly<Record<string, Rational>>,
  semantics: Semantics = "absolute"
): Rational => {
  let sum = zero
  for (let row = 0; row < 2 ** propositions.length; row++) {
    if (((set >> BigInt(row)) & 1n) === 0n) continue
    let product = one
    propositions.forEach((proposition, k) => {
      const p = weights[ratioName(proposition)]!
      const negative =
        semantics === "absolute" ? subtractRational(one, p) : weights[ratioName(proposition).replace(/^p/, "r")]!
      product = multiplyRational(product, (row >> k) & 1 ? p : negative)
    })
    sum = addRational(sum, product)
  }
  return sum
}
