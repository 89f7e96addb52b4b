/**
 * Responses of one model share a simplex: `p_w + p_l <= 1`. The formalism asks for the whole cube (docs/theory.md §8), but a
 * witness is worth more on the simplex, and what pushes probabilities on a softmax is decided there. With `u_i` the ratio
 * of p_i to the mass of all other responses, `p_i = u_i / (1 + Σ u)`, the open simplex is again a positive orthant.
 */
import { addRational, divideRational, one, type Rational } from "../logic/rational.ts"
import { add, constant, type OddsPolynomial, subtract, variable } from "./oddsPolynomial.ts"
import { makeSubstitution } from "./substitution.ts"

/** Positions of the variables of each model that speak about more than one response: `[[0, 1]]` for p_w, p_l, r_w. */
export const simplexGroups = (variables: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<number>> =>
  ["p_", "r_"]
    .map((prefix) => variables.flatMap((name, k) => (name.startsWith(prefix) ? [k] : [])))
    .filter((group) => group.length > 1)

/** Whether odds `p/(1-p)`, one for each variable, have probabilities that sum to at most 1 for each model. */
export const isOnSimplex = (variables: ReadonlyArray<string>, odds: ReadonlyArray<number>): boolean =>
  simplexGroups(variables).every((group) => group.reduce((sum, k) => sum + odds[k]! / (1 + odds[k]!), 0) <= 1 + 1e-15)

/** `1 + Σ u` over a group, as a polynomial over all variables. */
export const groupTotal = (variables: ReadonlyArray<string>, group: ReadonlyArray<number>): OddsPolynomial =>
  group.reduce((sum, k) => add(sum, variable(variables, k)), constant(variables, 1n))

/**
 * The polynomial in odds with the variables of the groups replaced by simplex coordinates of the same names,
 * `o_i = u_i / (1 + Σ_{j≠i} u_j)`, positive denominators cleared: its sign on the positive orthant is the sign of the
 * polynomial on the simplex (times the free odds of the other variables).
 */
export const restrictToSimplex = (
  a: OddsPolynomial,
  groups: ReadonlyArray<ReadonlyArray<number>> = simplexGroups(a.variables)
): OddsPolynomial => {
  const unit = constant(a.variables, 1n)
  const own = a.variables.map((_, k) => variable(a.variables, k))
  const others = a.variables.map((_, k) => {
    const group = groups.find((members) => members.includes(k))
    return group === undefined ? unit : subtract(groupTotal(a.variables, group), own[k]!)
  })
  return makeSubstitution(own, others, a.degrees)(a)
}

/** The odds of a point in simplex coordinates: the inverse of the substitution of {@link restrictToSimplex}. */
export const oddsOnSimplex = (
  variables: ReadonlyArray<string>,
  point: ReadonlyArray<Rational>,
  groups: ReadonlyArray<ReadonlyArray<number>> = simplexGroups(variables)
): ReadonlyArray<Rational> =>
  variables.map((_, k) => {
    const group = groups.find((members) => members.includes(k)) ?? []
    const rest = group.filter((j) => j !== k).reduce((sum, j) => addRational(sum, point[j]!), one)
    return divideRational(point[k]!, rest)
  })
