/** Rankings of K responses by the Plackett–Luce model that goes with Bradley–Terry labels. */
import * as Result from "effect/Result"
import type { Environment } from "./environment.ts"

/**
 * Utilities u with P(a ≻ b) = σ(u_a - u_b), shape [contexts * arms], the first arm of every context at 0; the failure is the
 * reason why there are none: labels that are certain, or that no utility explains.
 */
export const utilities = ({ contexts, arms, preference, id }: Environment): Result.Result<Float64Array, string> => {
  const logOdds = (c: number, a: number, b: number): number => {
    const p = preference.probability(c, a, b)
    return Math.log(p) - Math.log1p(-p)
  }
  const found = Float64Array.from({ length: contexts * arms }, (_, i) => logOdds(Math.floor(i / arms), i % arms, 0))
  if (!found.every(Number.isFinite)) {
    return Result.fail(`the environment ${id} is certain of some labels, rankings need Bradley-Terry labels`)
  }
  for (let i = 0; i < found.length; i++) {
    const c = Math.floor(i / arms)
    for (let b = 0; b < arms; b++) {
      const gap = found[i]! - found[c * arms + b]!
      if (Math.abs(gap - logOdds(c, i % arms, b)) > 1e-6 * (1 + Math.abs(gap))) {
        return Result.fail(`the preferences of the environment ${id} are no Bradley-Terry model, rankings need one`)
      }
    }
  }
  return Result.succeed(found)
}

/**
 * Probability that responses come in the given order, best first: `Π_k exp(u_k) / Σ_{j ≥ k} exp(u_j)`.
 * @see Plackett 1975, "The analysis of permutations"
 */
export const rankingProbability = (ordered: ReadonlyArray<number>): number => {
  const top = Math.max(...ordered)
  const weights = ordered.map((u) => Math.exp(u - top))
  let rest = weights.reduce((sum, w) => sum + w, 0)
  let probability = 1
  for (const weight of weights) {
    // What is left after the last but one is its own weight, up to rounding.
    probability *= Math.min(1, weight / rest)
    rest -= weight
  }
  return probability
}
