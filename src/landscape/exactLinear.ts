/** Exact linear algebra on rationals, as far as rounding a numerical solution needs it: elimination, and `L D L'`. */
import {
  addRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  signRational,
  subtractRational,
  zero
} from "../logic/rational.ts"

/** `Σ_j coefficients[j] x_j = value`, zeros left out. */
export interface Equation {
  readonly coefficients: Map<number, Rational>
  value: Rational
}

/** `row -= factor · other`. */
const subtractFrom = (row: Equation, other: Equation, factor: Rational): void => {
  for (const [j, value] of other.coefficients) {
    const next = subtractRational(row.coefficients.get(j) ?? zero, multiplyRational(factor, value))
    if (next.num === 0n) row.coefficients.delete(j)
    else row.coefficients.set(j, next)
  }
  row.value = subtractRational(row.value, multiplyRational(factor, other.value))
}

/** Equations solved for one unknown each: `x_pivot = value - Σ coefficients[j] x_j` over unknowns that are no pivots. */
export type Solved = ReadonlyMap<number, Equation>

/** Solves for as many unknowns as there are independent equations; undefined when they contradict each other. */
export const eliminate = (equations: ReadonlyArray<Equation>): Solved | undefined => {
  const solved = new Map<number, Equation>()
  // Short equations first: they fill in the least.
  for (const row of [...equations].sort((a, b) => a.coefficients.size - b.coefficients.size)) {
    for (const j of [...row.coefficients.keys()]) {
      const known = solved.get(j)
      const factor = row.coefficients.get(j)
      if (known !== undefined && factor !== undefined) subtractFrom(row, known, factor)
    }
    const [pivot] = row.coefficients.keys()
    if (pivot === undefined) {
      if (row.value.num !== 0n) return undefined
      continue
    }
    const lead = row.coefficients.get(pivot)!
    for (const [j, value] of row.coefficients) row.coefficients.set(j, divideRational(value, lead))
    row.value = divideRational(row.value, lead)
    for (const other of solved.values()) {
      const factor = other.coefficients.get(pivot)
      if (factor !== undefined) subtractFrom(other, row, factor)
    }
    solved.set(pivot, row)
  }
  return solved
}

/** All unknowns from the free ones: those that are no pivots, as given. */
export const complete = (solved: Solved, count: number, free: (j: number) => Rational): ReadonlyArray<Rational> => {
  const values = Array.from({ length: count }, (_, j) => (solved.has(j) ? zero : free(j)))
  for (const [pivot, { coefficients, value }] of solved) {
    let sum = value
    for (const [j, factor] of coefficients)
      if (j !== pivot) sum = subtractRational(sum, multiplyRational(factor, values[j]!))
    values[pivot] = sum
  }
  return values
}

/** `Σ_k weight_k c_k c_k'` with positive weights. */
export type Decomposition = ReadonlyArray<{ readonly weight: Rational; readonly column: ReadonlyArray<Rational> }>

/** The matrix as a sum of positive multiples of squares; undefined when it is not positive semidefinite. */
export const decompose = (matrix: ReadonlyArray<ReadonlyArray<Rational>>): Decomposition | undefined => {
  const rest = matrix.map((row) => [...row])
  const terms: Array<{ weight: Rational; column: ReadonlyArray<Rational> }> = []
  for (let k = 0; k < rest.length; k++) {
    const weight = rest[k]![k]!
    const sign = signRational(weight)
    if (sign < 0 || (sign === 0 && rest.some((row, i) => i > k && row[k]!.num !== 0n))) return undefined
    if (sign === 0) continue
    const column = rest.map((row, i) => (i < k ? zero : i === k ? one : divideRational(row[k]!, weight)))
    for (let i = k + 1; i < rest.length; i++) {
      for (let j = k + 1; j < rest.length; j++) {
        const lost = multiplyRational(weight, multiplyRational(column[i]!, column[j]!))
        rest[i]![j] = addRational(rest[i]![j]!, { num: -lost.num, den: lost.den })
      }
    }
    terms.push({ weight, column })
  }
  return terms
}
