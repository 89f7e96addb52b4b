/**
 * Thumbs up and thumbs down that come from different prompts (Jung et al. 2024, BCO, arXiv 2404.04656): the first half of the
 * contexts is easy, its answers `shift` better than N(0, 1), the other half hard, `shift` worse. A user sees one answer y ~ π_ref
 * in a context drawn evenly and likes it with probability σ(R(x, y) / temperature). So the liked answers are mostly those to easy
 * prompts, the more the larger the shift: a loss that learns "likely answers to easy prompts are good" has learnt nothing.
 *
 * `feedback` holds what follows by Bayes' rule: which answers are liked in a context, which contexts the liked and the disliked
 * ones come from, and their share. Pairs, for losses of pairs: y, y' ~ π_ref, labelled by Bradley–Terry at the same temperature.
 * Gold reward: R. The optimum π_ref exp(R / beta) does not depend on the shift, which is the same for all answers of a context.
 */
import * as Schema from "effect/Schema"
import type { Rng } from "../../random/rng.ts"
import { checkedEnvironment, type Environment, type Feedback } from "../environment.ts"
import { bradleyTerry, sigmoid } from "../preferences.ts"
import { splitJoint } from "./feedback.ts"
import { Arms, NonNegative, Positive, referenceFields } from "./options.ts"
import { drawnPolicy, normals, uniform } from "./tables.ts"

const fields = Schema.Struct({
  kind: Schema.Literal("shifted-labels"),
  arms: Schema.optionalKey(Arms).annotateKey({ description: "Default 8." }),
  prompts: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 }))).annotateKey({
    description: "Prompts of each sort, so that there are twice as many contexts. Default 4."
  }),
  shift: Schema.optionalKey(NonNegative).annotateKey({
    description: "How much better than 0 the answers to easy prompts are, and worse those to hard ones. Default 2."
  }),
  temperature: Schema.optionalKey(Positive).annotateKey({ description: "Default 1." }),
  ...referenceFields,
  beta: Schema.optionalKey(Positive).annotateKey({ description: "Weight of the KL term in J. Default 1." })
})

/** Options, all but `kind` optional. */
export const ShiftedLabelsOptions = fields.check(
  Schema.makeFilter(({ shift = 2, temperature = 1 }) =>
    // Beyond, the probability of an unlikely label is no number above 0 any more; |N(0, 1)| stays below 9.
    (shift + 9) / temperature <= 700
      ? undefined
      : { path: ["shift"], issue: `(shift + 9) / temperature must be at most 700, found ${(shift + 9) / temperature}` }
  )
)
export type ShiftedLabelsOptions = typeof ShiftedLabelsOptions.Type

const feedbackOf = (reference: Float64Array, reward: Float64Array, contexts: number, temperature: number): Feedback => {
  const joint = (sign: 1 | -1) => reference.map((p, i) => (p / contexts) * sigmoid((sign * reward[i]!) / temperature))
  const arms = reference.length / contexts
  const [liked, disliked] = [splitJoint(joint(1), arms), splitJoint(joint(-1), arms)]
  return {
    desirable: liked.answers,
    undesirable: disliked.answers,
    share: liked.total / (liked.total + disliked.total),
    desirableContexts: liked.contexts,
    undesirableContexts: disliked.contexts
  }
}

const make = (spec: ShiftedLabelsOptions, rng: Rng): Environment => {
  const [prompts, arms, shift] = [spec.prompts ?? 4, spec.arms ?? 8, spec.shift ?? 2]
  const contexts = 2 * prompts
  const temperature = spec.temperature ?? 1
  const reward = normals(contexts * arms, 1, rng.split("rewards")).map(
    (r, i) => r + (i < prompts * arms ? shift : -shift)
  )
  const reference = drawnPolicy(
    spec.reference ?? "uniform",
    contexts,
    arms,
    spec.referenceScale ?? 1,
    rng.split("reference")
  )
  return checkedEnvironment({
    id: "shifted-labels",
    contexts,
    arms,
    reward,
    reference,
    contextWeights: uniform(1, contexts),
    preference: bradleyTerry(reward, arms, temperature),
    comparisons: { kind: "product", first: reference, second: reference, identical: false },
    beta: spec.beta ?? 1,
    feedback: feedbackOf(reference, reward, contexts, temperature)
  })
}

export const shiftedLabelsEnvironment = {
  id: "shifted-labels",
  title: "Thumbs up and thumbs down from different prompts",
  schema: ShiftedLabelsOptions,
  make
} as const
