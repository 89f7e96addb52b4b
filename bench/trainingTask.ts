/** @file What bench/training.ts times: bandit worlds, their data, and training in them. */
import * as Result from "effect/Result"
import { fullBatch, fullBatches, type PairBatch } from "../src/bandit/batch.ts"
import { runBanditCell } from "../src/bandit/cell.ts"
import type { Environment } from "../src/bandit/environment.ts"
import { makeEnvironment } from "../src/bandit/environments/registry.ts"
import { pairProgram, resolveFamily } from "../src/bandit/families.ts"
import { type FastRun, fastRun } from "../src/bandit/fast/fastRun.ts"
import { adam } from "../src/bandit/optimizer.ts"
import { exactPairs, type PairTable, sampledPairs } from "../src/bandit/pairs.ts"
import { tabularPolicy } from "../src/bandit/policy.ts"
import { fixedRegime } from "../src/bandit/regimes/offline.ts"
import { softmaxInto } from "../src/bandit/softmax.ts"
import { train } from "../src/bandit/train.ts"
import { Rng } from "../src/random/rng.ts"

export const learningRate = 0.02

/** Some seeds of one loss. */
export interface TrainingTask {
  readonly loss: string
  readonly arms: number
  readonly steps: number
  readonly from: number
  readonly to: number
  /**
   * What is timed: training in the generated loop from pairs to the last policy, as the other engines do; the same by the plain
   * loop, with metrics at the end; or cells from JSON to JSON, with the environment and metrics at both ends.
   */
  readonly how: "generated" | "plain" | "cells"
}

/** World of a seed, the same that a cell of the seed has. */
export const worldOf = (arms: number, seed: number): Environment =>
  makeEnvironment({ kind: "bradley-terry", arms, reference: "normal" }, Rng.fromSeed(seed).split("environment"))

interface PreparedWorld {
  readonly environment: Environment
  readonly table: PairTable
  readonly batch: PairBatch
}

const worlds = new Map<string, PreparedWorld>()

const known = (arms: number, seed: number): PreparedWorld => {
  const key = `${arms} ${seed}`
  let world = worlds.get(key)
  if (world === undefined) {
    const environment = worldOf(arms, seed)
    const table = exactPairs(environment)
    world = { environment, table, batch: fullBatch(table) }
    worlds.set(key, world)
  }
  return world
}

/** The policy at the end of a run by the plain loop. */
const trainPlainly = (environment: Environment, table: PairTable, { loss, steps }: TrainingTask): Float64Array => {
  const run = train({
    environment,
    family: Result.getOrThrow(resolveFamily(loss, environment)),
    policy: tabularPolicy(environment),
    regime: fixedRegime(table, [fullBatches(table)], steps),
    makeOptimizer: (size) => adam(learningRate, size),
    steps,
    checkpoints: [steps],
    generated: false
  })
  let next = run.next()
  while (!next.done) next = run.next()
  return Result.getOrThrow(next.value).policy
}

/** The generated loop of a loss on a batch. */
export const generatedRun = (loss: string, { contexts, arms }: Environment, batch: PairBatch): FastRun => {
  const program = Result.getOrThrow(pairProgram(loss))
  const rule = { kind: "adam", learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
  const run = fastRun({ pairs: { program, ceWeight: 0 }, rule, batch, contexts, arms })
  if (run === undefined) throw new Error(`${loss}: no generated loop`)
  return run
}

const trainGenerated = (environment: Environment, batch: PairBatch, { loss, steps }: TrainingTask): Float64Array => {
  const parameters = environment.reference.map(Math.log)
  const fault = generatedRun(loss, environment, batch).advance(parameters, steps)
  if (fault !== undefined) throw new Error(`${loss}: the ${fault.quantity} is ${fault.value} at step ${fault.step}`)
  const [logp, prob] = [new Float64Array(parameters.length), new Float64Array(parameters.length)]
  softmaxInto(parameters, environment.contexts, environment.arms, logp, prob)
  return prob
}

/** Sampled data of `pairs` draws: as many pairs a step at most. */
export const sampledWorld = (arms: number, pairs: number) => {
  const environment = worldOf(arms, 0)
  return { environment, table: sampledPairs(environment, pairs, Rng.fromSeed(1)).table }
}

const cell = ({ loss, arms, steps }: TrainingTask, seed: number): ReadonlyArray<number> =>
  runBanditCell({
    loss,
    environment: { kind: "bradley-terry", arms, reference: "normal" },
    data: { mode: "exact" },
    optimizer: { kind: "adam", learningRate },
    steps,
    checkpoints: 1,
    seed
  }).policy

/** Policies of the seeds, one after the other. */
export const trainSeeds = (task: TrainingTask): Float64Array => {
  const { arms, from, to, how } = task
  const policies = new Float64Array((to - from) * arms)
  for (let seed = from; seed < to; seed++) {
    const policy = how === "cells" ? cell(task, seed) : trainPolicy(task, seed)
    policies.set(policy, (seed - from) * arms)
  }
  return policies
}

const trainPolicy = (task: TrainingTask, seed: number): Float64Array => {
  const { environment, table, batch } = known(task.arms, seed)
  return task.how === "generated" ? trainGenerated(environment, batch, task) : trainPlainly(environment, table, task)
}
