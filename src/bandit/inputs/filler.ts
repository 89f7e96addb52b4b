/** Inputs of a loss beyond what every pair has: where their values come from, and what flows back through them. */
import type { Program } from "../../loss/program.ts"
import type { PairBatch, ResponseTables } from "../batch.ts"
import type { Environment } from "../environment.ts"

/** What the losses of one run look at besides the policy. Tables are [contexts * arms]; regimes change them in place. */
export interface World {
  readonly environment: Environment
  /** log π_ref as the losses read it, nats: the environment's, or the last iterate of self-play. */
  readonly logReference: Float64Array
  /** Reward scores as the losses read them. */
  readonly scores: Float64Array
  /** Whom win rates are against; undefined: the policy itself. */
  opponent?: Float64Array
}

/** The world of an environment before any regime has changed it. */
export const worldOf = (environment: Environment, scores: Float64Array = environment.reward): World => ({
  environment,
  logReference: environment.reference.map(Math.log),
  scores
})

/** Where the columns of a batch are read from. */
export const responseTables = ({ environment: { lengths }, logReference, scores }: World): ResponseTables => ({
  logReference,
  scores,
  ...(lengths === undefined ? {} : { lengths })
})

/** Supplies inputs to the batches of one run. `logp`, `prob` are log π and π, shape [contexts * arms]. */
export interface Filler {
  /** Once before every training step; running means move here and nowhere else. */
  readonly observe?: (batch: PairBatch, logp: Float64Array) => void
  /** Writes the columns of the examples in use. */
  readonly fill: (batch: PairBatch, logp: Float64Array, prob: Float64Array) => void
  /** Adds what flows through the inputs: `Σ weight · ∂loss/∂input · ∂input/∂log π` to `gradient`. */
  readonly pullbackInto?: (batch: PairBatch, prob: Float64Array, gradient: Float64Array) => void
}

/** One source of inputs. */
export interface InputDefinition {
  readonly names: ReadonlyArray<string>
  /** true, or what an environment lacks. */
  readonly availableIn: (environment: Environment) => true | string
  /**
   * @param program the loss; some statistics are in units of its beta or tau
   * @param moving inputs through which the loss's gradient flows; the others are constants of the step
   */
  readonly make: (world: World, program: Program, moving: ReadonlySet<string>) => Filler
}
