/** Properties that are statements about a mean over random data sets, decided by the sequential test of sequential.ts. */
import { Rng } from "../random/rng.ts"
import type { Measurement } from "./property.ts"
import { testMean } from "./sequential.ts"
import type { LossSubject } from "./subject.ts"
import { numberText } from "./table.ts"
import type { ArmRow } from "./verdict.ts"

/** One data set: what is averaged, in [0, 1], and a line of a table about it. */
export interface Sample {
  readonly value: number
  readonly row: Readonly<Record<string, number>>
}

/** What is measured, stated before any data are drawn. */
export interface MeasuredMean {
  /** The claim is that the mean of `value` is above this. */
  readonly threshold: number
  /** Bound on the probability of a wrong `held`, and of a wrong `refuted`. */
  readonly alpha: number
  /** Data sets at most. */
  readonly most: number
  /** What `value` is, for sentences: "ranking accuracy". */
  readonly quantity: string
  /** One data set of its own stream; undefined when training breaks down on it. */
  readonly observe: (subject: LossSubject, rng: Rng) => Sample | undefined
}

/** Data sets shown when the claim is refuted. */
const shown = 3

class BrokeDown extends Error {}

/** Draws data sets until the claim or its contrary is rejected. */
export const measureMean = (subject: LossSubject, seed: number, plan: MeasuredMean): Measurement => {
  const { threshold, alpha, most, quantity } = plan
  const root = Rng.fromSeed(seed).split("measured")
  const samples: Array<Sample> = []
  const observe = (index: number): number => {
    const sample = plan.observe(subject, root.split(index))
    if (sample === undefined) throw new BrokeDown()
    samples.push(sample)
    return sample.value
  }
  try {
    const { verdict, count, mean, againstAtMost, againstAtLeast } = testMean({ threshold, alpha }, most, observe)
    const facts = { [`mean ${quantity}`]: mean, "data sets": count, threshold, "error rate": alpha }
    const reason =
      `mean ${quantity} ${numberText(mean)} over ${count} data sets of at most ${most}, threshold ${threshold}; betting test at error rate ` +
      `${alpha}: wealth ${numberText(againstAtMost)} against "at most", ${numberText(againstAtLeast)} against "at least"`
    if (verdict === "above") return { verdict: "held", runs: count, reason }
    if (verdict === "open") return { verdict: "undecided", runs: count, reason }
    const arms = samples.slice(0, shown).map(({ row }, k): ArmRow => ({ "data set": k + 1, ...row }))
    const explanation = `Over ${count} random data sets the mean ${quantity} is ${numberText(mean)}, significantly below ${threshold}; ${reason}.`
    return { verdict: "refuted", runs: count, reason, description: { arms, facts, explanation } }
  } catch (error) {
    if (!(error instanceof BrokeDown)) throw error
    return {
      verdict: "undecided",
      runs: samples.length,
      reason: `training breaks down on data set ${samples.length + 1}: its gradient is not finite`
    }
  }
}
