/** Training regimes: who proposes the responses that a step compares, and what changes between the steps. */
import type * as Result from "effect/Result"
import type { Rng } from "../../random/rng.ts"
import type { PairBatch } from "../batch.ts"
import type { BanditCellSpec } from "../cellSchema.ts"
import type { Environment } from "../environment.ts"
import type { BanditSpecError } from "../errors.ts"
import type { World } from "../inputs/filler.ts"
import type { DataOptions, PairTable } from "../pairs.ts"

/** The policy before a step: log π and π, shape [contexts * arms]. Not to be kept: the arrays are used again. */
export interface Current {
  readonly logp: Float64Array
  readonly prob: Float64Array
}

/** Where the examples of a run come from. */
export interface Regime {
  /** Examples of the update number `step` (from 0). */
  readonly next: (step: number, current: Current) => PairBatch
  /** Examples over which the loss of a policy is reported; nothing random, nothing remembered. */
  readonly whole: (current: Current) => PairBatch
  /** The one batch that every step gets, where it is always the same. */
  readonly constant?: PairBatch
  /** Whether {@link next} reads the policy. */
  readonly adaptive: boolean
  /** What metrics call the data: means over pairs, and which responses are in none. */
  readonly table: PairTable
  /** Numbers of its own for the trajectory. */
  readonly facts?: () => Readonly<Record<string, number>>
}

/** What a regime is made from. */
export interface RegimeContext {
  readonly environment: Environment
  readonly world: World
  readonly spec: BanditCellSpec
  /** Coverage, label noise, scores. */
  readonly options: DataOptions
  /** Streams of the data and of the batches are split off by name. */
  readonly rng: Rng
}

/** Makes a regime, or says what about the cell does not fit it. */
export type MakeRegime = (context: RegimeContext) => Result.Result<Regime, BanditSpecError>
