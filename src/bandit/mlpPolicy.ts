/** A policy with one hidden layer: contexts share it, so that what is learned in one context moves the others. */
import type { Rng } from "../random/rng.ts"
import type { Environment } from "./environment.ts"
import { normals } from "./environments/tables.ts"
import type { Policy } from "./policy.ts"

/** Options of an MLP policy. */
export interface MlpOptions {
  /** Units of the hidden layer. Default 16. */
  readonly hidden?: number
  /** What it reads of a context: its number as a one-hot vector (default), or the environment's context vectors. */
  readonly inputs?: "one-hot" | "features"
}

const inputsOf = (environment: Environment, kind: "one-hot" | "features") => {
  const { contexts, features } = environment
  if (kind === "features") {
    if (features === undefined) throw new RangeError(`${environment.id}: it has no context vectors`)
    return { width: features.dimension, inputs: features.hidden }
  }
  const inputs = new Float64Array(contexts * contexts)
  for (let c = 0; c < contexts; c++) inputs[c * contexts + c] = 1
  return { width: contexts, inputs }
}

/**
 * logits(x, ·) = offset(x, ·) + V tanh(U x + u) + v, with U [hidden * width], u [hidden], V [arms * hidden], v [arms] trained.
 * Start: U ~ N(0, 1 / mean ‖x‖²), V ~ N(0, 1 / hidden), u = v = 0; the constant offset makes the policy at the start π_ref.
 * Parameters in the order U, u, V, v.
 * @throws RangeError for `inputs: "features"` in an environment without context vectors
 */
export const mlpPolicy = (environment: Environment, options: MlpOptions, rng: Rng): Policy => {
  const { contexts, arms, reference } = environment
  const units = options.hidden ?? 16
  const { width, inputs } = inputsOf(environment, options.inputs ?? "one-hot")
  const [biasFrom, outFrom] = [units * width, units * width + units]
  const lastFrom = outFrom + arms * units
  const activations = new Float64Array(units)
  const slopes = new Float64Array(units)

  const activate = (parameters: Float64Array, context: number): void => {
    for (let k = 0; k < units; k++) {
      let total = parameters[biasFrom + k]!
      for (let i = 0; i < width; i++) total += parameters[k * width + i]! * inputs[context * width + i]!
      activations[k] = Math.tanh(total)
    }
  }
  const outputsInto = (parameters: Float64Array, offset: Float64Array | undefined, logits: Float64Array): void => {
    for (let c = 0; c < contexts; c++) {
      activate(parameters, c)
      for (let y = 0; y < arms; y++) {
        let total = parameters[lastFrom + y]! + (offset === undefined ? 0 : offset[c * arms + y]!)
        for (let k = 0; k < units; k++) total += parameters[outFrom + y * units + k]! * activations[k]!
        logits[c * arms + y] = total
      }
    }
  }

  const start = new Float64Array(lastFrom + arms)
  const norm = inputs.reduce((sum, x) => sum + x * x, 0) / contexts
  start.set(normals(units * width, norm > 0 ? 1 / Math.sqrt(norm) : 1, rng.split("input")))
  start.set(normals(arms * units, 1 / Math.sqrt(units), rng.split("output")), outFrom)
  const drawn = new Float64Array(contexts * arms)
  outputsInto(start, undefined, drawn)
  const offset = reference.map((p, i) => Math.log(p) - drawn[i]!)

  return {
    kind: "mlp",
    initial: () => Float64Array.from(start),
    logitsInto: (parameters, logits) => outputsInto(parameters, offset, logits),
    pullbackInto: (parameters, logitGradient, out) => {
      out.fill(0)
      for (let c = 0; c < contexts; c++) {
        activate(parameters, c)
        slopes.fill(0)
        for (let y = 0; y < arms; y++) {
          const g = logitGradient[c * arms + y]!
          out[lastFrom + y]! += g
          for (let k = 0; k < units; k++) {
            out[outFrom + y * units + k]! += g * activations[k]!
            slopes[k]! += g * parameters[outFrom + y * units + k]!
          }
        }
        for (let k = 0; k < units; k++) {
          const g = slopes[k]! * (1 - activations[k]! ** 2)
          out[biasFrom + k]! += g
          for (let i = 0; i < width; i++) out[k * width + i]! += g * inputs[c * width + i]!
        }
      }
    }
  }
}
