/**
 * @file The section `torch` of a job: settings that only the PyTorch worker has, run here or on a cluster. JSON keys are
 * snake_case. A job without the section trains in every engine; an engine without PyTorch refuses a job that has it.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000_000 }))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const withDefault = <S extends Schema.Top>(value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))
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
  rank: Count,
  alpha: Positive,
  /** Probability of dropping an entry of the adapter's input while training. */
  dropout: DropoutRate.pipe(withDefault<typeof DropoutRate>(0)),
  /** Ends of the names of the linear layers that get an adapter, or all linear layers but the head. */
  targets: Schema.Union([Schema.Literal("all-linear"), Schema.NonEmptyArray(Schema.NonEmptyString)])
})

/** Reward-augmented data: every row is doubled, each answer being the better one under the goal that its score states. */
const RewardAugmented = Schema.Struct({
  /** Text put before the prompt; `{goal}` stands for the score. */
  template: Schema.String.check(
    Schema.makeFilter((text) => (text.includes("{goal}") ? undefined : "expected a text with {goal} in it"))
  )
})

const Settings = Schema.Struct({
  /** Of weights and activations. Log-probabilities, sums and the loss are float32, float64 when this is float64. */
  dtype: oneOf(torchDtypes, "float32"),
  /** `auto`: a CUDA device if there is one. */
  device: oneOf(["auto", "cpu", "cuda"], "auto"),
  attention: oneOf(attentionKernels, "auto"),
  /** Rows end to end without padding; padded otherwise. */
  packing: Flag,
  /** The prompt goes through the model once for the chosen and the rejected answer. Needs `packing`. */
  sharePrompts: Flag,
  /** Most tokens that go through the model at once; the whole batch if missing. Gradients are those of the whole batch. */
  tokensPerMicroBatch: Schema.optionalKey(Count),
  /** Tokens whose logits over the vocabulary are held at once; the worker's choice by size and device if missing. */
  headChunk: Schema.optionalKey(Count),
  gradientCheckpointing: Flag,
  /** torch.compile of every block of the model. */
  compile: Flag,
  /** How processes share the work. */
  parallel: oneOf(["none", "ddp", "fsdp2"], "none"),
  /** Processes on each machine. */
  processes: Count.pipe(withDefault<typeof Count>(1)),
  /**
   * CPU threads of one process; PyTorch's own number if missing (OMP_NUM_THREADS, else one for each core). Sums on a CPU are cut
   * by it, so runs on other machines, or through a cluster, give the same last digits only when it is set.
   */
  threads: Schema.optionalKey(Count),
  /** All weights are trained if missing. */
  lora: Schema.optionalKey(Lora),
  /** Most tokens of prompt and answer together; the model's context if missing. */
  maxLength: Schema.optionalKey(Count),
  maxPromptLength: Schema.optionalKey(Count),
  /** Of rows beyond a length: end with an error, leave the row out, or cut the beginning of the prompt. Never an answer. */
  truncation: oneOf(truncations, "refuse"),
  /** Jinja template of chat messages; the tokenizer's own if missing. */
  chatTemplate: Schema.optionalKey(Schema.NonEmptyString),
  /** Which pairs a prompt with more than two ranked answers makes. */
  kWise: oneOf(["best-worst", "adjacent", "all"], "best-worst"),
  rewardAugmented: Schema.optionalKey(RewardAugmented),
  /** Means over answer tokens: entropy of the policy's distribution in nats, probability of its `top_k` likeliest tokens. */
  metrics: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(["entropy", "top_k_mass"]))),
  /** Default 10. */
  topK: Schema.optionalKey(Count),
  /** Completions per prompt for the sampled KL divergence to the reference, at every evaluation. */
  klSamples: Schema.optionalKey(Count),
  /** Where metrics go beside the events. */
  sinks: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(["tensorboard", "wandb", "mlflow"]))),
  /** Whether the trained model is written to `<output>/model` at the end, adapters merged. */
  saveModel: Flag,
  /** JSON file of the judge's word scores, `{word: valence}`. */
  lexicon: Schema.optionalKey(Schema.NonEmptyString)
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
