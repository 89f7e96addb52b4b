/**
 * One bandit cell from JSON to JSON: build the environment, draw the data, train, measure. Pure and deterministic: equal
 * specifications give equal results on every thread. The streams of a cell depend on its seed only, so that losses of one
 * seed meet the same environment, the same data and the same batches.
 */
import * as Result from "effect/Result"
import { Rng } from "../random/rng.ts"
import { type BatchSource, epochBatches, fullBatches, replacementBatches } from "./batch.ts"
import { type BanditCellSpec, checkpointSteps, decodeBanditCell } from "./cellSchema.ts"
import { pairDraw } from "./comparisons.ts"
import type { Environment } from "./environment.ts"
import { environmentOf, makeEnvironment } from "./environments/registry.ts"
import { BanditSpecError } from "./errors.ts"
import { resolveFamily } from "./families.ts"
import { type MatchedValue, type StepMetrics, valueAtMatchedKl } from "./metrics.ts"
import { adam, gradientDescent, type Optimizer } from "./optimizer.ts"
import { coverageMask, type DataOptions, exactPairs, type PairTable, sampledPairs } from "./pairs.ts"
import { makePolicy } from "./policySpec.ts"
import { train } from "./train.ts"

/** What came of a cell; plain JSON. */
export interface BanditCellResult {
  /** One row per checkpoint, ascending; a run that diverged stops at its last finite checkpoint. */
  readonly trajectory: ReadonlyArray<StepMetrics>
  /** The last row. */
  readonly final: StepMetrics
  /** π at the end, shape [contexts * arms]; empty when the run diverged. */
  readonly policy: ReadonlyArray<number>
  /** Gold reward at fixed distances from the reference. */
  readonly klMatched: ReadonlyArray<MatchedValue>
  /** Present when a number stopped being finite: after how many updates, and which. */
  readonly failure?: { readonly step: number; readonly quantity: string; readonly message: string }
}

const defaultKlLevels = [0.05, 0.1, 0.25, 0.5, 1]

const environmentRng = ({ seed }: Pick<BanditCellSpec, "seed">): Rng => Rng.fromSeed(seed).split("environment")

/** Environment of a cell: all that its `seed` and `environment` determine. @throws BanditSpecError as `makeEnvironment` does */
export const cellEnvironment = (spec: Pick<BanditCellSpec, "environment" | "seed">): Environment =>
  makeEnvironment(spec.environment, environmentRng(spec))

/** Which listed arm does not exist, or undefined. */
const coverageIssue = (environment: Environment, coverage: number | ReadonlyArray<number>): string | undefined => {
  const outside = typeof coverage === "number" ? undefined : coverage.find((arm) => arm >= environment.arms)
  return outside === undefined ? undefined : `data.coverage: arm ${outside} is not in 0..${environment.arms - 1}`
}

/** More ordered pairs than this are not enumerated. */
const maxExactPairs = 4_000_000

/** Why the data cannot be made, or undefined. */
const dataIssue = ({ data }: BanditCellSpec, environment: Environment, covered?: Uint8Array): string | undefined => {
  const { contexts, arms, comparisons } = environment
  if (data.mode === "exact" && contexts * arms * arms > maxExactPairs) {
    return `data.mode: exact would enumerate ${contexts * arms * arms} pairs, at most ${maxExactPairs}; use sampled`
  }
  for (let c = 0; c < contexts; c++) {
    if (pairDraw(comparisons, c, arms, covered) === undefined) {
      return "data.coverage: it leaves a context without a pair to compare"
    }
  }
  return undefined
}

/** The training pairs of a cell, with the draws behind them when they were sampled. */
const cellData = (
  spec: BanditCellSpec,
  environment: Environment,
  rng: Rng
): Result.Result<{ readonly table: PairTable; readonly draws?: Int32Array }, BanditSpecError> => {
  const { data } = spec
  const issue = data.coverage === undefined ? undefined : coverageIssue(environment, data.coverage)
  if (issue !== undefined) return Result.fail(new BanditSpecError({ issues: [issue] }))
  const covered =
    data.coverage === undefined ? undefined : coverageMask(environment, data.coverage, rng.split("coverage"))
  const impossible = dataIssue(spec, environment, covered)
  if (impossible !== undefined) return Result.fail(new BanditSpecError({ issues: [impossible] }))
  const options: DataOptions = { ...(covered === undefined ? {} : { covered }), noise: data.noise ?? 0 }
  return Result.succeed(
    data.mode === "exact"
      ? { table: exactPairs(environment, options) }
      : sampledPairs(environment, data.pairs, rng.split("pairs"), options)
  )
}

