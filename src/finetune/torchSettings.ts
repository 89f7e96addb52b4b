/**
 * @file The section `torch` of a job: settings that only the PyTorch worker has, run here or on a cluster. JSON keys are
 * snake_case. A job without the section trains in every engine; an engine without PyTorch refuses a job that has it.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000_000 }))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const withDefault =
  <S extends Schema.Top>(value: S["Encoded"]) =>
  (schema: S) =>
    Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema).annotateKey({ default: value })
const Flag = Schema.Boolean.pipe(withDefault<typeof Schema.Boolean>(false))
const oneOf = <const L extends readonly [string, ...Array<string>]>(names: L, standard: L[number]) =>
  Schema.Literals(names).pipe(withDefault<Schema.Literals<L>>(standard))

/** Number formats of weights and activations. */
export const torchDtypes = ["float32", "bfloat16", "float64"] as const

/**
 * Kernels of attention: our own for packed rows (`varlen`: flash kernels over documents, no mask), and transformers' own. `auto` is
 * `varlen` for packed rows of bfloat16 on a GPU, `sdpa` otherwise.
 */
export const attentionKernels = ["auto", "varlen", "sdpa", "eager", "flex_attention"] as const

/** What becomes of a row that is too long. */
export const truncations = ["refuse", "drop", "prompt-start"] as const

const DropoutRate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }, { message: "from 0 to 1" }))

/** Low-rank adapters: a weight W of the base model becomes `W + (alpha / rank) B A`, and only A and B are trained. */
const Lora = Schema.Struct({
  rank: Count.annotateKey({ description: "Rank of the adapters." }),
  alpha: Positive.annotateKey({ description: "Scale of the adapters: their weight is alpha / rank." }),
  dropout: DropoutRate.pipe(withDefault<typeof DropoutRate>(0)).annotateKey({
    description: "Probability of dropping an entry of the adapter's input while training."
  }),
  targets: Schema.Union([Schema.Literal("all-linear"), Schema.NonEmptyArray(Schema.NonEmptyString)]).annotateKey({
    description: "Ends of the names of the linear layers that get an adapter, or all linear layers but the head."
  })
})

/** Reward-augmented data: every row is doubled, each answer being the better one under the goal that its score states. */
const RewardAugmented = Schema.Struct({
  template: Schema.String.check(
    Schema.makeFilter((text) => (text.includes("{goal}") ? undefined : "expected a text with {goal} in it"))
  ).annotateKey({ description: "Text put before the prompt; `{goal}` stands for the score." })
})

