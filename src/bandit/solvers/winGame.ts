/** Win-rate games: both players name a response, and the row player wins with probability P(row ≻ column). */
import type { Environment } from "../environment.ts"

/** P(row ≻ column) of one context, row-major [arms * arms]. */
export const winMatrix = ({ arms, preference }: Environment, context: number): Float64Array =>
  Float64Array.from({ length: arms * arms }, (_, i) => preference.probability(context, Math.floor(i / arms), i % arms))

/** Largest deviation from P(a, b) + P(b, a) = 1 that rounding explains. */
const tolerance = 1e-12

/** @throws RangeError naming the first entry that is no probability, or not complementary */
export const checkWinMatrix = (name: string, matrix: Float64Array, arms: number): void => {
  if (!(Number.isInteger(arms) && arms >= 1 && matrix.length === arms * arms)) {
    throw new RangeError(`${name}: a matrix of ${arms} arms has ${arms * arms} entries, got ${matrix.length}`)
  }
  for (let a = 0; a < arms; a++) {
    for (let b = 0; b <= a; b++) {
      const [forward, back] = [matrix[a * arms + b]!, matrix[b * arms + a]!]
      if (forward >= 0 && forward <= 1 && Math.abs(forward + back - 1) <= tolerance) continue
      throw new RangeError(`${name}: P(${a}, ${b}) = ${forward} and P(${b}, ${a}) = ${back} must be in [0, 1], sum 1`)
    }
  }
}

/** Win rates of every response against a policy, `Σ_y' policy(y') P(y ≻ y')`. */
export const winsAgainst = (matrix: Float64Array, policy: ArrayLike<number>): Float64Array => {
  const arms = policy.length
  return Float64Array.from({ length: arms }, (_, y) => {
    let total = 0
    for (let other = 0; other < arms; other++) total += policy[other]! * matrix[y * arms + other]!
    return total
  })
}

/** The rows of every context's solution, one after the other: a policy table [contexts * arms]. */
export const policyTable = (
  { contexts, arms }: Environment,
  rowOf: (context: number) => ArrayLike<number>
): Float64Array => {
  const table = new Float64Array(contexts * arms)
  for (let c = 0; c < contexts; c++) table.set(rowOf(c), c * arms)
  return table
}