const cellBatches = (
  { batchSize, batching }: BanditCellSpec["optimizer"],
  data: { readonly table: PairTable; readonly draws?: Int32Array },
  rng: Rng
): BatchSource => {
  if (batchSize === undefined) return fullBatches(data.table)
  return batching === "epochs" && data.draws !== undefined
    ? epochBatches(data.table, data.draws, batchSize, rng)
    : replacementBatches(data.table, batchSize, rng)
}

const cellOptimizer =
  ({ kind, learningRate }: BanditCellSpec["optimizer"]) =>
  (size: number): Optimizer =>
    kind === "adam" ? adam(learningRate, size) : gradientDescent(learningRate)

/**
 * Runs a cell. A run that meets a number that is not finite is a result too, with `failure` naming the step.
 * Fails for a loss that is unknown or cannot run on pairs, and for coverage that leaves nothing to compare, and for a policy
 * that the environment cannot carry.
 */
export const runCell = (spec: BanditCellSpec): Result.Result<BanditCellResult, BanditSpecError> => {
  const root = Rng.fromSeed(spec.seed)
  const made = environmentOf(spec.environment, environmentRng(spec))
  if (Result.isFailure(made)) return Result.fail(made.failure)
  const environment = made.success
  const family = resolveFamily(spec.loss, environment, {
    reference: spec.reference ?? false,
    ceWeight: spec.ceWeight ?? 0
  })
  if (Result.isFailure(family)) return Result.fail(family.failure)
  const data = cellData(spec, environment, root.split("data"))
  if (Result.isFailure(data)) return Result.fail(data.failure)
  const policy = makePolicy(spec.policy ?? { kind: "tabular" }, environment, root.split("policy"))
  if (Result.isFailure(policy)) return Result.fail(policy.failure)
  const run = train({
    environment,
    family: family.success,
    policy: policy.success,
    table: data.success.table,
    batches: cellBatches(spec.optimizer, data.success, root.split("batches")),
    makeOptimizer: cellOptimizer(spec.optimizer),
    steps: spec.steps,
    checkpoints: checkpointSteps(spec.checkpoints, spec.steps)
  })
  return collect(run, spec.klLevels ?? defaultKlLevels, spec.loss)
}

const collect = (
  run: ReturnType<typeof train>,
  levels: ReadonlyArray<number>,
  loss: string
): Result.Result<BanditCellResult, BanditSpecError> => {
  const trajectory: Array<StepMetrics> = []
  let next = run.next()
  for (; !next.done; next = run.next()) trajectory.push(next.value)
  const final = trajectory[trajectory.length - 1]
  const outcome = next.value
  if (final === undefined) {
    const reason = Result.isFailure(outcome) ? outcome.failure.message : "no checkpoint"
    return Result.fail(
      new BanditSpecError({ issues: [`loss "${loss}": it has no value at the reference (${reason})`] })
    )
  }
  const klMatched = valueAtMatchedKl(trajectory, levels)
  if (Result.isSuccess(outcome)) {
    return Result.succeed({ trajectory, final, policy: [...outcome.success.policy], klMatched })
  }
  const { step, quantity, message } = outcome.failure
  return Result.succeed({ trajectory, final, policy: [], klMatched, failure: { step, quantity, message } })
}

/** {@link runCell} on a value of unknown origin, decoded first. */
export const runUncheckedCell = (input: unknown): Result.Result<BanditCellResult, BanditSpecError> =>
  Result.flatMap(decodeBanditCell(input), runCell)

/**
 * {@link runUncheckedCell} for worker threads: plain JSON in and out.
 * @throws BanditSpecError when the specification is wrong; decode it first to get that as a value
 */
export const runBanditCell = (spec: BanditCellSpec): BanditCellResult => {
  const result = runUncheckedCell(spec)
  if (Result.isFailure(result)) throw result.failure
  return result.success
}
