/**
 * Optimal column strategies of a win-rate game by the simplex method: `max Σ x, M x ≤ 1, x ≥ 0` with M = P + 1 > 0. Then
 * Σ x = 1 / v, v the value of M, and x v is the strategy. M starts feasible at x = 0, so there is no first phase.
 */
import { addRational, divideRational, type Rational, rational, zero } from "../../logic/rational.ts"

/** Least common multiple of the denominators. */
const commonDenominator = (game: ReadonlyArray<ReadonlyArray<Rational>>): bigint => {
  let den = 1n
  for (const { den: other } of game.flat()) {
    let [x, y] = [den, other]
    while (y !== 0n) [x, y] = [y, x % y]
    den = (den / x) * other
  }
  return den
}

/**
 * A dictionary with integer entries over one positive denominator (Edmonds' fraction-free pivoting: every division is
 * exact). Rows are basic variables and, last, the objective; columns are nonbasic variables and, last, the constants.
 * Row i reads: basic_i = constant_i - Σ_j entry_ij nonbasic_j; the objective row holds minus the reduced costs.
 */
interface Dictionary {
  readonly entries: Array<Array<bigint>>
  denominator: bigint
  /** Variables 0..n-1 are x, n..2n-1 the slacks. */
  readonly basic: Array<number>
  readonly nonbasic: Array<number>
}

const startDictionary = (game: ReadonlyArray<ReadonlyArray<Rational>>): Dictionary => {
  const n = game.length
  const scale = commonDenominator(game)
  const rows = game.map((row) => [...row.map(({ num, den }) => num * (scale / den) + scale), scale])
  return {
    entries: [...rows, [...Array.from({ length: n }, () => -1n), 0n]],
    denominator: 1n,
    basic: Array.from({ length: n }, (_, i) => n + i),
    nonbasic: Array.from({ length: n }, (_, j) => j)
  }
}

/** Exchanges the basic variable of row r with the nonbasic one of column s. */
const pivotInPlace = (dictionary: Dictionary, r: number, s: number): void => {
  const { entries, basic, nonbasic, denominator } = dictionary
  const pivot = entries[r]![s]!
  entries.forEach((row, i) => {
    if (i === r) return
    const factor = row[s]!
    for (let j = 0; j < row.length; j++) {
      row[j] = j === s ? -factor : (row[j]! * pivot - factor * entries[r]![j]!) / denominator
    }
  })
  entries[r]![s] = denominator
  dictionary.denominator = pivot
  ;[basic[r], nonbasic[s]] = [nonbasic[s]!, basic[r]!]
}

/** Bland's rule: of the rows that limit the entering variable most, the one with the smallest variable. */
const leavingRow = ({ entries, basic }: Dictionary, s: number): number => {
  let best = -1
  for (let i = 0; i < basic.length; i++) {
    const [entry, constant] = [entries[i]![s]!, entries[i]!.at(-1)!]
    if (entry <= 0n) continue
    if (best < 0) {
      best = i
      continue
    }
    const difference = constant * entries[best]![s]! - entries[best]!.at(-1)! * entry
    if (difference < 0n || (difference === 0n && basic[i]! < basic[best]!)) best = i
  }
  return best
}

/** Pivots until the last row has no negative entry in the columns allowed; Bland's rule, so it ends. */
const maximiseInPlace = (dictionary: Dictionary, allowed: (variable: number) => boolean): void => {
  for (;;) {
    const objective = dictionary.entries.at(-1)!
    let entering = -1
    dictionary.nonbasic.forEach((variable, j) => {
      if (objective[j]! >= 0n || !allowed(variable)) return
      if (entering < 0 || variable < dictionary.nonbasic[entering]!) entering = j
    })
    if (entering < 0) return
    pivotInPlace(dictionary, leavingRow(dictionary, entering), entering)
  }
}

/** Values of x, over the common denominator. */
const valuesOf = ({ basic, entries }: Dictionary): ReadonlyArray<bigint> => {
  const x = basic.map(() => 0n)
  basic.forEach((variable, i) => {
    if (variable < x.length) x[variable] = entries[i]!.at(-1)!
  })
  return x
}

/**
 * Whether x is the only optimum: no x_k can be larger while the objective stays. Columns with a positive reduced cost are
 * 0 at every optimum, the others may enter.
 */
