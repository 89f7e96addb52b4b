/**
 * The bandit of Contrastive Policy Gradient (Flet-Berliac et al. 2024, arXiv 2406.19185, §5.1): three arms with rewards
 * (2.5, 2, 1), pairs y ~ (0.1, 0.2, 0.7), y' ~ (0.05, 0.05, 0.9), uniform reference, beta 0.5. A response may meet itself.
 * Labels, where a loss wants them, are Bradley–Terry on the rewards. Optimum π* = softmax(R / beta).
 */
import * as Schema from "effect/Schema"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Positive } from "./options.ts"
import { uniform } from "./tables.ts"

/** Options: only `beta`, the weight of the KL term in J (default 0.5, as published). */
export const CopgOptions = Schema.Struct({ kind: Schema.Literal("copg"), beta: Schema.optionalKey(Positive) })
export type CopgOptions = typeof CopgOptions.Type

const make = (spec: CopgOptions): Environment => {
  const reward = Float64Array.of(2.5, 2, 1)
  return checkedEnvironment({
    id: "copg",
    contexts: 1,
    arms: 3,
    reward,
    reference: uniform(1, 3),
    contextWeights: Float64Array.of(1),
    preference: bradleyTerry(reward, 3, 1),
    comparisons: {
      kind: "product",
      first: Float64Array.of(0.1, 0.2, 0.7),
      second: Float64Array.of(0.05, 0.05, 0.9),
      identical: true
    },
    beta: spec.beta ?? 0.5
  })
}

export const copgEnvironment = {
  id: "copg",
  title: "The three-armed bandit of Contrastive Policy Gradient",
  schema: CopgOptions,
  make
} as const
