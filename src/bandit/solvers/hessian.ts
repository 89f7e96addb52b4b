/** The exact Hessian of a population loss by the logits, from the second derivatives of its loss program. */
import { compileKernel, type Kernel } from "../../loss/kernel.ts"
import type { Program } from "../../loss/program.ts"
import { hessianRows } from "../../loss/secondDerivatives.ts"
import type { PairBatch } from "../batch.ts"
import type { PairProgram } from "../objective.ts"
import { softmaxInto } from "../softmax.ts"

const known = new WeakMap<Program, Readonly<Record<"lw" | "ll", Kernel>>>()

const kernelsOf = (program: Program): Readonly<Record<"lw" | "ll", Kernel>> => {
  const before = known.get(program)
  if (before !== undefined) return before
  const rows = hessianRows(program)
  const made = { lw: compileKernel(rows.lw), ll: compileKernel(rows.ll) }
  known.set(program, made)
  return made
}

const outputs = (count: number) => ({
  loss: new Float64Array(count),
  dlw: new Float64Array(count),
  dll: new Float64Array(count)
})

/**
 * The Hessian of `Σ_pairs weight · loss - ceWeight log π(chosen)` by the logits, row-major [n * n], n = contexts * arms. With
 * G and g the second and first derivatives by log π and `J = I - 1 πᵀ` of each context: `Jᵀ G J - (Σ g) (diag π - π πᵀ)`.
 * Zero between contexts. O(pairs + contexts · arms²) besides the n² zeros.
 * @param logits shape [contexts * arms]
 */
export const logitHessian = (
  { program, ceWeight }: PairProgram,
  batch: PairBatch,
  contexts: number,
  arms: number
): ((logits: Float64Array) => Float64Array) => {
  const kernels = kernelsOf(program)
  const { count, chosen, rejected, weight, columns } = batch
  const [byChosen, byRejected] = [outputs(count), outputs(count)]
  const n = contexts * arms
  const [logp, prob] = [new Float64Array(n), new Float64Array(n)]
  return (logits) => {
    softmaxInto(logits, contexts, arms, logp, prob)
    for (let i = 0; i < count; i++) {
      columns.lw[i] = logp[chosen[i]!]!
      columns.ll[i] = logp[rejected[i]!]!
    }
    kernels.lw.run(columns, byChosen, count)
    kernels.ll.run(columns, byRejected, count)
    const hessian = new Float64Array(n * n)
    const slopes = new Float64Array(contexts)
    for (let i = 0; i < count; i++) {
      const [w, l, share] = [chosen[i]!, rejected[i]!, weight[i]!]
      hessian[w * n + w]! += share * byChosen.dlw[i]!
      hessian[w * n + l]! += share * byChosen.dll[i]!
      hessian[l * n + w]! += share * byRejected.dlw[i]!
      hessian[l * n + l]! += share * byRejected.dll[i]!
      slopes[Math.floor(w / arms)]! += share * (byChosen.loss[i]! + byRejected.loss[i]! - ceWeight)
    }
    for (let c = 0; c < contexts; c++)
      throughSoftmaxInPlace(hessian, n, c * arms, prob.subarray(c * arms, (c + 1) * arms), slopes[c]!)
    return hessian
  }
}

/** Turns the block G of one context into `Jᵀ G J - slope (diag π - π πᵀ)`. */
const throughSoftmaxInPlace = (
  hessian: Float64Array,
  n: number,
  from: number,
  prob: Float64Array,
  slope: number
): void => {
  const arms = prob.length
  for (let i = 0; i < arms; i++) {
    let total = 0
    for (let j = 0; j < arms; j++) total += hessian[(from + i) * n + from + j]!
    for (let j = 0; j < arms; j++) hessian[(from + i) * n + from + j]! -= total * prob[j]!
  }
  for (let j = 0; j < arms; j++) {
    let total = 0
    for (let i = 0; i < arms; i++) total += hessian[(from + i) * n + from + j]!
    for (let i = 0; i < arms; i++) {
      const covariance = prob[i]! * ((i === j ? 1 : 0) - prob[j]!)
      hessian[(from + i) * n + from + j]! -= prob[i]! * total + slope * covariance
    }
  }
}
