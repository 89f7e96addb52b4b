/**
 * Prompts of several domains whose data arrive one domain after the other (`domains` numbers them in that order): for losses that
 * learn continually (Qi et al. 2024, OFS-DPO, arXiv 2406.05534) and for what an implicit reward says of prompts unlike those
 * it was trained on (Lin et al. 2024, arXiv 2409.03650).
 *
 * A prompt has a vector h(x), an answer a vector W_y ~ N(0, I), and the gold reward is ⟨W_y, h(x)⟩. With u, u_d and e(x) of entries
 * N(0, 1/dimension),
 *
 *   h(x) = √(1 - spread²) (√similarity u + √(1 - similarity) u_d) + spread e(x),
 *
 * so rewards are about N(0, 1), correlated 1 - spread² within a domain and (1 - spread²) similarity between two. `features` has
 * the h(x), and W = 0 to start with: a linear policy with h fixed can be the optimum π_ref exp(R / beta), at W / beta.
 *
 * With `heldOut` the last domain has weight 0: no pair comes from it, averages leave it out, but its comparisons are there to be
 * looked at. Pairs are uniform, labels Bradley–Terry.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment } from "../environment.ts"
import { bradleyTerry } from "../preferences.ts"
import { Arms, Fraction, NonNegative, Positive, referenceFields } from "./options.ts"
import { drawnPolicy, normals, uniform } from "./tables.ts"

/** Options, all but `kind` optional. */
export const DomainsOptions = Schema.Struct({
  kind: Schema.Literal("domains"),
  domains: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 50 }))).annotateKey({
    description: "Number of domains. Default 3."
  }),
  prompts: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))).annotateKey({
    description: "Contexts of each domain. Default 4."
  }),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 8." }),
  dimension: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))).annotateKey({
    description: "Length of the vectors. Default 4."
  }),
  similarity: Schema.optionalKey(Fraction).annotateKey({
    description: "How much domains have in common, 0 (nothing) to 1 (all). Default 0.5."
  }),
  spread: Schema.optionalKey(Fraction).annotateKey({
    description: "How much prompts of one domain differ, 0 (not at all) to 1. Default 0.5."
  }),
  heldOut: Schema.optionalKey(Schema.Boolean).annotateKey({
    description: "Whether no data come from the last domain. Default false."
  }),
  temperature: Schema.optionalKey(NonNegative).annotateKey({
    description: "Of Bradley–Terry; 0 makes labels deterministic. Default 1."
  }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})
export type DomainsOptions = typeof DomainsOptions.Type

/** Vectors of the prompts, shape [domains * prompts * dimension]. */
const promptVectors = (spec: DomainsOptions, domains: number, prompts: number, d: number, rng: Rng): Float64Array => {
  const [similarity, spread] = [spec.similarity ?? 0.5, spec.spread ?? 0.5]
  const scale = 1 / Math.sqrt(d)
  const common = normals(d, scale, rng.split("common"))
  const own = normals(domains * d, scale, rng.split("domains"))
  const rest = normals(domains * prompts * d, scale, rng.split("prompts"))
  return rest.map((e, i) => {
    const domain = Math.floor(i / (prompts * d))
    const mean = Math.sqrt(similarity) * common[i % d]! + Math.sqrt(1 - similarity) * own[domain * d + (i % d)]!
    return Math.sqrt(1 - spread ** 2) * mean + spread * e
  })
}

const make = (spec: DomainsOptions, rng: Rng): Environment => {
  const [count, prompts, arms, d] = [spec.domains ?? 3, spec.prompts ?? 4, spec.arms ?? 8, spec.dimension ?? 4]
  const contexts = count * prompts
  const hidden = promptVectors(spec, count, prompts, d, rng.split("vectors"))
  const answers = normals(arms * d, 1, rng.split("answers"))
  const reward = new Float64Array(contexts * arms)
  for (let i = 0; i < reward.length; i++) {
    for (let k = 0; k < d; k++) reward[i]! += answers[(i % arms) * d + k]! * hidden[Math.floor(i / arms) * d + k]!
  }
  const seen = spec.heldOut === true ? contexts - prompts : contexts
  const reference = drawnPolicy(
    spec.reference ?? "uniform",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  const behaviour = uniform(contexts, arms)
  return checkedEnvironment({
    id: "domains",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: Float64Array.from({ length: contexts }, (_, c) => (c < seen ? 1 / seen : 0)),
    preference: bradleyTerry(reward, arms, spec.temperature ?? 1),
    comparisons: { kind: "product", first: behaviour, second: behaviour, identical: false },
    beta: spec.beta ?? 1,
    features: { dimension: d, weights: new Float64Array(arms * d), hidden },
    domains: Int32Array.from({ length: contexts }, (_, c) => Math.floor(c / prompts))
  })
}

export const domainsEnvironment = {
  id: "domains",
  title: "Prompts of several domains, whose data arrive in turn",
  schema: DomainsOptions,
  make
} as const
