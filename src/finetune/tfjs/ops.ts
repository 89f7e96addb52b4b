/**
 * @file The differentiable operations of the model, and their plain form: textbook tfjs with its own gradients, which
 * runs on every backend and is the oracle of `fastOps.ts`. Transposed matmuls and one-hot embeddings make it slow on wasm.
 */

import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs"
import type { TensorLibrary } from "./backend.ts"
import { LAYER_NORM_EPSILON } from "./kernels.ts"
import type { Layout } from "./layout.ts"

/** Activation of a linear layer. */
export type Activation = "none" | "relu"

/** Operations of one model forward pass; each is differentiable in its tensor arguments. */
export interface Ops {
  /** How batches should be laid out: rows padded to equal length, or packed. */
  readonly padded: boolean
  /** `table[index_i]`: [r, d], n indices to [n, d]. */
  readonly selectRows: (table: Tensor2D, indices: Int32Array) => Tensor2D
  /** `a + b`, equal shapes. */
  readonly add: (a: Tensor2D, b: Tensor2D) => Tensor2D
  /** Layer norm over the last axis, epsilon 1e-5: [n, d]. */
  readonly layerNorm: (x: Tensor2D, gain: Tensor1D, bias: Tensor1D) => Tensor2D
  /** `activation(x w + b)`: [n, i], [i, o], [o] to [n, o]. */
  readonly linear: (x: Tensor2D, weight: Tensor2D, bias: Tensor1D, activation: Activation) => Tensor2D
  /** Multi-head attention of `qkv` [n, 3d] over the layout's key ranges: [n, d]. */
  readonly attention: (qkv: Tensor2D, heads: number, layout: Layout) => Tensor2D
  /** `x tableᵀ`: [m, d], [v, d] to [m, v]. Not differentiable on the fast path. */
  readonly logits: (x: Tensor2D, table: Tensor2D) => Tensor2D
  /** `log softmax(x tableᵀ)[target_i]` in nats: [m, d], [v, d] to [m]. */
  readonly logProbs: (x: Tensor2D, table: Tensor2D, targets: Int32Array) => Tensor1D
}

/** The additive mask [rows, 1, length, length] of a layout: 0 where a key is seen, -1e9 elsewhere. */
const maskOf = (layout: Layout): Float32Array => {
  const { rows, length } = layout.grid
  const mask = new Float32Array(rows * length * length).fill(-1e9)
  for (let n = 0; n < rows * length; n++) {
    const start = Math.floor(n / length) * length
    const [a0, a1, b0, b1] = layout.ranges.subarray(5 * n, 5 * n + 4)
    mask.fill(0, n * length + a0! - start, n * length + Math.max(a0!, a1!) - start)
    mask.fill(0, n * length + b0! - start, n * length + b1! - start)
  }
  return mask
}

/** The plain operations of a tfjs instance. */
export const plainOps = (tf: TensorLibrary): Ops => {
  // tfjs refuses a one-hot of depth 1.
  const oneHot = (indices: Int32Array, depth: number): Tensor2D =>
    depth === 1
      ? tf.ones([indices.length, 1])
      : (tf.cast(tf.oneHot(tf.tensor1d(indices, "int32"), depth), "float32") as Tensor2D)
  const logits = (x: Tensor2D, table: Tensor2D): Tensor2D => tf.matMul(x, table, false, true)
  return {
    // Attention masks a whole grid: over a packed batch that would be the square of all its inputs.
    padded: true,
    selectRows: (table, indices) => tf.matMul(oneHot(indices, table.shape[0]), table),
    add: (a, b) => tf.add(a, b),
    layerNorm: (x, gain, bias) => {
      const { mean, variance } = tf.moments(x, 1, true)
      const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, LAYER_NORM_EPSILON)))
      return tf.add(tf.mul(normal, gain), bias)
    },
    linear: (x, weight, bias, activation) => {
      const y = tf.add(tf.matMul(x, weight), bias) as Tensor2D
      return activation === "relu" ? tf.relu(y) : y
    },
    attention: (qkv, heads, layout) => {
      const { rows, length } = layout.grid
      const width = qkv.shape[1] / 3
      const headSize = width / heads
      const [q, k, v] = tf
        .split(qkv, 3, 1)
        .map((part) => tf.transpose(tf.reshape(part, [rows, length, heads, headSize]), [0, 2, 1, 3])) as [
        Tensor,
        Tensor,
        Tensor
      ]
      const mask = tf.tensor4d(maskOf(layout), [rows, 1, length, length])
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(headSize)), mask)
      const mixed = tf.matMul(tf.softmax(scores), v)
      return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows * length, width])
    },
    logits,
    logProbs: (x, table, targets) => tf.sum(tf.mul(tf.logSoftmax(logits(x, table)), oneHot(targets, table.shape[0])), 1)
  }
}
