/**
 * The core ratio of a structure at one point, row by row and straight from the definition: the slow reading against which
 * a loss program is checked, and the derivatives that say which way a property's quantifier points.
 */
import { logProbName, propositionParts } from "../logic/proposition.ts"
import type { Rational } from "../logic/rational.ts"
import { rowsOf } from "../logic/rows.ts"
import type { Semantics, Structure, WeightedStructure } from "../logic/structure.ts"

/** rho and its derivatives by log p_w and log p_l (all other inputs fixed), in nats. */
export interface RatioValue {
  readonly rho: number
  readonly aw: number
  readonly al: number
}

/** Named inputs: lw, ll, rw, rl, … log-probabilities in nats. */
export type Point = Readonly<Record<string, number>>

/** Evaluates one structure's rho. */
export type Ratio = (point: Point) => RatioValue

/** How literals weigh: docs/theory.md §11. */
export interface Weighing {
  readonly semantics: Semantics
  /** Exponent of every odds; 1 is the structure as published. */
  readonly oddsBeta: number
}

interface Side {
  readonly rows: ReadonlyArray<number>
  /** log of each row's weight; 0 in a structure. */
  readonly logWeights: ReadonlyArray<number>
}

const log1mexp = (a: number): number => (a > -Math.LN2 ? Math.log(-Math.expm1(a)) : Math.log1p(-Math.exp(a)))

const toNumber = (value: Rational): number => Number(value.num) / Number(value.den)

const sideOf = (rows: bigint | ReadonlyMap<number, Rational>): Side =>
  typeof rows === "bigint"
    ? { rows: rowsOf(rows), logWeights: rowsOf(rows).map(() => 0) }
    : { rows: [...rows.keys()], logWeights: [...rows.values()].map((weight) => Math.log(toNumber(weight))) }

const read = (point: Point, name: string): number => {
  const value = point[name]
  if (value === undefined) throw new RangeError(`ratio: the point lacks ${name}`)
  return value
}

/**
 * log Σ of the side's rows, each weighing the product of the odds of its true propositions, and for every proposition
 * the share of that sum in which it is true.
 */
const logSum = (
  side: Side,
  logOdds: ReadonlyArray<number>
): { readonly log: number; readonly shares: Array<number> } => {
  const logs = side.rows.map((row, i) =>
    logOdds.reduce((sum, odds, k) => ((row >> k) & 1 ? sum + odds : sum), side.logWeights[i]!)
  )
  const top = Math.max(...logs)
  const total = logs.reduce((sum, value) => sum + Math.exp(value - top), 0)
  const shares = logOdds.map(
    (_, k) => side.rows.reduce((sum, row, i) => ((row >> k) & 1 ? sum + Math.exp(logs[i]! - top) : sum), 0) / total
  )
  return { log: top + Math.log(total), shares }
}

/**
 * rho of a structure as a function of log-probabilities: `log Σ_{ticks} Π odds - log Σ_{crosses} Π odds`, with odds
 * `p / (1 - p)` (absolute) or `p / r` (relative), to the power oddsBeta; the derivatives by `Σ (share in ticks - share in
 * crosses) · d log odds / d log p`.
 * @throws RangeError when a needed input is missing at evaluation
 */
export const makeRatio = (structure: Structure | WeightedStructure, weighing: Weighing): Ratio => {
  const ticks = sideOf(structure.ticks)
  const crosses = sideOf(structure.crosses)
  const relative = weighing.semantics === "relative"
  const inputs = structure.propositions.map((proposition) => {
    const { model, response } = propositionParts(proposition)
    return { log: logProbName(proposition), reference: `r${response}`, policy: model === "M", response }
  })
  return (point) => {
    const logs = inputs.map(({ log }) => read(point, log))
    const logOdds = inputs.map(
      ({ reference }, k) =>
        weighing.oddsBeta * (relative ? logs[k]! - read(point, reference) : logs[k]! - log1mexp(logs[k]!))
    )
    const [top, bottom] = [logSum(ticks, logOdds), logSum(crosses, logOdds)]
    const derivative = (response: string): number =>
      inputs.reduce((sum, input, k) => {
        if (!input.policy || input.response !== response) return sum
        const slope = relative ? 1 : -1 / Math.expm1(logs[k]!)
        return sum + (top.shares[k]! - bottom.shares[k]!) * weighing.oddsBeta * slope
      }, 0)
    return { rho: top.log - bottom.log, aw: derivative("w"), al: derivative("l") }
  }
}
