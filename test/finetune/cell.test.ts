import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { writeFileAtomic } from "../../src/finetune/atomicFile.ts"
import { runFinetuneCell } from "../../src/finetune/cell.ts"
import { pairsToJsonLines, readPairs } from "../../src/finetune/data.ts"
import { runSentimentCell } from "../../src/finetune/dataCell.ts"
import type { TrainEvent } from "../../src/finetune/events.ts"
import { readModelFolder } from "../../src/finetune/modelFolder.ts"
import { referenceModelFolder, referencePrompts } from "../../src/finetune/referenceModels.ts"
import { goldReward } from "../../src/finetune/sentiment.ts"
import { EngineError, JobFailed, TrainingEngine } from "../../src/finetune/TrainingEngine.ts"
import { parameterCount } from "../../src/finetune/tfjs/model.ts"
import { temporaryFolder, tinyPairs, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
const modelDir = join(folder.path, "model")
const pairsFile = join(folder.path, "pairs.jsonl")
const heldOutFile = join(folder.path, "heldout.jsonl")
const promptsFile = join(folder.path, "prompts.json")
beforeAll(async () => {
  writeTinyModel(await wasmBackend(), modelDir)
  writeFileAtomic(pairsFile, pairsToJsonLines(tinyPairs.slice(0, 24)))
  writeFileAtomic(heldOutFile, pairsToJsonLines(tinyPairs.slice(24)))
  writeFileAtomic(promptsFile, JSON.stringify(["we", "they"]))
})
afterAll(() => folder.remove())

const spec = (changes: object = {}) => ({
  ...{ loss: "dpo", seed: 3, steps: 4, batchSize: 6, learningRate: 1e-3, evalEvery: 2, maxTokens: 8 },
  ...{ modelDir, pairsFile, heldOutFile, promptsFile },
  ...changes
})

describe("a finetuning cell", () => {
  it("gives tidy rows of updates and evaluations, the same on a worker thread", async () => {
    const fractions: Array<number> = []
    const { rows, samples, rewards, failure } = await runFinetuneCell(spec(), (fraction) => fractions.push(fraction))
    expect(failure).toBeUndefined()
    expect(rows.map(({ kind, step }) => `${kind} ${step}`)).toEqual([
      ...["evaluation 0", "step 1", "step 2", "evaluation 2", "step 3", "step 4", "evaluation 4"]
    ])
    for (const row of rows) {
      expect(row).toMatchObject({ loss: "dpo", seed: 3 })
      expect(row).toHaveProperty(["rewards/margins"])
      expect(row).toHaveProperty([row.kind === "step" ? "loss/train" : "loss/heldout"])
    }
    for (const name of ["kl", "gold/reward", "logps/chosen"]) expect(rows[0]).toHaveProperty([name])
    expect(samples.every(({ completion, reward }) => reward === goldReward(completion))).toBe(true)
    expect(rewards).toHaveLength(2)
    expect(rewards.slice(0, samples.length)).toEqual(samples.map(({ reward }) => reward))
    expect(fractions.at(-1)).toBe(1)
    const elsewhere = await new Promise((resolve, reject) => {
      const code = `const { parentPort, workerData } = require("node:worker_threads")
        import(workerData.module)
          .then(({ runFinetuneCell }) => runFinetuneCell(workerData.spec))
          .then((result) => parentPort.postMessage(result))`
      const module = new URL("../../src/finetune/cell.ts", import.meta.url).href
      const worker = new Worker(code, { eval: true, workerData: { module, spec: spec() } })
      worker.once("message", resolve)
      worker.once("error", reject)
    })
    expect(elsewhere).toEqual({ rows, samples, rewards })
  }, 60_000)

  it.each([
    "copg?beta=0.2",
    "rows:TF,TT/FT,TT?semantics=relative",
    "simpo",
    "expr:-lw/nw+ll/nl",
    "ccpo?lengthNormalised=true"
  ])("trains with %s", async (loss) => {
    const { rows } = await runFinetuneCell(spec({ loss, steps: 2, ceWeight: 0.01 }))
    expect(rows.filter(({ kind }) => kind === "step")).toHaveLength(2)
  })

  it("asks whatever engine it is given", async () => {
    const events: ReadonlyArray<TrainEvent> = [
      { version: 1, job: "j", event: "step", step: 4, metrics: { loss: 0.5 } },
      { version: 1, job: "j", event: "finished", step: 4 }
    ]
    const { rows } = await runFinetuneCell(spec(), undefined, TrainingEngine.layerTest(events))
    expect(rows).toEqual([{ "loss/train": 0.5, loss: "dpo", seed: 3, step: 4, kind: "step" }])
  })

  it("an engine that breaks is no result", async () => {
    const reason = new JobFailed({ message: "no such kernel" })
    const broken = Layer.succeed(
      TrainingEngine,
      TrainingEngine.of({ train: () => Stream.fail(new EngineError({ engine: "e", reason })) })
    )
    await expect(runFinetuneCell(spec(), undefined, broken)).rejects.toThrow("engine e: no such kernel")
  })

  it("records a loss that stops being finite, with its rows so far", async () => {
    const loss = "expr:-log(0.2-((lw-rw)-(ll-rl)))"
    const { rows, failure } = await runFinetuneCell(spec({ loss, steps: 12, learningRate: 0.05 }))
    expect(failure).toMatchObject({ reason: "non-finite-loss" })
    expect(rows.filter(({ kind }) => kind === "step")).toHaveLength(failure!.step - 1)
  })

  it.each([
    [{ loss: "dop" }, "dop"],
    [{ loss: "kto" }, "cannot be finetuned: it needs inputs that are not there: kl"],
    [{ steps: 0 }, "steps"],
    [{ stepz: 3 }, "stepz"],
    [{ pairsFile: "/nowhere.jsonl" }, "/nowhere.jsonl, the file cannot be read"],
    [{ promptsFile: "/nowhere.json" }, "/nowhere.json: no JSON array"],
    [{ learningRate: -1 }, "learning_rate"],
    [{ engine: "tfjs-gpu" }, "engine tfjs-gpu is not available"]
  ])("refuses %j", async (changes, message) => {
    await expect(runFinetuneCell(spec(changes))).rejects.toThrow(message)
  })
})

describe("a sentiment cell", () => {
  const cell = (changes: object = {}) => ({
    ...{ modelDir: referenceModelFolder("sotu-0.2m"), outDir: join(folder.path, "data"), seed: 1 },
    ...{ trainingPrompts: 30, heldOutPrompts: 12, evaluationPrompts: 5, completionsPerPrompt: 2, maxTokens: 24 },
    ...changes
  })

  it("writes training and held-out pairs of disjoint prompts from the reference model", async () => {
    const { training, heldOut, files } = await runSentimentCell(cell())
    const [train, held] = [Result.getOrThrow(readPairs(files.pairs)), Result.getOrThrow(readPairs(files.heldOut))]
    expect(train).toHaveLength(training.pairs)
    expect(held).toHaveLength(heldOut.pairs)
    expect(training.pairs + training.counts.ties + training.counts.unusable).toBe(30)
    const prompts = new Set(train.map(({ prompt }) => prompt))
    for (const { prompt } of held) expect(prompts.has(prompt)).toBe(false)
    const evaluation: ReadonlyArray<string> = JSON.parse(readFileSync(files.prompts, "utf8"))
    expect(evaluation).toHaveLength(5)
    for (const prompt of evaluation) {
      expect(prompts.has(prompt)).toBe(false)
      expect(referencePrompts()).toContain(prompt)
    }
    const first = readFileSync(files.pairs, "utf8")
    await runSentimentCell(cell())
    expect(readFileSync(files.pairs, "utf8")).toBe(first)
  })

  it.each([
    [{ trainingPrompts: 100_000 }, "prompts are asked for"],
    [{ completionsPerPrompt: 3 }, "must be even"],
    [{ modelDir: "/nowhere" }, "/nowhere"],
    [{ seed: "x" }, "seed"]
  ])("refuses %j", async (changes, message) => {
    await expect(runSentimentCell(cell(changes))).rejects.toThrow(message)
  })
})

describe("the reference models of the package", () => {
  it.each([
    ["sotu-0.2m", 218_176],
    ["sotu-0.9m", 929_536]
  ] as const)("%s loads, has the size its manifest says, and reads English", (name, parameters) => {
    const loaded = Result.getOrThrow(readModelFolder(referenceModelFolder(name)))
    const manifest = JSON.parse(readFileSync(join(referenceModelFolder(name), "manifest.json"), "utf8"))
    expect(parameterCount(loaded.config)).toBe(parameters)
    expect(manifest).toMatchObject({ name, parameters, command: `node scripts/pretrain.ts ${name}` })
    expect(manifest.heldOut.perplexityPerToken).toBeLessThan(60)
    expect(loaded.tokenizer.decode(loaded.tokenizer.encode("the people of the United States"))).toBe(
      "the people of the united states"
    )
  })
})
