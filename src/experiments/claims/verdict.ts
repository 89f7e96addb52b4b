/** @file Verdicts from intervals. Pure. */
import { type Interval, rounding, studentInterval } from "../statistics.ts"

/** What the data say of a claim. */
export type ClaimVerdict = "holds" | "fails" | "open"

/** A verdict with the interval it is read from; without one nothing could be computed, and `why` says what is missing. */
export interface Decision {
  readonly verdict: ClaimVerdict
  readonly interval?: Interval
  readonly why?: string
}

const tooFew = (n: number): string => (n === 0 ? "no run has a value" : "one seed says nothing about spread")

/** Mean and interval of what there is. */
export const intervalOf = (values: ReadonlyArray<number | undefined>): Interval | undefined => {
  const present = values.filter((value) => value !== undefined)
  return present.length === 0 ? undefined : studentInterval(present)
}

/**
 * Whether a mean lies in [low, high] (either may be infinite). Holds when its whole interval does, fails when none of it does;
 * an interval that touches a bound to {@link rounding} from the wrong side is on the wrong side.
 */
export const decideRange = (values: ReadonlyArray<number | undefined>, low: number, high: number): Decision => {
  const interval = intervalOf(values)
  if (interval?.low === undefined || interval.high === undefined) {
    return { verdict: "open", why: tooFew(interval?.n ?? 0), ...(interval ? { interval } : {}) }
  }
  const inside = interval.low > low - rounding && interval.high < high + rounding
  const outside = interval.high < low - rounding || interval.low > high + rounding
  return { verdict: inside ? "holds" : outside ? "fails" : "open", interval }
}

/** Whether a mean is above `by`: strictly, so that differences that are 0 in every run are not above 0. */
export const decideAbove = (values: ReadonlyArray<number | undefined>, by: number): Decision => {
  const interval = intervalOf(values)
  if (interval?.low === undefined || interval.high === undefined) {
    return { verdict: "open", why: tooFew(interval?.n ?? 0), ...(interval ? { interval } : {}) }
  }
  return {
    verdict: interval.low > by + rounding ? "holds" : interval.high <= by + rounding ? "fails" : "open",
    interval
  }
}

/** A claim of two parts holds when both do and fails when one does; shown is the interval of the part that decides. */
export const decideBoth = (a: Decision, b: Decision): Decision => {
  if (a.verdict !== "holds") return b.verdict === "fails" && a.verdict === "open" ? b : a
  return b.verdict === "holds" ? a : b
}

/** The verdict on all parts of a claim: fails when one fails, holds when all hold. */
export const verdictOfAll = (verdicts: ReadonlyArray<ClaimVerdict>): ClaimVerdict =>
  verdicts.includes("fails")
    ? "fails"
    : verdicts.length > 0 && verdicts.every((one) => one === "holds")
      ? "holds"
      : "open"

/** A decision about `sign · value`, told of the value itself, `shift` higher. */
export const toldOf = (decision: Decision, sign: 1 | -1, shift = 0): Decision => {
  const { interval } = decision
  if (interval === undefined) return decision
  const at = (value: number) => sign * value + shift
  const { mean, low, high, n } = interval
  if (low === undefined || high === undefined) return { ...decision, interval: { mean: at(mean), n } }
  const [a, b] = [at(low), at(high)]
  return { ...decision, interval: { mean: at(mean), low: Math.min(a, b), high: Math.max(a, b), n } }
}
