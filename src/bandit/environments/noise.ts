/**
 * Any environment with labels turned at random: P'(a ≻ b) = (1 - rate) P(a ≻ b) + rate P(b ≻ a), and thumbs up become thumbs
 * down, and the reverse, at the same rate. Rewards, and so the optimum, are those of the world inside. Rate 0 changes nothing;
 * noise of rate r over noise of rate s is noise of rate r + s - 2 r s. The data option `noise` of a cell does the same to its
 * pairs.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { flipped } from "../preferences.ts"
import { turnedFeedback } from "./feedback.ts"
import { Fraction } from "./options.ts"

/** Options of the wrapper around an environment specified by `Of`. */
export interface NoiseOptions<Of> {
  readonly kind: "noise"
  /** Probability that a label is turned, in [0, 1]. */
  readonly rate: number
  readonly of: Of
}

const schema = <Of extends Schema.Constraint>(of: Of) =>
  Schema.Struct({ kind: Schema.Literal("noise"), rate: Fraction, of })

const make = <Of>(
  { rate, of }: NoiseOptions<Of>,
  rng: Rng,
  inner: (spec: Of, rng: Rng) => Environment
): Environment => {
  const world = inner(of, rng)
  const id = `noise(${world.id})`
  if (rate === 0) return { ...world, id }
  const feedback = world.feedback === undefined ? {} : { feedback: turnedFeedback(world, world.feedback, rate) }
  return checkedEnvironment({ ...world, id, preference: flipped(world.preference, rate), ...feedback })
}

export const noiseEnvironment = {
  id: "noise",
  title: "Labels turned at random",
  schema,
  make
} as const
