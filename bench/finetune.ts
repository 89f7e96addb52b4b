/**
 * One preference update (forward, backward, clipping, Adam) of the embedded engine on 8 pairs shaped like the sentiment
 * study's (prompts of 8 tokens, answers of 22), by the fast path (packed pairs that share their prompt, SIMD kernels,
 * explicit transposes) and by the naive one (a padded row per answer, tfjs's own gradients, one-hot embeddings). Both
 * compute the same gradient; updates alternate in one process.
 * Run: `node bench/finetune.ts [rounds]`. Prints JSON; times are CPU time of one thread in milliseconds.
 */
import * as Result from "effect/Result"
import { readModelFolder } from "../src/finetune/modelFolder.ts"
import { referenceModelFolder, referenceModels } from "../src/finetune/referenceModels.ts"
import { type Backend, startBackend } from "../src/finetune/tfjs/backend.ts"
import { fastOps } from "../src/finetune/tfjs/fastOps.ts"
import { lossAndGradients } from "../src/finetune/tfjs/gradient.ts"
import { type Layout, layOut } from "../src/finetune/tfjs/layout.ts"
import { disposeParameters, type ModelConfig, parameterCount, uploadParameters } from "../src/finetune/tfjs/model.ts"
import { pairObjective } from "../src/finetune/tfjs/objective.ts"
import { type Ops, plainOps } from "../src/finetune/tfjs/ops.ts"
import {
  adamStep,
  clipFactor,
  defaultOptimizer,
  globalNorm,
  type OptimizerState,
  startOptimizer
} from "../src/finetune/tfjs/optimizer.ts"
import { fixedColumns } from "../src/finetune/tfjs/scoring.ts"
import { compileKernel } from "../src/loss/kernel.ts"
import { resolveLoss } from "../src/loss/resolve.ts"
import { Rng } from "../src/random/rng.ts"
import { machine, spread } from "./machine.ts"

const PAIRS = 8
const PROMPT = 8
const ANSWER = 22

const cpuMilliseconds = (work: () => void): number => {
  const start = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1e3
}

const makePairs = (config: ModelConfig) => {
  const rng = Rng.fromSeed("bench/finetune")
  const tokens = (length: number) => Array.from({ length }, () => rng.int(config.vocabulary))
  return Array.from({ length: PAIRS }, () => ({
    ...{ prompt: tokens(PROMPT), chosen: tokens(ANSWER), rejected: tokens(ANSWER), scoreChosen: 1, scoreRejected: 0 }
  }))
}

/** A closure that does one update and returns the gradient norm. `plain` takes the backend's memory, and so its kernels, away. */
const updater = (backend: Backend, config: ModelConfig, ops: Ops, layout: Layout, start: OptimizerState) => {
  const { tf } = backend
  const kernel = compileKernel(Result.getOrThrow(resolveLoss("dpo")).program)
  const fixed = fixedColumns(makePairs(config), new Float64Array(2 * PAIRS).fill(-150))
  const { objective } = pairObjective(kernel, fixed, layout, 0)
  let state = start
  let step = 0
  return (): number => {
    step += 1
    const { gradients } = lossAndGradients({ tf, ops, config }, state.parameters, layout, objective)
    const norm = globalNorm(backend, gradients)
    state = adamStep(backend, state, gradients, clipFactor(norm, 1), { ...defaultOptimizer, step, learningRate: 1e-6 })
    disposeParameters(gradients)
    return norm
  }
}

const measure = (backend: Backend, name: (typeof referenceModels)[number], rounds: number) => {
  const { config, arrays } = Result.getOrThrow(readModelFolder(referenceModelFolder(name)))
  const pairs = makePairs(config)
  const packed = layOut(
    pairs.map(({ prompt, chosen, rejected }) => ({ prompt, answers: [chosen, rejected] })),
    config.context
  )
  const padded = layOut(
    pairs.flatMap(({ prompt, chosen, rejected }) =>
      [chosen, rejected].map((answer) => ({ prompt, answers: [answer] }))
    ),
    config.context,
    true
  )
  const { memory: _memory, ...bare } = backend
  const start = () => startOptimizer(backend, uploadParameters(backend.tf, config, arrays))
  const fast = updater(backend, config, fastOps(backend), packed, start())
  const naive = updater(bare, config, plainOps(backend.tf), padded, start())
  const norms = [fast(), naive()] as const
  for (let i = 0; i < 5; i++) fast()
  const times = Array.from({ length: rounds }, () => ({
    fast:
      cpuMilliseconds(() => {
        for (let i = 0; i < 4; i++) fast()
      }) / 4,
    naive: cpuMilliseconds(naive)
  }))
  const best = Math.min(...times.map((time) => time.fast))
  const tokens = PAIRS * (PROMPT + 2 * ANSWER)
  const products = parameterCount(config) - config.context * config.width - config.vocabulary * config.width
  const head = packed.targets.length * config.vocabulary * config.width
  return {
    model: name,
    parameters: parameterCount(config),
    pairs: PAIRS,
    tokensPerUpdate: tokens,
    fastMs: spread(times.map((time) => time.fast)),
    naiveMs: spread(times.map((time) => time.naive)),
    speedup: spread(times.map((time) => time.naive / time.fast)),
    tokensPerSecond: Math.round((1000 * tokens) / best),
    matrixGflops: (6 * (packed.tokens.length * products + head)) / best / 1e6,
    gradientNorms: norms
  }
}

const rounds = Number(process.argv[2] ?? 9)
const backend = Result.getOrThrow(await startBackend("tfjs-wasm"))
const results = referenceModels.map((name) => measure(backend, name, rounds))
process.stdout.write(`${JSON.stringify({ machine: machine(), tfjs: backend.tf.version_core, results }, null, 2)}\n`)
