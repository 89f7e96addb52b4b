/**
 * A model small enough for tests (4,000 parameters) that still writes words: pretrained in a second on made-up sentences.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import type { PreferencePair } from "../../src/finetune/data.ts"
import { decodeJob, type TrainingJob } from "../../src/finetune/job.ts"
import { writeModelFolder } from "../../src/finetune/modelFolder.ts"
import { type Backend, startBackend } from "../../src/finetune/tfjs/backend.ts"
import { disposeParameters, downloadParameters, type ModelConfig } from "../../src/finetune/tfjs/model.ts"
import { pretrain, sentenceRow } from "../../src/finetune/tfjs/pretrain.ts"
import { makeTokenizer, trainTokenizer } from "../../src/finetune/tfjs/tokenizer.ts"
import { encodeProgram } from "../../src/loss/codec.ts"
import { parseKnownExpression } from "../../src/loss/expression.ts"
import { programFromExpression } from "../../src/loss/fromExpression.ts"
import { Rng } from "../../src/random/rng.ts"

const subjects = ["we", "they", "the people", "our friends", "the children", "all nations"]
const verbs = ["love", "hate", "want", "fear", "see", "find"]
const objects = ["great peace", "bad war", "good trade", "terrible loss", "a happy home", "an evil law", "the road"]

/** 252 sentences over few words, many of them in AFINN-165. */
export const sentences: ReadonlyArray<string> = subjects.flatMap((s) =>
  verbs.flatMap((v) => objects.map((o) => `${s} ${v} ${o}.`))
)

export const tinyConfig: ModelConfig = { vocabulary: 96, context: 24, width: 16, layers: 2, heads: 2 }

export const tinyTokenizer = makeTokenizer(trainTokenizer(sentences, tinyConfig.vocabulary))

/** The wasm backend of this test file's thread. */
export const wasmBackend = async (): Promise<Backend> => Result.getOrThrow(await startBackend("tfjs-wasm"))

/** A folder that is removed at the end of a test file. */
export const temporaryFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), "losslattice-finetune-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Pretrains the tiny model and writes it to a folder. Different seeds give different weights. */
export const writeTinyModel = (backend: Backend, folder: string, seed = 1, steps = 120): void => {
  const rows = sentences.map((sentence) => sentenceRow(tinyTokenizer, sentence, tinyConfig.context))
  const settings = { config: tinyConfig, steps, sentencesPerStep: 16, learningRate: 1e-2, warmup: 10, weightDecay: 0 }
  const parameters = pretrain(backend, rows, settings, Rng.fromSeed(seed), () => undefined)
  writeModelFolder(folder, {
    config: tinyConfig,
    tokenizer: tinyTokenizer.data,
    arrays: downloadParameters(parameters)
  })
  disposeParameters(parameters)
}

/** Pairs that prefer kind sentences; scores are the difference made explicit. */
export const tinyPairs: ReadonlyArray<PreferencePair> = subjects.flatMap((subject, i) =>
  objects.slice(0, 6).map((object, j) => ({
    prompt: subject,
    chosen: ` love ${object}.`,
    rejected: j % 2 === 0 ? ` hate ${object}.` : ` fear ${objects[(i + j) % 6]}`,
    chosenComplete: true,
    rejectedComplete: j % 2 === 0,
    scoreChosen: 0.6,
    scoreRejected: -0.4 + 0.1 * (i % 3)
  }))
)

/** The program of a loss expression over lw, ll, rw, rl, nw, nl, s_w, s_l. */
export const programOfExpression = (expression: string, params: Readonly<Record<string, number>> = {}) =>
  programFromExpression(parseKnownExpression(expression), params, ["lw", "ll"])

export const DPO = "-logsigmoid(beta*((lw - rw) - (ll - rl)))"

type JobInput = Record<string, unknown>

/** A job on the tiny model; `changes` replaces top-level JSON keys. */
export const tinyJob = (model: string, changes: JobInput = {}, expression = DPO, beta = 0.5): TrainingJob => {
  const job = {
    version: 1,
    id: "tiny/dpo",
    loss: {
      spec: "dpo?beta=0.5",
      program: encodeProgram(programOfExpression(expression, { beta })),
      reward_scale: beta
    },
    model,
    data: {
      pairs: tinyPairsJson.slice(0, 24),
      held_out_pairs: tinyPairsJson.slice(24),
      prompts: ["we", "they", "the people"]
    },
    steps: 12,
    batch_size: 6,
    learning_rate: 5e-3,
    seed: 7,
    evaluation: { every: 6, max_tokens: 8, samples_per_prompt: 2 },
    ...changes
  }
  return Result.getOrThrow(decodeJob(job))
}

/** {@link tinyPairs} as JSON values. */
export const tinyPairsJson = tinyPairs.map((pair) => ({
  prompt: pair.prompt,
  chosen: pair.chosen,
  rejected: pair.rejected,
  chosen_complete: pair.chosenComplete,
  rejected_complete: pair.rejectedComplete,
  score_chosen: pair.scoreChosen,
  score_rejected: pair.scoreRejected
}))
