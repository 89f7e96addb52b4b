/**
 * Answers that no pair speaks of (Xu et al. 2024, arXiv 2404.10719).
 *
 * `world: actions` (default): three actions, of which one pair says that the first is better than the second. The published
 * reference is (1/2, 1/2, 0); a log-ratio needs more than 0, so the third has `epsilon` (default 0.001) and the others share the
 * rest. Every policy without the second action minimises DPO's loss in the limit, (0.1, 0, 0.9) among them; the KL-regularised
 * optimum π_ref exp(R / beta) gives the third less than `epsilon`. Gold reward, a choice of ours: (1, 0, -1).
 *
 * `world: grid`: 8 prompts with 8 answers, the best of prompt x being answer x: gold reward 1 on the diagonal, elsewhere a draw
 * from [0, 1/2). In every prompt `pairs` (default 3) different pairs of answers, drawn once, are compared, and the better one
 * wins; answers in none of them are unseen. Tabular policies move these only through the normalisation: use the MLP, as published.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Positive, referenceFields } from "./options.ts"
import { drawnPairs, drawnPolicy, listedComparisons, uniform } from "./tables.ts"

const fields = Schema.Struct({
  kind: Schema.Literal("unseen"),
  world: Schema.optionalKey(Schema.Literals(["actions", "grid"])).annotateKey({ description: "Default `actions`." }),
  epsilon: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 1e-12, maximum: 0.5 }))).annotateKey({
    description: "Reference probability of the third action. Default 0.001."
  }),
  size: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 100 }))).annotateKey({
    description: "Prompts, and answers of each, of the grid. Default 8."
  }),
  pairs: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))).annotateKey({
    description: "Pairs compared in every prompt of the grid. Default 3, or all where there are fewer."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

const pairsOf = (size: number): number => (size * (size - 1)) / 2

/** Options, all but `kind` optional: `epsilon` is of the actions, `size`, `pairs` and the reference of the grid. */
export const UnseenOptions = fields.check(
  Schema.makeFilter((spec) => {
    const world = spec.world ?? "actions"
    const foreign =
      world === "grid" ? (["epsilon"] as const) : (["size", "pairs", "reference", "referenceScale"] as const)
    const size = spec.size ?? 8
    return [
      ...foreign
        .filter((key) => spec[key] !== undefined)
        .map((key) => ({ path: [key], issue: `${key} means nothing with world: ${world}` })),
      ...((spec.pairs ?? 1) <= pairsOf(size)
        ? []
        : [{ path: ["pairs"], issue: `there are only ${pairsOf(size)} different pairs, found ${spec.pairs}` }])
    ]
  })
)
export type UnseenOptions = typeof UnseenOptions.Type

const actions = (epsilon: number, beta: number): Environment => {
  const reward = Float64Array.of(1, 0, -1)
  return checkedEnvironment({
    id: "unseen",
    contexts: 1,
    arms: 3,
    reward,
    reference: Float64Array.of((1 - epsilon) / 2, (1 - epsilon) / 2, epsilon),
    contextWeights: Float64Array.of(1),
    preference: bradleyTerry(reward, 3, 0),
    comparisons: listedComparisons([[[0, 1]]], 3),
    beta
  })
}

const grid = (spec: UnseenOptions, rng: Rng): Environment => {
  const size = spec.size ?? 8
  const draws = rng.split("rewards")
  const reward = Float64Array.from({ length: size * size }, (_, i) =>
    i % size === Math.floor(i / size) ? 1 : draws.uniform() / 2
  )
  const pairs = rng.split("pairs")
  const answers = Array.from({ length: size }, (_, y) => y)
  const count = spec.pairs ?? Math.min(3, pairsOf(size))
  return checkedEnvironment({
    id: "unseen",
    contexts: size,
    arms: size,
    reward,
    reference: drawnPolicy(spec.reference ?? "uniform", size, size, spec.referenceScale ?? 1, rng.split("reference")),
    contextWeights: uniform(1, size),
    preference: bradleyTerry(reward, size, 0),
    comparisons: listedComparisons(
      answers.map((c) => drawnPairs(answers, count, pairs.split(c))),
      size
    ),
    beta: spec.beta ?? 1
  })
}

const make = (spec: UnseenOptions, rng: Rng): Environment =>
  spec.world === "grid" ? grid(spec, rng) : actions(spec.epsilon ?? 0.001, spec.beta ?? 1)

export const unseenEnvironment = {
  id: "unseen",
  title: "Answers that no pair speaks of",
  schema: UnseenOptions,
  make
} as const
