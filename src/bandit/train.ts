/** The training loop: a generator of metrics at checkpoints, a plain allocation-free loop between them. */
import * as Result from "effect/Result"
import type { PairBatch } from "./batch.ts"
import type { Environment } from "./environment.ts"
import { TrainingDiverged } from "./errors.ts"
import { type FastRun, fastRun } from "./fast/fastRun.ts"
import { createEvaluator, type StepMetrics } from "./metrics.ts"
import { createObjective, type Family, type Objective } from "./objective.ts"
import type { Optimizer } from "./optimizer.ts"
import type { Policy } from "./policy.ts"
import type { Companion } from "./regimes/fastSlow.ts"
import type { Regime } from "./regimes/regime.ts"
import { softmaxInto } from "./softmax.ts"

/** Everything one run needs; nothing in it is random any more but the batches. */
export interface TrainingRun {
  readonly environment: Environment
  readonly family: Family
  readonly policy: Policy
  readonly regime: Regime
  /** A second module that moves along. */
  readonly companion?: Companion
  readonly makeOptimizer: (size: number) => Optimizer
  readonly steps: number
  /** Ascending steps in 0..steps at which metrics are taken. */
  readonly checkpoints: ReadonlyArray<number>
  /** Shown π, shape [contexts * arms], at every checkpoint before its row; written over by the steps after it. */
  readonly onCheckpoint?: (policy: Float64Array) => void
  /** False: the plain loop even where generated code covers the run; the oracle of that code. Default true. */
  readonly generated?: boolean
}

/** Where a run ended. */
export interface TrainingOutcome {
  readonly parameters: Float64Array
  /** π, shape [contexts * arms]. */
  readonly policy: Float64Array
}

/** Rows as training reaches their steps; at the end, where it ended. */
export type Trajectory<Outcome = Pick<TrainingOutcome, "policy">> = Generator<
  StepMetrics,
  Result.Result<Outcome, TrainingDiverged>
>

interface State {
  readonly policy: Policy
  readonly objective: Objective
  readonly regime: Regime
  readonly companion: Companion | undefined
  readonly optimizer: Optimizer
  /** Where generated code covers the run, it makes all steps. */
  readonly fast: FastRun | undefined
  readonly contexts: number
  readonly arms: number
  readonly parameters: Float64Array
  readonly parameterGradient: Float64Array
  readonly logits: Float64Array
  readonly gradient: Float64Array
}

/**
 * Generated code for a run: a tabular policy on one batch throughout, a loss that is one program over pairs, gradient descent or
 * Adam.
 */
const fastRunOf = (run: TrainingRun, { rule }: Optimizer, start: Float64Array): FastRun | undefined => {
  const { environment, family, policy, regime, companion } = run
  const { contexts, arms } = environment
  if (family.pairs === undefined || rule === undefined || regime.constant === undefined) return undefined
  if (policy.kind !== "tabular" || companion !== undefined || !start.every(Number.isFinite)) return undefined
  return fastRun({ pairs: family.pairs, rule, batch: regime.constant, contexts, arms })
}

const startState = (run: TrainingRun): State => {
  const { environment, family, policy, regime, companion, makeOptimizer } = run
  const { contexts, arms } = environment
  const parameters = policy.initial()
  const optimizer = makeOptimizer(parameters.length)
  return {
    policy,
    objective: createObjective(family, contexts, arms),
    regime,
    companion,
    contexts,
    arms,
    optimizer,
    fast: run.generated === false ? undefined : fastRunOf(run, optimizer, parameters),
    parameters,
    parameterGradient: new Float64Array(parameters.length),
    logits: new Float64Array(contexts * arms),
    gradient: new Float64Array(contexts * arms)
  }
}

/** A sum is finite only if every entry is. */
const sumOf = (values: Float64Array): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

/** Why a gradient is not finite: the loss is not, or only its slope. */
const gradientFault = ({ objective, logits, gradient }: State, batch: PairBatch, step: number): TrainingDiverged => {
  const loss = objective.lossAndGradientInto(batch, logits, gradient)
  return Number.isFinite(loss)
    ? new TrainingDiverged({ step, quantity: "gradient", value: sumOf(gradient) })
    : new TrainingDiverged({ step, quantity: "loss", value: loss })
}

