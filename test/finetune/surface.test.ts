/** The loss over all parameters of the embedded model: layout, gradients, curvature, and where training ends. */
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parameterCount } from "../../src/finetune/tfjs/model.ts"
import { disposePrepared, type PreparedJob, prepareJob } from "../../src/finetune/tfjs/prepare.ts"
import {
  flattened,
  languageSurface,
  rowGroups,
  trainedParameters,
  unflattened
} from "../../src/finetune/tfjs/surface.ts"
import { runTfjsJob } from "../../src/finetune/tfjs/train.ts"
import { Rng } from "../../src/random/rng.ts"
import { differenceOperator } from "../../src/surface/differences.ts"
import { temporaryFolder, tinyConfig, tinyJob, wasmBackend, writeTinyModel } from "./tiny.ts"

const folder = temporaryFolder()
let prepared: PreparedJob

beforeAll(async () => {
  writeTinyModel(await wasmBackend(), folder.path)
  prepared = Result.getOrThrow(await prepareJob(tinyJob(folder.path), "tfjs-wasm"))
})
afterAll(() => {
  disposePrepared(prepared)
  folder.remove()
})

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const direction = (seed: number): Float64Array => {
  const rng = Rng.fromSeed(seed)
  const draw = Float64Array.from({ length: parameterCount(tinyConfig) }, () => rng.normal())
  const length = Math.sqrt(dot(draw, draw))
  return draw.map((value) => value / length)
}

describe("a language surface", () => {
  const start = () => flattened(tinyConfig, prepared.start.arrays)

  it("takes parameters apart and puts them together again", () => {
    const back = unflattened(tinyConfig, start())
    expect(back).toEqual(
      Object.fromEntries(
        Object.entries(prepared.start.arrays).map(([name, { shape, values }]) => [name, { shape: [...shape], values }])
      )
    )
  })

  it("groups the rows of matrices, and nothing twice", () => {
    const groups = rowGroups(tinyConfig)
    const covered = new Set(groups.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)))
    expect(covered.size).toBe(groups.reduce((sum, [from, to]) => sum + to - from, 0))
    expect(covered.size).toBeGreaterThan(0.9 * parameterCount(tinyConfig))
    expect(covered.size).toBeLessThan(parameterCount(tinyConfig))
  })

  it("is log 2 for DPO at its reference, with the slope that values have", () => {
    const surface = languageSurface(prepared, 12)
    expect(surface.size).toBe(parameterCount(tinyConfig))
    expect(surface.lossAt(start())).toBeCloseTo(Math.LN2, 6)
    const gradient = new Float64Array(surface.size)
    expect(surface.gradientInto(start(), gradient)).toBeCloseTo(Math.LN2, 6)
    for (const seed of [1, 2, 3]) {
      const along = direction(seed)
      const at = (share: number) => surface.lossAt(start().map((value, i) => value + share * along[i]!))
      const slope = (at(0.05) - at(-0.05)) / 0.1
      expect(Math.abs(slope - dot(gradient, along))).toBeLessThan(5e-4 + 0.02 * Math.abs(slope))
    }
  })

  it("has a symmetric Hessian up to single precision, and its curvature", () => {
    const surface = languageSurface(prepared, 12)
    const apply = differenceOperator(surface.gradientInto, start(), 0.2)
    const [a, b] = [direction(4), direction(5)]
    const products = [a, b].map((along) => {
      const product = new Float64Array(surface.size)
      apply(along, product)
      return product
    })
    // Gradients in single precision, and kinks of the activation: a hundredth of the product's length.
    const length = Math.sqrt(dot(products[0]!, products[0]!))
    expect(Math.abs(dot(products[0]!, b) - dot(products[1]!, a))).toBeLessThan(0.01 * length)
    const at = (share: number) => surface.lossAt(start().map((value, i) => value + share * a[i]!))
    const curvature = (at(0.2) - 2 * at(0) + at(-0.2)) / 0.04
    expect(Math.abs(curvature - dot(products[0]!, a))).toBeLessThan(0.01 * length)
  })

  it("ends where the training loop ends", async () => {
    const end = Result.getOrThrow(trainedParameters(prepared))
    const losses: Array<number> = []
    for await (const event of runTfjsJob(tinyJob(folder.path))) {
      if (event.event === "step") losses.push(event.metrics.loss!)
    }
    expect(losses).toHaveLength(12)
    const surface = languageSurface(prepared, 24)
    expect(surface.lossAt(end)).toBeLessThan(surface.lossAt(start()))
    // Training the same job twice is the same training.
    expect(Result.getOrThrow(trainedParameters(prepared))).toEqual(end)
  })
})
