/** All metrics of a trajectory at equal distances from the reference, so that losses are compared at one KL and not at one time. */
import type { StepMetrics } from "./metrics.ts"

/** The metrics of a checkpoint that are numbers, besides the step. */
export type NumericMetric = Exclude<keyof StepMetrics, "step" | "armProbabilities">

/** Where a trajectory first reaches a KL level, and its metrics there; `step` and `metrics` are null when it never does. */
export interface MatchedMetrics {
  /** KL(π ‖ π_ref) in nats. */
  readonly kl: number
  /** Updates made when the level is reached, between two checkpoints. */
  readonly step: number | null
  readonly metrics: Readonly<Record<NumericMetric, number>> | null
}

const between = (before: StepMetrics, after: StepMetrics, share: number): Readonly<Record<NumericMetric, number>> =>
  Object.fromEntries(
    Object.entries(before).flatMap(([name, value]) => {
      const next = after[name as NumericMetric]
      return name === "step" || typeof value !== "number" || typeof next !== "number"
        ? []
        : [[name, value + share * (next - value)]]
    })
  ) as Readonly<Record<NumericMetric, number>>

/**
 * For each level the first pair of neighbouring checkpoints whose KLs enclose it, every metric linear in KL between the two:
 * `m = m_0 + (kl - kl_0)/(kl_1 - kl_0) (m_1 - m_0)`. Between checkpoints a curve may bend: take enough of them, densest at the
 * start. A level below the first checkpoint's KL (0 at the reference) or above the largest is never reached.
 */
export const metricsAtMatchedKl = (
  trajectory: ReadonlyArray<StepMetrics>,
  levels: ReadonlyArray<number>
): ReadonlyArray<MatchedMetrics> =>
  levels.map((kl) => {
    const at = trajectory.findIndex(
      (after, i) => i > 0 && trajectory[i - 1]!.klToReference <= kl && kl <= after.klToReference
    )
    if (at < 0) return { kl, step: null, metrics: null }
    const [before, after] = [trajectory[at - 1]!, trajectory[at]!]
    const rise = after.klToReference - before.klToReference
    const share = rise > 0 ? (kl - before.klToReference) / rise : 0
    return { kl, step: before.step + share * (after.step - before.step), metrics: between(before, after, share) }
  })
