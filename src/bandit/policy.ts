/**
 * Policies: a parameter vector, the logits it stands for, and the pullback of a logit gradient. Every kind starts exactly
 * at the reference policy. Token by token: treePolicy.ts; with a hidden layer: mlpPolicy.ts.
 */
import type { Rng } from "../random/rng.ts"
import type { Environment, Features } from "./environment.ts"
import { normals } from "./environments/tables.ts"

export interface Policy {
  readonly kind: "tabular" | "linear" | "tree" | "mlp"
  /** Parameters at the start; a fresh copy. */
  readonly initial: () => Float64Array
  /** Writes the logits [contexts * arms] of `parameters`. */
  readonly logitsInto: (parameters: Float64Array, logits: Float64Array) => void
  /** Overwrites `parameterGradient` with the gradient by the parameters, given the one by the logits. */
  readonly pullbackInto: (
    parameters: Float64Array,
    logitGradient: Float64Array,
    parameterGradient: Float64Array
  ) => void
}

/** One free logit per (context, arm), starting at log π_ref. */
export const tabularPolicy = (environment: Environment): Policy => ({
  kind: "tabular",
  initial: () => environment.reference.map(Math.log),
  logitsInto: (parameters, logits) => logits.set(parameters),
  pullbackInto: (_parameters, logitGradient, parameterGradient) => parameterGradient.set(logitGradient)
})

/** Options of a linear policy. */
export interface LinearOptions {
  /** Length of the feature vectors where the environment brings none. Default 3. */
  readonly dimension?: number
  /** Whether h(x) is trained too (true, default) or only W: with h fixed no response can be displaced. */
  readonly trainFeatures?: boolean
}

/**
 * `logits(x, y) = offset(x, y) + ⟨W_y, h(x)⟩`, W [arms * d] trained, h [contexts * d] trained unless told otherwise.
 * They start at the features of the environment, else at draws W ~ N(0, 1/d), h ~ N(0, 1); the constant offset makes the
 * policy at the start π_ref.
 * Parameters: W, then h when it is trained.
 */
export const linearPolicy = (environment: Environment, options: LinearOptions, rng: Rng): Policy => {
  const { contexts, arms } = environment
  const start = environment.features ?? randomFeatures(contexts, arms, options.dimension ?? 3, rng)
  const d = start.dimension
  const trained = options.trainFeatures ?? true
  const weightCount = arms * d
  const offset = environment.reference.map(Math.log)
  for (let i = 0; i < offset.length; i++) {
    offset[i]! -= dot(start.weights, (i % arms) * d, start.hidden, Math.floor(i / arms) * d, d)
  }
  const hiddenOf = (parameters: Float64Array) => (trained ? parameters : start.hidden)
  const hiddenFrom = trained ? weightCount : 0
  return {
    kind: "linear",
    initial: () => Float64Array.from(trained ? [...start.weights, ...start.hidden] : start.weights),
    logitsInto: (parameters, logits) => {
      const hidden = hiddenOf(parameters)
      for (let i = 0; i < logits.length; i++) {
        logits[i] = offset[i]! + dot(parameters, (i % arms) * d, hidden, hiddenFrom + Math.floor(i / arms) * d, d)
      }
    },
    pullbackInto: (parameters, logitGradient, out) => {
      out.fill(0)
      const hidden = hiddenOf(parameters)
      for (let i = 0; i < logitGradient.length; i++) {
        const w = (i % arms) * d
        const h = Math.floor(i / arms) * d
        for (let k = 0; k < d; k++) {
          out[w + k]! += logitGradient[i]! * hidden[hiddenFrom + h + k]!
          if (trained) out[weightCount + h + k]! += logitGradient[i]! * parameters[w + k]!
        }
      }
    }
  }
}

const dot = (a: Float64Array, from: number, b: Float64Array, other: number, length: number): number => {
  let total = 0
  for (let k = 0; k < length; k++) total += a[from + k]! * b[other + k]!
  return total
}

const randomFeatures = (contexts: number, arms: number, dimension: number, rng: Rng): Features => ({
  dimension,
  weights: normals(arms * dimension, 1 / Math.sqrt(dimension), rng.split("weights")),
  hidden: normals(contexts * dimension, 1, rng.split("hidden"))
})
