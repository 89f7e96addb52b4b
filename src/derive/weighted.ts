/** Weighted structures in a query: listed exactly over small spaces, told apart by their reduced counts. */
import { commonFactor, divideExactly } from "../landscape/factor.ts"
import { oddsCounts } from "../landscape/odds.ts"
import { type OddsPolynomial, termsOf } from "../landscape/oddsPolynomial.ts"
import {
  canonicalOrder,
  type Proposition,
  propositionParts,
  rowCount,
  rowSetOf,
  type Semantics,
  type Structure
} from "../logic/index.ts"
import { gcdInteger, type Rational, rational, rationalText } from "../logic/rational.ts"
import { type AnyStructure, isWeighted, makeStructure, type WeightedStructure } from "../logic/structure.ts"
import type { DeriveQuery } from "./query.ts"

/** The rows of either side, weights aside. */
export const supportOf = (structure: AnyStructure): Structure =>
  isWeighted(structure)
    ? makeStructure(structure.propositions, rowSetOf(structure.ticks.keys()), rowSetOf(structure.crosses.keys()))
    : structure

/** Number of weighted structures over the query's propositions: every row and side absent or with one of the weights. */
export const weightedSize = ({ propositions, weights }: Pick<DeriveQuery, "propositions" | "weights">): number =>
  (new Set(weights).size + 1) ** (2 * rowCount(canonicalOrder(propositions).length))

/** All weighted structures over the propositions, degenerate ones left out, the weights of row 0 fastest. */
export function* weightedStructures(
  propositions: ReadonlyArray<Proposition>,
  weights: ReadonlyArray<number>
): Generator<WeightedStructure> {
  const choices = [0, ...new Set(weights)]
  const rows = rowCount(propositions.length)
  const size = choices.length ** (2 * rows)
  for (let code = 0; code < size; code++) {
    const sides: [Array<[number, Rational]>, Array<[number, Rational]>] = [[], []]
    let rest = code
    for (let place = 0; place < 2 * rows; place++) {
      const weight = choices[rest % choices.length]!
      rest = Math.floor(rest / choices.length)
      if (weight !== 0) sides[place % 2]!.push([Math.floor(place / 2), rational(weight)])
    }
    if (sides[0].length > 0 && sides[1].length > 0) {
      yield { propositions, ticks: new Map(sides[0]), crosses: new Map(sides[1]) }
    }
  }
}

/** The plain structure that a weighted one is when all its weights are 1; itself else. */
export const plainIfPossible = (structure: WeightedStructure): AnyStructure =>
  [...structure.ticks.values(), ...structure.crosses.values()].every(({ num, den }) => num === den)
    ? supportOf(structure)
    : structure

const termsText = (a: OddsPolynomial, content: bigint): string =>
  termsOf(a)
    .map(
      ({ exponents, coefficient }) =>
        `${coefficient / content}${exponents.map((e, k) => (e === 0 ? "" : `*${a.variables[k]}^${e}`)).join("")}`
    )
    .sort()
    .join("+")

/** Both counts without common factors and without their common integer content. */
const reducedCounts = (structure: AnyStructure): readonly [OddsPolynomial, OddsPolynomial, bigint] => {
  const { ticks, crosses } = oddsCounts(structure)
  const common = commonFactor(ticks, crosses)
  const [n, d] = [divideExactly(ticks, common) ?? ticks, divideExactly(crosses, common) ?? crosses]
  return [n, d, [...termsOf(n), ...termsOf(d)].reduce((gcd, { coefficient }) => gcdInteger(gcd, coefficient), 0n)]
}

/** A text that two structures share iff they have the same rho: their counts without common factors. */
export const reducedKey = (structure: AnyStructure): string => {
  const [n, d, content] = reducedCounts(structure)
  return `${termsText(n, content)}/${termsText(d, content)}`
}

/** Whether weights only shift rho by a constant against plain rows: all equal on each side, not the same on both. Such a loss has a margin. */
export const isMarginOfPlain = (structure: AnyStructure): boolean => {
  const [n, d] = reducedCounts(structure)
  const values = (a: OddsPolynomial) => [...new Set(termsOf(a).map(({ coefficient }) => coefficient))]
  const [ticks, crosses] = [values(n), values(d)]
  return ticks.length === 1 && crosses.length === 1 && ticks[0] !== crosses[0]
}

/** Numerator and denominator as text over p_w, r_w, … (g_w, h_w per token): the sum of the rows with their weights. */
export const weightedRatio = (
  structure: WeightedStructure,
  { semantics, lengthNormalised }: { readonly semantics: Semantics; readonly lengthNormalised: boolean }
): { readonly numerator: string; readonly denominator: string } => {
  const letters = lengthNormalised ? { M: "g", Ref: "h" } : { M: "p", Ref: "r" }
  const literal = (proposition: Proposition, positive: boolean): string => {
    const { model, response } = propositionParts(proposition)
    if (positive) return `${letters[model]}_${response}`
    return semantics === "relative" ? `${letters.Ref}_${response}` : `(1-${letters[model]}_${response})`
  }
  const side = (rows: WeightedStructure["ticks"]): string =>
    [...rows]
      .map(([row, weight]) => {
        const product = structure.propositions.map((p, k) => literal(p, ((row >> k) & 1) === 1)).join("*")
        return weight.num === weight.den ? product : `${rationalText(weight)}*${product}`
      })
      .join(" + ")
  return { numerator: side(structure.ticks), denominator: side(structure.crosses) }
}
