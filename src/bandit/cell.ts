/**
 * One bandit cell from JSON to JSON: build the environment, draw the data, train, measure. Pure and deterministic: equal
 * specifications give equal results on every thread. The streams of a cell depend on its seed only, so that losses of one
 * seed meet the same environment, the same data and the same batches.
 */
import * as Result from "effect/Result"
import { nearest } from "../loss/nearest.ts"
import { Rng } from "../random/rng.ts"
import { type BanditCellSpec, checkpointSteps, decodeBanditCell } from "./cellSchema.ts"
import { pairDraw } from "./comparisons.ts"
import type { Environment } from "./environment.ts"
import { environmentOf, makeEnvironment } from "./environments/registry.ts"
import { BanditSpecError } from "./errors.ts"
import { type World, worldOf } from "./inputs/filler.ts"
import { inputsOf } from "./inputs/registry.ts"
import type { Method } from "./methods/method.ts"
import { resolveMethod } from "./methods/registry.ts"
import { followDynamics, showPolicy } from "./methods/walk.ts"
import { type MatchedValue, type StepMetrics, valueAtMatchedKl } from "./metrics.ts"
import { createObjective, type Family } from "./objective.ts"
import { adam, gradientDescent, type Optimizer } from "./optimizer.ts"
import { coverageMask, type DataOptions, exactPairs } from "./pairs.ts"
import type { Policy } from "./policy.ts"
import { makePolicy } from "./policySpec.ts"
import { type Companion, fastSlow } from "./regimes/fastSlow.ts"
import { type RegimeSpec, regimeInputs, regimeMaker, regimeMembers } from "./regimes/registry.ts"
import { type TrainingRun, type Trajectory, train } from "./train.ts"

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

/** The stream that the environment of a seed is drawn from. */
export const environmentRng = ({ seed }: Pick<BanditCellSpec, "seed">): Rng => Rng.fromSeed(seed).split("environment")

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

/** What the data section asks of the environment, or why it cannot be had. */
const dataOptions = (
  spec: BanditCellSpec,
  environment: Environment,
  rng: Rng
): Result.Result<DataOptions, BanditSpecError> => {
  const { coverage, noise = 0, scores } = spec.data
  const tables = environment.rewards ?? {}
  const known = Object.keys(tables)
  const table = scores !== undefined && known.includes(scores) ? tables[scores] : undefined
  const badScores =
    scores === undefined || table !== undefined
      ? undefined
      : `data.scores: ${environment.id} has no rewards "${scores}"; ${known.length === 0 ? "it has none but the gold reward" : nearest(scores, known)}`
  const unknown = Object.keys(spec.data.fixed ?? {}).find((name) => !inputsOf(environment).includes(name))
  const badFixed =
    unknown === undefined ? undefined : `data.fixed: no input "${unknown}"; ${nearest(unknown, inputsOf(environment))}`
  const uncovered = coverage === undefined ? undefined : coverageIssue(environment, coverage)
  const early = badScores ?? badFixed ?? uncovered
  if (early !== undefined) return Result.fail(new BanditSpecError({ issues: [early] }))
  const covered = coverage === undefined ? undefined : coverageMask(environment, coverage, rng.split("coverage"))
  const impossible = dataIssue(spec, environment, covered)
  if (impossible !== undefined) return Result.fail(new BanditSpecError({ issues: [impossible] }))
  return Result.succeed({
    noise,
    ...(covered === undefined ? {} : { covered }),
    ...(table === undefined ? {} : { scores: table })
  })
}

const makeOptimizer = ({ kind, learningRate }: BanditCellSpec["optimizer"], size: number, share = 1): Optimizer =>
  kind === "adam" ? adam(share * learningRate, size) : gradientDescent(share * learningRate)

/** A cell with everything that the ways to a policy have in common. */
interface Prepared {
  readonly spec: BanditCellSpec
  readonly environment: Environment
  readonly world: World
  readonly options: DataOptions
  readonly regimeSpec: RegimeSpec
  readonly rng: Rng
}

const prepare = (spec: BanditCellSpec): Result.Result<Prepared, BanditSpecError> => {
  const rng = Rng.fromSeed(spec.seed)
  return Result.flatMap(environmentOf(spec.environment, environmentRng(spec)), (environment) =>
    Result.map(dataOptions(spec, environment, rng.split("data")), (options) => ({
      spec,
      environment,
      world: worldOf(environment, options.scores),
      options,
      regimeSpec: spec.regime ?? { kind: "offline" as const },
      rng
    }))
  )
}