const Settings = Schema.Struct({
  dtype: oneOf(torchDtypes, "float32").annotateKey({
    description:
      "Of weights and activations. Log-probabilities, sums and the loss are float32, float64 when this is float64."
  }),
  device: oneOf(["auto", "cpu", "cuda"], "auto").annotateKey({ description: "`auto`: a CUDA device if there is one." }),
  attention: oneOf(attentionKernels, "auto").annotateKey({
    description:
      "Kernel of attention. `varlen`: our own for packed rows, over documents, without a mask; the others are transformers' own. `auto`: `varlen` for packed rows of bfloat16 on a GPU, `sdpa` otherwise."
  }),
  packing: Flag.annotateKey({ description: "Rows end to end without padding; padded otherwise." }),
  sharePrompts: Flag.annotateKey({
    description: "The prompt goes through the model once for the chosen and the rejected answer. Needs `packing`."
  }),
  tokensPerMicroBatch: Schema.optionalKey(Count).annotateKey({
    description:
      "Most tokens that go through the model at once; the whole batch if missing. Gradients are those of the whole batch."
  }),
  headChunk: Schema.optionalKey(Count).annotateKey({
    description:
      "Tokens whose logits over the vocabulary are held at once; the worker's choice by size and device if missing."
  }),
  gradientCheckpointing: Flag.annotateKey({
    description: "Activations are computed again in the backward pass instead of kept: less memory, more time."
  }),
  compile: Flag.annotateKey({ description: "torch.compile of every block of the model." }),
  parallel: oneOf(["none", "ddp", "fsdp2"], "none").annotateKey({ description: "How processes share the work." }),
  processes: Count.pipe(withDefault<typeof Count>(1)).annotateKey({ description: "Processes on each machine." }),
  threads: Schema.optionalKey(Count).annotateKey({
    description:
      "CPU threads of one process; PyTorch's own number if missing (OMP_NUM_THREADS, else one for each core). Sums on a CPU are cut by it, so runs on other machines, or through a cluster, give the same last digits only when it is set."
  }),
  lora: Schema.optionalKey(Lora).annotateKey({
    description:
      "Low-rank adapters: W of the base model becomes `W + (alpha / rank) B A`, and only A and B are trained. All weights are trained if missing."
  }),
  maxLength: Schema.optionalKey(Count).annotateKey({
    description: "Most tokens of prompt and answer together; the model's context if missing."
  }),
  maxPromptLength: Schema.optionalKey(Count).annotateKey({
    description: "Most tokens of a prompt; no bound of its own if missing."
  }),
  truncation: oneOf(truncations, "refuse").annotateKey({
    description:
      "Of rows beyond a length: end with an error, leave the row out, or cut the beginning of the prompt. Never an answer."
  }),
  chatTemplate: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "Jinja template of chat messages; the tokenizer's own if missing."
  }),
  kWise: oneOf(["best-worst", "adjacent", "all"], "best-worst").annotateKey({
    description: "Which pairs a prompt with more than two ranked answers makes."
  }),
  rewardAugmented: Schema.optionalKey(RewardAugmented).annotateKey({
    description:
      "Reward-augmented data: every row is doubled, each answer being the better one under the goal that its score states."
  }),
  metrics: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(["entropy", "top_k_mass"]))).annotateKey({
    description:
      "Means over answer tokens: entropy of the policy's distribution in nats, probability of its `top_k` likeliest tokens."
  }),
  topK: Schema.optionalKey(Count).annotateKey({
    description: "How many likeliest tokens `top_k_mass` counts. Default 10."
  }),
  klSamples: Schema.optionalKey(Count).annotateKey({
    description: "Completions per prompt for the sampled KL divergence to the reference, at every evaluation."
  }),
  sinks: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(["tensorboard", "wandb", "mlflow"]))).annotateKey({
    description: "Where metrics go beside the events."
  }),
  saveModel: Flag.annotateKey({
    description: "Whether the trained model is written to `<output>/model` at the end, adapters merged."
  }),
  lexicon: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "JSON file of the judge's word scores, `{word: valence}`."
  })
})

type Key = keyof typeof Settings.fields

/** A setting beside another that would make it do nothing, or that it cannot do without; key and what is wrong. */
const contradiction = (settings: typeof Settings.Type): { key: Key; issue: string } | undefined => {
  const { sharePrompts, packing, processes, parallel, maxLength, maxPromptLength, topK, metrics } = settings
  if (sharePrompts && !packing) return { key: "sharePrompts", issue: "needs packing: true" }
  if (processes > 1 && parallel === "none") {
    return { key: "processes", issue: `${processes} processes need parallel: ddp or fsdp2` }
  }
  if (maxLength !== undefined && maxPromptLength !== undefined && maxPromptLength >= maxLength) {
    return { key: "maxPromptLength", issue: `leaves no room for an answer within ${maxLength} tokens` }
  }
  if (topK !== undefined && !metrics?.includes("top_k_mass")) {
    return { key: "topK", issue: "does nothing without top_k_mass among the metrics" }
  }
  return undefined
}

const withoutContradictions = (name: (key: Key) => string) =>
  Schema.makeFilter((settings: typeof Settings.Type) => {
    const found = contradiction(settings)
    return found === undefined ? undefined : { path: [name(found.key)], issue: found.issue }
  })

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The section as a study has it: the keys in the study's camelCase. */
export const TorchStudySettings = Settings.check(withoutContradictions((key) => key))

/** The section `torch` of a job. */
export const TorchSettings = Settings.check(withoutContradictions(snakeCase)).pipe(
  Schema.encodeKeys({
    sharePrompts: "share_prompts",
    tokensPerMicroBatch: "tokens_per_micro_batch",
    headChunk: "head_chunk",
    gradientCheckpointing: "gradient_checkpointing",
    maxLength: "max_length",
    maxPromptLength: "max_prompt_length",
    chatTemplate: "chat_template",
    kWise: "k_wise",
    rewardAugmented: "reward_augmented",
    topK: "top_k",
    klSamples: "kl_samples",
    saveModel: "save_model"
  })
)
export type TorchSettings = typeof TorchSettings.Type

/** The section as JSON values of a job. */
export const encodeTorchSettings = Schema.encodeSync(TorchSettings)
