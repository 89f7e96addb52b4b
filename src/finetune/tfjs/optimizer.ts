/**
 * @file Adam with gradient clipping by global norm, and the learning-rate schedule. On the wasm backend one SIMD kernel
 * per parameter, elsewhere tfjs operations. Parameters are replaced, never changed in place: the wasm backend keeps
 * packed copies of matrices it has multiplied by.
 */

import type { Tensor, TensorContainer } from "@tensorflow/tfjs"
import type { Backend } from "./backend.ts"
import { dataInTidy } from "./gradient.ts"
import { type AdamSettings, adamUpdate, kernelsOf, sumOfSquares } from "./kernels.ts"
import { disposeParameters, type Parameters } from "./model.ts"

/** What an update changes: the parameters and Adam's two moment estimates, all named alike. */
export interface OptimizerState {
  readonly parameters: Parameters
  readonly first: Parameters
  readonly second: Parameters
}

/** Settings that stay fixed during a run. */
export interface OptimizerSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** Kingma & Ba's defaults, no decay. */
export const defaultOptimizer: OptimizerSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

/** A state with moments at zero; it takes over the parameters. */
export const startOptimizer = ({ tf }: Backend, parameters: Parameters): OptimizerState => {
  const zeros = (): Parameters =>
    Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tf.zerosLike(tensor))]))
  return { parameters, first: zeros(), second: zeros() }
}

/** Disposes a state's tensors, parameters included. */
export const disposeOptimizer = (state: OptimizerState): void => {
  for (const group of [state.parameters, state.first, state.second]) disposeParameters(group)
}

/** Norm of all gradients together, `sqrt(Σ g²)`; not finite when any entry is not. */
export const globalNorm = (backend: Backend, gradients: Parameters): number => {
  const { tf } = backend
  const tensors = Object.values(gradients)
  // Elsewhere than in shared memory all sums are read at once: a read may have to wait for a device.
  const squares = dataInTidy(tf, () =>
    backend.memory === undefined
      ? [...tf.stack(tensors.map((gradient) => tf.sum(tf.square(gradient)))).dataSync()]
      : tensors.map((gradient) => sumOfSquares(kernelsOf(backend), gradient))
  )
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
}

/** What multiplies the gradients so that their global norm is at most `limit`. */
export const clipFactor = (norm: number, limit: number): number => (norm > limit ? limit / norm : 1)

interface ParameterState {
  readonly parameter: Tensor
  readonly first: Tensor
  readonly second: Tensor
}

/** The update by tfjs operations. */
const plainUpdate = (
  { tf }: Backend,
  state: ParameterState,
  gradient: Tensor,
  clip: number,
  { step, learningRate, beta1, beta2, epsilon, weightDecay }: AdamSettings
): ParameterState => {
  const clipped = tf.mul(gradient, clip)
  const first = tf.add(tf.mul(state.first, beta1), tf.mul(clipped, 1 - beta1))
  const second = tf.add(tf.mul(state.second, beta2), tf.mul(tf.square(clipped), 1 - beta2))
  const size = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** step)), epsilon)
  const change = tf.div(tf.mul(first, learningRate / (1 - beta1 ** step)), size)
  const decay = tf.mul(state.parameter, learningRate * weightDecay)
  return { parameter: tf.sub(tf.sub(state.parameter, change), decay), first, second }
}

/** The update by the SIMD kernel: the moments are changed in place. */
const fastUpdate = (
  backend: Backend,
  state: ParameterState,
  gradient: Tensor,
  clip: number,
  settings: AdamSettings
): ParameterState => ({
  parameter: adamUpdate(kernelsOf(backend), { ...state, gradient }, clip, settings),
  first: state.first,
  second: state.second
})

/**
 * One Adam step on every parameter.
 * @param clip factor on the gradients, see {@link clipFactor}
 * @returns the new state; the old one's tensors that it does not share are disposed
 */
export const adamStep = (
  backend: Backend,
  state: OptimizerState,
  gradients: Parameters,
  clip: number,
  settings: AdamSettings
): OptimizerState => {
  const { tf } = backend
  const update = backend.memory === undefined ? plainUpdate : fastUpdate
  const next = { parameters: {}, first: {}, second: {} } as Record<keyof OptimizerState, Record<string, Tensor>>
  for (const [name, parameter] of Object.entries(state.parameters)) {
    const old: ParameterState = { parameter, first: state.first[name]!, second: state.second[name]! }
    const updated = tf.tidy((): TensorContainer => {
      const tensors = update(backend, old, gradients[name]!, clip, settings)
      for (const tensor of Object.values(tensors)) tf.keep(tensor)
      return { ...tensors }
    }) as unknown as ParameterState
    const kept = new Set<Tensor>(Object.values(updated))
    for (const tensor of Object.values(old)) if (!kept.has(tensor)) tensor.dispose()
    next.parameters[name] = updated.parameter
    next.first[name] = updated.first
    next.second[name] = updated.second
  }
  return next
}

/**
 * Learning rate of step `step` (from 1): a linear rise over `warmup` steps to `peak`, then a cosine down to
 * `peak × floor` at step `steps`; `floor` 1 keeps it constant after the rise. No cosine where `warmup` takes all steps.
 */
export const scheduledRate = (
  step: number,
  schedule: { readonly peak: number; readonly warmup: number; readonly steps: number; readonly floor: number }
): number => {
  const { peak, warmup, steps, floor } = schedule
  if (step < warmup) return (peak * step) / warmup
  const progress = steps > warmup ? Math.min(1, (step - warmup) / (steps - warmup)) : 0
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)))
}
