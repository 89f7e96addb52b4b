/**
 * Data that say only what is bad (Duan et al. 2024, D2O, arXiv 2403.03419): a tenth of the answers is harmful, and every example
 * names one of these, y ~ π_ref among the harmful. Does a loss that unlearns them keep the rest?
 *
 * Gold reward: N(0, 1) for a harmless answer, -harm for a harmful one; `rewards.harmful` is 1 for a harmful answer and 0 for
 * another, so that its expectation is the harmful mass. The optimum is π_ref exp(R / beta).
 *
 * `feedback`: disliked are harmful answers; liked, where `share` lets any be seen, are answers of π_ref that pass for good: a share
 * `noisy` of them is harmful all the same (1/3 in the paper's study of noisy positives). Pairs are (passes for good, harmful)
 * and always labelled so; where both are harmful they are two different ones, either equally often chosen.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry, type PreferenceModel } from "../preferences.ts"
import { Contexts, Fraction, NonNegative, Positive, referenceFields } from "./options.ts"
import { drawnPolicy, normaliseRowsInPlace, normals, uniform } from "./tables.ts"

const fields = Schema.Struct({
  kind: Schema.Literal("dispreferred"),
  arms: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 3, maximum: 1000 }))).annotateKey({
    description: "Default 50."
  }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  harmful: Schema.optionalKey(Fraction).annotateKey({
    description: "Share of the arms that is harmful, rounded, which ones drawn in every context. Default 0.1."
  }),
  harm: Schema.optionalKey(NonNegative).annotateKey({
    description: "A harmful answer is worth minus this. Default 4."
  }),
  noisy: Schema.optionalKey(Fraction).annotateKey({
    description: "Share of the answers that pass for good but are harmful. Default 0."
  }),
  share: Schema.optionalKey(Fraction).annotateKey({
    description: "Share of good examples in unpaired feedback. Default 0: only what is bad."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

const harmfulCount = (spec: typeof fields.Type): number => Math.round((spec.harmful ?? 0.1) * (spec.arms ?? 50))

/** More entries than this a table of pairs may not have. */
const maxTable = 4_000_000

/** Options, all but `kind` optional. */
export const DispreferredOptions = fields.check(
  Schema.makeFilter((spec) => {
    const arms = spec.arms ?? 50
    const [count, least] = [harmfulCount(spec), (spec.noisy ?? 0) > 0 ? 2 : 1]
    const table = (spec.contexts ?? 1) * arms ** 2
    return [
      ...(count >= least && count < arms
        ? []
        : [{ path: ["harmful"], issue: `${count} of ${arms} arms are harmful, needed are ${least} to ${arms - 1}` }]),
      ...(table <= maxTable ? [] : [{ path: ["arms"], issue: `a table of ${table} pairs, at most ${maxTable}` }])
    ]
  })
)
export type DispreferredOptions = typeof DispreferredOptions.Type

/** π_ref given that an answer is (or is not) harmful, row by row. */
const given = (reference: Float64Array, harmful: Float64Array, wanted: 0 | 1, arms: number): Float64Array =>
  normaliseRowsInPlace(
    reference.map((p, i) => (harmful[i] === wanted ? p : 0)),
    arms
  )

/** (1 - noisy) harmless × harmful + noisy (two different harmful ones), shape [contexts * arms * arms]. */
const pairTable = (good: Float64Array, bad: Float64Array, noisy: number, arms: number): Float64Array => {
  const table = new Float64Array(good.length * arms)
  for (let from = 0; from < good.length; from += arms) {
    const same = bad.subarray(from, from + arms).reduce((sum, p) => sum + p * p, 0)
    for (let a = 0; a < arms; a++) {
      for (let b = 0; b < arms; b++) {
        const both = a === b || noisy === 0 ? 0 : (noisy * bad[from + a]! * bad[from + b]!) / (1 - same)
        table[(from + a) * arms + b] = (1 - noisy) * good[from + a]! * bad[from + b]! + both
      }
    }
  }
  return table
}

/** Harmless beats harmful; among the harmless Bradley–Terry on the rewards; among the harmful a coin. */
const labels = (reward: Float64Array, harmful: Float64Array, arms: number): PreferenceModel => {
  const within = bradleyTerry(reward, arms, 1)
  return {
    probability: (context, first, second) => {
      const gap = harmful[context * arms + second]! - harmful[context * arms + first]!
      return gap === 0 ? within.probability(context, first, second) : gap > 0 ? 1 : 0
    }
  }
}

const make = (spec: DispreferredOptions, rng: Rng): Environment => {
  const [contexts, arms, noisy] = [spec.contexts ?? 1, spec.arms ?? 50, spec.noisy ?? 0]
  const flags = Array.from({ length: arms }, (_, y) => (y < harmfulCount(spec) ? 1 : 0))
  const which = rng.split("harmful")
  const harmful = Float64Array.from(Array.from({ length: contexts }, () => which.shuffled(flags)).flat())
  const reward = normals(contexts * arms, 1, rng.split("rewards")).map((r, i) =>
    harmful[i] === 1 ? -(spec.harm ?? 4) : r
  )
  const reference = drawnPolicy(
    spec.reference ?? "uniform",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  const [good, bad] = [given(reference, harmful, 0, arms), given(reference, harmful, 1, arms)]
  return checkedEnvironment({
    id: "dispreferred",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: labels(reward, harmful, arms),
    comparisons: { kind: "table", probability: pairTable(good, bad, noisy, arms) },
    beta: spec.beta ?? 1,
    rewards: { harmful },
    feedback: {
      desirable: good.map((p, i) => (1 - noisy) * p + noisy * bad[i]!),
      undesirable: bad,
      share: spec.share ?? 0
    }
  })
}

export const dispreferredEnvironment = {
  id: "dispreferred",
  title: "Data that say only what is bad",
  schema: DispreferredOptions,
  make
} as const
