/**
 * What `webgpu.test.ts` judges, computed in a process of its own: which Vulkan driver Dawn finds is settled when a process
 * starts. Prints one JSON object.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import { encodePairs } from "../../src/finetune/data.ts"
import type { TrainEvent } from "../../src/finetune/events.ts"
import { readModelFolder } from "../../src/finetune/modelFolder.ts"
import {
  type Backend,
  type EngineId,
  type EngineStatus,
  embeddedEngines,
  startBackend
} from "../../src/finetune/tfjs/backend.ts"
import { lossAndGradients, runningModel } from "../../src/finetune/tfjs/gradient.ts"
import { layOut } from "../../src/finetune/tfjs/layout.ts"
import { disposeParameters, downloadParameters, uploadParameters } from "../../src/finetune/tfjs/model.ts"
import { pairRow, scorePairs } from "../../src/finetune/tfjs/scoring.ts"
import { runTfjsJob } from "../../src/finetune/tfjs/train.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { resolveLoss } from "../../src/loss/resolve.ts"
import { programToTensors } from "../../src/loss/tensors.ts"
import { goldens, outputs, specOf, tolerance } from "../arbitraries/loss.ts"
import { tinyJob, tinyPairs, tinyPairsJson } from "./tiny.ts"

const model = join(import.meta.dirname, "../../assets/reference/sotu-0.2m")
const folder = mkdtempSync(join(tmpdir(), "losslattice-webgpu-"))
const start = async (engine: EngineId): Promise<Backend> => Result.getOrThrow(await startBackend(engine))

/** Rows of the goldens that the backend misses. Small tensors would else be computed on the CPU. */
const goldenMisses = ({ tf }: Backend): ReadonlyArray<string> => {
  tf.env().set("WEBGPU_CPU_FORWARD", false)
  const found = goldens.flatMap((golden) => {
    const { program } = Result.getOrThrow(resolveLoss(specOf(golden)))
    const inputs = Object.fromEntries(Object.entries(golden.inputs).map(([name, value]) => [name, Math.fround(value)]))
    const expected = compileKernel(program).evaluate(inputs)
    const tensors = Object.fromEntries(program.inputs.map((name) => [name, tf.tensor1d([inputs[name]!])]))
    const { loss, gradients } = programToTensors(tf, program)(tensors)
    const got = {
      loss: loss.dataSync()[0]!,
      dlw: gradients.lw?.dataSync()[0] ?? 0,
      dll: gradients.ll?.dataSync()[0] ?? 0
    }
    tf.dispose([loss, ...Object.values(gradients), ...Object.values(tensors)])
    return outputs.flatMap((name, k) => {
      const cond = golden.cond[k]!
      const meets = Math.abs(got[name] - expected[name]) <= tolerance(expected[name], cond, 2 ** -23, 1.2e-38)
      return meets ? [] : [`${specOf(golden)} ${name}: ${got[name]}, kernel ${expected[name]}`]
    })
  })
  tf.env().set("WEBGPU_CPU_FORWARD", true)
  return found
}

/** Scores of the pairs and the gradient of a weighted sum of token log-probabilities. */
const forwardAndBackward = (backend: Backend) => {
  const { config, arrays, tokenizer } = Result.getOrThrow(readModelFolder(model))
  const limits = { context: config.context, needsScores: false }
  const pairs = Result.getOrThrow(encodePairs(tokenizer, tinyPairs.slice(0, 4), limits, "pairs"))
  const parameters = uploadParameters(backend.tf, config, arrays)
  const running = runningModel(backend, config)
  const layout = layOut(pairs.map(pairRow), config.context, running.ops.padded)
  const objective = (logProbs: Float32Array) => ({ loss: logProbs[0]!, weights: logProbs.map((_, m) => (m % 3) - 0.9) })
  const { loss, gradients } = lossAndGradients(running, parameters, layout, objective)
  const values = Object.entries(downloadParameters(gradients)).map(([name, array]) => [name, [...array.values]])
  const scores = [...scorePairs(running, parameters, pairs)]
  disposeParameters(gradients)
  disposeParameters(parameters)
  return { loss, scores, gradients: Object.fromEntries(values) as Record<string, Array<number>> }
}

const jobOf = (output: string) =>
  tinyJob(model, {
    data: {
      pairs: tinyPairsJson.slice(0, 6),
      held_out_pairs: tinyPairsJson.slice(30, 34),
      prompts: ["we", "the people"]
    },
    ...{ steps: 4, batch_size: 3, learning_rate: 1e-3, weight_decay: 0.01, warmup: 2, checkpoint_every: 2 },
    ...{ evaluation: { every: 4, max_tokens: 5, samples_per_prompt: 1 }, output: join(folder, output) }
  })

/** Events of the job; it is left after `most` updates. */
const trained = async (engine: EngineId, output: string, most = 4): Promise<ReadonlyArray<TrainEvent>> => {
  const events: Array<TrainEvent> = []
  for await (const event of runTfjsJob(jobOf(output), { engine })) {
    events.push(event)
    if (event.event === "step" && event.step > most) break
  }
  return events
}

const linesOf = (output: string): string => readFileSync(join(folder, output, "events.jsonl"), "utf8")

/** What a table that no device can hold is answered with, and whether a sound computation follows. */
const excess = ({ tf }: Backend) => {
  const message = (() => {
    try {
      tf.tidy(() => tf.sum(tf.fill([2 ** 20, 2 ** 16], 1)).dataSync())
      return "nothing"
    } catch (cause) {
      return (cause as Error).message
    }
  })()
  return { message, after: tf.tidy(() => tf.sum(tf.mul(tf.range(0, 5000), 2)).dataSync()[0]!) }
}

/** Bytes on the device after many tensors of different sizes. */
const bytesAfterManySizes = ({ tf }: Backend): number => {
  for (let k = 0; k < 20; k++) tf.tidy(() => tf.max(tf.add(tf.zeros([2 ** 22 + 4096 * k]), k)).dataSync())
  return (tf.memory() as { numBytesAllocatedInGPU?: number }).numBytesAllocatedInGPU!
}

/** What the process prints. */
export interface WebgpuResult {
  readonly doctor: ReadonlyArray<EngineStatus>
  readonly misses: ReadonlyArray<string>
  readonly passes: Readonly<Record<"wasm" | "webgpu", ReturnType<typeof forwardAndBackward>>>
  readonly events: Readonly<Record<"wasm" | "webgpu", ReadonlyArray<TrainEvent>>>
  readonly lines: Readonly<Record<"whole" | "cut", string>>
  /** Tensors left after all jobs. */
  readonly tensors: number
  readonly excess: ReturnType<typeof excess>
  readonly bytes: number
}

try {
  const doctor = await embeddedEngines()
  const wasm = await start("tfjs-wasm")
  const fastPass = forwardAndBackward(wasm)
  const fastEvents = await trained("tfjs-wasm", "wasm")
  const webgpu = await start("tfjs-webgpu")
  const misses = goldenMisses(webgpu)
  const pass = forwardAndBackward(webgpu)
  const events = await trained("tfjs-webgpu", "whole")
  await trained("tfjs-webgpu", "cut", 2)
  await trained("tfjs-webgpu", "cut")
  const tensors = webgpu.tf.memory().numTensors
  const result: WebgpuResult = {
    ...{ doctor, misses, tensors },
    passes: { wasm: fastPass, webgpu: pass },
    events: { wasm: fastEvents, webgpu: events },
    lines: { whole: linesOf("whole"), cut: linesOf("cut") },
    excess: excess(webgpu),
    bytes: bytesAfterManySizes(webgpu)
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
