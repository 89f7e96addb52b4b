/**
 * The engine on tfjs's WebGPU backend, on the software adapter inside Chromium, against the engine on wasm. Everything runs in
 * one process of its own, see `webgpuRun.ts`.
 */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { beforeAll, describe, expect, it } from "vitest"
import type { Metrics, TrainEvent } from "../../src/finetune/events.ts"
import { requires } from "../requirements.ts"
import type { WebgpuResult } from "./webgpuRun.ts"

/** Where Chromium keeps SwiftShader and a Vulkan loader: LOSSLATTICE_SWIFTSHADER, Debian's folder, Chrome's. */
const softwareAdapter = (): string => {
  const folders = [process.env.LOSSLATTICE_SWIFTSHADER ?? "", "/usr/lib/chromium", "/opt/google/chrome"]
  const found = folders.find((folder) => existsSync(join(folder, "vk_swiftshader_icd.json")))
  if (found === undefined)
    throw new Error(`no SwiftShader in ${folders.slice(1)}; LOSSLATTICE_SWIFTSHADER names a folder`)
  return found
}

const runOnSoftware = async (): Promise<WebgpuResult> => {
  const folder = softwareAdapter()
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json")
  }
  const program = join(import.meta.dirname, "webgpuRun.ts")
  const { stdout } = await promisify(execFile)(process.execPath, [program], {
    env,
    maxBuffer: 2 ** 28,
    timeout: 230_000
  })
  return JSON.parse(stdout.trim().split("\n").at(-1)!)
}

const metricsOf = (events: ReadonlyArray<TrainEvent>): ReadonlyArray<{ at: string; metrics: Metrics }> =>
  events.flatMap((event) =>
    event.event === "step" || event.event === "evaluation"
      ? [{ at: `${event.event} ${event.step}`, metrics: event.metrics }]
      : []
  )

/** The largest difference of two vectors over the largest entry. */
const relativeDifference = (found: ReadonlyArray<number>, wanted: ReadonlyArray<number>): number => {
  expect(found.length).toBe(wanted.length)
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i]!)), 0) / scale
}

describe.runIf(requires("browser"))("the engine on WebGPU", () => {
  let result: WebgpuResult
  beforeAll(async () => {
    result = await runOnSoftware()
  })

  it("is named by doctor with its adapter, which is called software", () => {
    const status = result.doctor.find(({ id }) => id === "tfjs-webgpu")
    expect(status).toMatchObject({ available: true })
    expect(status!.device).toMatch(/SwiftShader.*, a software adapter$/)
  })

  it("computes every loss program of the catalogue and its derivatives within single precision", () => {
    expect(result.misses).toEqual([])
  })

  it("gives the model's log-probabilities and gradients that wasm gives", () => {
    const { wasm, webgpu } = result.passes
    expect(webgpu.loss).toBeCloseTo(wasm.loss, 4)
    expect(relativeDifference(webgpu.scores, wasm.scores)).toBeLessThan(1e-6)
    expect(Object.keys(webgpu.gradients)).toEqual(Object.keys(wasm.gradients))
    for (const [name, gradient] of Object.entries(webgpu.gradients)) {
      expect(relativeDifference(gradient, wasm.gradients[name]!), name).toBeLessThan(1e-4)
    }
  })

  it("trains as wasm does: the same events, metrics within 1e-4, the same samples", () => {
    const { wasm, webgpu } = result.events
    expect(webgpu.map(({ event }) => event)).toEqual(wasm.map(({ event }) => event))
    expect(webgpu.at(-1)!.event).toBe("finished")
    const wanted = metricsOf(wasm)
    metricsOf(webgpu).forEach(({ at, metrics }, i) => {
      expect(Object.keys(metrics)).toEqual(Object.keys(wanted[i]!.metrics))
      for (const [name, value] of Object.entries(metrics)) {
        // Policy and reference are equal before the first update, so which reward is larger there is rounding.
        if (name === "rewards/accuracies" && (at === "step 1" || at === "evaluation 0")) continue
        const expected = wanted[i]!.metrics[name]!
        expect(Math.abs(value - expected), `${at} ${name}: ${value}, wasm ${expected}`).toBeLessThan(
          1e-4 * (1 + Math.abs(expected))
        )
      }
    })
    const samples = (events: ReadonlyArray<TrainEvent>) =>
      events.flatMap((event) => (event.event === "evaluation" ? event.samples : []))
    expect(samples(webgpu).length).toBeGreaterThan(0)
    expect(samples(webgpu)).toEqual(samples(wasm))
  })

  it("passes the check before the first update", () => {
    const started = result.events.webgpu.find(({ event }) => event === "started")
    const { stepZeroLoss, stepZeroExpected } = started as Extract<TrainEvent, { event: "started" }>
    expect(stepZeroExpected).toBeCloseTo(Math.LN2, 12)
    expect(stepZeroLoss).toBeCloseTo(Math.LN2, 5)
  })

  it("ends with the same bytes where it was interrupted after a checkpoint and run again", () => {
    expect(result.lines.whole.split("\n").length).toBeGreaterThan(8)
    expect(result.lines.cut).toBe(result.lines.whole)
  })

  it("leaves no tensors, and does not keep the freed buffers of every batch", () => {
    expect(result.tensors).toBe(0)
    expect(result.bytes).toBeLessThan(2 ** 28 + 2 ** 26)
  })

  it("says what the device refuses, once, and computes on", () => {
    expect(result.excess.message).toMatch(/^WebGPU: .*exceeds/)
    expect(result.excess.after).toBe(24_995_000)
  })
})
