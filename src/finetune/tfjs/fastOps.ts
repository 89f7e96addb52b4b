/**
 * @file The model's operations on the wasm backend, fast: matrix products by XNNPACK with every transpose made explicit
 * (tfjs's transposed and batched products run at a tenth of its speed), everything else by the SIMD kernels. Each
 * operation carries its own gradient. Oracle: `plainOps`.
 */

import type { GradSaveFunc, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs"
import type { Backend } from "./backend.ts"
import {
  type AttentionSizes,
  attentionForward,
  attentionGradient,
  columnSums,
  gatherRows,
  kernelsOf,
  layerNorm,
  layerNormGradient,
  reluGradient,
  scaleRows,
  scatterAddRows,
  softmaxRows
} from "./kernels.ts"
import type { Layout } from "./layout.ts"
import type { Activation, Ops } from "./ops.ts"

/** A forward result, and the gradients by the inputs given the upstream gradient and the saved tensors. */
interface Rule {
  readonly value: Tensor
  readonly gradFunc: (dy: Tensor, saved: ReadonlyArray<Tensor>) => ReadonlyArray<Tensor>
}

/** The fast operations. @throws RangeError unless the backend shares its memory (`tfjs-wasm`) */
export const fastOps = (backend: Backend): Ops => {
  const { tf } = backend
  const kernels = kernelsOf(backend)

  const differentiable = (
    inputs: ReadonlyArray<Tensor>,
    rule: (inputs: ReadonlyArray<Tensor>, save: (tensors: ReadonlyArray<Tensor>) => void) => Rule
  ): Tensor =>
    tf.customGrad((...all) => {
      const save = all.pop() as GradSaveFunc
      const { value, gradFunc } = rule(all as Array<Tensor>, (tensors) => save([...tensors]))
      return { value, gradFunc: (dy: Tensor, saved: Array<Tensor>) => [...gradFunc(dy, saved)] }
    })(...inputs)

  const selectRows = (table: Tensor2D, indices: Int32Array): Tensor2D =>
    differentiable([table], ([rows], save) => {
      const list = tf.tensor1d(indices, "int32")
      save([list])
      const size = rows!.shape[0]!
      return {
        value: gatherRows(kernels, rows!, list),
        gradFunc: (dy, [at]) => [scatterAddRows(kernels, size, at!, dy)]
      }
    }) as Tensor2D

  const add = (a: Tensor2D, b: Tensor2D): Tensor2D =>
    differentiable([a, b], ([x, y]) => ({
      value: tf.add(x!, y!),
      gradFunc: (dy) => [dy, dy]
    })) as Tensor2D

  const norm = (x: Tensor2D, gain: Tensor1D, bias: Tensor1D): Tensor2D =>
    differentiable([x, gain, bias], ([input, scale, shift], save) => {
      const { y, stats } = layerNorm(kernels, input!, scale!, shift!)
      save([input!, scale!, stats])
      return {
        value: y,
        gradFunc: (dy, [saved, savedScale, savedStats]) => {
          const { dx, dgain, dbias } = layerNormGradient(kernels, saved!, savedScale!, savedStats!, dy)
          return [dx, dgain, dbias]
        }
      }
    }) as Tensor2D

  const linear = (x: Tensor2D, weight: Tensor2D, bias: Tensor1D, activation: Activation): Tensor2D =>
    differentiable([x, weight, bias], ([a, b, shift], save) => {
      const fused = { a: a!, b: b!, bias: shift!, activation: activation === "relu" ? "relu" : "linear" } as const
      const y = tf.fused.matMul(fused)
      save(activation === "relu" ? [a!, b!, y] : [a!, b!])
      return {
        value: y,
        gradFunc: (upstream, [input, matrix, output]) => {
          const dy = output === undefined ? upstream : reluGradient(kernels, output, upstream)
          return [tf.matMul(dy, tf.transpose(matrix!)), tf.matMul(tf.transpose(input!), dy), columnSums(kernels, dy)]
        }
      }
    }) as Tensor2D

  const attention = (qkv: Tensor2D, heads: number, layout: Layout): Tensor2D =>
    differentiable([qkv], ([input], save) => {
      const sizes: AttentionSizes = { heads, headSize: qkv.shape[1] / 3 / heads, keys: layout.keys }
      const ranges = tf.tensor1d(layout.ranges, "int32")
      const { out, weights } = attentionForward(kernels, input!, input!, ranges, sizes)
      save([input!, weights, ranges])
      return {
        value: out,
        gradFunc: (dy, [saved, savedWeights, savedRanges]) => [
          attentionGradient(kernels, { qkv: saved!, weights: savedWeights!, ranges: savedRanges! }, dy, sizes)
        ]
      }
    }) as Tensor2D

  const logits = (x: Tensor2D, table: Tensor2D): Tensor2D => tf.matMul(x, tf.transpose(table))

  /** With e = exp(logit - max): `log p_t = logit_t - max - log Σ e`, and `d log p_t / d logit_v = [v = t] - e_v / Σ e`. */
  const logProbs = (x: Tensor2D, table: Tensor2D, targets: Int32Array): Tensor1D =>
    differentiable([x, table], ([hidden, embedding], save) => {
      const scores = logits(hidden as Tensor2D, embedding as Tensor2D)
      const { e, stats } = softmaxRows(kernels, scores)
      const width = scores.shape[1]
      const value = kernels.memory.empty([targets.length])
      const [out, raw, row] = [value, scores, stats].map(kernels.memory.floats) as [
        Float32Array,
        Float32Array,
        Float32Array
      ]
      targets.forEach((target, m) => {
        out[m] = raw[m * width + target]! - row[2 * m]! - Math.log(row[2 * m + 1]!)
      })
      save([hidden!, embedding!, e, stats])
      return {
        value,
        gradFunc: (dy, [input, matrix, exponentials, rowStats]) => {
          const upstream = dy.dataSync()
          const sums = kernels.memory.floats(rowStats!)
          const factors = tf.tensor1d(upstream.map((weight, m) => -weight / sums[2 * m + 1]!) as Float32Array)
          const dlogits = scaleRows(kernels, exponentials!, factors)
          const entries = kernels.memory.floats(dlogits)
          targets.forEach((target, m) => {
            entries[m * width + target]! += upstream[m]!
          })
          return [tf.matMul(dlogits, matrix!), tf.matMul(tf.transpose(dlogits), input!)]
        }
      }
    }) as Tensor1D

  return { selectRows, add, layerNorm: norm, linear, attention, logits, logProbs }
}
