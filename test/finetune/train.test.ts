import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { TrainEvent } from "../../src/finetune/events.ts"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { batchOrder, runTfjsJob } from "../../src/finetune/tfjs/train.ts"
import { Rng } from "../../src/random/rng.ts"
import { temporaryFolder, tinyJob, tinyPairsJson, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
const model = join(folder.path, "model")
const other = join(folder.path, "other")
let backend: Backend

beforeAll(async () => {
  backend = await wasmBackend()
  writeTinyModel(backend, model)
  writeTinyModel(backend, other, 2)
})
afterAll(() => folder.remove())

const collect = async (events: AsyncIterable<TrainEvent>): Promise<ReadonlyArray<TrainEvent>> => {
  const all: Array<TrainEvent> = []
  for await (const event of events) all.push(event)
  return all
}

type Of<K extends TrainEvent["event"]> = Extract<TrainEvent, { readonly event: K }>
const ofKind = <K extends TrainEvent["event"]>(events: ReadonlyArray<TrainEvent>, kind: K): ReadonlyArray<Of<K>> =>
  events.filter((event): event is Of<K> => event.event === kind)

describe("a preference training run", () => {
  it("starts at the loss of zero margin, lowers it, and reports every update and evaluation", async () => {
    const events = await collect(runTfjsJob(tinyJob(model, { steps: 40 })))
    const [started] = ofKind(events, "started")
    expect(started!.stepZeroLoss).toBeCloseTo(Math.log(2), 4)
    const steps = ofKind(events, "step")
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(steps[0]!.metrics.loss).toBeCloseTo(Math.log(2), 4)
    expect(steps.at(-1)!.metrics.loss!).toBeLessThan(0.3)
    const evaluations = ofKind(events, "evaluation")
    expect(evaluations.map(({ step }) => step)).toEqual([0, 6, 12, 18, 24, 30, 36, 40])
    expect(evaluations.at(-1)!.metrics["rewards/accuracies"]!).toBeGreaterThan(0.9)
    expect(evaluations[0]!.metrics.kl!).toBeCloseTo(0, 5)
    expect(evaluations.at(-1)!.metrics.kl!).toBeGreaterThan(0.1)
    expect(events.at(-1)!.event).toBe("finished")
  })
})
