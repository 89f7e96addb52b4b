import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { encodePairs } from "../../src/finetune/data.ts"
import type { TrainEvent } from "../../src/finetune/events.ts"
import { encodeJob, type TrainingJob } from "../../src/finetune/job.ts"
import { readModelFolder } from "../../src/finetune/modelFolder.ts"
import type { Backend } from "../../src/finetune/tfjs/backend.ts"
import { readCheckpoint } from "../../src/finetune/tfjs/checkpoint.ts"
import { lossAndGradients, runningModel } from "../../src/finetune/tfjs/gradient.ts"
import { layOut } from "../../src/finetune/tfjs/layout.ts"
import { pairMetrics } from "../../src/finetune/tfjs/metrics.ts"
import { disposeParameters, uploadParameters } from "../../src/finetune/tfjs/model.ts"
import { pairObjective } from "../../src/finetune/tfjs/objective.ts"
import { plainOps } from "../../src/finetune/tfjs/ops.ts"
import { disposePrepared, prepareJob } from "../../src/finetune/tfjs/prepare.ts"
import {
  cachedReferenceScores,
  fixedColumns,
  pairRow,
  referenceKey,
  scorePairs,
  selectColumns
} from "../../src/finetune/tfjs/scoring.ts"
import { checkStepZero } from "../../src/finetune/tfjs/stepZero.ts"
import { runTfjsJob } from "../../src/finetune/tfjs/train.ts"
import { batchOrder, jobBatches } from "../../src/finetune/tfjs/update.ts"
import { compileKernel } from "../../src/loss/kernel.ts"
import { programToTensors } from "../../src/loss/tensors.ts"
import { Rng } from "../../src/random/rng.ts"
import {
  DPO,
  programOfExpression,
  temporaryFolder,
  tinyConfig,
  tinyJob,
  tinyPairs,
  tinyPairsJson,
  tinyTokenizer,
  wasmBackend,
  writeTinyModel
} from "./tiny.ts"

const folder = temporaryFolder()
const model = join(folder.path, "model")
const other = join(folder.path, "other")
let backend: Backend

beforeAll(async () => {
  backend = await wasmBackend()
  writeTinyModel(backend, model)
  writeTinyModel(backend, other, 2, 60)
})
afterAll(() => folder.remove())

const collect = async (events: AsyncIterable<TrainEvent>): Promise<ReadonlyArray<TrainEvent>> => {
  const all: Array<TrainEvent> = []
  for await (const event of events) all.push(event)
  return all
}
const run = (job: TrainingJob) => collect(runTfjsJob(job))

type Of<K extends TrainEvent["event"]> = Extract<TrainEvent, { readonly event: K }>
const ofKind = <K extends TrainEvent["event"]>(events: ReadonlyArray<TrainEvent>, kind: K): ReadonlyArray<Of<K>> =>
  events.filter((event): event is Of<K> => event.event === kind)

