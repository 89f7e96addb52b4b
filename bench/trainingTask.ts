/** @file What bench/training.ts times: bandit worlds, their data, and training in them. */
import * as Result from "effect/Result"
import { fullBatches } from "../src/bandit/batch.ts"
import { runBanditCell } from "../src/bandit/cell.ts"
import type { Environment } from "../src/bandit/environment.ts"
import { makeEnvironment } from "../src/bandit/environments/registry.ts"
import { resolveFamily } from "../src/bandit/families.ts"
import { adam } from "../src/bandit/optimizer.ts"
import { exactPairs, type PairTable, sampledPairs } from "../src/bandit/pairs.ts"
import { tabularPolicy } from "../src/bandit/policy.ts"
import { fixedRegime } from "../src/bandit/regimes/offline.ts"
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
  /** What is timed: the generated loop, the plain one, or cells from JSON to JSON with environment and metrics. */
  readonly how: "generated" | "plain" | "cells"
}

/** World of a seed, the same that a cell of the seed has. */
export const worldOf = (arms: number, seed: number): Environment =>
  makeEnvironment({ kind: "bradley-terry", arms, reference: "normal" }, Rng.fromSeed(seed).split("environment"))

const worlds = new Map<string, { readonly environment: Environment; readonly table: PairTable }>()

const known = (arms: number, seed: number) => {
  const key = `${arms} ${seed}`
  let world = worlds.get(key)
  if (world === undefined) {
    const environment = worldOf(arms, seed)
    world = { environment, table: exactPairs(environment) }
    worlds.set(key, world)
  }
  return world
}

/** The policy at the end of a run in a world. */
export const trainIn = (
  environment: Environment,
  table: PairTable,
  { loss, steps, how }: Pick<TrainingTask, "loss" | "steps" | "how">
): Float64Array => {
  const run = train({
    environment,
    family: Result.getOrThrow(resolveFamily(loss, environment)),
    policy: tabularPolicy(environment),
    regime: fixedRegime(table, [fullBatches(table)], steps),
    makeOptimizer: (size) => adam(learningRate, size),
    steps,
    checkpoints: [steps],
    generated: how !== "plain"
  })
  let next = run.next()
  while (!next.done) next = run.next()
  return Result.getOrThrow(next.value).policy
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
  const { environment, table } = known(task.arms, seed)
  return trainIn(environment, table, task)
}
