import * as Result from "effect/Result"
import { describe, expect, it } from "vitest"
import { decodeJob, encodeJob, jobHash, type TrainingJob } from "../../src/finetune/job.ts"
import { runTfjsJob } from "../../src/finetune/tfjs/train.ts"
import { tinyJob } from "./tiny.ts"

const withTorch = (torch: unknown): Result.Result<TrainingJob, { readonly message: string }> =>
  decodeJob({ ...(encodeJob(tinyJob("/model")) as object), torch })

const refusal = (torch: unknown): string => {
  const job = withTorch(torch)
  return Result.isFailure(job) ? job.failure.message : ""
}

const everything = {
  ...{ dtype: "bfloat16", device: "cuda", attention: "flex_attention", packing: true, share_prompts: true },
  ...{ tokens_per_micro_batch: 4096, head_chunk: 512, gradient_checkpointing: true, compile: true },
  ...{ parallel: "fsdp2", processes: 8, threads: 2, lora: { rank: 8, alpha: 16, dropout: 0.05, targets: ["q_proj"] } },
  ...{ max_length: 2048, max_prompt_length: 1024, truncation: "prompt-start", chat_template: "{{ messages }}" },
  ...{ k_wise: "all", reward_augmented: { template: "{goal} " }, metrics: ["entropy", "top_k_mass"], top_k: 5 },
  ...{ kl_samples: 4, sinks: ["tensorboard"], save_model: true, lexicon: "words.json" }
}

describe("the section torch of a job", () => {
  it("is read from snake_case and written back as it was", () => {
    const job = Result.getOrThrow(withTorch(everything))
    expect(job.torch).toMatchObject({ sharePrompts: true, kWise: "all", saveModel: true, lora: { dropout: 0.05 } })
    expect(encodeJob(job).torch).toEqual(everything)
  })

  it("has a default for everything that has to be known", () => {
    expect(encodeJob(Result.getOrThrow(withTorch({}))).torch).toEqual({
      ...{ dtype: "float32", device: "auto", attention: "auto", packing: false, share_prompts: false },
      ...{ gradient_checkpointing: false, compile: false, parallel: "none", processes: 1 },
      ...{ truncation: "refuse", k_wise: "best-worst", save_model: false }
    })
    const lora = { rank: 4, alpha: 8, targets: "all-linear" }
    expect(Result.getOrThrow(withTorch({ lora })).torch?.lora).toEqual({ ...lora, dropout: 0 })
  })

  it.each([
    [{ dtype: "float16" }, "dtype"],
    [{ packed: true }, "packed"],
    [{ lora: { rank: 0, alpha: 8, targets: "all-linear" } }, "rank"],
    [{ lora: { rank: 4, alpha: 8, targets: [] } }, "targets"],
    [{ lora: { rank: 4, alpha: 8, dropout: 2, targets: "all-linear" } }, "from 0 to 1"],
    [{ reward_augmented: { template: "goal" } }, "expected a text with {goal} in it"],
    [{ share_prompts: true }, 'needs packing: true\n  at ["torch"]["share_prompts"]'],
    [{ processes: 2 }, "2 processes need parallel: ddp or fsdp2"],
    [{ max_length: 64, max_prompt_length: 64 }, "leaves no room for an answer within 64 tokens"],
    [{ top_k: 5, metrics: ["entropy"] }, "does nothing without top_k_mass"]
  ])("refuses %j, naming the key", (torch, message) => {
    expect(refusal(torch)).toContain(message)
  })

  it("leaves the names of jobs without it as they were, and is part of the name of jobs with it", () => {
    const job = tinyJob("/model")
    expect(jobHash(job, ["a"])).toBe("173e80406490dad2fc0380f4")
    const named = (torch: unknown) => jobHash(Result.getOrThrow(withTorch(torch)), ["a"])
    expect(named({})).not.toBe(jobHash(job, ["a"]))
    expect(named({ packing: true })).not.toBe(named({}))
  })

  it("is refused by the embedded engine", async () => {
    const events = []
    for await (const event of runTfjsJob(Result.getOrThrow(withTorch({})))) events.push(event)
    expect(events).toMatchObject([{ event: "failed", reason: "invalid-input", step: 0 }])
    expect(events[0]).toMatchObject({ message: expect.stringContaining('"torch" holds settings of the engine torch') })
  })
})
