/** @file What is claimed about whole runs: rises, falls, humps. Pure. */
import { knownFormula } from "../quantities/formula.ts"
import { pointsOf, type Quantity } from "../quantities/quantity.ts"
import type { Run } from "../quantities/runs.ts"
import { argMax, backtrack } from "../quantities/series.ts"
import type { Shown } from "./rows.ts"
import { type Decision, decideAbove, decideBoth, decideRange, toldOf } from "./verdict.ts"

/** A decision, and what its interval is of. */
export interface ShownDecision extends Decision {
  readonly shows: Shown
}

const valuesAlong = (run: Run, quantity: Quantity): ReadonlyArray<number> =>
  run.failed ? [] : pointsOf(run, knownFormula(quantity.value)).map(({ value }) => value)

/** Rises (or falls, with sign −1) from the first checkpoint to the last, and hardly goes back on the way. */
export const decideTrend = (
  runs: ReadonlyArray<Run>,
  quantity: Quantity,
  sign: 1 | -1,
  slack: number,
  by: number
): ShownDecision => {
  const series = runs.map((run) => valuesAlong(run, quantity).map((value) => sign * value))
  const whole = series.filter((one) => one.length >= 2)
  const rise = decideAbove(
    whole.map((one) => one.at(-1)! - one[0]!),
    by
  )
  const back = decideRange(whole.map(backtrack), Number.NEGATIVE_INFINITY, slack)
  const decision = decideBoth(rise, back)
  // The change is what is shown, unless going back is what decides.
  return decision === back && back.verdict !== "holds"
    ? { ...back, shows: "back" }
    : { ...toldOf(rise, sign), verdict: decision.verdict, shows: "change" }
}

/**
 * Whether the mean over seeds is higher somewhere between the ends than at both. The checkpoint at which a seed is looked at is
 * the highest of the other seeds' mean: looking where the seed itself is highest would find a hump in noise.
 */
export const decideHump = (runs: ReadonlyArray<Run>, quantity: Quantity, by: number): ShownDecision => {
  const series = runs.map((run) => valuesAlong(run, quantity))
  const length = Math.max(0, ...series.map((one) => one.length))
  const whole = series.filter((one) => one.length === length && length >= 3)
  if (whole.length < 3) {
    return { verdict: "open", why: "needs three checkpoints and three seeds with values", shows: "fall" }
  }
  const total = Array.from({ length }, (_, k) => whole.reduce((sum, one) => sum + one[k]!, 0))
  const atPeak = whole.map((one) => {
    const peak = argMax(total.map((sum, k) => sum - one[k]!))
    return { overFirst: one[peak]! - one[0]!, overLast: one[peak]! - one.at(-1)! }
  })
  const rise = decideAbove(
    atPeak.map(({ overFirst }) => overFirst),
    by
  )
  const fall = decideAbove(
    atPeak.map(({ overLast }) => overLast),
    by
  )
  const decision = decideBoth(fall, rise)
  return { ...decision, shows: decision === rise ? "rise" : "fall" }
}