/** A fresh method of the cell: what it remembers from step to step is its own. */
const cellMethod = ({ spec, world, regimeSpec }: Prepared): Result.Result<Method, BanditSpecError> => {
  const { loss, reference = false, ceWeight = 0, data, steps } = spec
  return resolveMethod(
    loss,
    { world, steps },
    {
      reference,
      ceWeight,
      perToken: data.perToken ?? false,
      tokenMask: data.mask ?? false,
      fixed: data.fixed ?? {},
      supplied: regimeInputs(regimeSpec),
      members: regimeMembers(regimeSpec)
    }
  )
}

/** Number of domains that data come from. */
const arrivingDomains = ({ domains, contextWeights }: Environment): number =>
  new Set(domains?.filter((_, c) => contextWeights[c]! > 0)).size

const companionOf = (prepared: Prepared, policy: Policy): Result.Result<Companion | undefined, BanditSpecError> => {
  const { spec, environment, world, regimeSpec } = prepared
  if (regimeSpec.kind !== "fast-slow") return Result.succeed(undefined)
  return Result.map(cellMethod(prepared), (method) => {
    if (method.kind !== "family") return undefined
    return fastSlow(regimeSpec, {
      world,
      policy,
      objective: createObjective(method.family, environment.contexts, environment.arms),
      makeOptimizer: (size, rate) => makeOptimizer(spec.optimizer, size, rate),
      steps: spec.steps,
      phases: spec.data.arrival === "in-order" ? arrivingDomains(environment) : 1
    })
  })
}

const trainedCell = (
  prepared: Prepared,
  family: Family,
  shown: Pick<TrainingRun, "onCheckpoint">
): Result.Result<Trajectory, BanditSpecError> => {
  const { spec, environment, rng } = prepared
  const regime = regimeMaker(prepared.regimeSpec)(prepared)
  if (Result.isFailure(regime)) return Result.fail(regime.failure)
  const policy = makePolicy(spec.policy ?? { kind: "tabular" }, environment, rng.split("policy"))
  if (Result.isFailure(policy)) return Result.fail(policy.failure)
  const companion = companionOf(prepared, policy.success)
  if (Result.isFailure(companion)) return Result.fail(companion.failure)
  return Result.succeed(
    train({
      environment,
      family,
      policy: policy.success,
      regime: regime.success,
      ...(companion.success === undefined ? {} : { companion: companion.success }),
      makeOptimizer: (size) => makeOptimizer(spec.optimizer, size),
      steps: spec.steps,
      checkpoints: checkpointSteps(spec.checkpoints, spec.steps),
      ...shown
    })
  )
}

/** A way without a gradient: policies, and the same metrics of them. */
const untrainedCell = (
  { spec, environment, options }: Prepared,
  method: Exclude<Method, { kind: "family" }>,
  shown: Pick<TrainingRun, "onCheckpoint">
): Trajectory => {
  const { steps } = spec
  const table = exactPairs(environment, options)
  const walk = { environment, table, steps, checkpoints: checkpointSteps(spec.checkpoints, steps), ...shown }
  return method.kind === "dynamics" ? followDynamics(walk, method.dynamics) : showPolicy(walk, method.policy)
}

/** A cell under way. */
export interface StartedCell {
  readonly environment: Environment
  /** Each step of the generator trains to the next checkpoint. */
  readonly trajectory: Trajectory
}

/**
 * A cell as far as its first step, for those who look at it while it trains. Fails as {@link runCell} does, but for a loss
 * without a value at the reference, which the trajectory says. @param onCheckpoint see {@link TrainingRun}
 */
export const startCell = (
  spec: BanditCellSpec,
  onCheckpoint?: (policy: Float64Array) => void
): Result.Result<StartedCell, BanditSpecError> => {
  const shown = onCheckpoint === undefined ? {} : { onCheckpoint }
  return Result.flatMap(prepare(spec), (prepared) => {
    const { environment } = prepared
    const trajectory = Result.flatMap(cellMethod(prepared), (method) =>
      method.kind === "family"
        ? trainedCell(prepared, method.family, shown)
        : Result.succeed(untrainedCell(prepared, method, shown))
    )
    return Result.map(trajectory, (made) => ({ environment, trajectory: made }))
  })
}

/**
 * Runs a cell. A run that meets a number that is not finite is a result too, with `failure` naming the step.
 * Fails for a loss that is unknown or cannot run on pairs, and for coverage that leaves nothing to compare, for an
 * environment that cannot be and for a policy that it cannot carry.
 */
export const runCell = (spec: BanditCellSpec): Result.Result<BanditCellResult, BanditSpecError> =>
  Result.flatMap(startCell(spec), ({ trajectory }) => collect(trajectory, spec.klLevels ?? defaultKlLevels, spec.loss))

const collect = (
  run: Trajectory,
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
