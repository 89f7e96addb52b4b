/**
 * Losses ranked by several bandit outcomes at once: who is beaten by whom, and the fronts that this leaves. One loss beats another
 * only where runs show it: an interval of the difference, paired by seed, has to leave zero out.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { runCell } from "../bandit/cell.ts"
import { DataSpec } from "../bandit/cellSchema.ts"
import { EnvironmentSpec } from "../bandit/environments/registry.ts"
import { metricsAtMatchedKl, type NumericMetric } from "../bandit/matched.ts"
import { PolicySpec } from "../bandit/policySpec.ts"
import { resolved, studentInterval } from "../random/statistics.ts"
import { outcomeFields } from "./outcome.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** One outcome: a metric in an environment, after the last update or where the run first reaches a KL level (nats). */
export const Objective = Schema.Struct({
  metric: outcomeFields.outcome,
  direction: Schema.Literals(["max", "min"]),
  environment: EnvironmentSpec,
  kl: Schema.optionalKey(Positive).annotateKey({ description: "Absent: after the last update." }),
  data: Schema.optionalKey(DataSpec).annotateKey({ description: "Default: exact." }),
  policy: Schema.optionalKey(PolicySpec).annotateKey({ description: "Default: tabular." }),
  learningRate: Schema.optionalKey(Positive).annotateKey({ description: "Default: that of the ranking." })
})
export type Objective = typeof Objective.Type

/** A ranking by several outcomes. */
export interface ParetoSpec {
  readonly pareto: ReadonlyArray<Objective>
  readonly learningRate: number
  readonly steps: number
  readonly seeds: ReadonlyArray<number>
  /** Level of every single comparison, two-sided. */
  readonly alpha: number
}

/** An outcome of a loss: mean and interval over seeds. `reached`: in how many of them the KL level was. */
export interface ParetoOutcome {
  readonly metric: string
  readonly environment: string
  readonly kl?: number
  readonly mean?: number
  readonly low?: number
  readonly high?: number
  readonly seeds: number
  readonly reached: number
}

/** What a ranking by several outcomes says of one loss. */
export interface ParetoPlace {
  /** From 1: beaten by none, beaten only by losses of front 1, … Absent for a loss that does not reach a KL level in every seed. */
  readonly front?: number
  readonly outcomes: ReadonlyArray<ParetoOutcome>
  /** Losses that beat it, by name. */
  readonly dominatedBy: ReadonlyArray<string>
}

/** Values of one loss: objective → seed → value, undefined where the level is not reached. */
export type ParetoValues = ReadonlyArray<ReadonlyArray<number | undefined>>

/** Updates at which KL levels are looked for: each a tenth more than the one before, for the start moves fastest. */
const checkpointsTo = (steps: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let step = 1; step < steps; step = Math.max(step + 1, Math.round(1.1 * step))) found.push(step)
  return [...found, steps]
}

/** Everything but loss and seed that a run of an objective is: objectives that share it share the run. */
const worldOf = ({ environment, data, policy, learningRate }: Objective, spec: ParetoSpec) => ({
  environment,
  data: data ?? { mode: "exact" as const },
  ...(policy === undefined ? {} : { policy }),
  optimizer: { kind: "adam" as const, learningRate: learningRate ?? spec.learningRate },
  steps: spec.steps,
  checkpoints: checkpointsTo(spec.steps)
})

/** Runs a loss in every world of a ranking; the failure says why it cannot be measured. */
export const paretoValues = (spec: ParetoSpec, loss: string): Result.Result<ParetoValues, string> => {
  const values: ReadonlyArray<Array<number | undefined>> = spec.pareto.map(() => [])
  for (const seed of spec.seeds) {
    const runs = new Map<string, ReturnType<typeof runCell>>()
    for (const [k, objective] of spec.pareto.entries()) {
      const world = worldOf(objective, spec)
      const key = JSON.stringify(world)
      const cell = runs.get(key) ?? runCell({ ...world, loss, seed })
      runs.set(key, cell)
      if (Result.isFailure(cell)) return Result.fail(cell.failure.message)
      if (cell.success.failure !== undefined) return Result.fail(`${loss}: ${cell.success.failure.message}`)
      const { trajectory, final } = cell.success
      const metric = objective.metric as NumericMetric
      const value =
        objective.kl === undefined
          ? final[metric]
          : metricsAtMatchedKl(trajectory, [objective.kl])[0]!.metrics?.[metric]
      if (value !== undefined && !Number.isFinite(value))
        return Result.fail(`${objective.metric} of ${loss} is ${value}`)
      values[k]!.push(value)
    }
  }
  return Result.succeed(values)
}

const outcomeOf = (
  { metric, environment, kl }: Objective,
  values: ReadonlyArray<number | undefined>,
  alpha: number
) => {
  const reached = values.filter((value) => value !== undefined)
  const where = { metric, environment: environment.kind, ...(kl === undefined ? {} : { kl }) }
  const counts = { seeds: values.length, reached: reached.length }
  if (reached.length === 0) return { ...where, ...counts }
  const { n: _, ...interval } = studentInterval(reached, alpha)
  return { ...where, ...interval, ...counts }
}

const isWhole = (values: ParetoValues): boolean => values.every((one) => one.every((value) => value !== undefined))

/**
 * Whether `a` beats `b`: its mean is at least as good in every outcome, and better in one with an interval of the paired difference
 * that leaves zero out. Means decide "as good", so that no losses beat each other in a circle.
 */
export const beats = (spec: Pick<ParetoSpec, "pareto" | "alpha">, a: ParetoValues, b: ParetoValues): boolean => {
  const gains = spec.pareto.map(({ direction }, k) => {
    const sign = direction === "max" ? 1 : -1
    return studentInterval(
      a[k]!.map((value, seed) => sign * (value! - b[k]![seed]!)),
      spec.alpha
    )
  })
  return gains.every(({ mean }) => mean >= 0) && gains.some((gain) => gain.mean > 0 && resolved(gain))
}

/** Front of every element: beaten by none of those left, once the fronts before are taken away. */
const frontsOf = (count: number, beaten: (a: number, b: number) => boolean): ReadonlyArray<number> => {
  const front = new Array<number>(count).fill(0)
  let left = Array.from({ length: count }, (_, i) => i)
  for (let level = 1; left.length > 0; level++) {
    const free = left.filter((b) => !left.some((a) => a !== b && beaten(a, b)))
    for (const i of free) front[i] = level
    left = left.filter((i) => !free.includes(i))
  }
  return front
}

/**
 * The places of losses by their values. @param names in the order of `values`
 */
export const paretoPlaces = (
  spec: ParetoSpec,
  names: ReadonlyArray<string>,
  values: ReadonlyArray<ParetoValues>
): ReadonlyArray<ParetoPlace> => {
  const whole = values.map(isWhole)
  const beaten = values.map((b, j) => values.map((a, i) => i !== j && whole[i]! && whole[j]! && beats(spec, a, b)))
  const fronts = frontsOf(values.length, (a, b) => beaten[b]![a]!)
  return values.map((own, j) => ({
    ...(whole[j] ? { front: fronts[j]! } : {}),
    outcomes: spec.pareto.map((objective, k) => outcomeOf(objective, own[k]!, spec.alpha)),
    dominatedBy: names.filter((_, i) => beaten[j]![i])
  }))
}
