/**
 * @file The Hessian of a batch's loss as an operator, by log π and by the logits, from the exact second derivatives of its loss
 * program: products cost O(pairs), where solvers/hessian.ts makes the dense matrix.
 */
import type { PairBatch } from "../bandit/batch.ts"
import { softmaxInto } from "../bandit/softmax.ts"
import { compileKernel, type Kernel } from "../loss/kernel.ts"
import type { Program } from "../loss/program.ts"
import { hessianRows } from "../loss/secondDerivatives.ts"

/** The Hessian of a batch's loss by log π at one policy: `a` is ∂L/∂log π, and products with the second derivative. */
export interface LogProbCurvature {
  /** log π and π, shape [contexts * arms]. */
  readonly logp: Float64Array
  readonly prob: Float64Array
  /** ∂L/∂log π, same shape. */
  readonly slope: Float64Array
  /** Sizes of what each entry of `slope` is made of, for bounds on its rounding: its terms, and their changes with log π. */
  readonly size: Float64Array
  /** Adds Σ_j ∂²L/∂log π_i ∂log π_j · d_j to `product`. */
  readonly addProduct: (direction: Float64Array, product: Float64Array) => void
}

/** Kernels of a program's second derivatives, and the weight of a cross-entropy term on the chosen response. */
export interface PairCurvature {
  readonly lw: Kernel
  readonly ll: Kernel
  readonly ceWeight: number
}

const known = new WeakMap<Program, Pick<PairCurvature, "lw" | "ll">>()

/** Compiled once per program. @throws RangeError as {@link hessianRows} */
export const pairCurvature = (program: Program, ceWeight = 0): PairCurvature => {
  const before = known.get(program)
  if (before !== undefined) return { ...before, ceWeight }
  const rows = hessianRows(program)
  const made = { lw: compileKernel(rows.lw), ll: compileKernel(rows.ll) }
  known.set(program, made)
  return { ...made, ceWeight }
}

const outputs = (count: number) => ({
  loss: new Float64Array(count),
  dlw: new Float64Array(count),
  dll: new Float64Array(count)
})

/**
 * Evaluates a batch's second derivatives at logits.
 * @param logits shape [contexts * arms]
 */
export const logProbCurvature = (
  { lw, ll, ceWeight }: PairCurvature,
  batch: PairBatch,
  logits: Float64Array,
  contexts: number,
  arms: number
): LogProbCurvature => {
  const { count, chosen, rejected, weight, columns } = batch
  const logp = new Float64Array(logits.length)
  const prob = new Float64Array(logits.length)
  softmaxInto(logits, contexts, arms, logp, prob)
  for (let i = 0; i < count; i++) {
    columns.lw[i] = logp[chosen[i]!]!
    columns.ll[i] = logp[rejected[i]!]!
  }
  const [byChosen, byRejected] = [outputs(count), outputs(count)]
  lw.run(columns, byChosen, count)
  ll.run(columns, byRejected, count)
  const slope = new Float64Array(logits.length)
  const size = new Float64Array(logits.length)
  const add = (response: number, i: number, by: ReturnType<typeof outputs>, term: number): void => {
    slope[response]! += weight[i]! * term
    const moved = Math.abs(by.dlw[i]! * columns.lw[i]!) + Math.abs(by.dll[i]! * columns.ll[i]!)
    size[response]! += weight[i]! * (Math.abs(term) + moved)
  }
  for (let i = 0; i < count; i++) {
    add(chosen[i]!, i, byChosen, byChosen.loss[i]! - ceWeight)
    add(rejected[i]!, i, byRejected, byRejected.loss[i]!)
  }
  return {
    logp,
    prob,
    slope,
    size,
    addProduct: (direction, product) => {
      for (let i = 0; i < count; i++) {
        const [dw, dl] = [weight[i]! * direction[chosen[i]!]!, weight[i]! * direction[rejected[i]!]!]
        product[chosen[i]!]! += byChosen.dlw[i]! * dw + byChosen.dll[i]! * dl
        product[rejected[i]!]! += byRejected.dlw[i]! * dw + byRejected.dll[i]! * dl
      }
    }
  }
}

/** How the gradient by the logits changes along a direction, and what it is made of. */
export interface LogitChange {
  /** d log π along the direction: `v_i - Σ_j π_j v_j` within a context. */
  readonly logp: Float64Array
  /** d ∂L/∂log π. */
  readonly slope: Float64Array
}

/** Directional derivatives of log π and of ∂L/∂log π along a move `direction` of the logits. */
export const alongLogits = (at: LogProbCurvature, direction: Float64Array, arms: number): LogitChange => {
  const logp = Float64Array.from(direction)
  for (let from = 0; from < logp.length; from += arms) {
    let mean = 0
    for (let i = from; i < from + arms; i++) mean += at.prob[i]! * direction[i]!
    for (let i = from; i < from + arms; i++) logp[i]! -= mean
  }
  const slope = new Float64Array(logp.length)
  at.addProduct(logp, slope)
  return { logp, slope }
}

/** ∂L/∂logits: `u = g - π Σ g` per context, g = ∂L/∂log π. */
export const logitGradient = ({ prob, slope }: LogProbCurvature, arms: number): Float64Array => {
  const gradient = Float64Array.from(slope)
  for (let from = 0; from < gradient.length; from += arms) {
    let total = 0
    for (let i = from; i < from + arms; i++) total += slope[i]!
    for (let i = from; i < from + arms; i++) gradient[i]! -= prob[i]! * total
  }
  return gradient
}

/**
 * Product of the Hessian by the logits with a direction: the derivative of `u = g - π Σ g` along it,
 * `g' - π l' Σ g - π Σ g'` with l' the change of log π and g' that of g.
 */
export const logitHessianProduct = (at: LogProbCurvature, direction: Float64Array, arms: number): Float64Array => {
  const change = alongLogits(at, direction, arms)
  const product = Float64Array.from(change.slope)
  for (let from = 0; from < product.length; from += arms) {
    let [total, moved] = [0, 0]
    for (let i = from; i < from + arms; i++) {
      total += at.slope[i]!
      moved += change.slope[i]!
    }
    for (let i = from; i < from + arms; i++) product[i]! -= at.prob[i]! * (change.logp[i]! * total + moved)
  }
  return product
}
