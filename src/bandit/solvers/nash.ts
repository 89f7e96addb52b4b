/**
 * Nash equilibria of win-rate games. P - 1/2 is skew-symmetric, so the value is 1/2 and a policy π is an equilibrium iff
 * no response wins more than half against it: `max_y P(y ≻ π) ≤ 1/2`.
 */
import {
  addRational,
  compareRational,
  multiplyRational,
  one,
  parseDecimal,
  type Rational,
  rational,
  rationalToNumber,
  subtractRational,
  zero
} from "../../logic/rational.ts"
import type { Environment } from "../environment.ts"
import { exactColumnStrategy, numericColumnStrategy } from "./matrixGame.ts"
import { checkWinMatrix, policyTable, winMatrix, winsAgainst } from "./winGame.ts"

/** An equilibrium and what proves it. */
export interface NashEquilibrium {
  /** π, shape [arms]. */
  readonly policy: Float64Array
  /** Arms of positive probability, ascending. */
  readonly support: ReadonlyArray<number>
  /** max_y P(y ≻ π) - 1/2: 0 when `exact` is there, else what rounding leaves. */
  readonly exploitability: number
  /** π in fractions, for the game whose probabilities are the decimals given. */
  readonly exact?: ReadonlyArray<Rational>
  /** Whether it is the only equilibrium; decided where `exact` is there. */
  readonly unique?: boolean
}

/** What {@link checkEquilibrium} finds. */
export interface EquilibriumCheck {
  /** 1/2 - P(y ≻ π) of every response: ≥ 0 at an equilibrium, and 0 on its support. */
  readonly slack: ReadonlyArray<Rational>
  readonly isEquilibrium: boolean
}

/** Games of more arms are solved in floating point. */
export const maxExactArms = 24

/**
 * The decimals of a win matrix as fractions. The entries above the diagonal count; those below are their complements, so
 * that the game is symmetric to the last digit (0.1 + 0.9 is 1 in decimals, σ(x) + σ(-x) need not be).
 * @throws RangeError when the matrix is not complementary to 1e-12
 */
export const rationalWinMatrix = (matrix: Float64Array, arms: number): ReadonlyArray<ReadonlyArray<Rational>> => {
  checkWinMatrix("nash", matrix, arms)
  const exact = (a: number, b: number): Rational => parseDecimal(String(matrix[a * arms + b]!))!
  const half = rational(1, 2)
  return Array.from({ length: arms }, (_, a) =>
    Array.from({ length: arms }, (_, b) => (a === b ? half : a < b ? exact(a, b) : subtractRational(one, exact(b, a))))
  )
}

/**
 * Checks a claimed equilibrium in exact arithmetic, by the definition alone: π ≥ 0, Σ π = 1, P(y ≻ π) ≤ 1/2 for all y.
 * Complementary slackness (slack 0 on the support) then follows, since Σ_y π(y) P(y ≻ π) is 1/2.
 */
export const checkEquilibrium = (
  game: ReadonlyArray<ReadonlyArray<Rational>>,
  policy: ReadonlyArray<Rational>
): EquilibriumCheck => {
  const sum = (values: ReadonlyArray<Rational>): Rational => values.reduce(addRational, zero)
  const slack = game.map((row) =>
    subtractRational(rational(1, 2), sum(row.map((p, other) => multiplyRational(p, policy[other]!))))
  )
  const isPolicy = policy.every((p) => p.num >= 0n) && compareRational(sum(policy), one) === 0
  return { slack, isEquilibrium: isPolicy && slack.every((s) => s.num >= 0n) }
}

/**
 * A Nash equilibrium of the symmetric win-rate game. Up to {@link maxExactArms} arms by the simplex method in integers:
 * exact fractions, checked by {@link checkEquilibrium}, and whether there is another. Beyond, the same in floating point,
 * with its exploitability. A game with several equilibria (ties; a cycle of clones) gives a vertex of their polytope,
 * the first that Bland's rule meets; a Condorcet winner (wins more than half against everyone) is always alone.
 * @param matrix P(row ≻ column), row-major [arms * arms], complementary to 1e-12
 * @throws RangeError for a matrix that is not
 */
export const nashEquilibrium = (matrix: Float64Array, arms: number): NashEquilibrium => {
  if (arms > maxExactArms) return numericEquilibrium(matrix, arms)
  const game = rationalWinMatrix(matrix, arms)
  const { strategy, unique } = exactColumnStrategy(game)
  if (!checkEquilibrium(game, strategy).isEquilibrium) throw new Error("nash: the simplex method lost its equilibrium")
  return {
    policy: Float64Array.from(strategy, rationalToNumber),
    support: strategy.flatMap((p, y) => (p.num > 0n ? [y] : [])),
    exploitability: 0,
    exact: strategy,
    unique
  }
}

const numericEquilibrium = (matrix: Float64Array, arms: number): NashEquilibrium => {
  checkWinMatrix("nash", matrix, arms)
  const policy = numericColumnStrategy(matrix, arms)
  return {
    policy,
    support: [...policy.keys()].filter((y) => policy[y]! > 0),
    exploitability: Math.max(0, winsAgainst(matrix, policy).reduce((a, b) => Math.max(a, b), 0) - 0.5)
  }
}

/** The Nash equilibrium of every context's game, as a policy table [contexts * arms]. */
export const nashPolicy = (environment: Environment): Float64Array =>
  policyTable(environment, (c) => nashEquilibrium(winMatrix(environment, c), environment.arms).policy)
