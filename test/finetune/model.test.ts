import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { configFromJson, configToJson, readModelFolder } from "../../src/finetune/modelFolder.ts"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { fastOps } from "../../src/finetune/tfjs/fastOps.ts"
import {
  lossAndGradients,
  type Objective,
  type RunningModel,
  runningModel,
  scoreTokens
} from "../../src/finetune/tfjs/gradient.ts"
import { layOut } from "../../src/finetune/tfjs/layout.ts"
import {
  checkModelConfig,
  disposeParameters,
  initialParameters,
  parameterCount,
  parameterShapes,
  uploadParameters
} from "../../src/finetune/tfjs/model.ts"
import { plainOps } from "../../src/finetune/tfjs/ops.ts"
import {
  adamStep,
  clipFactor,
  disposeOptimizer,
  globalNorm,
  scheduledRate,
  startOptimizer
} from "../../src/finetune/tfjs/optimizer.ts"
import { crossEntropy, sentenceRow } from "../../src/finetune/tfjs/pretrain.ts"
import { Rng } from "../../src/random/rng.ts"
import { sentences, temporaryFolder, tinyConfig, tinyTokenizer, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
let backend: Backend
beforeAll(async () => {
  backend = await wasmBackend()
})
afterAll(() => folder.remove())

/** Random parameters of a scale at which every one of them matters. */
const arrays = Object.fromEntries(
  Object.entries(initialParameters(tinyConfig, Rng.fromSeed(5))).map(([name, { shape, values }]) => {
    const noise = Rng.fromSeed(name)
    return [name, { shape, values: values.map((value) => value + 0.2 * noise.normal()) }]
  })
)

const pairs = [
  {
    prompt: [0, 5, 9],
    answers: [
      [7, 8, 2, 0],
      [11, 12]
    ]
  },
  {
    prompt: [0],
    answers: [
      [30, 31, 30],
      [40, 41, 42, 43, 44]
    ]
  }
]
const packed = layOut(pairs, tinyConfig.context)
const padded = layOut(
  pairs.flatMap(({ prompt, answers }) => answers.map((answer) => ({ prompt, answers: [answer] }))),
  tinyConfig.context,
  true
)

/** A loss with a different weight for every token. */
const weighted: Objective = (logProbs) => {
  const weights = Float32Array.from(logProbs, (_, m) => Math.cos(m))
  return { loss: logProbs.reduce((sum, value, m) => sum + weights[m]! * value, 0), weights }
}

const fast = (): RunningModel => ({ tf: backend.tf, ops: fastOps(backend), config: tinyConfig })
const plain = (): RunningModel => ({ tf: backend.tf, ops: plainOps(backend.tf), config: tinyConfig })

const gradientsOf = (model: RunningModel, layout: typeof packed) => {
  const parameters = uploadParameters(backend.tf, tinyConfig, arrays)
  const { loss, gradients } = lossAndGradients(model, parameters, layout, weighted)
  const values = Object.fromEntries(
    Object.entries(gradients).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())])
  )
  disposeParameters(gradients)
  disposeParameters(parameters)
  return { loss, values }
}

const lossAt = (changed: typeof arrays): number => {
  const parameters = uploadParameters(backend.tf, tinyConfig, changed)
  const { loss } = weighted(scoreTokens(plain(), parameters, padded))
  disposeParameters(parameters)
  return loss
}

describe("the model's gradient", () => {
  it("is that of finite differences, parameter by parameter, in a random direction", () => {
    const { values } = gradientsOf(fast(), packed)
    for (const [name, { shape, values: centre }] of Object.entries(arrays)) {
      const rng = Rng.fromSeed(`direction of ${name}`)
      const direction = centre.map(() => rng.normal() / Math.sqrt(centre.length))
      const step = 4e-3
      const moved = (sign: number) => ({
        ...arrays,
        [name]: { shape, values: centre.map((value, i) => value + sign * step * direction[i]!) }
      })
      const slope = (lossAt(moved(1)) - lossAt(moved(-1))) / (2 * step)
      const expected = values[name]!.reduce((sum, value, i) => sum + value * direction[i]!, 0)
      expect(Math.abs(slope - expected), name).toBeLessThan(5e-3 * (1 + Math.abs(expected)))
    }
  })

  it("is the same by the fast path on packed pairs and by the plain path on padded rows", () => {
    const [a, b] = [gradientsOf(fast(), packed), gradientsOf(plain(), padded)]
    expect(a.loss).toBeCloseTo(b.loss, 4)
    for (const name of Object.keys(a.values)) {
      const scale = Math.max(...b.values[name]!.map(Math.abs))
      a.values[name]!.forEach((value, i) => {
        expect(Math.abs(value - b.values[name]![i]!), name).toBeLessThan(1e-4 * (1 + scale))
      })
    }
  })

  it("leaves no tensor behind", () => {
    const before = backend.tf.memory().numTensors
    for (let i = 0; i < 3; i++) gradientsOf(fast(), packed)
    expect(backend.tf.memory().numTensors).toBe(before)
  })
})

