/**
 * @file The model's operations on the wasm backend, fast: matrix products by XNNPACK with every transpose made explicit
 * (tfjs's transposed and batched products run at a tenth of its speed), everything else by the SIMD kernels. Each
 * operation carries its own gradient. Oracle: `plainOps`.
 */

import type { GradSaveFunc, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs"
import type { Backend, TensorLibrary } from "./backend.ts"
import {
  type AttentionSizes,
  attentionForward,
  attentionGradient,
  columnSums,
  gatherRows,
  type Kernels,
  kernelsOf,
  layerNorm,
  layerNormGradient,
  reluGradient,
  scaleRows,
  scatterAddRows,
  softmaxRows
} from "./kernels.ts"
import type { Ops } from "./ops.ts"

interface Fast {
  readonly tf: TensorLibrary
  readonly kernels: Kernels
}

/** A forward result, and the gradients by the inputs given the upstream gradient and the saved tensors. */
interface Rule {
  readonly value: Tensor
  readonly gradFunc: (dy: Tensor, saved: ReadonlyArray<Tensor>) => ReadonlyArray<Tensor>
}

/** Runs a rule on inputs. What the gradient needs must be saved: other tensors are gone by then. */
const differentiable = (
  { tf }: Fast,
  inputs: ReadonlyArray<Tensor>,
  rule: (inputs: ReadonlyArray<Tensor>, save: (tensors: ReadonlyArray<Tensor>) => void) => Rule
): Tensor =>
  tf.customGrad((...all) => {
    const save = all.pop() as GradSaveFunc
    const { value, gradFunc } = rule(all as Array<Tensor>, (tensors) => save([...tensors]))
    return { value, gradFunc: (dy: Tensor, saved: Array<Tensor>) => [...gradFunc(dy, saved)] }
  })(...inputs)

const selectRows =
  (fast: Fast): Ops["selectRows"] =>
  (table, indices) =>
    differentiable(fast, [table], ([rows], save) => {
      const list = fast.tf.tensor1d(indices, "int32")
      save([list])
      const size = rows!.shape[0]!
      return {
        value: gatherRows(fast.kernels, rows!, list),
        gradFunc: (dy, [at]) => [scatterAddRows(fast.kernels, size, at!, dy)]
      }
    }) as Tensor2D

const add =
  (fast: Fast): Ops["add"] =>
  (a, b) =>
    differentiable(fast, [a, b], ([x, y]) => ({ value: fast.tf.add(x!, y!), gradFunc: (dy) => [dy, dy] })) as Tensor2D

const norm =
  (fast: Fast): Ops["layerNorm"] =>
  (x, gain, bias) =>
    differentiable(fast, [x, gain, bias], ([input, scale, shift], save) => {
      const { y, stats } = layerNorm(fast.kernels, input!, scale!, shift!)
      save([input!, scale!, stats])
      return {
        value: y,
        gradFunc: (dy, [saved, savedScale, savedStats]) => {
          const { dx, dgain, dbias } = layerNormGradient(fast.kernels, saved!, savedScale!, savedStats!, dy)
          return [dx, dgain, dbias]
        }
      }
    }) as Tensor2D

/** `xᵀ dy`, the narrower of the two as the right factor: XNNPACK repacks that one on every call, at 7 ns an entry. */
const weightGradient = ({ tf }: Fast, x: Tensor, dy: Tensor): Tensor =>
  x.shape[1]! < dy.shape[1]! ? tf.transpose(tf.matMul(tf.transpose(dy), x)) : tf.matMul(tf.transpose(x), dy)

const linear =
  (fast: Fast): Ops["linear"] =>
  (x, weight, bias, activation) =>
    differentiable(fast, [x, weight, bias], ([a, b, shift], save) => {
      const { tf, kernels } = fast
      const fused = { a: a!, b: b!, bias: shift!, activation: activation === "relu" ? "relu" : "linear" } as const
      const y = tf.fused.matMul(fused)
      save(activation === "relu" ? [a!, b!, y] : [a!, b!])
      return {
        value: y,
        gradFunc: (upstream, [input, matrix, output]) => {
          const dy = output === undefined ? upstream : reluGradient(kernels, output, upstream)
          return [tf.matMul(dy, tf.transpose(matrix!)), weightGradient(fast, input!, dy), columnSums(kernels, dy)]
        }
      }
    }) as Tensor2D

const attention =
  (fast: Fast): Ops["attention"] =>
  (qkv, heads, layout) =>
    differentiable(fast, [qkv], ([input], save) => {
      const sizes: AttentionSizes = { heads, headSize: qkv.shape[1] / 3 / heads, keys: layout.keys }
      const ranges = fast.tf.tensor1d(layout.ranges, "int32")
      const { out, weights } = attentionForward(fast.kernels, input!, input!, ranges, sizes)
      save([input!, weights, ranges])
      return {
        value: out,
        gradFunc: (dy, [saved, savedWeights, savedRanges]) => [
          attentionGradient(fast.kernels, { qkv: saved!, weights: savedWeights!, ranges: savedRanges! }, dy, sizes)
        ]
      }
    }) as Tensor2D

const logits =
  ({ tf }: Fast): Ops["logits"] =>
  (x, table) =>
    tf.matMul(x, tf.transpose(table))

/** `log p_t = logit_t - max - log Σ e` with `e = exp(logit - max)`, from the rows' scores and statistics. */
const chosenLogProbs = ({ kernels }: Fast, scores: Tensor, stats: Tensor, targets: Int32Array): Tensor => {
  const value = kernels.memory.empty([targets.length])
  const { floats } = kernels.memory
  const [out, raw, row, width] = [floats(value), floats(scores), floats(stats), scores.shape[1]!]
  targets.forEach((target, m) => {
    out[m] = raw[m * width + target]! - row[2 * m]! - Math.log(row[2 * m + 1]!)
  })
  return value
}

/** `d log p_t / d logit_v = [v = t] - e_v / Σ e`, times the upstream gradient of each row. */
const logitGradient = (
  { tf, kernels }: Fast,
  dy: Tensor,
  saved: { readonly exponentials: Tensor; readonly stats: Tensor },
  targets: Int32Array
): Tensor => {
  const upstream = dy.dataSync()
  const width = saved.exponentials.shape[1]!
  const sums = kernels.memory.floats(saved.stats)
  const factors = Float32Array.from(targets, (_, m) => -upstream[m]! / sums[2 * m + 1]!)
  const dlogits = scaleRows(kernels, saved.exponentials, tf.tensor1d(factors))
  const entries = kernels.memory.floats(dlogits)
  targets.forEach((target, m) => {
    entries[m * width + target]! += upstream[m]!
  })
  return dlogits
}

const logProbs =
  (fast: Fast): Ops["logProbs"] =>
  (x, table, targets) =>
    differentiable(fast, [x, table], ([hidden, embedding], save) => {
      const { tf, kernels } = fast
      const scores = logits(fast)(hidden as Tensor2D, embedding as Tensor2D)
      const { e, stats } = softmaxRows(kernels, scores)
      save([hidden!, embedding!, e, stats])
      return {
        value: chosenLogProbs(fast, scores, stats, targets),
        gradFunc: (dy, [input, matrix, exponentials, rowStats]) => {
          const dlogits = logitGradient(fast, dy, { exponentials: exponentials!, stats: rowStats! }, targets)
          return [tf.matMul(dlogits, matrix!), tf.matMul(tf.transpose(dlogits), input!)]
        }
      }
    }) as Tensor1D

/** The fast operations. @throws RangeError unless the backend shares its memory (`tfjs-wasm`) */
export const fastOps = (backend: Backend): Ops => {
  const fast: Fast = { tf: backend.tf, kernels: kernelsOf(backend) }
  return {
    padded: false,
    selectRows: selectRows(fast),
    add: add(fast),
    layerNorm: norm(fast),
    linear: linear(fast),
    attention: attention(fast),
    logits: logits(fast),
    logProbs: logProbs(fast)
  }
}
