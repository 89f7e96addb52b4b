/**
 * @file The decoder-only transformer: GPT-2's architecture and tensor names (pre-norm, learned positions, tied
 * embeddings) with ReLU, so that a checkpoint loads in other tools unchanged. Parameters are tensors by name.
 */

import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs"
import type { Rng } from "../../random/rng.ts"
import type { TensorLibrary } from "./backend.ts"
import type { Layout } from "./layout.ts"
import type { Ops } from "./ops.ts"
import { LARGEST_HEAD } from "./wasm/attention.ts"

/** Sizes of a model. `width` is a multiple of 4 heads, at most 64 features each; `vocabulary` is a multiple of 4. */
export interface ModelConfig {
  readonly vocabulary: number
  readonly context: number
  readonly width: number
  readonly layers: number
  readonly heads: number
}

/** Tensors by name. */
export type Parameters = Readonly<Record<string, Tensor>>

/** Plain data of one tensor. */
export interface ArrayData {
  readonly shape: ReadonlyArray<number>
  readonly values: Float32Array
}

/** @throws RangeError when the kernels cannot hold such a model */
export const checkModelConfig = (config: ModelConfig): void => {
  const { vocabulary, width, heads, layers, context } = config
  if (![vocabulary, width, heads, layers, context].every((size) => Number.isInteger(size) && size > 0)) {
    throw new RangeError(`model sizes must be positive integers, got ${JSON.stringify(config)}`)
  }
  if (width % (4 * heads) !== 0) throw new RangeError(`model width ${width} is not a multiple of 4 × ${heads} heads`)
  if (width / heads > LARGEST_HEAD) {
    throw new RangeError(`model has ${width / heads} features a head, the kernels take at most ${LARGEST_HEAD}`)
  }
  if (vocabulary % 4 !== 0) throw new RangeError(`vocabulary ${vocabulary} is not a multiple of 4`)
}

/** Names and shapes of a layer's parameters, below `transformer.h.<index>.`. */
const layerShapes = ({ width }: ModelConfig): ReadonlyArray<readonly [string, ReadonlyArray<number>]> => [
  ["ln_1.weight", [width]],
  ["ln_1.bias", [width]],
  ["attn.c_attn.weight", [width, 3 * width]],
  ["attn.c_attn.bias", [3 * width]],
  ["attn.c_proj.weight", [width, width]],
  ["attn.c_proj.bias", [width]],
  ["ln_2.weight", [width]],
  ["ln_2.bias", [width]],
  ["mlp.c_fc.weight", [width, 4 * width]],
  ["mlp.c_fc.bias", [4 * width]],
  ["mlp.c_proj.weight", [4 * width, width]],
  ["mlp.c_proj.bias", [width]]
]

/** Every parameter's name and shape, in the order in which checkpoints and optimizers list them. */
export const parameterShapes = (config: ModelConfig): ReadonlyArray<readonly [string, ReadonlyArray<number>]> => [
  ["transformer.wte.weight", [config.vocabulary, config.width]],
  ["transformer.wpe.weight", [config.context, config.width]],
  ...Array.from({ length: config.layers }, (_, layer) =>
    layerShapes(config).map(([name, shape]) => [`transformer.h.${layer}.${name}`, shape] as const)
  ).flat(),
  ["transformer.ln_f.weight", [config.width]],
  ["transformer.ln_f.bias", [config.width]]
]

/** Number of parameters. */
export const parameterCount = (config: ModelConfig): number =>
  parameterShapes(config).reduce((sum, [, shape]) => sum + shape.reduce((size, n) => size * n, 1), 0)

