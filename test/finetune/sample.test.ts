import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readModelFolder } from "../../src/finetune/modelFolder.ts"
import { promptsFrom, splitPrompts } from "../../src/finetune/prompts.ts"
import { goldReward, promptTokens, sentimentPairs, valence } from "../../src/finetune/sentiment.ts"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { distinctShare, evaluateSamples } from "../../src/finetune/tfjs/evaluate.ts"
import { runningModel, scoreTokens } from "../../src/finetune/tfjs/gradient.ts"
import { layOut } from "../../src/finetune/tfjs/layout.ts"
import { disposeParameters, type Parameters, uploadParameters } from "../../src/finetune/tfjs/model.ts"
import { sampleCompletions } from "../../src/finetune/tfjs/sample.ts"
import { END_ID, UNKNOWN_ID } from "../../src/finetune/tfjs/tokenizer.ts"
import { Rng } from "../../src/random/rng.ts"
import { temporaryFolder, tinyConfig, tinyTokenizer, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
let backend: Backend
let parameters: Parameters
let other: Parameters
beforeAll(async () => {
  backend = await wasmBackend()
  for (const seed of [1, 2]) writeTinyModel(backend, join(folder.path, `${seed}`), seed)
  const upload = (seed: number) => {
    const loaded = Result.getOrThrow(readModelFolder(join(folder.path, `${seed}`)))
    return uploadParameters(backend.tf, loaded.config, loaded.arrays)
  }
  parameters = upload(1)
  other = upload(2)
})
afterAll(() => folder.remove())

const model = () => ({ ...runningModel(backend, tinyConfig), tokenizer: tinyTokenizer })
const prompts = ["we", "they love", "the people", "all nations fear a"]
const ids = prompts.map((prompt) => promptTokens(tinyTokenizer, prompt))
const streams = (seed: number, count: number) => Array.from({ length: count }, (_, i) => Rng.fromSeed(seed).split(i))

describe("sampling", () => {
  it("with cached keys draws the tokens that recomputing every text draws", () => {
    const { memory: _memory, ...bare } = backend
    for (let seed = 0; seed < 5; seed++) {
      const settings = { maxTokens: 10, allowEmpty: true }
      const before = backend.tf.memory().numTensors
      const cached = sampleCompletions(backend, model(), parameters, ids, streams(seed, 4), settings)
      expect(backend.tf.memory().numTensors).toBe(before)
      const slow = runningModel(bare, tinyConfig)
      expect(sampleCompletions(bare, slow, parameters, ids, streams(seed, 4), settings)).toEqual(cached)
    }
  })

  it("draws first tokens with the model's probabilities", () => {
    const count = 2000
    const prompt = ids[1]!
    const drawn = sampleCompletions(
      backend,
      model(),
      parameters,
      Array.from({ length: count }, () => prompt),
      streams(3, count),
      { maxTokens: 1, allowEmpty: true }
    )
    const frequency = new Map<number, number>()
    for (const { tokens } of drawn) frequency.set(tokens[0]!, (frequency.get(tokens[0]!) ?? 0) + 1 / count)
    for (let id = 2; id < tinyConfig.vocabulary; id++) {
      const [logProb] = scoreTokens(model(), parameters, layOut([{ prompt, answers: [[id]] }], tinyConfig.context))
      const p = Math.exp(logProb!)
      const error = Math.sqrt((p * (1 - p)) / count)
      expect(Math.abs((frequency.get(id) ?? 0) - p), `token ${id}`).toBeLessThan(4.5 * error + 1e-3)
    }
  })

  it("ends at the end-of-text token, never says unknown, and is never empty unless allowed", () => {
    const group = Array.from({ length: 40 }, (_, i) => ids[i % 4]!)
    const drawn = sampleCompletions(backend, model(), parameters, group, streams(1, 40), {
      maxTokens: 12,
      allowEmpty: false
    })
    for (const { tokens, ended } of drawn) {
      expect(tokens.length).toBeGreaterThanOrEqual(1)
      expect(tokens.length).toBeLessThanOrEqual(12)
      expect(tokens[0]).not.toBe(END_ID)
      expect(tokens).not.toContain(UNKNOWN_ID)
      expect(tokens.indexOf(END_ID)).toBe(ended ? tokens.length - 1 : -1)
    }
    expect(drawn.some(({ ended }) => ended)).toBe(true)
  })

  it("refuses prompts that leave no room", () => {
    const sample = (prompt: ReadonlyArray<number>, maxTokens: number) => () =>
      sampleCompletions(backend, model(), parameters, [prompt], streams(0, 1), { maxTokens, allowEmpty: true })
    expect(sample([], 4)).toThrow("prompts of 1 to 21 tokens")
    expect(sample(ids[0]!, 24)).toThrow("prompts of 1 to 1 tokens")
  })
})

describe("the gold reward", () => {
  it.each([
    ["", 0],
    ["the road", 0],
    ["great peace", 1],
    ["Good, GOOD trade", 1],
    ["love", 0.6],
    ["bad war", -1],
    ["constructor prototype", 0],
    ["good bad", 0]
  ])("of %j is %d", (text, reward) => {
    expect(goldReward(text)).toBeCloseTo(reward, 12)
  })

  it("adds the valence of words", () => {
    expect(valence("good trade, bad war; great")).toBe(3 - 3 - 2 + 3)
  })
})

describe("sentiment pairs", () => {
  const make = (list: ReadonlyArray<string>, seed: number) =>
    sentimentPairs(
      backend,
      model(),
      parameters,
      list,
      { completionsPerPrompt: 4, maxTokens: 8, batch: 2 },
      Rng.fromSeed(seed)
    )

  it("prefer the completion of higher reward, and account for every completion", () => {
    const { pairs, counts } = make(prompts, 1)
    expect(counts.completions).toBe(4 * prompts.length)
    expect(pairs.length + counts.ties + counts.unusable).toBe(2 * prompts.length)
    expect(pairs.length).toBeGreaterThan(0)
    for (const pair of pairs) {
      expect(prompts).toContain(pair.prompt)
      expect(pair.scoreChosen).toBe(goldReward(pair.chosen))
      expect(pair.scoreRejected).toBe(goldReward(pair.rejected))
      expect(pair.scoreChosen!).toBeGreaterThan(pair.scoreRejected!)
      expect(pair.chosen.trim()).not.toBe("")
      expect(pair.rejected.trim()).not.toBe("")
    }
  })

  it("depend on the seed alone, not on the company of other prompts", () => {
    expect(make(prompts, 1)).toEqual(make(prompts, 1))
    expect(make(prompts, 2).pairs).not.toEqual(make(prompts, 1).pairs)
    const alone = prompts.flatMap((prompt) => make([prompt], 1).pairs)
    expect(
      make([...prompts].reverse(), 1).pairs.toSorted((a, b) => prompts.indexOf(a.prompt) - prompts.indexOf(b.prompt))
    ).toEqual(alone)
  })

  it("need an even number of completions", () => {
    expect(() =>
      sentimentPairs(backend, model(), parameters, prompts, { completionsPerPrompt: 3, maxTokens: 8 }, Rng.fromSeed(1))
    ).toThrow("must be even, got 3")
  })
})

describe("prompts", () => {
  it("are proper beginnings of three to six words, without repetition", () => {
    const list = ["One two three four five six seven eight nine.", "Too short to cut"]
    const found = promptsFrom([...list, ...list, ...list], Rng.fromSeed(1))
    expect(new Set(found).size).toBe(found.length)
    for (const prompt of found) {
      expect("one two three four five six seven eight nine.").toContain(prompt)
      expect([3, 4, 5, 6]).toContain(prompt.split(" ").length)
    }
  })

  it("are divided without overlap, the same way for the same stream", () => {
    const list = Array.from({ length: 30 }, (_, i) => `prompt ${i}`)
    const split = splitPrompts(list, { training: 20, heldOut: 10 }, Rng.fromSeed(4))
    expect(new Set([...split.training, ...split.heldOut]).size).toBe(30)
    expect(splitPrompts(list, { training: 20, heldOut: 10 }, Rng.fromSeed(4))).toEqual(split)
    // More training prompts leave the held-out ones as they are.
    expect(splitPrompts(list, { training: 5, heldOut: 10 }, Rng.fromSeed(4)).heldOut).toEqual(split.heldOut)
    expect(() => splitPrompts(list, { training: 25, heldOut: 6 }, Rng.fromSeed(4))).toThrow(
      "31 prompts are needed, 30 exist"
    )
  })
})

describe("evaluation of samples", () => {
  const task = (reference: Parameters) => ({
    ...{ backend, model: model(), reference, prompts, samplesPerPrompt: 60, maxTokens: 8, rng: Rng.fromSeed(8) }
  })

  it("finds no divergence from itself, and common random numbers repeat", () => {
    const { metrics, samples } = evaluateSamples(task(parameters), parameters)
    expect(metrics.kl!).toBeCloseTo(0, 5)
    expect(metrics["kl/sampled"]!).toBeCloseTo(0, 5)
    expect(samples.map(({ prompt }) => prompt)).toEqual(prompts)
    expect(samples.every(({ completion, reward }) => goldReward(completion) === reward)).toBe(true)
    expect(evaluateSamples(task(parameters), parameters).metrics).toEqual(metrics)
  })

  it("estimates the divergence of another model alike by next-token distributions and by log-ratios", () => {
    const { metrics } = evaluateSamples(task(other), parameters)
    expect(metrics.kl!).toBeGreaterThan(0)
    const error = Math.hypot(metrics["kl/sampled_se"]!, metrics.kl_se!)
    expect(Math.abs(metrics.kl! - metrics["kl/sampled"]!)).toBeLessThan(4 * error + 0.02)
    expect(metrics.entropy!).toBeGreaterThan(0)
    expect(metrics.entropy!).toBeLessThan(Math.log(tinyConfig.vocabulary))
    expect(metrics["length/mean"]!).toBeLessThanOrEqual(8)
    expect(metrics["length/ended"]!).toBeGreaterThan(0)
  })

  it("gives no standard error of a single prompt", () => {
    const { metrics } = evaluateSamples(
      { ...task(other), prompts: prompts.slice(0, 1), samplesPerPrompt: 2 },
      parameters
    )
    expect(Object.keys(metrics).filter((name) => name.endsWith("_se"))).toEqual([])
    expect(Number.isFinite(metrics.kl)).toBe(true)
  })

  it("counts distinct n-grams", () => {
    expect(distinctShare([[1, 2, 1], [2]], 1)).toBe(0.5)
    expect(distinctShare([[1, 2, 1, 2], [3]], 2)).toBeCloseTo(2 / 3, 12)
    expect(distinctShare([[1]], 2)).toBe(1)
  })

  it("frees what it used", () => {
    const before = backend.tf.memory().numTensors
    evaluateSamples({ ...task(other), samplesPerPrompt: 1 }, parameters)
    expect(backend.tf.memory().numTensors).toBe(before)
    for (const set of [parameters, other]) disposeParameters(set)
  })
})
