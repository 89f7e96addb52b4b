/** @file Every training engine by its name: the list is total, and everything that asks for an engine by name reads it. */

import type * as Layer from "effect/Layer"
import { layer as slurm } from "./SlurmEngine.ts"
import type { SlurmOptions } from "./slurm/host.ts"
import { layer as embedded } from "./TfjsEngine.ts"
import { layer as torch } from "./TorchEngine.ts"
import type { TrainingEngine } from "./TrainingEngine.ts"
import { engineIds } from "./tfjs/backend.ts"

/** Names of all engines. */
export const trainingEngineIds = [...engineIds, "torch", "slurm"] as const
export type TrainingEngineId = (typeof trainingEngineIds)[number]

/** What an engine may be told that is not the job's; each reads its own part. */
export interface EngineOptions {
  readonly slurm?: SlurmOptions
}

interface Engine {
  readonly layer: (options?: EngineOptions) => Layer.Layer<TrainingEngine>
  /** Whether it trains in processes of its own, so that who asked only waits, and takes the settings of PyTorch. */
  readonly separate: boolean
  /** Jobs that a study has going at once when it does not say. */
  readonly jobsAtOnce: number
}

const inThread = (id: (typeof engineIds)[number]): Engine => ({
  layer: () => embedded(id),
  separate: false,
  jobsAtOnce: 1
})

const engines = {
  "tfjs-wasm": inThread("tfjs-wasm"),
  "tfjs-webgpu": inThread("tfjs-webgpu"),
  "tfjs-gpu": inThread("tfjs-gpu"),
  torch: { layer: () => torch(), separate: true, jobsAtOnce: 1 },
  // The queue decides how many run.
  slurm: { layer: (options) => slurm(options?.slurm), separate: true, jobsAtOnce: 10_000 }
} satisfies Record<TrainingEngineId, Engine>

/** The engine that is meant when none is named. */
export const standardEngine: TrainingEngineId = "tfjs-wasm"

/** An engine by name. */
export const trainingEngine = (id: TrainingEngineId = standardEngine): Engine => engines[id]
