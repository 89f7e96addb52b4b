/**
 * What is left of a rho without its reference: the loss that a reference was added to, and the table of a rho that depends on
 * p/r alone (docs/theory.md §11). As such a rho does not change with the reference, both are read off at the reference 1/2.
 */
import { canonicalOrder, ratioName } from "../logic/proposition.ts"
import { rational } from "../logic/rational.ts"
import { rowSetOf } from "../logic/rows.ts"
import { type AnyStructure, makeStructure } from "../logic/structure.ts"
import { canonicalStructure } from "./equality.ts"
import { commonFactor, divideExactly } from "./factor.ts"
import type { OddsCounts } from "./odds.ts"
import { add, constant, type OddsPolynomial, scale, termsOf, variable } from "./oddsPolynomial.ts"
import { makeSubstitution } from "./substitution.ts"

type Sides = readonly [ticks: OddsPolynomial, crosses: OddsPolynomial]

/** Both counts as polynomials in the policy's variables: policy odds as `policy` says, those of the reference 1. */
const atHalf = (
  { variables, ticks, crosses }: OddsCounts,
  policy: (k: number) => readonly [numerator: OddsPolynomial, denominator: OddsPolynomial]
): Sides => {
  const unit = constant(variables, 1n)
  const quotients = variables.map((name, k) => (name.startsWith("p_") ? policy(k) : ([unit, unit] as const)))
  const degrees = ticks.degrees.map((degree, k) => Math.max(degree, crosses.degrees[k]!))
  const substitute = makeSubstitution(
    quotients.map(([numerator]) => numerator),
    quotients.map(([, denominator]) => denominator),
    degrees
  )
  return [substitute(ticks), substitute(crosses)]
}

const cancelled = ([ticks, crosses]: Sides): Sides => {
  const common = commonFactor(ticks, crosses)
  return [divideExactly(ticks, common) ?? ticks, divideExactly(crosses, common) ?? crosses]
}

interface RowTerm {
  readonly row: number
  readonly coefficient: bigint
}

/** The terms as rows of the propositions at the given places; undefined with a power or a negative coefficient. */
const rowTerms = (side: OddsPolynomial, places: ReadonlyArray<number>): ReadonlyArray<RowTerm> | undefined => {
  const terms = termsOf(side)
  if (terms.some(({ exponents, coefficient }) => coefficient < 0n || exponents.some((e) => e > 1))) return undefined
  return terms.map(({ exponents, coefficient }) => ({
    row: places.reduce((row, k, bit) => row + exponents[k]! * 2 ** bit, 0),
    coefficient
  }))
}

/** The structure over the policy's propositions whose counts these are; undefined where no rows have such weights. */
const structureOfCounts = (variables: ReadonlyArray<string>, sides: Sides): AnyStructure | undefined => {
  const policy = variables.filter((name) => name.startsWith("p_"))
  const propositions = canonicalOrder(policy.map((name) => `M(${name.slice(2)})`))
  const places = propositions.map((proposition) => variables.indexOf(ratioName(proposition)))
  const [ticks, crosses] = [rowTerms(sides[0], places), rowTerms(sides[1], places)]
  if (ticks === undefined || crosses === undefined) return undefined
  const first = ticks[0]!.coefficient
  if ([...ticks, ...crosses].every(({ coefficient }) => coefficient === first)) {
    const rows = (side: ReadonlyArray<RowTerm>) => rowSetOf(side.map(({ row }) => row))
    return canonicalStructure(makeStructure(propositions, rows(ticks), rows(crosses)))
  }
  const weights = (side: ReadonlyArray<RowTerm>) =>
    new Map(side.map(({ row, coefficient }) => [row, rational(coefficient)] as const))
  return { propositions, ticks: weights(ticks), crosses: weights(crosses) }
}

/** The structure of `rho + log(r_w / r_l)`, for counts in which that does not depend on the reference. */
export const policyPart = (counts: OddsCounts): AnyStructure | undefined => {
  const { variables } = counts
  const unit = constant(variables, 1n)
  return structureOfCounts(variables, cancelled(atHalf(counts, (k) => [variable(variables, k), unit])))
}

/** The relative structure of a rho, given in absolute counts, that depends on q = p/r alone: at r = 1/2 the odds are q/(2 - q). */
export const relativePart = (counts: OddsCounts): AnyStructure | undefined => {
  const { variables } = counts
  const two = constant(variables, 2n)
  const quotient = (k: number) => {
    const q = variable(variables, k)
    return [q, add(two, scale(q, -1n))] as const
  }
  return structureOfCounts(variables, cancelled(atHalf(counts, quotient)))
}
