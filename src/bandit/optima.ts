/** Optima in closed form, or by one linear solve. All tables [contexts * arms]. */
import { comparisonMatrix } from "./comparisons.ts"
import type { Environment } from "./environment.ts"
import { solveLinear } from "./linearAlgebra.ts"
import type { PairTable } from "./pairs.ts"

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

/** J(π) = Σ_x w(x) (E_π[R] - beta KL(π ‖ π_ref)), from log-probabilities [contexts * arms]. */
export const regularisedValue = (
  environment: Environment,
  logp: Float64Array,
  beta: number = environment.beta
): number => {
  const { arms, reference, reward, contextWeights } = environment
  let value = 0
  for (let i = 0; i < logp.length; i++) {
    const gain = reward[i]! - beta * (logp[i]! - Math.log(reference[i]!))
    value += contextWeights[Math.floor(i / arms)]! * Math.exp(logp[i]!) * gain
  }
  return value
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

/** Minimiser of IPO's squared loss over any labelled pairs. */
export interface IpoMinimiser {
  readonly policy: Float64Array
  /** False when the compared pairs do not connect all arms of a context: then this is one of many minimisers. */
  readonly unique: boolean
}

/**
 * Minimiser of `Σ weight (h(w) - h(l) - 1/(2 tau))²`, h = log π/π_ref: the normal equations are the Laplacian of the
 * comparison graph, `Σ_pairs weight (e_w - e_l)(e_w - e_l)ᵀ h = Σ_pairs weight (e_w - e_l) / (2 tau)`. Where the graph
 * is not connected, the components keep mean h = 0 each.
 */
export const ipoMinimiser = (environment: Environment, table: PairTable, tau: number): IpoMinimiser => {
  const { contexts, arms, reference } = environment
  const scores = reference.map(Math.log)
  let unique = true
  for (let c = 0; c < contexts; c++) {
    const component = components(table, c, arms)
    unique &&= component.every((label) => label === component[0])
    const ratios = laplacianSolution(table, c, arms, component, 1 / (2 * tau))
    for (let y = 0; y < arms; y++) scores[c * arms + y]! += ratios[y]!
  }
  return { policy: normalisedExp(scores, contexts, arms).policy, unique }
}

/** Solves (L + Σ_components 1 1ᵀ) h = r, whose solution has mean 0 on every component. */
const laplacianSolution = (
  table: PairTable,
  context: number,
  arms: number,
  component: ReadonlyArray<number>,
  target: number
): Float64Array => {
  const matrix = new Float64Array(arms * arms)
  const right = new Float64Array(arms)
  for (let a = 0; a < arms; a++) {
    for (let b = 0; b < arms; b++) if (component[a] === component[b]) matrix[a * arms + b] = 1
  }
  let total = 0
  for (let i = 0; i < table.count; i++) if (inContext(table, i, context, arms)) total += table.weight[i]!
  for (let i = 0; i < table.count; i++) {
    if (!inContext(table, i, context, arms) || table.chosen[i] === table.rejected[i]) continue
    const w = table.chosen[i]! % arms
    const l = table.rejected[i]! % arms
    const share = table.weight[i]! / total
    matrix[w * arms + w]! += share
    matrix[l * arms + l]! += share
    matrix[w * arms + l]! -= share
    matrix[l * arms + w]! -= share
    right[w]! += share * target
    right[l]! -= share * target
  }
  return solveLinear(matrix, right)
}

const inContext = (table: PairTable, i: number, context: number, arms: number): boolean =>
  Math.floor(table.chosen[i]! / arms) === context

/** Component label of every arm in the graph of compared pairs of a context. */
export const components = (table: PairTable, context: number, arms: number): Array<number> => {
  const label = Array.from({ length: arms }, (_, y) => y)
  for (let i = 0; i < table.count; i++) {
    if (!inContext(table, i, context, arms)) continue
    const from = label[table.chosen[i]! % arms]!
    const to = label[table.rejected[i]! % arms]!
    if (from !== to) for (let y = 0; y < arms; y++) if (label[y] === from) label[y] = to
  }
  return label
}

/** Share of each response in the pairs that an environment compares, [contexts * arms]: mu of IPO and policy gradient. */
export const behaviourPolicy = (environment: Environment): Float64Array => {
  const { contexts, arms, comparisons } = environment
  const mu = new Float64Array(contexts * arms)
  for (let c = 0; c < contexts; c++) {
    const matrix = comparisonMatrix(comparisons, c, arms)!
    for (let i = 0; i < matrix.length; i++) {
      mu[c * arms + Math.floor(i / arms)]! += matrix[i]! / 2
      mu[c * arms + (i % arms)]! += matrix[i]! / 2
    }
  }
  return mu
}