const isUnique = (dictionary: Dictionary): boolean => {
  const objective = dictionary.entries.at(-1)!
  const free = new Set([...dictionary.nonbasic.filter((_, j) => objective[j] === 0n), ...dictionary.basic])
  const start = valuesOf(dictionary).map((x) => rational(x, dictionary.denominator))
  return start.every((value, k) => {
    const copy: Dictionary = {
      entries: dictionary.entries.map((row) => [...row]),
      denominator: dictionary.denominator,
      basic: [...dictionary.basic],
      nonbasic: [...dictionary.nonbasic]
    }
    setObjective(copy, k)
    maximiseInPlace(copy, (variable) => free.has(variable))
    const top = rational(valuesOf(copy)[k]!, copy.denominator)
    return top.num === value.num && top.den === value.den
  })
}

/** Makes x_k the objective. */
const setObjective = ({ entries, basic, nonbasic, denominator }: Dictionary, k: number): void => {
  const row = basic.indexOf(k)
  const objective = entries.at(-1)!
  for (let j = 0; j < objective.length; j++) {
    if (row >= 0) objective[j] = entries[row]![j]!
    else objective[j] = nonbasic[j] === k ? -denominator : 0n
  }
}

/** Exact optimal column strategy of P (row player wins with probability P), and whether it is the only one. */
export const exactColumnStrategy = (
  game: ReadonlyArray<ReadonlyArray<Rational>>
): { readonly strategy: ReadonlyArray<Rational>; readonly unique: boolean } => {
  const dictionary = startDictionary(game)
  maximiseInPlace(dictionary, () => true)
  const x = valuesOf(dictionary).map((value) => rational(value))
  const total = x.reduce(addRational, zero)
  return { strategy: x.map((value) => divideRational(value, total)), unique: isUnique(dictionary) }
}

/** Smaller entries count as 0 in floating point. */
const negligible = 1e-12

/** Row operations of one pivot on a dense tableau with the identity columns kept, row-major [rows * width]. */
const pivotNumeric = (tableau: Float64Array, width: number, r: number, s: number): void => {
  const pivot = tableau[r * width + s]!
  for (let j = 0; j < width; j++) tableau[r * width + j]! /= pivot
  for (let i = 0; i * width < tableau.length; i++) {
    const factor = tableau[i * width + s]!
    if (i === r || factor === 0) continue
    for (let j = 0; j < width; j++) tableau[i * width + j]! -= factor * tableau[r * width + j]!
  }
}

/** The most negative reduced cost; after many steps the first one (Bland), so that ties cannot go around for ever. */
const enteringColumn = (tableau: Float64Array, width: number, arms: number, bland: boolean): number => {
  let entering = -1
  for (let j = 0; j < 2 * arms; j++) {
    const cost = tableau[arms * width + j]!
    if (cost >= -negligible) continue
    if (bland) return j
    if (entering < 0 || cost < tableau[arms * width + entering]!) entering = j
  }
  return entering
}

const leavingNumeric = (tableau: Float64Array, width: number, arms: number, s: number, basic: Int32Array): number => {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < arms; i++) {
    const entry = tableau[i * width + s]!
    if (entry <= negligible) continue
    const ratio = tableau[i * width + width - 1]! / entry
    if (ratio < least || (ratio === least && basic[i]! < basic[best]!)) [best, least] = [i, ratio]
  }
  return best
}

/**
 * The same in floating point, O(arms²) a pivot: a policy whose exploitability the caller measures.
 * @param matrix P(row ≻ column), row-major [arms * arms]
 */
export const numericColumnStrategy = (matrix: Float64Array, arms: number): Float64Array => {
  const width = 2 * arms + 1
  const tableau = new Float64Array((arms + 1) * width)
  for (let i = 0; i < arms; i++) {
    for (let j = 0; j < arms; j++) tableau[i * width + j] = matrix[i * arms + j]! + 1
    tableau[i * width + arms + i] = 1
    tableau[i * width + width - 1] = 1
    tableau[arms * width + i] = -1
  }
  const basic = Int32Array.from({ length: arms }, (_, i) => arms + i)
  for (let step = 0; step < 100 * arms; step++) {
    const s = enteringColumn(tableau, width, arms, step > 20 * arms)
    const r = s < 0 ? -1 : leavingNumeric(tableau, width, arms, s, basic)
    if (r < 0) break
    pivotNumeric(tableau, width, r, s)
    basic[r] = s
  }
  const x = new Float64Array(arms)
  basic.forEach((variable, i) => {
    if (variable < arms) x[variable] = Math.max(0, tableau[i * width + width - 1]!)
  })
  const total = x.reduce((sum, value) => sum + value, 0)
  return x.map((value) => value / total)
}
