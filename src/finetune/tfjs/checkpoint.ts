/**
 * @file A checkpoint is one safetensors file, replaced atomically: parameters, Adam's moments and, as metadata, which job
 * it belongs to, how many updates were done and how long the event file was. The order of the data is a function of the
 * seed and the update, so no generator's state has to be kept.
 */

import { existsSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import { writeFileAtomic } from "../atomicFile.ts"
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type TensorData } from "../safetensors.ts"
import type { Backend } from "./backend.ts"
import { type ModelConfig, type Parameters, parameterShapes } from "./model.ts"
import type { OptimizerState } from "./optimizer.ts"

/** Name of the file in a job's output folder. */
export const CHECKPOINT_FILE = "checkpoint.safetensors"

/** Where a run stands. */
export interface Progress {
  /** Updates done. */
  readonly step: number
  /** Bytes of the event file that belong to these updates. */
  readonly eventBytes: number
  /** Input tokens trained on so far. */
  readonly tokens: number
}

const groups = ["parameters", "first", "second"] as const

/** Writes the state of a job after some updates. */
export const writeCheckpoint = (file: string, jobHash: string, state: OptimizerState, progress: Progress): void => {
  const tensors: Record<string, TensorData> = {}
  for (const group of groups) {
    for (const [name, tensor] of Object.entries(state[group])) {
      tensors[`${group}.${name}`] = { dtype: "F32", shape: tensor.shape, values: tensor.dataSync() as Float32Array }
    }
  }
  const { step, eventBytes, tokens } = progress
  const metadata = {
    format: "losslattice-checkpoint/1",
    job: jobHash,
    step: `${step}`,
    events: `${eventBytes}`,
    tokens: `${tokens}`
  }
  writeFileAtomic(file, encodeSafetensors({ tensors, metadata }))
}

/** A checkpoint in memory. */
export interface Checkpoint {
  readonly jobHash: string
  readonly progress: Progress
  readonly tensors: Readonly<Record<string, TensorData>>
}

/** Reads a checkpoint; undefined when there is none. */
export const readCheckpoint = (file: string): Result.Result<Checkpoint | undefined, SafetensorsError> => {
  if (!existsSync(file)) return Result.succeed(undefined)
  const decoded = decodeSafetensors(readFileSync(file))
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
  const { metadata, tensors } = decoded.success
  const [step, eventBytes, tokens] = [metadata.step, metadata.events, metadata.tokens].map(Number)
  if (metadata.format !== "losslattice-checkpoint/1" || ![step, eventBytes, tokens].every(Number.isSafeInteger)) {
    return Result.fail(new SafetensorsError({ reason: "the file is no checkpoint of this program" }))
  }
  const progress = { step: step!, eventBytes: eventBytes!, tokens: tokens! }
  return Result.succeed({ jobHash: metadata.job ?? "", progress, tensors })
}

/** Puts a checkpoint's tensors on the backend. @throws RangeError when one is missing or has another shape */
export const restoreState = ({ tf }: Backend, config: ModelConfig, checkpoint: Checkpoint): OptimizerState => {
  const group = (name: (typeof groups)[number]): Parameters =>
    Object.fromEntries(
      parameterShapes(config).map(([parameter, shape]) => {
        const tensor = checkpoint.tensors[`${name}.${parameter}`]
        if (tensor === undefined || tensor.shape.join() !== shape.join()) {
          throw new RangeError(`restoreState: ${name}.${parameter} should have shape [${shape}]`)
        }
        return [parameter, tf.keep(tf.tensor(tensor.values, [...shape], "float32"))]
      })
    )
  return { parameters: group("parameters"), first: group("first"), second: group("second") }
}
