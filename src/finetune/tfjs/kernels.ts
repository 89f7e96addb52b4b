/**
 * @file The SIMD kernels as functions of tensors. Each output is a new tensor tracked by the current `tf.tidy`;
 * tensors named as accumulators are changed in place. Shapes are the caller's promise: widths are multiples of four.
 */

import type { Tensor } from "@tensorflow/tfjs"
import type { Backend, TensorMemory } from "./backend.ts"
import { assemble, type KernelSource } from "./wasm/assembler.ts"
import { attentionKernels } from "./wasm/attention.ts"
import { rowKernels } from "./wasm/rows.ts"
import { instantiate, type KernelCall, type LinearMemory } from "./wasm/runtime.ts"

type Calls<K extends string> = Readonly<Record<K, KernelCall>>

/** Bytes of a float. */
const FLOAT = 4
/** Variance floor of layer norm, GPT-2's. */
export const LAYER_NORM_EPSILON = 1e-5

/** Settings of one Adam update; `step` counts from 1. */
export interface AdamSettings {
  readonly step: number
  readonly learningRate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** The instantiated kernels of one backend. */
export interface Kernels {
  readonly memory: TensorMemory
  readonly rows: Calls<keyof typeof rowKernels>
  /** The attention kernels for one head size, assembled on first use. */
  readonly attention: (headSize: number) => Calls<"attentionForward" | "attentionBackward">
}

const link = <K extends string>(sources: Readonly<Record<K, KernelSource>>, memory: LinearMemory): Calls<K> =>
  instantiate(assemble(sources), memory) as Calls<K>

const instances = new WeakMap<LinearMemory, Kernels>()

/** The kernels over a backend's memory, instantiated once. @throws RangeError when the backend has no shared memory */
export const kernelsOf = (backend: Backend): Kernels => {
  const memory = backend.memory
  if (memory === undefined) throw new RangeError(`kernelsOf: engine ${backend.id} has no tensor memory to share`)
  const known = instances.get(memory.memory)
  if (known !== undefined) return known
  const byHeadSize = new Map<number, Calls<"attentionForward" | "attentionBackward">>()
  const kernels: Kernels = {
    memory,
    rows: link(rowKernels, memory.memory),
    attention: (headSize) => {
      const compiled = byHeadSize.get(headSize) ?? link(attentionKernels(headSize), memory.memory)
      byHeadSize.set(headSize, compiled)
      return compiled
    }
  }
  instances.set(memory.memory, kernels)
  return kernels
}

const zeros = (kernels: Kernels, shape: ReadonlyArray<number>): Tensor => {
  const out = kernels.memory.empty(shape)
  kernels.memory.floats(out).fill(0)
  return out
}

/** Layer norm of x [n, d]: the result [n, d] and the row statistics [n, 2] that its gradient needs. */
export const layerNorm = (kernels: Kernels, x: Tensor, gain: Tensor, bias: Tensor) => {
  const { address, empty } = kernels.memory
  const [rows, width] = x.shape as [number, number]
  const [y, stats] = [empty([rows, width]), empty([rows, 2])]
  kernels.rows.layerNorm(...[x, gain, bias, y, stats].map(address), rows, FLOAT * width, LAYER_NORM_EPSILON)
  return { y, stats }
}

/** Gradients of {@link layerNorm} by x, gain and bias. */
export const layerNormGradient = (kernels: Kernels, x: Tensor, gain: Tensor, stats: Tensor, dy: Tensor) => {
  const { address, empty } = kernels.memory
  const [rows, width] = x.shape as [number, number]
  const [dx, dgain, dbias] = [empty([rows, width]), zeros(kernels, [width]), zeros(kernels, [width])]
  kernels.rows.layerNormGradient(...[x, gain, stats, dy, dx, dgain, dbias].map(address), rows, FLOAT * width)
  return { dx, dgain, dbias }
}

/** `e = exp(x - max)` [n, d] and (max, Σ e) [n, 2] per row. */
export const softmaxRows = (kernels: Kernels, x: Tensor) => {
  const { address, empty } = kernels.memory
  const [rows, width] = x.shape as [number, number]
  const [e, stats] = [empty([rows, width]), empty([rows, 2])]
  kernels.rows.softmaxRows(...[x, e, stats].map(address), rows, FLOAT * width)
  return { e, stats }
}

/** Rows of x [n, d] times factors [n]. */
export const scaleRows = (kernels: Kernels, x: Tensor, factors: Tensor): Tensor => {
  const { address, empty } = kernels.memory
  const [rows, width] = x.shape as [number, number]
  const y = empty([rows, width])
  kernels.rows.scaleRows(...[x, factors, y].map(address), rows, FLOAT * width)
  return y
}

/** Rows of a table [r, d] by int32 indices [n]: [n, d]. */
export const gatherRows = (kernels: Kernels, table: Tensor, indices: Tensor): Tensor => {
  const { address, empty } = kernels.memory
  const list = empty([indices.size, table.shape[1]!])
  kernels.rows.gatherRows(...[table, indices, list].map(address), indices.size, FLOAT * table.shape[1]!)
  return list
}

/** Gradient of {@link gatherRows}: a zero table [size, d] with every row of `list` [n, d] added at its index. */
export const scatterAddRows = (kernels: Kernels, size: number, indices: Tensor, list: Tensor): Tensor => {
  const { address } = kernels.memory
  const width = list.shape[1]!
  const table = zeros(kernels, [size, width])
  kernels.rows.scatterAddRows(...[table, indices, list].map(address), indices.size, FLOAT * width)
  return table
}

/** Sums of the columns of x [n, d]: [d]. */
export const columnSums = (kernels: Kernels, x: Tensor): Tensor => {
  const { address, empty } = kernels.memory
  const [rows, width] = x.shape as [number, number]
  const out = empty([width])
  kernels.rows.columnSums(...[x, out].map(address), rows, FLOAT * width)
  return out
}

/** `dy` where the ReLU's output y is positive, else 0. */
export const reluGradient = (kernels: Kernels, y: Tensor, dy: Tensor): Tensor => {
  const { address, empty } = kernels.memory
  const dx = empty(dy.shape)
  kernels.rows.reluGradient(...[y, dy, dx].map(address), FLOAT * y.size)
  return dx
}

/** Sum of squares of all entries, added in single precision. */
export const sumOfSquares = (kernels: Kernels, x: Tensor): number => {
  const { address, empty, floats } = kernels.memory
  const out = empty([1])
  kernels.rows.sumOfSquares(address(x), address(out), FLOAT * x.size)
  return floats(out)[0]!
}

/** One Adam update: the new parameter; the moments are changed in place. The gradient is multiplied by `clip` first. */
export const adamUpdate = (
  kernels: Kernels,
  tensors: { readonly parameter: Tensor; readonly gradient: Tensor; readonly first: Tensor; readonly second: Tensor },
  clip: number,
  settings: AdamSettings
): Tensor => {
  const { address, empty } = kernels.memory
  const out = empty(tensors.parameter.shape)
  const { step, learningRate, beta1, beta2, epsilon, weightDecay } = settings
  kernels.rows.adam(
    ...[tensors.parameter, tensors.gradient, tensors.first, tensors.second, out].map(address),
    FLOAT * out.size,
    clip,
    beta1,
    beta2,
    learningRate / (1 - beta1 ** step),
    1 / (1 - beta2 ** step),
    epsilon,
    learningRate * weightDecay
  )
  return out
}

/** Sizes of an attention call: heads, features of a head, and the number of keys over all rows. */
export interface AttentionSizes {
  readonly heads: number
  readonly headSize: number
  readonly keys: number
}

/**
 * Attention of queries over keys and values that lie in the columns of `cache` [m, 3d] (query, key, value columns);
 * row n of `queries` [n, 3d] sees the keys of entry n of `ranges` (int32 [n, 5]).
 * @returns the mixture [n, d] and the attention weights, row after row, head after head (padded by four floats)
 */
export const attentionForward = (
  kernels: Kernels,
  queries: Tensor,
  cache: Tensor,
  ranges: Tensor,
  sizes: AttentionSizes
) => {
  const { address, empty } = kernels.memory
  const width = sizes.heads * sizes.headSize
  const rows = queries.shape[0]!
  const [out, weights] = [empty([rows, width]), empty([sizes.keys * sizes.heads + 4])]
  const keys = address(cache) + FLOAT * width
  kernels
    .attention(sizes.headSize)
    .attentionForward(
      address(queries),
      keys,
      keys + FLOAT * width,
      3 * FLOAT * width,
      3 * FLOAT * width,
      address(out),
      FLOAT * width,
      address(weights),
      address(ranges),
      rows,
      sizes.heads,
      1 / Math.sqrt(sizes.headSize)
    )
  return { out, weights }
}

/** Gradient of {@link attentionForward} by `qkv` [n, 3d] when queries and cache are the same tensor. */
export const attentionGradient = (
  kernels: Kernels,
  saved: { readonly qkv: Tensor; readonly weights: Tensor; readonly ranges: Tensor },
  dout: Tensor,
  sizes: AttentionSizes
): Tensor => {
  const { address, empty } = kernels.memory
  const width = sizes.heads * sizes.headSize
  const dqkv = zeros(kernels, saved.qkv.shape)
  const scratch = empty([sizes.keys])
  const columns = (tensor: Tensor) => [0, 1, 2].map((block) => address(tensor) + FLOAT * width * block)
  kernels
    .attention(sizes.headSize)
    .attentionBackward(
      ...columns(saved.qkv),
      3 * FLOAT * width,
      address(dout),
      FLOAT * width,
      address(saved.weights),
      ...columns(dqkv),
      address(scratch),
      address(saved.ranges),
      saved.qkv.shape[0]!,
      sizes.heads,
      1 / Math.sqrt(sizes.headSize)
    )
  return dqkv
}
