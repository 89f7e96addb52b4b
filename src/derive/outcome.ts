/** What a loss does on a small bandit: the number that a query can rank its results by. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { runCell } from "../bandit/cell.ts"
import { EnvironmentSpec } from "../bandit/environments/registry.ts"
import type { StepMetrics } from "../bandit/metrics.ts"

/** Outcomes that losses can be ranked by: the metrics of a bandit after its last step. */
export const outcomeMetrics = [
  "expectedReward",
  "regret",
  "winRate",
  "klToReference",
  "chosenLogpDrift",
  "rejectedLogpDrift",
  "unseenMass",
  "unseenMassChange",
  "entropy",
  "rankingAccuracy",
  "implicitRankingAccuracy"
] as const satisfies ReadonlyArray<keyof StepMetrics>

/** The bandit of a ranking: exact expected loss over all pairs, a tabular policy, Adam; the mean over seeds counts. */
export const outcomeFields = {
  outcome: Schema.Literals(outcomeMetrics),
  environment: EnvironmentSpec,
  learningRate: Schema.Finite.check(Schema.isGreaterThan(0)),
  steps: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })),
  seeds: Schema.NonEmptyArray(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
} as const

/** A decoded ranking by outcome. */
export type OutcomeSpec = { readonly [K in keyof typeof outcomeFields]: (typeof outcomeFields)[K]["Type"] }

/** The mean outcome of a LOSS over the seeds; the failure says why it has none. */
export const banditOutcome = (spec: OutcomeSpec, loss: string): Result.Result<number, string> => {
  let total = 0
  for (const seed of spec.seeds) {
    const cell = runCell({
      loss,
      environment: spec.environment,
      data: { mode: "exact" },
      optimizer: { kind: "adam", learningRate: spec.learningRate },
      steps: spec.steps,
      checkpoints: 1,
      seed
    })
    if (Result.isFailure(cell)) return Result.fail(cell.failure.message)
    if (cell.success.failure !== undefined) return Result.fail(`${loss}: ${cell.success.failure.message}`)
    total += cell.success.final[spec.outcome]
  }
  return Result.succeed(total / spec.seeds.length)
}
