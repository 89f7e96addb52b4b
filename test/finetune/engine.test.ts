import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { pairsFromJsonLines, pairsToJsonLines, readPairs, writePairs } from "../../src/finetune/data.ts"
import { reasonOf } from "../../src/finetune/engineReason.ts"
import { decodeEvent, eventLine, failureReasons, type TrainEvent } from "../../src/finetune/events.ts"
import { decodeJob, encodeJob, jobHash, type TrainingJob } from "../../src/finetune/job.ts"
import { layer } from "../../src/finetune/TfjsEngine.ts"
import { EngineError, TrainingEngine } from "../../src/finetune/TrainingEngine.ts"
import { embeddedEngines, startBackend } from "../../src/finetune/tfjs/backend.ts"
import { askForAdapter } from "../../src/finetune/tfjs/webgpu.ts"
import { temporaryFolder, tinyJob, tinyPairs, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
const model = join(folder.path, "model")
beforeAll(async () => writeTinyModel(await wasmBackend(), model))
afterAll(() => folder.remove())

const train = (job: TrainingJob, layers: ReturnType<typeof layer>) =>
  Effect.gen(function* () {
    const engine = yield* TrainingEngine
    return yield* Stream.runCollect(engine.train(job))
  }).pipe(Effect.provide(layers))

const events: ReadonlyArray<TrainEvent> = [
  { version: 1, job: "a", event: "step", step: 1, metrics: { loss: 0.5, "rewards/chosen": -0.1 } },
  {
    version: 1,
    job: "a",
    event: "evaluation",
    step: 1,
    metrics: { kl: 0.2 },
    samples: [{ prompt: "p", completion: " c", reward: 1 }]
  },
  { version: 1, job: "a", event: "checkpoint", step: 1, file: "checkpoint.safetensors" },
  { version: 1, job: "a", event: "finished", step: 1 }
]

describe("the engine service", () => {
  it("streams a job's events from the embedded engine", async () => {
    const all = await Effect.runPromise(train(tinyJob(model, { steps: 3 }), layer()))
    expect(all.map(({ event }) => event)).toEqual([
      "started",
      "evaluation",
      "step",
      "step",
      "step",
      "evaluation",
      "finished"
    ])
  })

  it("hands the failure on, then fails with its typed reason", async () => {
    const seen: Array<string> = []
    const program = Effect.gen(function* () {
      const engine = yield* TrainingEngine
      return yield* Stream.runForEach(engine.train(tinyJob("/nowhere")), (event) =>
        Effect.sync(() => seen.push(event.event))
      )
    }).pipe(Effect.provide(layer()), Effect.flip)
    const error = await Effect.runPromise(program)
    expect(seen).toEqual(["failed"])
    expect(error).toBeInstanceOf(EngineError)
    expect(error.reason._tag).toBe("InvalidJob")
    expect(error.message).toContain("engine tfjs-wasm: model folder /nowhere")
  })

  it("stops training when the stream is left early", async () => {
    const program = Effect.gen(function* () {
      const engine = yield* TrainingEngine
      return yield* Stream.runCollect(Stream.take(engine.train(tinyJob(model, { steps: 100000 })), 4))
    }).pipe(Effect.provide(layer()))
    expect(await Effect.runPromise(program)).toHaveLength(4)
  })

  it("has a test layer that repeats given events", async () => {
    expect(await Effect.runPromise(train(tinyJob(model), TrainingEngine.layerTest(events)))).toEqual(events)
  })

  it("gives every failure a typed reason", () => {
    for (const reason of failureReasons) {
      const event = { version: 1, job: "a", event: "failed", step: 3, reason, message: "why", rows: [1] } as const
      expect(reasonOf(event).message).toBe("why")
    }
  })
})

describe("engines that are not there", () => {
  const missing = (name: string) =>
    name.endsWith("gpu")
      ? Promise.reject(new Error(`Cannot find package '${name}' imported from /a/file.ts\nlong story`))
      : import(name)

  it("are reported with the reason, in one line", async () => {
    const status = await embeddedEngines(missing)
    expect(status).toEqual([
      { id: "tfjs-wasm", available: true, device: "CPU, one thread, WebAssembly SIMD" },
      { id: "tfjs-webgpu", available: false, reason: "Cannot find package '@tensorflow/tfjs-backend-webgpu'" },
      { id: "tfjs-gpu", available: false, reason: "Cannot find package '@tensorflow/tfjs-node-gpu'" }
    ])
  })

  it("are available with the name of the device where everything is there", async () => {
    // What tfjs-node calls and Node 23 removed is there before the package is loaded.
    const present = (name: string) => {
      const util: { isNullOrUndefined?: (value: unknown) => boolean } = createRequire(import.meta.url)("node:util")
      return name.endsWith("gpu") ? Promise.resolve(util.isNullOrUndefined!(null)) : import(name)
    }
    const status = await embeddedEngines(present, async () => ({ device: "Some Adapter, a software adapter" }))
    expect(status.slice(1)).toEqual([
      { id: "tfjs-webgpu", available: true, device: "Some Adapter, a software adapter" },
      { id: "tfjs-gpu", available: true, device: "TensorFlow's choice of GPU" }
    ])
    const none = await embeddedEngines(present, async () => ({ reason: "no WebGPU adapter" }))
    expect(none[1]).toEqual({ id: "tfjs-webgpu", available: false, reason: "no WebGPU adapter" })
  })

  it("are not available where the driver ends the process that asks for it; this process lives on", async () => {
    const file = join(folder.path, "abort.mjs")
    writeFileSync(file, 'process.stderr.write("Warning: a bad driver\\n    at x.cpp\\n"); process.abort()')
    expect(await askForAdapter(file)).toEqual({
      reason: "the process that asked for a WebGPU adapter ended with SIGABRT: a bad driver"
    })
  })

  it("fail a job with that reason", async () => {
    const error = await Effect.runPromise(Effect.flip(train(tinyJob(model), layer("tfjs-gpu", { load: missing }))))
    expect(error.reason._tag).toBe("EngineUnavailable")
    expect(error.message).toContain("Cannot find package")
  })

  it("run by plain operations where they load: another tfjs backend in the GPU package's place", async () => {
    const tf = await import("@tensorflow/tfjs")
    const silent = vi.spyOn(console, "warn").mockImplementation(() => undefined) // the cpu backend advertises another
    const cpu = async (name: string) => {
      if (name.endsWith("node-gpu")) await tf.setBackend("cpu")
      return tf
    }
    try {
      const job = tinyJob(model, { steps: 2, evaluation: { every: 2, max_tokens: 3 } })
      const plain = await Effect.runPromise(train(job, layer("tfjs-gpu", { load: cpu })))
      await tf.setBackend("wasm")
      const fast = await Effect.runPromise(train(job, layer()))
      const numbers = (list: ReadonlyArray<TrainEvent>) =>
        list.flatMap((event) => (event.event === "step" ? [event.metrics.loss!, event.metrics.grad_norm!] : []))
      numbers(plain).forEach((value, i) => {
        expect(value).toBeCloseTo(numbers(fast)[i]!, 3)
      })
      // Padding is not counted.
      const tokens = (list: ReadonlyArray<TrainEvent>) =>
        list.flatMap((event) => (event.event === "step" ? [event.metrics.num_tokens!] : []))
      expect(tokens(plain)).toEqual(tokens(fast))
      expect(plain.at(-1)!.event).toBe("finished")
    } finally {
      silent.mockRestore()
      await tf.setBackend("wasm")
    }
  })

  it("start the backend that is asked for", async () => {
    expect(Result.getOrThrow(await startBackend("tfjs-wasm")).id).toBe("tfjs-wasm")
    const failed = await startBackend("tfjs-wasm", () => Promise.reject(new Error("no such module")))
    expect(Result.isFailure(failed) && failed.failure.message).toBe("engine tfjs-wasm is not available: no such module")
  })
})

describe("the formats that engines share", () => {
  it("write events as one line of snake_case JSON each, and read them back", () => {
    const started: TrainEvent = {
      ...{ version: 1, job: "a", event: "started", jobHash: "f0", loss: "dpo", parameters: 5, pairs: 2 },
      ...{ heldOutPairs: 0, modelHash: "aa", stepZeroLoss: 0.7, stepZeroExpected: 0.7 }
    }
    for (const event of [started, ...events]) {
      const line = eventLine(event)
      expect(line).toMatch(/^\{.*\}\n$/)
      expect(line).not.toMatch(/"[a-z]+[A-Z]\w*":/)
      expect(Result.getOrThrow(decodeEvent(line))).toEqual(event)
    }
    expect(Result.isFailure(decodeEvent('{"event":"step"}'))).toBe(true)
  })

  it("write jobs in snake_case, defaults filled in, and read them back", () => {
    const job = tinyJob(model)
    const json = JSON.parse(JSON.stringify(encodeJob(job)))
    expect(Result.getOrThrow(decodeJob(json))).toEqual(job)
    expect(json).toMatchObject({ clip: 1, ce_weight: 0, final_rate: 1, warmup: 0, batch_size: 6 })
    expect(JSON.stringify({ ...json, loss: { ...json.loss, program: null } })).not.toMatch(/"[a-z]+[A-Z]\w*":/)
  })

  it("refuse jobs with all mistakes at once, and unsound programs", () => {
    const json = JSON.parse(JSON.stringify(encodeJob(tinyJob(model))))
    const bad = decodeJob({
      ...json,
      steps: 0,
      learning_rate: -1,
      bath_size: 3,
      loss: { ...json.loss, reward_scale: 0 }
    })
    const message = Result.isFailure(bad) ? bad.failure.message : ""
    for (const key of ["steps", "learning_rate", "bath_size", "reward_scale"]) expect(message).toContain(key)
    const silent = JSON.parse(JSON.stringify(json))
    delete silent.loss.program.outputs.gradients.ll
    const lacking = decodeJob(silent)
    expect(Result.isFailure(lacking) && lacking.failure.message).toContain("no gradient by it")
    json.loss.program.nodes[0] = { op: "neg", args: [5] }
    const unsound = decodeJob(json)
    expect(Result.isFailure(unsound) && unsound.failure.message).toContain("not an earlier node")
  })

  it("name a job by what its events depend on, not by where they are written", () => {
    const job = tinyJob(model)
    expect(jobHash({ ...job, output: "x", referenceCache: "y" }, ["a"])).toBe(jobHash(job, ["a"]))
    const others = [jobHash({ ...job, seed: 8 }, ["a"]), jobHash(job, ["b"]), jobHash({ ...job, ceWeight: 0.1 }, ["a"])]
    expect(new Set([jobHash(job, ["a"]), ...others]).size).toBe(4)
  })

  it("write pairs as JSON lines under the field's names, and read them back", () => {
    const text = pairsToJsonLines(tinyPairs)
    expect(Object.keys(JSON.parse(text.split("\n")[0]!))).toEqual([
      ...["prompt", "chosen", "rejected", "chosen_complete", "rejected_complete", "score_chosen", "score_rejected"]
    ])
    expect(Result.getOrThrow(pairsFromJsonLines(text, "memory"))).toEqual(tinyPairs)
    const file = join(folder.path, "pairs", "pairs.jsonl")
    writePairs(file, tinyPairs)
    expect(Result.getOrThrow(readPairs(file))).toEqual(tinyPairs)
  })

  it.each([
    ["", "data, there are no pairs"],
    ['{"prompt":"a","chosen":"b","rejected":"c"}\n{"prompt":"a"}', "data, line 2: "],
    ["not json", "data, line 1: "],
    ['{"prompt":"a","chosen":"b","rejected":"c","score_chosen":"high"}', 'at ["score_chosen"]']
  ])("refuse pairs %j with the line", (text, message) => {
    const read = pairsFromJsonLines(text, "data")
    expect(Result.isFailure(read) && read.failure.message).toContain(message)
  })
})
