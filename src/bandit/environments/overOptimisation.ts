/**
 * Gold against proxy (Gao et al. 2022, arXiv 2210.10760; Rafailov et al. 2024, arXiv 2406.02900): 128 answers of gold reward
 * N(0, 1), a reference softmax of N(0, 1) logits, pairs drawn from the reference and labelled noisily, Bradley–Terry at
 * temperature 3. Meant for few sampled pairs (200): the loss goes on falling after the gold reward has turned down.
 *
 * `rewards.proxy` = gold + proxyNoise · N(0, 1) is what a learned reward model would say: for best-of-n and tilts by a proxy.
 * Optimum: π_ref exp(gold / beta). With `reference: zipf` (and contexts 32, arms 64) the peaked contextual bandit on which
 * entropy and mass of the likeliest answers are watched (Shi et al. 2024, arXiv 2410.11677).
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Arms, Contexts, NonNegative, Positive, referenceFields } from "./options.ts"
import { drawnPolicy, normals, uniform } from "./tables.ts"

/** Options, all but `kind` optional. The reference is "normal" unless given. */
export const OverOptimisationOptions = Schema.Struct({
  kind: Schema.Literal("over-optimisation"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 128." }),
  contexts: Schema.optionalKey(Contexts).annotateKey({ description: "Default 1." }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Of Bradley–Terry; 0 makes labels deterministic. Default 3."
  }),
  proxyNoise: Schema.optionalKey(NonNegative).annotateKey({
    description: "Standard deviation of what the proxy adds to the gold reward. Default 1."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})
export type OverOptimisationOptions = typeof OverOptimisationOptions.Type

const make = (spec: OverOptimisationOptions, rng: Rng): Environment => {
  const [contexts, arms] = [spec.contexts ?? 1, spec.arms ?? 128]
  const reward = normals(contexts * arms, 1, rng.split("rewards"))
  const noise = normals(contexts * arms, spec.proxyNoise ?? 1, rng.split("proxy"))
  const reference = drawnPolicy(
    spec.reference ?? "normal",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  return checkedEnvironment({
    id: "over-optimisation",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: bradleyTerry(reward, arms, spec.temperature ?? 3),
    comparisons: { kind: "product", first: reference, second: reference, identical: false },
    beta: spec.beta ?? 1,
    rewards: { proxy: reward.map((r, i) => r + noise[i]!) }
  })
}

export const overOptimisationEnvironment = {
  id: "over-optimisation",
  title: "Noisy labels of pairs from the reference, a gold and a proxy reward",
  schema: OverOptimisationOptions,
  make
} as const
