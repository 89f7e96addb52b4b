/**
 * @file A preference loss as a function of all parameters of the embedded model, laid end to end: for slices, paths and
 * curvature around trained models. The model computes in single precision, so losses carry a relative error of about 1e-6.
 */
import * as Result from "effect/Result"
import { lossAndGradients, scoreTokens } from "./gradient.ts"
import { layOut } from "./layout.ts"
import {
  type ArrayData,
  disposeParameters,
  downloadParameters,
  type ModelConfig,
  parameterCount,
  parameterShapes,
  uploadParameters
} from "./model.ts"
import { pairObjective } from "./objective.ts"
import { disposeOptimizer, startOptimizer } from "./optimizer.ts"
import type { PreparedJob, TrainFailure } from "./prepare.ts"
import { pairRow, selectColumns } from "./scoring.ts"
import { jobBatches, updateOnce } from "./update.ts"

type Arrays = Readonly<Record<string, Pick<ArrayData, "values">>>

const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((product, n) => product * n, 1)

/** All parameters in the order of `parameterShapes`, [parameters]. */
export const flattened = (config: ModelConfig, arrays: Arrays): Float64Array => {
  const flat = new Float64Array(parameterCount(config))
  let from = 0
  for (const [name, shape] of parameterShapes(config)) {
    flat.set(arrays[name]!.values, from)
    from += sizeOf(shape)
  }
  return flat
}

/** The parameters of a flat vector, rounded to single precision. */
export const unflattened = (config: ModelConfig, flat: Float64Array): Readonly<Record<string, ArrayData>> => {
  let from = 0
  return Object.fromEntries(
    parameterShapes(config).map(([name, shape]) => {
      const to = from + sizeOf(shape)
      const values = Float32Array.from(flat.subarray(from, to))
      from = to
      return [name, { shape: [...shape], values }]
    })
  )
}

/** Ranges `[from, to)` of the rows of every matrix, which a direction is normalised by; gains and biases are in none. */
export const rowGroups = (config: ModelConfig): ReadonlyArray<readonly [number, number]> => {
  const groups: Array<readonly [number, number]> = []
  let from = 0
  for (const [, shape] of parameterShapes(config)) {
    const size = sizeOf(shape)
    if (shape.length === 2) {
      const width = shape[1]!
      for (let row = 0; row < shape[0]!; row++) groups.push([from + row * width, from + (row + 1) * width])
    }
    from += size
  }
  return groups
}

/** The mean loss of some pairs over parameter vectors. */
export interface LanguageSurface {
  readonly size: number
  /** Loss, nats. */
  readonly lossAt: (parameters: Float64Array) => number
  /** Overwrites `gradient` [size] and returns the loss. */
  readonly gradientInto: (parameters: Float64Array, gradient: Float64Array) => number
}

/** The surface of a prepared job's loss over the first `count` of its training pairs. */
export const languageSurface = (
  { job, backend, model, training, kernel }: PreparedJob,
  count: number
): LanguageSurface => {
  const rows = Array.from({ length: Math.min(count, training.pairs.length) }, (_, i) => i)
  const layout = layOut(
    rows.map((row) => pairRow(training.pairs[row]!)),
    model.config.context,
    model.ops.padded
  )
  const { objective } = pairObjective(kernel, selectColumns(training.fixed, rows), layout, job.ceWeight)
  const withParameters = <A>(
    flat: Float64Array,
    compute: (parameters: ReturnType<typeof uploadParameters>) => A
  ): A => {
    const parameters = uploadParameters(backend.tf, model.config, unflattened(model.config, flat))
    try {
      return compute(parameters)
    } finally {
      disposeParameters(parameters)
    }
  }
  return {
    size: parameterCount(model.config),
    lossAt: (flat) => withParameters(flat, (parameters) => objective(scoreTokens(model, parameters, layout)).loss),
    gradientInto: (flat, gradient) =>
      withParameters(flat, (parameters) => {
        const { loss, gradients } = lossAndGradients(model, parameters, layout, objective)
        gradient.set(flattened(model.config, downloadParameters(gradients)))
        disposeParameters(gradients)
        return loss
      })
  }
}

/** Where a prepared job's training ends, without events or evaluations; or why it broke off. */
export const trainedParameters = (prepared: PreparedJob): Result.Result<Float64Array, TrainFailure> => {
  const { job, backend, start } = prepared
  const order = jobBatches(prepared)
  let state = startOptimizer(backend, uploadParameters(backend.tf, start.config, start.arrays))
  let progress = { step: 0, eventBytes: 0, tokens: 0 }
  try {
    while (progress.step < job.steps) {
      const updated = updateOnce(prepared, state, order(progress.step + 1), progress)
      if (Result.isFailure(updated)) return Result.fail(updated.failure)
      state = updated.success.state
      progress = { ...progress, step: progress.step + 1, tokens: updated.success.tokens }
    }
    return Result.succeed(flattened(start.config, downloadParameters(state.parameters)))
  } finally {
    disposeOptimizer(state)
  }
}
