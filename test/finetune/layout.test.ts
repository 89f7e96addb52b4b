import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { fastOps } from "../../src/finetune/tfjs/fastOps.ts"
import { type RunningModel, scoreTokens } from "../../src/finetune/tfjs/gradient.ts"
import { layOut, type PromptRow, sumPerAnswer } from "../../src/finetune/tfjs/layout.ts"
import { initialParameters, type Parameters, uploadParameters } from "../../src/finetune/tfjs/model.ts"
import { plainOps } from "../../src/finetune/tfjs/ops.ts"
import { Rng } from "../../src/random/rng.ts"
import { tinyConfig, wasmBackend } from "./tiny.ts"

let backend: Backend
let parameters: Parameters
beforeAll(async () => {
  backend = await wasmBackend()
  parameters = uploadParameters(backend.tf, tinyConfig, initialParameters(tinyConfig, Rng.fromSeed(3)))
})

const token = fc.integer({ min: 0, max: tinyConfig.vocabulary - 1 })
const tokens = (maxLength: number) => fc.array(token, { minLength: 1, maxLength })
const row: fc.Arbitrary<PromptRow> = fc.record({
  prompt: tokens(6),
  answers: fc.array(tokens(8), { minLength: 1, maxLength: 3 })
})
const rows = fc.array(row, { minLength: 1, maxLength: 4 })

const alone = (list: ReadonlyArray<PromptRow>): ReadonlyArray<PromptRow> =>
  list.flatMap(({ prompt, answers }) => answers.map((answer) => ({ prompt, answers: [answer] })))

const fast = (): RunningModel => ({ tf: backend.tf, ops: fastOps(backend), config: tinyConfig })
const plain = (): RunningModel => ({ tf: backend.tf, ops: plainOps(backend.tf), config: tinyConfig })

const answerScores = (model: RunningModel, list: ReadonlyArray<PromptRow>, padded: boolean): ReadonlyArray<number> => {
  const layout = layOut(list, tinyConfig.context, padded)
  return [...sumPerAnswer(layout, scoreTokens(model, parameters, layout))]
}

describe("a layout", () => {
  it("gives every answer the log-probability it has alone: packing, sharing prompts and padding change nothing", () => {
    fc.assert(
      fc.property(rows, (list) => {
        const wanted = alone(list).map((single) => answerScores(plain(), [single], false)[0]!)
        for (const scores of [
          answerScores(fast(), list, false),
          answerScores(fast(), list, true),
          answerScores(fast(), alone(list), false),
          answerScores(plain(), list, false),
          answerScores(plain(), list, true)
        ]) {
          scores.forEach((score, i) => {
            expect(Math.abs(score - wanted[i]!)).toBeLessThan(1e-4)
          })
        }
      }),
      { numRuns: 25 }
    )
  }, 60_000)

  it("counts inputs, targets and keys", () => {
    const layout = layOut([{ prompt: [1, 2], answers: [[3, 4, 5], [6]] }], 24)
    // Inputs: 1 2 | 3 4 ; the single-token answer needs none beyond the prompt.
    expect([...layout.tokens]).toEqual([1, 2, 3, 4])
    expect([...layout.positions]).toEqual([0, 1, 2, 3])
    expect([...layout.targetRows]).toEqual([1, 2, 3, 1])
    expect([...layout.targets]).toEqual([3, 4, 5, 6])
    expect([...layout.targetAnswers]).toEqual([0, 0, 0, 1])
    expect([...layout.answerLengths]).toEqual([3, 1])
    expect(layout.keys).toBe(1 + 2 + 3 + 4)
    expect(layout.inputs).toBe(4)
  })

  it("pads to the longest row with inputs that see only themselves", () => {
    const layout = layOut(
      [
        { prompt: [1], answers: [[2]] },
        { prompt: [3, 4], answers: [[5, 6]] }
      ],
      24,
      true
    )
    expect(layout.grid).toEqual({ rows: 2, length: 3 })
    expect([...layout.tokens]).toEqual([1, 0, 0, 3, 4, 5])
    expect(layout.inputs).toBe(4)
    expect([...layout.ranges.subarray(5, 10)]).toEqual([0, 0, 1, 2, 1])
  })

  it.each([
    [[], "no rows"],
    [[{ prompt: [], answers: [[1]] }], "prompt is empty"],
    [[{ prompt: [1], answers: [] }], "answer is empty"],
    [[{ prompt: [1], answers: [[1], []] }], "answer is empty"],
    [[{ prompt: [1, 2], answers: [[1, 2, 3, 4]] }], "takes 5 positions, the model has 4"]
  ])("refuses %j", (list: ReadonlyArray<PromptRow>, message) => {
    expect(() => layOut(list, 4)).toThrow(message)
  })
})