describe("a preference training run", () => {
  it("starts at the loss of zero margin, lowers it, and reports every update and evaluation", async () => {
    const events = await run(tinyJob(model, { steps: 40 }))
    const [started] = ofKind(events, "started")
    expect(started!.stepZeroLoss).toBeCloseTo(Math.log(2), 4)
    expect(started!.stepZeroExpected).toBeCloseTo(Math.log(2), 12)
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

  it("names its metrics as TRL does", async () => {
    const [first] = ofKind(await run(tinyJob(model, { steps: 1 })), "step")
    const { metrics } = first!
    for (const name of ["loss", "grad_norm", "learning_rate", "num_tokens"]) expect(metrics).toHaveProperty([name])
    for (const group of ["rewards", "logps"]) {
      for (const side of ["chosen", "rejected"]) expect(metrics).toHaveProperty([`${group}/${side}`])
    }
    expect(metrics["rewards/margins"]).toBeCloseTo(metrics["rewards/chosen"]! - metrics["rewards/rejected"]!, 10)
    expect(metrics).toHaveProperty(["rewards/accuracies"])
  })

  it("keeps the number of tensors constant over updates and frees all of them", async () => {
    const held = () => `${backend.tf.memory().numTensors} tensors, ${backend.tf.memory().numDataBuffers} buffers`
    const counts: Array<string> = []
    const before = held()
    for await (const event of runTfjsJob(tinyJob(model, { steps: 8 }))) if (event.event === "step") counts.push(held())
    expect(new Set(counts).size).toBe(1)
    expect(held()).toBe(before)
  })

  it("frees all tensors when its reader stops early", async () => {
    const before = backend.tf.memory().numTensors
    for await (const event of runTfjsJob(tinyJob(model))) if (event.event === "step") break
    expect(backend.tf.memory().numTensors).toBe(before)
  })

  it("repeats itself: same job, same events; another seed, other batches", async () => {
    expect(await run(tinyJob(model))).toEqual(await run(tinyJob(model)))
    const losses = async (seed: number) =>
      ofKind(await run(tinyJob(model, { seed, steps: 4 })), "step").map(({ metrics }) => metrics.loss)
    expect(await losses(1)).not.toEqual(await losses(2))
  })

  it("minimises each loss it is given, length-normalised ones and the cross-entropy term included", async () => {
    const losses = [
      "-logsigmoid(beta*(lw/nw - ll/nl) - 1)",
      "(((lw - rw) - (ll - rl)) - 1/(2*beta))^2",
      "max(0, 1 - (lw - ll))",
      "-logsigmoid((lw/nw - ll/nl) - (log1mexp(lw/nw) - log1mexp(ll/nl)))",
      "-((s_w - s_l) - beta/2*((lw - rw) - (ll - rl)))*((lw - rw) - (ll - rl))"
    ]
    const data = { pairs: tinyPairsJson.slice(0, 24) }
    for (const expression of losses) {
      for (const ce of [0, 0.1]) {
        const job = tinyJob(model, { steps: 20, batch_size: 24, ce_weight: ce, data }, expression)
        const steps = ofKind(await run(job), "step")
        expect(steps.at(-1)!.metrics.loss!, expression).toBeLessThan(steps[0]!.metrics.loss! - 0.05)
      }
    }
  }, 60_000)
})

describe("batches", () => {
  it("visit every pair once per pass, in another order each pass", () => {
    const order = batchOrder(7, 3, Rng.fromSeed(1))
    const visits = Array.from({ length: 7 }, (_, i) => order(i + 1)).flat()
    for (const pass of [0, 1, 2]) {
      expect([...visits.slice(7 * pass, 7 * pass + 7)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    }
    expect(visits.slice(0, 7)).not.toEqual(visits.slice(7, 14))
    // The order is a function of the step: asking again, or out of turn, changes nothing.
    expect(order(2)).toEqual(visits.slice(3, 6))
  })
})

const tokens = Result.getOrThrow(
  encodePairs(tinyTokenizer, tinyPairs.slice(0, 8), { context: tinyConfig.context, needsScores: true }, "tiny")
)

/** The policy, the reference, and the objective of a loss on eight pairs. */
const onPairs = (expression: string, ceWeight = 0) => {
  const running = runningModel(backend, tinyConfig)
  const policy = uploadParameters(backend.tf, tinyConfig, Result.getOrThrow(readModelFolder(model)).arrays)
  const reference = uploadParameters(backend.tf, tinyConfig, Result.getOrThrow(readModelFolder(other)).arrays)
  const fixed = fixedColumns(tokens, scorePairs(running, reference, tokens))
  disposeParameters(reference)
  const layout = layOut(tokens.map(pairRow), tinyConfig.context)
  const program = programOfExpression(expression, { beta: 0.5 })
  const { objective, details } = pairObjective(compileKernel(program), fixed, layout, ceWeight)
  const { loss, gradients } = lossAndGradients(running, policy, layout, objective)
  return { running, policy, fixed, layout, program, loss, gradients, details: details() }
}

describe("a loss on pairs", () => {
  it("has CoPG's gradient: each answer's regularised reward against the other's (2406.19185, section 2.1)", () => {
    const copg = onPairs("-((s_w - s_l) - beta/2*((lw - rw) - (ll - rl)))*((lw - rw) - (ll - rl))")
    const { answers, answerWeights } = copg.details
    const { rw, rl, s_w, s_l } = copg.fixed
    const beta = 0.5
    tokens.forEach((_, i) => {
      const regularised = [
        s_w![i]! - beta * (answers[2 * i]! - rw![i]!),
        s_l![i]! - beta * (answers[2 * i + 1]! - rl![i]!)
      ] as const
      const weight = -(regularised[0] - regularised[1]) / tokens.length
      expect(answerWeights[2 * i]).toBeCloseTo(weight, 12)
      expect(answerWeights[2 * i + 1]).toBeCloseTo(-weight, 12)
    })
    // And what reaches the model is that weight on the gradient of each answer's log-probability.
    const direct = lossAndGradients(copg.running, copg.policy, copg.layout, (values) => ({
      loss: 0,
      weights: Float32Array.from(values, (_, m) => answerWeights[copg.layout.targetAnswers[m]!]!)
    }))
    for (const [name, gradient] of Object.entries(copg.gradients)) {
      expect([...gradient.dataSync()], name).toEqual([...direct.gradients[name]!.dataSync()])
    }
    for (const set of [copg.gradients, copg.policy, direct.gradients]) disposeParameters(set)
  })

  it("is scored by the plain operations on padded rows: one mask over a packed batch is quadratic in the batch", () => {
    const ops = plainOps(backend.tf)
    const grids: Array<number> = []
    const watched: typeof ops = {
      ...ops,
      attention: (qkv, heads, layout) => {
        grids.push(layout.grid.rows)
        return ops.attention(qkv, heads, layout)
      }
    }
    const parameters = uploadParameters(backend.tf, tinyConfig, Result.getOrThrow(readModelFolder(model)).arrays)
    const plain = scorePairs({ tf: backend.tf, ops: watched, config: tinyConfig }, parameters, tokens)
    expect(new Set(grids)).toEqual(new Set([tokens.length]))
    scorePairs(runningModel(backend, tinyConfig), parameters, tokens).forEach((score, i) => {
      expect(plain[i]).toBeCloseTo(score, 4)
    })
    disposeParameters(parameters)
  })

  it("is the same by the Float64 kernel and by the tensor program", () => {
    const { loss, program, fixed, details, gradients, policy } = onPairs(DPO)
    backend.tf.tidy(() => {
      const column = (values: ArrayLike<number>) => backend.tf.tensor1d(Float32Array.from(values))
      const side = (which: 0 | 1) => column(tokens.map((_, i) => details.answers[2 * i + which]!))
      const inputs = { lw: side(0), ll: side(1), rw: column(fixed.rw!), rl: column(fixed.rl!) }
      const tensors = programToTensors(backend.tf, program)(inputs)
      const losses = [...tensors.loss.dataSync()]
      expect(losses.reduce((sum, value) => sum + value / losses.length, 0)).toBeCloseTo(loss, 5)
      tensors.gradients.lw!.dataSync().forEach((value, i) => {
        expect(value / tokens.length).toBeCloseTo(details.answerWeights[2 * i]!, 5)
      })
      tensors.gradients.ll!.dataSync().forEach((value, i) => {
        expect(value / tokens.length).toBeCloseTo(details.answerWeights[2 * i + 1]!, 5)
      })
    })
    disposeParameters(gradients)
    disposeParameters(policy)
  })

  it("reads each side's own token count and score, and weighs each side by its own derivative", () => {
    const { details, gradients, policy, loss } = onPairs("lw/nw - 3*ll/nl + s_w*lw - 2*s_l*ll", 0.5)
    const count = tokens.length
    let expected = 0
    tokens.forEach(({ chosen, rejected, scoreChosen, scoreRejected }, i) => {
      const [w, l] = [details.answers[2 * i]!, details.answers[2 * i + 1]!]
      expected += (w / chosen.length - (3 * l) / rejected.length + scoreChosen * w - 2 * scoreRejected * l) / count
      expected -= (0.5 * w) / chosen.length / count
      expect(details.answerWeights[2 * i]).toBeCloseTo((0.5 / chosen.length + scoreChosen) / count, 12)
      expect(details.answerWeights[2 * i + 1]).toBeCloseTo((-3 / rejected.length - 2 * scoreRejected) / count, 12)
    })
    expect(loss).toBeCloseTo(expected, 10)
    expect(tokens.some(({ chosen, rejected }) => chosen.length !== rejected.length)).toBe(true)
    for (const set of [gradients, policy]) disposeParameters(set)
  })

  it("adds the chosen answer's cross-entropy per token, weighted", () => {
    const [without, with2] = [onPairs(DPO), onPairs(DPO, 2)]
    const entropy = tokens.reduce(
      (sum, pair, i) => sum - without.details.answers[2 * i]! / pair.chosen.length / tokens.length,
      0
    )
    expect(with2.loss - without.loss).toBeCloseTo(2 * entropy, 5)
    for (const set of [without.gradients, without.policy, with2.gradients, with2.policy]) disposeParameters(set)
  })
})

describe("metrics of pairs", () => {
  it("are TRL's: scaled log-ratios, per token where the loss is, and a tie counts half", () => {
    const column = (...values: ReadonlyArray<number>) => Float64Array.from(values)
    const fixed = { rw: column(-2, -3), rl: column(-6, -4), nw: column(2, 1), nl: column(4, 5) }
    const answers = column(-1, -8, -5, -6)
    expect(pairMetrics(answers, fixed, { scale: 0.5, perToken: false })).toEqual({
      ...{ "rewards/chosen": -0.25, "rewards/rejected": -1, "rewards/margins": 0.75, "rewards/accuracies": 0.75 },
      ...{ "logps/chosen": -3, "logps/rejected": -7 },
      ...{ "logps_per_token/chosen": -2.75, "logps_per_token/rejected": -1.6 }
    })
    // Per token: 1/4 and -1 against -1/4 and -1/5.
    expect(pairMetrics(answers, fixed, { scale: 0.5, perToken: true })).toMatchObject({
      ...{ "rewards/chosen": -0.375, "rewards/rejected": -0.225, "rewards/accuracies": 0.5 }
    })
  })
})

describe("an update", () => {
  it("is Adam's on the clipped gradient at the scheduled rate, decayed: three of them by hand", async () => {
    const output = join(folder.path, "by-hand")
    const { evaluation: _none, ...job } = tinyJob(model, {
      ...{ steps: 3, batch_size: 4, learning_rate: 0.01, warmup: 2, final_rate: 0.5, output },
      ...{ clip: 0.1, weight_decay: 0.1, ce_weight: 0.3 }
    })
    const steps = ofKind(await run(job), "step")
    const found = Result.getOrThrow(readCheckpoint(join(output, "checkpoint.safetensors")))!

    const prepared = Result.getOrThrow(await prepareJob(job, "tfjs-wasm"))
    const { training, start, model: running, kernel } = prepared
    const state = Object.entries(start.arrays).map(([name, { shape, values }]) => {
      const [p, m, v] = [Float64Array.from(values), new Float64Array(values.length), new Float64Array(values.length)]
      return { name, shape, p, m, v }
    })
    for (const [index, rate] of [0.005, 0.01, 0.005].entries()) {
      const rows = jobBatches(prepared)(index + 1)
      const layout = layOut(
        rows.map((row) => pairRow(training.pairs[row]!)),
        tinyConfig.context
      )
      const arrays = Object.fromEntries(
        state.map(({ name, shape, p }) => [name, { shape, values: Float32Array.from(p) }])
      )
      const policy = uploadParameters(backend.tf, tinyConfig, arrays)
      const { objective } = pairObjective(kernel, selectColumns(training.fixed, rows), layout, 0.3)
      const { loss, gradients } = lossAndGradients(running, policy, layout, objective)
      const g = Object.fromEntries(Object.entries(gradients).map(([name, tensor]) => [name, [...tensor.dataSync()]]))
      for (const set of [policy, gradients]) disposeParameters(set)
      const norm = Math.hypot(...Object.values(g).flat())
      expect(norm).toBeGreaterThan(0.1)
      expect(steps[index]!.metrics).toMatchObject({ learning_rate: rate, loss: expect.closeTo(loss, 4) })
      expect(steps[index]!.metrics.grad_norm! / norm).toBeCloseTo(1, 3)
      for (const { name, p, m, v } of state) {
        g[name]!.forEach((entry, i) => {
          const clipped = (entry * 0.1) / norm
          m[i] = 0.9 * m[i]! + 0.1 * clipped
          v[i] = 0.999 * v[i]! + 0.001 * clipped ** 2
          const change = m[i]! / (1 - 0.9 ** (index + 1)) / (Math.sqrt(v[i]! / (1 - 0.999 ** (index + 1))) + 1e-8)
          p[i] = p[i]! - rate * change - rate * 0.1 * p[i]!
        })
      }
    }
    for (const { name, p } of state) {
      found.tensors[`parameters.${name}`]!.values.forEach((value, i) => {
        expect(Math.abs(value - p[i]!), name).toBeLessThan(2e-4)
      })
    }
    disposePrepared(prepared)
  })
})

const failureOf = async (job: TrainingJob): Promise<Of<"failed">> => {
  const last = (await run(job)).at(-1)!
  if (last.event !== "failed") throw new Error(`ended with ${last.event}`)
  return last
}

describe("a job that must not run", () => {
  it("stops before the first update when the reference is another model", async () => {
    const failed = await failureOf(tinyJob(model, { reference: other }))
    expect(failed).toMatchObject({ reason: "step-zero", step: 0 })
    expect(failed.message).toMatch(/before the first update the policy gives the (chosen|rejected) answer of pair \d+/)
    expect(failed.rows).toHaveLength(1)
  })

  it("stops before the first update when what trains is not the loss of the job", async () => {
    const prepared = Result.getOrThrow(await prepareJob(tinyJob(model), "tfjs-wasm"))
    const rows = [0, 1, 2]
    const right = checkStepZero(prepared, prepared.reference, rows)
    expect(Result.getOrThrow(right).expected).toBeCloseTo(Math.log(2), 9)
    // The hinge where the job says logistic: 1 at zero margin instead of log 2.
    const kernel = compileKernel(programOfExpression("max(0, 1 - 0.1*((lw - rw) - (ll - rl)))"))
    const wrong = checkStepZero({ ...prepared, kernel }, prepared.reference, rows)
    expect(Result.isFailure(wrong) && wrong.failure).toMatchObject({ reason: "step-zero", step: 0 })
    expect(Result.isFailure(wrong) && wrong.failure.detail).toMatch(/its program gives 0\.69/)
  })

  it("stops before the first update when cached reference scores are stale", async () => {
    const cache = join(folder.path, "stale")
    const prepared = Result.getOrThrow(await prepareJob(tinyJob(model), "tfjs-wasm"))
    const [{ pairs }, { model: running, start, backend: engine }] = [prepared.training, prepared]
    const elsewhere = uploadParameters(engine.tf, start.config, Result.getOrThrow(readModelFolder(other)).arrays)
    const key = referenceKey(start.hash, engine.id, pairs)
    cachedReferenceScores(cache, key, pairs, () => scorePairs(running, elsewhere, pairs))
    expect(await failureOf(tinyJob(model, { reference_cache: cache }))).toMatchObject({ reason: "step-zero" })
    disposeParameters(elsewhere)
    disposePrepared(prepared)
  })

  it("computes cached reference scores again when their file is damaged, in any pair", async () => {
    const cache = join(folder.path, "cache")
    const job = tinyJob(model, { reference_cache: cache, steps: 4 })
    const events = await run(job)
    expect(readdirSync(cache)).toHaveLength(2)
    for (const name of readdirSync(cache)) {
      const bytes = readFileSync(join(cache, name))
      bytes[bytes.length - 3]! ^= 0x10
      writeFileSync(join(cache, name), bytes)
    }
    expect(await run(job)).toEqual(events)
    expect(await run(job)).toEqual(events)
  })

  it("names the update and the pairs when a loss is not finite", async () => {
    // Infinite as soon as the margin is positive.
    const failed = await failureOf(tinyJob(model, { learning_rate: 0.05 }, "-log(0.2 - ((lw - rw) - (ll - rl)))"))
    expect(failed.reason).toBe("non-finite-loss")
    expect(failed.step).toBeGreaterThan(1)
    expect(failed.rows.length).toBeGreaterThan(0)
    expect(failed.message).toContain(`at update ${failed.step}`)
  })

  it("names the update that made the policy itself not finite, and keeps that out of checkpoints", async () => {
    const broken = { steps: 2, learning_rate: 1e30 }
    const evaluated = await failureOf(tinyJob(model, { ...broken, evaluation: { every: 1, max_tokens: 4 } }))
    expect(evaluated).toMatchObject({ reason: "non-finite-loss", step: 1 })
    expect(evaluated.message).toMatch(/is not finite after update 1: kl is NaN/)
    const output = join(folder.path, "infinite")
    const { evaluation: _none, ...blind } = tinyJob(model, { ...broken, steps: 1, output })
    const saved = await failureOf(blind)
    expect(saved).toMatchObject({ reason: "non-finite-loss", step: 1 })
    expect(readdirSync(output)).toEqual(["events.jsonl"])
  })

  it("says so when a loss is not finite at the reference itself", async () => {
    const failed = await failureOf(tinyJob(model, {}, "log((lw - rw) - (ll - rl) - 1)"))
    expect(failed).toMatchObject({ reason: "non-finite-loss", step: 0 })
  })

  it("is refused with the reason", async () => {
    expect(await failureOf(tinyJob(model, {}, "lw - kl"))).toMatchObject({
      reason: "unsupported-loss",
      message: expect.stringContaining("needs kl")
    })
    expect((await failureOf(tinyJob(join(folder.path, "nowhere")))).message).toContain("config.json: cannot be read")
    const empty = [{ prompt: "we", chosen: " ", rejected: " hate war." }]
    expect((await failureOf(tinyJob(model, { data: { pairs: empty } }))).message).toBe(
      "tiny/dpo: pairs, line 1: an answer is empty"
    )
    const long = [{ prompt: "we", chosen: " love".repeat(30), rejected: " hate war." }]
    expect((await failureOf(tinyJob(model, { data: { pairs: long } }))).message).toContain("the model has 24")
    const same = [{ prompt: "we", chosen: " love.", rejected: " love." }]
    expect((await failureOf(tinyJob(model, { data: { pairs: same } }))).message).toContain("the same text")
    const noScores = [{ prompt: "we", chosen: " love.", rejected: " hate." }]
    expect((await failureOf(tinyJob(model, { data: { pairs: noScores } }, "-s_w*lw + s_l*ll"))).message).toContain(
      "needs score_chosen"
    )
    const prompts = ["we ".repeat(30)]
    const data = { pairs: tinyPairsJson, prompts }
    expect((await failureOf(tinyJob(model, { data }))).message).toContain("leaves no room")
    const file = join(folder.path, "a-file")
    writeFileSync(file, "")
    expect((await failureOf(tinyJob(model, { output: join(file, "out") }))).message).toContain("cannot be made")
    const outcome = await failureOf(tinyJob(model, { data: { pairs: join(folder.path, "none.jsonl") } }))
    expect(outcome.message).toContain("none.jsonl, the file cannot be read")
  })

  it("does not overwrite another job's folder", async () => {
    const output = join(folder.path, "taken")
    await run(tinyJob(model, { steps: 2, output }))
    const events = readFileSync(join(output, "events.jsonl"))
    expect(await failureOf(tinyJob(model, { steps: 3, output }))).toMatchObject({
      reason: "invalid-input",
      message: expect.stringContaining("holds the results of another job")
    })
    expect(readFileSync(join(output, "events.jsonl"))).toEqual(events)
  })
})

/** Runs a job in a process of its own and kills it, without warning, once its event file has `lines` lines. */
const runAndKill = (job: TrainingJob, lines: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = join(folder.path, "job.mjs")
    const jobFile = join(folder.path, "job.json")
    const source = (name: string) => JSON.stringify(join(import.meta.dirname, "../../src/finetune", name))
    writeFileSync(jobFile, JSON.stringify(encodeJob(job)))
    writeFileSync(
      script,
      `import { readFileSync } from "node:fs"
       const { decodeJob } = await import(${source("job.ts")})
       const { runTfjsJob } = await import(${source("tfjs/train.ts")})
       const job = decodeJob(JSON.parse(readFileSync(${JSON.stringify(jobFile)}, "utf8")))
       for await (const event of runTfjsJob(job.success)) if (event.event === "failed") process.exit(3)`
    )
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "inherit"] })
    const events = join(job.output!, "events.jsonl")
    const poll = setInterval(() => {
      const written = existsSync(events) ? readFileSync(events, "utf8").split("\n").length - 1 : 0
      if (written >= lines) child.kill("SIGKILL")
    }, 2)
    child.on("exit", (code, signal) => {
      clearInterval(poll)
      if (signal === "SIGKILL") resolve()
      else reject(new Error(`the job was not killed in time: exit code ${code}`))
    })
  })