describe("the model", () => {
  it("counts its parameters and starts close to uniform", () => {
    expect(parameterCount(tinyConfig)).toBe(96 * 16 + 24 * 16 + 2 * (12 * 256 + 13 * 16) + 32)
    const parameters = uploadParameters(backend.tf, tinyConfig, initialParameters(tinyConfig, Rng.fromSeed(1)))
    const rows = sentences.slice(0, 20).map((sentence) => sentenceRow(tinyTokenizer, sentence, tinyConfig.context))
    expect(crossEntropy(fast(), parameters, rows)).toBeCloseTo(Math.log(96), 1)
    disposeParameters(parameters)
  })

  it("gives the log-probabilities of GPT-2 written in JAX, in double precision, from the same weights", () => {
    const parameters = uploadParameters(backend.tf, tinyConfig, arrays)
    const expected = [
      ...[-4.108982, -5.512483, -3.6212021, -5.0265584, -6.3523794, -5.0814589, -6.3993286, -5.6808586],
      ...[-6.2094238, -5.6188027, -3.7647835, -5.783824, -5.7463043, -3.3925109]
    ]
    for (const found of [scoreTokens(fast(), parameters, packed), scoreTokens(plain(), parameters, padded)]) {
      expect(found).toHaveLength(expected.length)
      found.forEach((value, m) => {
        expect(Math.abs(value - expected[m]!)).toBeLessThan(1e-5)
      })
    }
    disposeParameters(parameters)
  })

  it.each([
    [{ ...tinyConfig, width: 144 }, "72 features a head, the kernels take at most 64"],
    [{ ...tinyConfig, width: 20 }, "not a multiple of 4 × 2"],
    [{ ...tinyConfig, vocabulary: 97 }, "vocabulary 97"],
    [{ ...tinyConfig, layers: 0 }, "positive integers"]
  ])("refuses sizes that the kernels cannot hold: %j", (config, message) => {
    expect(() => checkModelConfig(config)).toThrow(message)
  })

  it("learns the sentences it is pretrained on, and its folder gives the same model back", () => {
    writeTinyModel(backend, join(folder.path, "model"))
    const loaded = Result.getOrThrow(readModelFolder(join(folder.path, "model")))
    expect(loaded.config).toEqual(tinyConfig)
    expect(loaded.tokenizer.data).toEqual(tinyTokenizer.data)
    const parameters = uploadParameters(backend.tf, loaded.config, loaded.arrays)
    const rows = sentences.map((sentence) => sentenceRow(loaded.tokenizer, sentence, tinyConfig.context))
    expect(crossEntropy(runningModel(backend, loaded.config), parameters, rows)).toBeLessThan(1.2)
    disposeParameters(parameters)
  })

  it("says which file of a folder is wrong, and how", () => {
    const path = join(folder.path, "model")
    const problem = (file: string, change: (text: string) => string | Uint8Array): string => {
      const original = readFileSync(join(path, file))
      writeFileSync(join(path, file), change(original.toString("latin1")))
      const read = readModelFolder(path)
      writeFileSync(join(path, file), original)
      return Result.isFailure(read) ? `${read.failure.file}: ${read.failure.reason}` : "no problem"
    }
    expect(problem("config.json", (text) => text.replace('"relu"', '"gelu_new"'))).toContain(
      'config.json: activation_function is "gelu_new"'
    )
    expect(problem("config.json", () => "{")).toBe("config.json: is not JSON")
    expect(problem("config.json", (text) => text.replace('"n_embd": 16', '"n_embd": 32'))).toContain("n_inner is 64")
    expect(problem("tokenizer.json", (text) => text.replace('"BPE"', '"WordLevel"'))).toContain(
      "tokenizer.json: model.type"
    )
    expect(problem("model.safetensors", (text) => Buffer.from(text.slice(0, -4), "latin1"))).toContain(
      "model.safetensors:"
    )
    const notANumber = Buffer.from(new Float32Array([Number.NaN]).buffer).toString("latin1")
    expect(problem("model.safetensors", (text) => Buffer.from(text.slice(0, -4) + notANumber, "latin1"))).toBe(
      "model.safetensors: tensor transformer.ln_f.bias has NaN at entry 15, finite numbers are needed"
    )
    const missing = readModelFolder(join(folder.path, "nowhere"))
    expect(Result.isFailure(missing) && missing.failure.message).toContain("nowhere: config.json: cannot be read")
  })

  it("writes GPT-2's configuration keys", () => {
    expect(Result.getOrThrow(configFromJson(configToJson(tinyConfig)))).toEqual(tinyConfig)
    expect(configToJson(tinyConfig)).toMatchObject({
      model_type: "gpt2",
      n_embd: 16,
      n_layer: 2,
      n_head: 2,
      n_positions: 24
    })
    expect(parameterShapes(tinyConfig)[2]).toEqual(["transformer.h.0.ln_1.weight", [16]])
  })
})

