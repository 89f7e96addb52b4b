/** What the bandit tests measure the laboratory against: values by definition, optima by one linear solve, random policies. */
import { fullBatch } from "../../src/bandit/batch.ts"
import type { Environment } from "../../src/bandit/environment.ts"
import { normals } from "../../src/bandit/environments/tables.ts"
import { createObjective, type Family } from "../../src/bandit/objective.ts"
import { exactPairs, type PairTable } from "../../src/bandit/pairs.ts"
import { softmaxInto } from "../../src/bandit/softmax.ts"
import type { Rng } from "../../src/random/rng.ts"

/** Exact loss of one policy, and its derivatives. */
interface ExpectedLoss {
  readonly loss: number
  /** ∂ loss / ∂ logits, shape [contexts * arms]; every context sums to 0. */
  readonly gradient: Float64Array
  /** log π and π, shape [contexts * arms]. */
  readonly logp: Float64Array
  readonly prob: Float64Array
}

/**
 * `Σ_pairs weight · loss` and its gradient at the softmax policy of `logits`.
 * @param logits shape [contexts * arms]
 * @param table default: the environment's whole population
 */
export const expectedLossAndGradient = (
  environment: Environment,
  family: Family,
  logits: Float64Array,
  table: PairTable = exactPairs(environment)
): ExpectedLoss => {
  const { contexts, arms } = environment
  if (logits.length !== contexts * arms) {
    throw new RangeError(`expectedLossAndGradient: expected ${contexts * arms} logits, got ${logits.length}`)
  }
  const objective = createObjective(family, contexts, arms)
  const gradient = new Float64Array(logits.length)
  const loss = objective.lossAndGradientInto(fullBatch(table), logits, gradient)
  return { loss, gradient, logp: objective.logp, prob: objective.prob }
}

/** Standard deviations of logits that {@link samplePolicies} goes through: from near uniform to nearly one arm. */
const logitScales = [0.1, 1, 3, 6]

/**
 * `count` logit tables [contexts * arms] with N(0, s²) entries, s cycling through nearly uniform (0.1) to nearly
 * deterministic (6) policies.
 */
export const samplePolicies = (
  rng: Rng,
  size: { readonly contexts?: number; readonly arms: number },
  count: number
): ReadonlyArray<Float64Array> =>
  Array.from({ length: count }, (_, i) =>
    normals((size.contexts ?? 1) * size.arms, logitScales[i % logitScales.length]!, rng)
  )

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

/** Solves A x = b by Gaussian elimination with partial pivoting; A row-major [n * n]. */
const solveLinear = (matrix: Float64Array, right: Float64Array): Float64Array => {
  const n = right.length
  const rows = Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n), right[i]!])
  for (let c = 0; c < n; c++) {
    const pivot = rows.findIndex(
      (row, i) => i >= c && Math.abs(row[c]!) === Math.max(...rows.slice(c).map((r) => Math.abs(r[c]!)))
    )
    ;[rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!]
    for (const [i, row] of rows.entries()) {
      if (i === c) continue
      const factor = row[c]! / rows[c]![c]!
      for (let k = c; k <= n; k++) row[k]! -= factor * rows[c]![k]!
    }
  }
  return Float64Array.from(rows, (row, i) => row[n]! / row[i]!)
}

/** Minimiser of IPO's squared loss over any labelled pairs. */
interface IpoMinimiser {
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
  const policy = new Float64Array(scores.length)
  softmaxInto(scores, contexts, arms, new Float64Array(scores.length), policy)
  return { policy, unique }
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
const components = (table: PairTable, context: number, arms: number): Array<number> => {
  const label = Array.from({ length: arms }, (_, y) => y)
  for (let i = 0; i < table.count; i++) {
    if (!inContext(table, i, context, arms)) continue
    const from = label[table.chosen[i]! % arms]!
    const to = label[table.rejected[i]! % arms]!
    if (from !== to) for (let y = 0; y < arms; y++) if (label[y] === from) label[y] = to
  }
  return label
}
