/**
 * What a property is: a statement about one loss, its quantifiers, and up to two ways to examine it. `decide` answers for
 * all weightings at once where that is possible; `check` looks for a counterexample among small bandits.
 */
import type { CaseArbitrary } from "./shrink.ts"
import type { LossSubject } from "./subject.ts"
import type { Decision, Description, Outcome } from "./verdict.ts"

/** A search for counterexamples. Cases are plain JSON data, so that a failing one can be stored and tried again. */
export interface Check<Case> {
  /** Draws cases and simplifies failing ones. */
  arbitrary(subject: LossSubject): CaseArbitrary<Case>
  /** Tries one case; must not throw on any case of the arbitrary. */
  predicate(subject: LossSubject, value: Case): Outcome
  /** The case as a small bandit and one paragraph. */
  describe(subject: LossSubject, value: Case): Description
  /** At most this many cases, whatever number is asked for: set where one case needs an optimisation. */
  readonly mostRuns?: number
}

/** What a statistical property found, by a test whose error rate was stated beforehand. */
export interface Measurement {
  readonly verdict: "held" | "refuted" | "undecided"
  /** Random data sets drawn. */
  readonly runs: number
  /** The mean, the sample size, the error rate. */
  readonly reason: string
  /** Where it is refuted. */
  readonly description?: Description
}

/** A property of losses. */
export interface Property {
  /** "P9": the number in docs/experiments.md §4, or the name of a property that has none there. */
  readonly id: string
  /** Further names under which it can be asked for, among them those of docs/theory.md §9. */
  readonly aliases: ReadonlyArray<string>
  readonly title: string
  /** One plain sentence, true or false of a given loss. */
  readonly statement: string
  /** What the sentence ranges over: "for all policies with … ". */
  readonly quantifiers: string
  /** Where the claim comes from. */
  readonly source: string
  /** Examined only when asked for by name. */
  readonly onRequest?: boolean
  /** true, or the reason why the statement says nothing about this loss. */
  appliesTo(subject: LossSubject): true | string
  /** Exact answer; undefined when there is no decision procedure for this loss. */
  decide?(subject: LossSubject): Decision | undefined
  readonly check?: Check<unknown>
  /** A statement about a mean over random data sets: a sequential test in place of cases. */
  measure?(subject: LossSubject, seed: number): Measurement
}

/** Outcome of `value >= 0` up to a tolerance: the margin is the value itself. */
export const nonNegative = (value: number, tolerance: number): Outcome => ({
  holds: value >= -tolerance,
  margin: value
})

/** Outcome of `actual = expected` up to a tolerance: the margin is minus the distance. */
export const equalWithin = (actual: number, expected: number, tolerance: number): Outcome => {
  const distance = actual === expected ? 0 : Math.abs(actual - expected)
  return { holds: distance <= tolerance, margin: -distance }
}

/** Relative tolerance of identities in double precision (docs/experiments.md §4). */
export const identityTolerance = 1e-10

/** Tolerance after an optimisation (docs/experiments.md §4). */
export const optimumTolerance = 1e-6

/** `appliesTo` of properties about one pair: every input must be there. */
export const needsPair = (subject: LossSubject): true | string =>
  subject.missing.length === 0
    ? true
    : `the loss reads ${subject.missing.join(", ")}, which one pair on a bandit does not have`

/** `appliesTo` of properties about rho: the loss must be a function of one ratio. */
export const needsRatio = (subject: LossSubject): true | string => {
  const pair = needsPair(subject)
  if (pair !== true) return pair
  return subject.ratio === undefined
    ? `no single ratio: ${subject.loss.refusal ?? "the loss is not a function of one structure"}`
    : true
}

/** `appliesTo` of properties about a structure's rows. */
export const needsStructure = (subject: LossSubject): true | string =>
  subject.loss.structure === undefined
    ? `no structure: ${subject.loss.refusal ?? "the loss is not one ratio of sums of rows"}`
    : true

/** `appliesTo` of properties about the reference model. */
export const needsReference = (subject: LossSubject): true | string => {
  const pair = needsPair(subject)
  if (pair !== true) return pair
  return subject.usesReference ? true : "the loss reads no reference model"
}
