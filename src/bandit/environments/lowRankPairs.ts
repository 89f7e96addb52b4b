/**
 * A data set of pairs of varying similarity, for which answers' chosen side loses probability (Razin et al. 2024; arXiv
 * 2410.08847: training on the pairs of highest CHES score displaces the chosen answer most). Use the linear policy.
 *
 * Pair i is a prompt of its own with its vector h ~ N(0, 0.09 / d · I); chosen is arm 2i, rejected arm 2i + 1. W of a chosen arm is
 * N(0, I), and W_rejected = s W_chosen + 0.5 N(0, I), with s from -1 (opposite) to 2 (alike and longer) in even steps over the
 * pairs. So a pair's CHES score ⟨W_w, W_l⟩ - ‖W_w‖² is about (s - 1) ‖W_w‖². The reference is the policy at the start,
 * softmax(W h). `quintile` q in 1..5 leaves data of the q-th fifth of the pairs by rising score alone, of the same world.
 *
 * Gold reward, a choice of ours as for `low-rank`: in every prompt 1 for chosen, 0.5 for rejected, 0 for the rest. Optimum:
 * π_ref exp(R / beta). Labels are deterministic.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { chesScore } from "../ches.ts"
import { checkedEnvironment, type Environment, type Features } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Positive } from "./options.ts"
import { listedComparisons, normaliseRowsInPlace, normals } from "./tables.ts"

/** Options, all but `kind` optional. */
export const LowRankPairsOptions = Schema.Struct({
  kind: Schema.Literal("low-rank-pairs"),
  pairs: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 5, maximum: 100 }))).annotateKey({
    description: "Number of pairs: contexts, and half the number of arms. Default 25."
  }),
  dimension: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))).annotateKey({
    description: "Length of the vectors. Default 5."
  }),
  quintile: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))).annotateKey({
    description: "Which fifth of the pairs by CHES score there are data of, 1 the lowest. Default: all."
  }),
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})
export type LowRankPairsOptions = typeof LowRankPairsOptions.Type

const responseVectors = (pairs: number, d: number, rng: Rng): Float64Array => {
  const weights = normals(2 * pairs * d, 1, rng)
  for (let i = 0; i < pairs; i++) {
    const similarity = -1 + (3 * i) / (pairs - 1)
    for (let k = 0; k < d; k++) {
      const rejected = (2 * i + 1) * d + k
      weights[rejected] = similarity * weights[2 * i * d + k]! + 0.5 * weights[rejected]!
    }
  }
  return weights
}

/** Weights of the prompts: even over those of the fifth. */
const promptWeights = (features: Features, pairs: number, quintile: number | undefined): Float64Array => {
  const order = Array.from({ length: pairs }, (_, i) => i)
    .map((i) => ({ i, score: chesScore(features, 2 * i, 2 * i + 1) }))
    .sort((a, b) => a.score - b.score)
  const bound = (q: number) => Math.round((q * pairs) / 5)
  const kept = quintile === undefined ? order : order.slice(bound(quintile - 1), bound(quintile))
  const weights = new Float64Array(pairs)
  for (const { i } of kept) weights[i] = 1 / kept.length
  return weights
}

const make = (spec: LowRankPairsOptions, rng: Rng): Environment => {
  const [pairs, dimension] = [spec.pairs ?? 25, spec.dimension ?? 5]
  const arms = 2 * pairs
  const weights = responseVectors(pairs, dimension, rng.split("answers"))
  const hidden = normals(pairs * dimension, 0.3 / Math.sqrt(dimension), rng.split("prompts"))
  const features = { dimension, weights, hidden }
  const reward = new Float64Array(pairs * arms)
  const reference = new Float64Array(pairs * arms)
  for (let c = 0; c < pairs; c++) {
    reward.set([1, 0.5], c * arms + 2 * c)
    for (let y = 0; y < arms; y++) {
      let logit = 0
      for (let k = 0; k < dimension; k++) logit += weights[y * dimension + k]! * hidden[c * dimension + k]!
      reference[c * arms + y] = Math.exp(logit)
    }
  }
  return checkedEnvironment({
    id: "low-rank-pairs",
    contexts: pairs,
    arms,
    reward,
    reference: normaliseRowsInPlace(reference, arms),
    contextWeights: promptWeights(features, pairs, spec.quintile),
    preference: bradleyTerry(reward, arms, 0),
    comparisons: listedComparisons(
      Array.from({ length: pairs }, (_, c) => [[2 * c, 2 * c + 1]]),
      arms
    ),
    beta: spec.beta ?? 1,
    features
  })
}

export const lowRankPairsEnvironment = {
  id: "low-rank-pairs",
  title: "Pairs of varying similarity under shared low-rank features",
  schema: LowRankPairsOptions,
  make
} as const