/** Oracle: Adam on plain numbers, in double precision. */
const slowAdam = (
  values: Float32Array,
  gradients: ReadonlyArray<Float32Array>,
  rate: number,
  decay: number
): Float64Array => {
  const p = Float64Array.from(values)
  const m = new Float64Array(p.length)
  const v = new Float64Array(p.length)
  gradients.forEach((gradient, index) => {
    const t = index + 1
    p.forEach((value, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * gradient[i]!
      v[i] = 0.99 * v[i]! + 0.01 * gradient[i]! ** 2
      const change = (rate * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.99 ** t)) + 1e-8)
      p[i] = value - change - rate * decay * value
    })
  })
  return p
}

describe("the optimizer", () => {
  it.each(["kernel", "operations"] as const)("is Adam, by %s", (path) => {
    const { tf } = backend
    const { memory: _memory, ...bare } = backend
    const engine: Backend = path === "kernel" ? backend : bare
    const rng = Rng.fromSeed(9)
    const start = Float32Array.from({ length: 32 }, () => rng.normal())
    const gradients = [1, 2, 3, 4].map(() =>
      Float32Array.from({ length: 32 }, () => rng.normal() * 10 ** (2 * rng.normal()))
    )
    const before = tf.memory().numTensors
    let state = startOptimizer(engine, { w: tf.tensor2d(start, [4, 8]) })
    gradients.forEach((gradient, index) => {
      const tensor = {
        w: tf.tensor2d(
          gradient.map((g) => 2 * g),
          [4, 8]
        )
      }
      const settings = { step: index + 1, learningRate: 0.05, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 }
      state = adamStep(engine, state, tensor, 0.5, settings)
      disposeParameters(tensor)
    })
    const wanted = slowAdam(start, gradients, 0.05, 0.1)
    state.parameters.w!.dataSync().forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(2e-6)
    })
    disposeOptimizer(state)
    expect(tf.memory().numTensors).toBe(before)
  })

  it("measures the norm over all tensors, by kernel and by operations, and clips to it", () => {
    const { tf } = backend
    const { memory: _memory, ...bare } = backend
    const gradients = { a: tf.tensor1d([3, 0, 0, 0]), b: tf.tensor1d([0, 4, 0, 0]) }
    expect(globalNorm(backend, gradients)).toBeCloseTo(5, 6)
    expect(globalNorm(bare, gradients)).toBeCloseTo(5, 6)
    expect(clipFactor(5, 1)).toBe(0.2)
    expect(clipFactor(0.5, 1)).toBe(1)
    expect(clipFactor(5, Number.POSITIVE_INFINITY)).toBe(1)
    disposeParameters(gradients)
  })

  it("schedules a linear rise and a cosine down to the floor", () => {
    const schedule = { peak: 2, warmup: 4, steps: 12, floor: 0.1 }
    const rates = Array.from({ length: 12 }, (_, i) => scheduledRate(i + 1, schedule))
    expect(rates.slice(0, 4)).toEqual([0.5, 1, 1.5, 2])
    expect(rates[7]).toBeCloseTo(1.1, 10)
    expect(rates[11]).toBeCloseTo(0.2, 10)
    const onlyWarmup = { ...schedule, steps: 4 }
    expect([1, 2, 3, 4].map((step) => scheduledRate(step, onlyWarmup))).toEqual([0.5, 1, 1.5, 2])
    expect(scheduledRate(9, { ...schedule, floor: 1 })).toBe(2)
    expect(scheduledRate(1, { peak: 2, warmup: 0, steps: 1, floor: 1 })).toBe(2)
  })
})
