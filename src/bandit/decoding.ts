/**
 * Decoding-time baselines that need no training: what can be had from the reference by choosing among its answers. Each
 * gives the exact distribution of the answer, a policy table [contexts * arms]; studies have them as methods (methods/decoding.ts).
 */
import type { Environment } from "./environment.ts"
import { bestOf } from "./orderStatistics.ts"
import { softmaxInto } from "./softmax.ts"
import { policyTable } from "./solvers/winGame.ts"

const checkBeta = (name: string, beta: number): void => {
  if (!(beta > 0 && Number.isFinite(beta))) throw new RangeError(`${name}: beta must be positive, got ${beta}`)
}

const checkTable = (name: string, { reference }: Environment, table: Float64Array): void => {
  if (table.length === reference.length && table.every(Number.isFinite)) return
  throw new RangeError(`${name}: the reward needs ${reference.length} finite entries`)
}

const rowOf = ({ arms }: Environment, table: Float64Array, context: number): Float64Array =>
  table.subarray(context * arms, (context + 1) * arms)

/** `π ∝ ref exp(r / beta)` by any reward table. @throws RangeError for another shape or a beta ≤ 0 */
export const tiltPolicy = (environment: Environment, table: Float64Array, beta: number): Float64Array => {
  checkBeta("tiltPolicy", beta)
  checkTable("tiltPolicy", environment, table)
  const { contexts, arms, reference } = environment
  const policy = new Float64Array(reference.length)
  const scores = reference.map((p, i) => Math.log(p) + table[i]! / beta)
  softmaxInto(scores, contexts, arms, new Float64Array(reference.length), policy)
  return policy
}

/** The best of N draws from the reference by any reward table, exact (orderStatistics.ts). */
export const bestOfPolicy = (environment: Environment, table: Float64Array, draws: number): Float64Array => {
  checkTable("bestOfPolicy", environment, table)
  return policyTable(environment, (c) =>
    bestOf(rowOf(environment, table, c), rowOf(environment, environment.reference, c), draws)
  )
}

/** Probability that a draw of each response is kept, exp((r - max r) / beta), row of one context. */
const keptRow = (row: Float64Array, beta: number): Float64Array => {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity)
  return row.map((r) => Math.exp((r - top) / beta))
}

/** Σ_{m < tries} q^m, q the chance that a draw is not kept: the expected number of draws. */
const drawsUpTo = (keep: number, tries: number): number =>
  // Near keep = 0 the quotient would cancel: 1 - (1 - k)^M through expm1 and log1p does not.
  keep === 0 ? tries : -Math.expm1(tries * Math.log1p(-Math.min(1, keep))) / keep

/**
 * Rejection sampling from the reference, each draw y kept with probability `a(y) = exp((r(y) - max r) / beta)`; when none of
 * M tries is kept, the last one drawn is the answer:
 * `π(y) = ref(y) (a(y) Σ_{m < M} q^m + (1 - a(y)) q^(M-1))`, q = 1 - Σ ref a. M = 1 is the reference; M → ∞ the tilt.
 * @param tries M ≥ 1
 * @throws RangeError as {@link tiltPolicy}, or for M that is no positive integer
 */
export const rejectionPolicy = (
  environment: Environment,
  table: Float64Array,
  beta: number,
  tries: number
): Float64Array => {
  checkBeta("rejectionPolicy", beta)
  checkTable("rejectionPolicy", environment, table)
  if (!(Number.isInteger(tries) && tries >= 1)) {
    throw new RangeError(`rejectionPolicy: tries must be a positive integer, got ${tries}`)
  }
  return policyTable(environment, (c) => {
    const kept = keptRow(rowOf(environment, table, c), beta)
    const reference = rowOf(environment, environment.reference, c)
    const keep = reference.reduce((sum, p, y) => sum + p * kept[y]!, 0)
    const draws = drawsUpTo(keep, tries)
    const noneBefore = Math.max(0, 1 - keep) ** (tries - 1)
    return reference.map((p, y) => p * (kept[y]! * draws + (1 - kept[y]!) * noneBefore))
  })
}

/** Draws that {@link rejectionPolicy} makes on average, E_x Σ_{m < M} q^m, between 1 and M. */
export const rejectionDraws = (environment: Environment, table: Float64Array, beta: number, tries: number): number => {
  const { contexts, contextWeights } = environment
  let total = 0
  for (let c = 0; c < contexts; c++) {
    const kept = keptRow(rowOf(environment, table, c), beta)
    const keep = rowOf(environment, environment.reference, c).reduce((sum, p, y) => sum + p * kept[y]!, 0)
    total += contextWeights[c]! * drawsUpTo(keep, tries)
  }
  return total
}

/**
 * Bounds of best-of-n against the reference: `KL(π ‖ ref) ≤ log n - (n - 1)/n` nats, and a win rate by reward of at most
 * n / (n + 1). Both are reached in the limit of many arms without ties.
 * @see Beirami et al. 2024, arXiv 2401.01879
 */
export const bestOfBounds = (draws: number): { readonly kl: number; readonly winRate: number } => ({
  kl: Math.log(draws) - (draws - 1) / draws,
  winRate: draws / (draws + 1)
})
