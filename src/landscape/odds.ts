/**
 * The two counts of a structure as integer polynomials in odds: `rho = log ticks(o) - log crosses(o)` (docs/theory.md §8).
 * Each row is the product of the odds of its true propositions; the factor `Π (1 - p_i)`, or `Π r_i` in the relative
 * reading, cancels in rho. Copies of one proposition share its odds (the diagonal, docs/theory.md §6).
 */
import { ratioName } from "../logic/proposition.ts"
import { gcdInteger, one, type Rational } from "../logic/rational.ts"
import { rowsOf } from "../logic/rows.ts"
import { type AnyStructure, isDegenerate } from "../logic/structure.ts"
import { derivative, fromTerms, multiply, type OddsPolynomial, type OddsTerm, subtract } from "./oddsPolynomial.ts"

/** Both counts over the same variables, and a common positive factor dropped. */
export interface OddsCounts {
  readonly variables: ReadonlyArray<string>
  readonly ticks: OddsPolynomial
  readonly crosses: OddsPolynomial
}

/** The probabilities whose odds occur: one name for each proposition, copies sharing theirs, in declared order. */
export const oddsVariables = (propositions: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(propositions.map(ratioName))
]

/** Whether some proposition occurs in more than one copy, so that equality is decided on the diagonal. */
export const hasCopies = (propositions: ReadonlyArray<string>): boolean =>
  oddsVariables(propositions).length < propositions.length

const leastCommonMultiple = (values: ReadonlyArray<bigint>): bigint =>
  values.reduce((multiple, value) => (multiple / gcdInteger(multiple, value)) * value, 1n)

/** The rows of a side with their weights: 1 each where they carry none. */
export const rowWeights = (side: AnyStructure["ticks"]): ReadonlyArray<readonly [number, Rational]> =>
  typeof side === "bigint" ? rowsOf(side).map((row) => [row, one] as const) : [...side]

/**
 * The counts of a structure over the given variables (default: its own). Weights are multiplied by their common denominator.
 * @throws RangeError when a side is empty (a degenerate structure has no rho) or a variable is missing from the list
 */
export const oddsCounts = (
  structure: AnyStructure,
  variables: ReadonlyArray<string> = oddsVariables(structure.propositions)
): OddsCounts => {
  const positions = structure.propositions.map((proposition) => variables.indexOf(ratioName(proposition)))
  if (positions.includes(-1)) throw new RangeError(`oddsCounts: [${variables.join(", ")}] lacks a proposition's odds`)
  const [ticks, crosses] = [rowWeights(structure.ticks), rowWeights(structure.crosses)]
  if (isDegenerate(structure)) throw new RangeError("oddsCounts: a degenerate structure has no rho")
  const common = leastCommonMultiple([...ticks, ...crosses].map(([, weight]) => weight.den))
  const term = ([row, weight]: readonly [number, Rational]): OddsTerm => {
    const exponents = variables.map(() => 0)
    positions.forEach((position, k) => {
      if ((row >> k) & 1) exponents[position]!++
    })
    return { exponents, coefficient: weight.num * (common / weight.den) }
  }
  return {
    variables,
    ticks: fromTerms(variables, ticks.map(term)),
    crosses: fromTerms(variables, crosses.map(term))
  }
}

/** Counts of two structures over the variables of both: propositions that one side lacks are free there. */
export const commonCounts = (a: AnyStructure, b: AnyStructure): readonly [OddsCounts, OddsCounts] => {
  const variables = oddsVariables([...a.propositions, ...b.propositions])
  return [oddsCounts(a, variables), oddsCounts(b, variables)]
}

/** `N_2 D_1 - N_1 D_2`: its sign is that of `rho_2 - rho_1` (docs/theory.md §8). */
export const difference = (first: OddsCounts, second: OddsCounts): OddsPolynomial =>
  subtract(multiply(second.ticks, first.crosses), multiply(first.ticks, second.crosses))

const slopes = new WeakMap<OddsCounts, Array<OddsPolynomial | undefined>>()

/**
 * `N' D - N D'`, derivatives by the odds of the k-th variable: the sign of `d rho / d odds_k`, hence of `d rho / d p_k` in
 * either reading. For counts `A + B o`, `C + E o` it is `B C - A E` (docs/theory.md §9). Kept with the counts.
 */
export const slope = (counts: OddsCounts, k: number): OddsPolynomial => {
  const { ticks, crosses } = counts
  const known = slopes.get(counts) ?? []
  slopes.set(counts, known)
  return (known[k] ??= subtract(multiply(derivative(ticks, k), crosses), multiply(ticks, derivative(crosses, k))))
}
