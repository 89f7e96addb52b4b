/** @file The bandits that `predict` asks: the three worlds of the constrainedness sweep (configs/bandit/E14.yaml). */
import * as Result from "effect/Result"
import { runCell } from "../../bandit/cell.ts"
import type { BanditCellSpec } from "../../bandit/cellSchema.ts"
import type { Json } from "../canonical.ts"

type World = Omit<BanditCellSpec, "loss" | "seed">

/** Answers well covered; few noisy pairs with unseen answers; answers that share features. */
export const predictionWorlds = {
  clean: {
    environment: { kind: "bradley-terry", arms: 8, reference: "normal", behaviour: "reference" },
    data: { mode: "sampled", pairs: 4000 },
    optimizer: { kind: "adam", learningRate: 0.02 },
    steps: 3000,
    checkpoints: 1
  },
  sparse: {
    environment: { kind: "sparse" },
    data: { mode: "sampled", pairs: 60 },
    optimizer: { kind: "adam", learningRate: 0.02 },
    steps: 3000,
    checkpoints: 1
  },
  "low-rank": {
    environment: { kind: "low-rank" },
    data: { mode: "exact" },
    policy: { kind: "linear" },
    optimizer: { kind: "gd", learningRate: 0.001 },
    steps: 4000,
    checkpoints: 1
  }
} as const satisfies Readonly<Record<string, World>>

export type PredictionWorld = keyof typeof predictionWorlds

/** Names of the worlds. */
export const worldNames = Object.keys(predictionWorlds) as ReadonlyArray<PredictionWorld>

/**
 * Rows of a loss in a world, first and last checkpoint of every seed, as `records/bandit.jsonl` has them; the failure says why the
 * loss cannot run there.
 */
export const worldRows = (
  loss: string,
  world: PredictionWorld,
  seeds: ReadonlyArray<number>
): Result.Result<ReadonlyArray<Readonly<Record<string, Json>>>, string> => {
  const rows: Array<Readonly<Record<string, Json>>> = []
  for (const seed of seeds) {
    const cell = runCell({ ...predictionWorlds[world], loss, seed } as BanditCellSpec)
    if (Result.isFailure(cell)) return Result.fail(cell.failure.message)
    const { trajectory, failure } = cell.success
    const ends = [trajectory[0]!, trajectory.at(-1)!]
    ends.forEach(({ loss: lossValue, armProbabilities: _, ...metrics }, i) => {
      const broken = i === 1 && failure ? { failure: failure.message } : {}
      rows.push({ loss, environment: world, seed, final: i === 1, ...metrics, lossValue, ...broken } as Record<
        string,
        Json
      >)
    })
  }
  return Result.succeed(rows)
}