/** GPT-2's start: weights N(0, 0.02²), projections into the residual stream divided by sqrt(2 layers), gains 1, biases 0. */
export const initialParameters = (config: ModelConfig, rng: Rng): Readonly<Record<string, ArrayData>> => {
  checkModelConfig(config)
  const fill = (name: string, size: number): Float32Array => {
    if (name.endsWith(".bias")) return new Float32Array(size)
    if (/ln_\w+\.weight$/.test(name)) return new Float32Array(size).fill(1)
    const stream = rng.split(name)
    const scale = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * config.layers) : 0.02
    return Float32Array.from({ length: size }, () => scale * stream.normal())
  }
  return Object.fromEntries(
    parameterShapes(config).map(([name, shape]) => [
      name,
      {
        shape,
        values: fill(
          name,
          shape.reduce((size, n) => size * n, 1)
        )
      }
    ])
  )
}

/** Puts arrays on the backend. The tensors are the caller's to dispose. @throws RangeError on a missing name or a wrong shape */
export const uploadParameters = (
  tf: TensorLibrary,
  config: ModelConfig,
  arrays: Readonly<Record<string, ArrayData>>
): Parameters =>
  Object.fromEntries(
    parameterShapes(config).map(([name, shape]) => {
      const array = arrays[name]
      if (array === undefined || array.shape.join() !== shape.join()) {
        throw new RangeError(
          `parameter ${name} should have shape [${shape}], found ${array ? `[${array.shape}]` : "none"}`
        )
      }
      return [name, tf.keep(tf.tensor(array.values, [...shape], "float32"))]
    })
  )

/** Reads parameters back as arrays of their own. */
export const downloadParameters = (parameters: Parameters): Readonly<Record<string, ArrayData>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) }
    ])
  )

/** Disposes every tensor. */
export const disposeParameters = (parameters: Parameters): void => {
  for (const tensor of Object.values(parameters)) tensor.dispose()
}

/** The parameters of one layer by their short names. */
export const layerParameters = (parameters: Parameters, layer: number) => {
  const matrix = (name: string) => parameters[`transformer.h.${layer}.${name}.weight`] as Tensor2D
  const vector = (name: string) => parameters[`transformer.h.${layer}.${name}.bias`] as Tensor1D
  const gain = (name: string) => parameters[`transformer.h.${layer}.${name}.weight`] as Tensor1D
  return { matrix, vector, gain }
}

/** The final state of the inputs that predict the layout's targets, after the last layer norm: [M, width]. */
export const predictingStates = (ops: Ops, config: ModelConfig, parameters: Parameters, layout: Layout): Tensor2D => {
  const embedding = parameters["transformer.wte.weight"] as Tensor2D
  const positions = parameters["transformer.wpe.weight"] as Tensor2D
  let x = ops.add(ops.selectRows(embedding, layout.tokens), ops.selectRows(positions, layout.positions))
  for (let layer = 0; layer < config.layers; layer++) {
    const { matrix, vector, gain } = layerParameters(parameters, layer)
    const normal = ops.layerNorm(x, gain("ln_1"), vector("ln_1"))
    const qkv = ops.linear(normal, matrix("attn.c_attn"), vector("attn.c_attn"), "none")
    const mixed = ops.attention(qkv, config.heads, layout)
    x = ops.add(x, ops.linear(mixed, matrix("attn.c_proj"), vector("attn.c_proj"), "none"))
    const second = ops.layerNorm(x, gain("ln_2"), vector("ln_2"))
    const hidden = ops.linear(second, matrix("mlp.c_fc"), vector("mlp.c_fc"), "relu")
    x = ops.add(x, ops.linear(hidden, matrix("mlp.c_proj"), vector("mlp.c_proj"), "none"))
  }
  const gain = parameters["transformer.ln_f.weight"] as Tensor1D
  const bias = parameters["transformer.ln_f.bias"] as Tensor1D
  return ops.layerNorm(ops.selectRows(x, layout.targetRows), gain, bias)
}

/** Log-probability of every target token given what it sees, in nats: [M]. */
export const targetLogProbs = (ops: Ops, config: ModelConfig, parameters: Parameters, layout: Layout): Tensor1D =>
  ops.logProbs(
    predictingStates(ops, config, parameters, layout),
    parameters["transformer.wte.weight"] as Tensor2D,
    layout.targets
  )
