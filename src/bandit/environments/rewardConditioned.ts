/**
 * Answers to a prompt and a wanted quality (Zhang et al. 2024, "Reward-Augmented Data Enhances Direct Preference Alignment",
 * arXiv 2410.08067). A context is (prompt x, goal g); every answer has a quality q(x, y) in 1..levels, and `rewards.quality` holds
 * it. Gold reward: -(q - g)². Optimum: π_ref exp(-(q - g)² / beta).
 *
 * Data are pairs y, y' ~ π_ref of different quality, each relabelled: once with the goal of its first answer and once with that of
 * its second, and the answer that meets the goal is chosen. So context (x, g) occurs as often as an answer of quality g is
 * in such a pair to x, both answers are chosen once, and the worse one is no longer only pushed down.
 *
 * `features` has h(x, g) = (e_x, g e_x), e_x the one-hot prompt, with W = 0 to start with: a linear policy with h fixed can be the
 * optimum, whose logits -(q - g)² / beta are linear in g but for a constant of the context.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment, type Features } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Positive, referenceFields } from "./options.ts"
import { drawnPolicy } from "./tables.ts"

const fields = Schema.Struct({
  kind: Schema.Literal("reward-conditioned"),
  prompts: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))).annotateKey({
    description: "Default 3."
  }),
  levels: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 20 }))).annotateKey({
    description: "Qualities 1, 2, …, levels, each had by an answer to every prompt. Default 4."
  }),
  arms: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 60 }))).annotateKey({
    description: "At least as many as levels. Default 8, or `levels` where that is more."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

const sizeOf = (spec: typeof fields.Type) => {
  const levels = spec.levels ?? 4
  return { prompts: spec.prompts ?? 3, levels, arms: spec.arms ?? Math.max(8, levels) }
}

/** Options, all but `kind` optional. */
export const RewardConditionedOptions = fields.check(
  Schema.makeFilter((spec) => {
    const { levels, arms } = sizeOf(spec)
    return arms >= levels
      ? undefined
      : { path: ["arms"], issue: `${arms} arms cannot have ${levels} qualities, each at least once` }
  })
)
export type RewardConditionedOptions = typeof RewardConditionedOptions.Type

/** q [prompts * arms]: every level once, the rest drawn, in drawn order. */
const qualities = (prompts: number, levels: number, arms: number, rng: Rng): Float64Array => {
  const rows = Array.from({ length: prompts }, () =>
    rng.shuffled(Array.from({ length: arms }, (_, y) => 1 + (y < levels ? y : rng.int(levels))))
  )
  return Float64Array.from(rows.flat())
}

/**
 * Relabelled pairs of one prompt by goal: [levels * arms * arms], summing to 1 over everything.
 * @param quality, reference rows of this prompt
 */
const relabelled = (quality: Float64Array, reference: Float64Array, levels: number): Float64Array => {
  const arms = quality.length
  const table = new Float64Array(levels * arms * arms)
  let total = 0
  for (let y = 0; y < arms; y++) {
    for (let other = 0; other < arms; other++) {
      if (quality[y] === quality[other]) continue
      const p = reference[y]! * reference[other]!
      for (const goal of [quality[y]!, quality[other]!]) {
        table[((goal - 1) * arms + y) * arms + other]! += p
        total += p
      }
    }
  }
  return table.map((p) => p / total)
}

const featuresOf = (prompts: number, levels: number, arms: number): Features => {
  const dimension = 2 * prompts
  const hidden = new Float64Array(prompts * levels * dimension)
  for (let c = 0; c < prompts * levels; c++) {
    const x = Math.floor(c / levels)
    hidden[c * dimension + x] = 1
    hidden[c * dimension + prompts + x] = 1 + (c % levels)
  }
  return { dimension, weights: new Float64Array(arms * dimension), hidden }
}

const make = (spec: RewardConditionedOptions, rng: Rng): Environment => {
  const { prompts, levels, arms } = sizeOf(spec)
  const contexts = prompts * levels
  const byPrompt = qualities(prompts, levels, arms, rng.split("qualities"))
  const policy = drawnPolicy(
    spec.reference ?? "uniform",
    prompts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  // The tables of a prompt serve all its goals.
  const ofPrompt = (table: Float64Array, c: number) => {
    const x = Math.floor(c / levels)
    return table.subarray(x * arms, (x + 1) * arms)
  }
  const overGoals = (table: Float64Array) =>
    Float64Array.from({ length: contexts * arms }, (_, i) => ofPrompt(table, Math.floor(i / arms))[i % arms]!)
  const [quality, reference] = [overGoals(byPrompt), overGoals(policy)]
  const reward = quality.map((q, i) => -((q - 1 - (Math.floor(i / arms) % levels)) ** 2))
  const probability = new Float64Array(contexts * arms * arms)
  const contextWeights = new Float64Array(contexts)
  for (let x = 0; x < prompts; x++) {
    const pairs = relabelled(ofPrompt(byPrompt, x * levels), ofPrompt(policy, x * levels), levels)
    for (let g = 0; g < levels; g++) {
      const own = pairs.subarray(g * arms * arms, (g + 1) * arms * arms)
      const share = own.reduce((sum, p) => sum + p, 0)
      contextWeights[x * levels + g] = share / prompts
      probability.set(
        own.map((p) => p / share),
        (x * levels + g) * arms * arms
      )
    }
  }
  return checkedEnvironment({
    id: "reward-conditioned",
    contexts,
    arms,
    reward,
    reference,
    contextWeights,
    preference: bradleyTerry(reward, arms, 0),
    comparisons: { kind: "table", probability },
    beta: spec.beta ?? 1,
    rewards: { quality },
    features: featuresOf(prompts, levels, arms)
  })
}

export const rewardConditionedEnvironment = {
  id: "reward-conditioned",
  title: "Answers to a prompt and a wanted quality, pairs relabelled by their own",
  schema: RewardConditionedOptions,
  make
} as const
