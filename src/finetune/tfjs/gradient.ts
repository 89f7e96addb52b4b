/**
 * @file One forward and backward pass: token log-probabilities go to a function outside tfjs that returns the loss and
 * one weight per token (every preference loss is that: its derivative by a sequence's log-probability weighs all the
 * sequence's tokens), the weights go back through the model.
 */

import type { Scalar, Tensor } from "@tensorflow/tfjs"
import type { Backend, TensorLibrary } from "./backend.ts"
import { fastOps } from "./fastOps.ts"
import type { Layout } from "./layout.ts"
import { type ModelConfig, type Parameters, targetLogProbs } from "./model.ts"
import { type Ops, plainOps } from "./ops.ts"

/** A loss as a function of token log-probabilities [M]: its value and its derivative by each of them. */
export type Objective = (tokenLogProbs: Float32Array) => { readonly loss: number; readonly weights: Float32Array }

/** A model on a backend: what forward passes need. */
export interface RunningModel {
  readonly tf: TensorLibrary
  readonly ops: Ops
  readonly config: ModelConfig
}

/** The model of a backend: fast operations where the backend shares its memory, plain ones elsewhere. */
export const runningModel = (backend: Backend, config: ModelConfig): RunningModel => ({
  tf: backend.tf,
  ops: backend.memory === undefined ? plainOps(backend.tf) : fastOps(backend),
  config
})

/** Loss and gradients of one batch; gradients are named as the parameters and are the caller's to dispose. */
export interface LossAndGradients {
  readonly loss: number
  readonly gradients: Readonly<Record<string, Tensor>>
}

/** The loss of a batch and its gradient by every parameter. */
export const lossAndGradients = (
  model: RunningModel,
  parameters: Parameters,
  layout: Layout,
  objective: Objective
): LossAndGradients => {
  const { tf, ops, config } = model
  const names = Object.keys(parameters)
  let loss = Number.NaN
  const weigh = tf.customGrad((input) => {
    const result = objective((input as Tensor).dataSync() as Float32Array)
    loss = result.loss
    return { value: tf.scalar(result.loss), gradFunc: (dy: Tensor) => tf.mul(tf.tensor1d(result.weights), dy) }
  })
  const forward = (...tensors: Array<Tensor>): Scalar =>
    weigh(
      targetLogProbs(ops, config, Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), layout)
    ) as Scalar
  const { value, grads } = tf.valueAndGrads(forward)(names.map((name) => parameters[name]!))
  value.dispose()
  return { loss, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) }
}

/**
 * Runs `compute` in a `tf.tidy` and returns its plain data. tfjs looks through whatever a tidy returns for tensors, arrays
 * entry by entry: returning data by a variable instead made sampling ten times faster.
 */
export const dataInTidy = <A>(tf: TensorLibrary, compute: () => A): A => {
  let data: A | undefined
  tf.tidy(() => {
    data = compute()
  })
  return data as A
}

/** Token log-probabilities of a batch, [M] nats, without gradients. */
export const scoreTokens = (model: RunningModel, parameters: Parameters, layout: Layout): Float32Array => {
  const { tf, ops, config } = model
  return dataInTidy(tf, () => Float32Array.from(targetLogProbs(ops, config, parameters, layout).dataSync()))
}