describe("a job that is interrupted", () => {
  const jobIn = (name: string) =>
    tinyJob(model, {
      steps: 60,
      checkpoint_every: 7,
      output: join(folder.path, name),
      evaluation: { every: 10, max_tokens: 8 }
    })

  it("ends with the bytes of one that was not, after a kill in the middle and one before the first checkpoint", async () => {
    await run(jobIn("straight"))
    const wanted = (name: string) => readFileSync(join(folder.path, "straight", name))
    for (const lines of [5, 30]) {
      const job = jobIn(`killed-${lines}`)
      await runAndKill(job, lines)
      const left = readFileSync(join(job.output!, "events.jsonl"), "utf8").split("\n").length - 1
      expect(left).toBeLessThan(wanted("events.jsonl").toString().split("\n").length - 1)
      const events = await run(job)
      expect(readFileSync(join(job.output!, "events.jsonl")).equals(wanted("events.jsonl"))).toBe(true)
      expect(readFileSync(join(job.output!, "checkpoint.safetensors")).equals(wanted("checkpoint.safetensors"))).toBe(
        true
      )
      expect(events[0]!.event).toBe("started")
      expect(events.at(-1)!.event).toBe("finished")
      expect(ofKind(events, "step").map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    }
  }, 120_000)

  it("ends with those bytes too when it stops after any event, and when its event file is cut, damaged or lost", async () => {
    const jobAt = (name: string) =>
      tinyJob(model, {
        steps: 5,
        checkpoint_every: 2,
        output: join(folder.path, name),
        evaluation: { every: 3, max_tokens: 4 }
      })
    const events = await run(jobAt("whole"))
    const bytes = (name: string) =>
      ["events.jsonl", "checkpoint.safetensors"].map((file) => readFileSync(join(folder.path, name, file), "base64"))
    const eventFile = (name: string) => join(folder.path, name, "events.jsonl")
    const faults: ReadonlyArray<(file: string) => void> = [
      () => undefined,
      (file) => writeFileSync(file, readFileSync(file).subarray(0, -7)),
      (file) => writeFileSync(file, readFileSync(file, "utf8").replace(/"step":0/, '"step":-')),
      (file) => rmSync(file)
    ]
    for (const [kind, fault] of faults.entries()) {
      // A stop after any event; the faults at a few of them, the checkpoint's among them.
      for (let count = 1; count <= events.length; count += kind === 0 ? 1 : 4) {
        const name = `stopped-${kind}-${count}`
        let seen = 0
        for await (const _ of runTfjsJob(jobAt(name))) if (++seen === count) break
        fault(eventFile(name))
        expect(await run(jobAt(name)), name).toEqual(events)
        expect(bytes(name), name).toEqual(bytes("whole"))
      }
    }
  }, 120_000)

  it("leaves a file alone that holds something else than its events", async () => {
    const output = join(folder.path, "foreign")
    mkdirSync(output)
    writeFileSync(join(output, "events.jsonl"), '{"version":2,"event":"started"}\n')
    expect((await failureOf(tinyJob(model, { output }))).message).toContain("holds no events of this version")
    expect(readFileSync(join(output, "events.jsonl"), "utf8")).toBe('{"version":2,"event":"started"}\n')
  })

  it("only repeats its events when it is already finished", async () => {
    const job = jobIn("straight")
    const before = readFileSync(join(job.output!, "events.jsonl"))
    const events = await run(job)
    expect(events.at(-1)!.event).toBe("finished")
    expect(readFileSync(join(job.output!, "events.jsonl"))).toEqual(before)
  })

  it("says so when its checkpoint is damaged", async () => {
    const output = join(folder.path, "damaged")
    mkdirSync(output)
    writeFileSync(join(output, "checkpoint.safetensors"), "nonsense")
    expect((await failureOf(tinyJob(model, { output }))).message).toContain("checkpoint.safetensors: ")
  })
})
