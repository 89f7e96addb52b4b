/** Optima in closed form. All tables [contexts * arms]. */
import type { Environment } from "./environment.ts"

/** A policy and the value of the regularised objective there. */
export interface KlOptimum {
  readonly policy: Float64Array
  /** J(π*) = beta Σ_x w(x) log Σ_y π_ref(y|x) exp(R(x, y) / beta), reward units. */
  readonly value: number
}

/** Rows of `exp(score)` normalised to sum 1, and log Σ exp(score) of each row. */
const normalisedExp = (scores: Float64Array, contexts: number, arms: number) => {
  const policy = new Float64Array(contexts * arms)
  const logSums = new Float64Array(contexts)
  for (let c = 0; c < contexts; c++) {
    const row = scores.subarray(c * arms, (c + 1) * arms)
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity)
    let total = 0
    for (let y = 0; y < arms; y++) total += Math.exp(row[y]! - top)
    for (let y = 0; y < arms; y++) policy[c * arms + y] = Math.exp(row[y]! - top) / total
    logSums[c] = top + Math.log(total)
  }
  return { policy, logSums }
}

/** log Σ_y exp(score(x, y)) of every context x, shape [contexts]. @param scores shape [contexts * arms] */
export const logPartition = (scores: Float64Array, contexts: number, arms: number): Float64Array =>
  normalisedExp(scores, contexts, arms).logSums

/**
 * The KL-regularised optimum `π* ∝ π_ref exp(R / beta)`, unique maximiser of J(π) = E_π[R] - beta KL(π ‖ π_ref).
 * @param beta > 0; default the environment's
 * @see Rafailov et al. 2023, arXiv 2305.18290, eq. 4
 */
export const klOptimum = (environment: Environment, beta: number = environment.beta): KlOptimum => {
  if (!(beta > 0)) throw new RangeError(`klOptimum: beta must be positive, got ${beta}`)
  const { contexts, arms, reference, reward, contextWeights } = environment
  const scores = reference.map((p, i) => Math.log(p) + reward[i]! / beta)
  const { policy, logSums } = normalisedExp(scores, contexts, arms)
  let value = 0
  for (let c = 0; c < contexts; c++) value += contextWeights[c]! * beta * logSums[c]!
  return { policy, value }
}

/** Win rate of every response against the behaviour policy: `Σ_y' mu(y'|x) P(y ≻ y' | x)`. */
export const winRateAgainst = (environment: Environment, mu: Float64Array): Float64Array => {
  const { arms, preference } = environment
  return Float64Array.from({ length: mu.length }, (_, i) => {
    const context = Math.floor(i / arms)
    let total = 0
    for (let other = 0; other < arms; other++) {
      total += mu[context * arms + other]! * preference.probability(context, i % arms, other)
    }
    return total
  })
}

/**
 * IPO's population optimum for pairs y, y' ~ mu × mu: `π ∝ π_ref exp(P(y ≻ mu) / tau)`.
 * @see Azar et al. 2023, arXiv 2310.12036, Theorem 2
 */
export const ipoOptimum = (environment: Environment, mu: Float64Array, tau: number): Float64Array => {
  if (!(tau > 0)) throw new RangeError(`ipoOptimum: tau must be positive, got ${tau}`)
  const wins = winRateAgainst(environment, mu)
  const scores = environment.reference.map((p, i) => Math.log(p) + wins[i]! / tau)
  return normalisedExp(scores, environment.contexts, environment.arms).policy
}