/** The examples of a step; a regime that draws from the policy is shown it first. */
const nextBatch = ({ regime, objective, contexts, arms, logits }: State, step: number): PairBatch => {
  if (regime.adaptive) softmaxInto(logits, contexts, arms, objective.logp, objective.prob)
  return regime.next(step, objective)
}

/** The loss over all that the regime would show the policy; its log π and π are left in the objective. */
const wholeLoss = ({ policy, regime, objective, contexts, arms, parameters, logits, gradient }: State): number => {
  policy.logitsInto(parameters, logits)
  softmaxInto(logits, contexts, arms, objective.logp, objective.prob)
  return objective.lossAndGradientInto(regime.whole(objective), logits, gradient)
}

/** {@link advance} by generated code. */
const advanceFast = (state: State, fast: FastRun, from: number, to: number): TrainingDiverged | undefined => {
  const { policy, regime, objective, parameters, logits } = state
  const fault = fast.advance(parameters, to - from)
  if (fault === undefined) return undefined
  const step = from + fault.step
  if (fault.quantity === "gradient") {
    policy.logitsInto(parameters, logits)
    const found = gradientFault(state, regime.next(step, objective), step)
    if (!Number.isFinite(found.value)) return found
  }
  return new TrainingDiverged({ step, quantity: fault.quantity, value: fault.value })
}

/**
 * Runs updates `from`..`to - 1`; returns the first failure, named by the number of updates made before it. Steps compute
 * the gradient only: a loss that is not finite shows there, or at the next checkpoint when its gradient is finite.
 */
const advance = (state: State, from: number, to: number): TrainingDiverged | undefined => {
  if (state.fast !== undefined) return advanceFast(state, state.fast, from, to)
  const { policy, objective, companion, optimizer, parameters, parameterGradient, logits, gradient } = state
  for (let step = from; step < to; step++) {
    policy.logitsInto(parameters, logits)
    const batch = nextBatch(state, step)
    objective.gradientInto(batch, logits, gradient)
    companion?.stepInto(step, batch, objective, gradient)
    if (!Number.isFinite(sumOf(gradient))) return gradientFault(state, batch, step)
    policy.pullbackInto(parameters, gradient, parameterGradient)
    optimizer.stepInPlace(parameters, parameterGradient)
    companion?.afterStep(step, parameters)
    const size = sumOf(parameters)
    if (!Number.isFinite(size)) return new TrainingDiverged({ step: step + 1, quantity: "parameter", value: size })
  }
  return undefined
}

/**
 * Trains from the reference and yields metrics at every checkpoint.
 * Returns the final policy, or {@link TrainingDiverged} when a loss, gradient or parameter stopped being finite; rows
 * yielded before that stand.
 */
export function* train(run: TrainingRun): Trajectory<TrainingOutcome> {
  const state = startState(run)
  const evaluator = createEvaluator(run.environment, run.regime.table)
  const { companion, regime, checkpoints, steps } = run
  let done = 0
  const reach = (step: number): TrainingDiverged | undefined => {
    const failure = advance(state, done, step)
    if (failure === undefined && done < step && step === steps) companion?.finishInPlace(state.parameters)
    done = step
    return failure
  }
  for (const checkpoint of checkpoints) {
    const failure = reach(checkpoint)
    if (failure !== undefined) return Result.fail(failure)
    const loss = wholeLoss(state)
    if (!Number.isFinite(loss)) return Result.fail(new TrainingDiverged({ step: done, quantity: "loss", value: loss }))
    const metrics = evaluator.evaluate(done, loss, state.objective.logp, state.objective.prob)
    run.onCheckpoint?.(state.objective.prob)
    yield { ...metrics, ...regime.facts?.(), ...companion?.facts() }
  }
  const failure = reach(steps)
  if (failure !== undefined) return Result.fail(failure)
  wholeLoss(state)
  return Result.succeed({ parameters: state.parameters, policy: Float64Array.from(state.objective.prob) })
}
