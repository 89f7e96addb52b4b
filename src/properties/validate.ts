/**
 * Examines a loss: for every property the exact decision where one exists, else a seeded search for a counterexample, with
 * the simplest one found printed as a small bandit.
 */

import * as Result from "effect/Result"
import * as fc from "fast-check"
import type { Loss } from "../loss/loss.ts"
import type { Check, Measurement, Property } from "./property.ts"
import { findProperty, properties, type UnknownProperty } from "./registry.ts"
import type { CaseArbitrary } from "./shrink.ts"
import { type LossSubject, subjectOf } from "./subject.ts"
import { descriptionText } from "./table.ts"
import type { Counterexample, Decision, Outcome, PropertyResult } from "./verdict.ts"

/** What to examine and how long to search. */
export interface ValidateOptions {
  /** Ids or aliases; default: all properties that are not examined on request only. */
  readonly properties?: ReadonlyArray<string>
  /** Cases tried per searched property (fewer where one case is an optimisation). Default 100. */
  readonly runs?: number
  /** Seed of the search, a 32-bit integer. Default 0. */
  readonly seed?: number
}

/** The verdicts on one loss, as JSON. */
export interface Validation {
  readonly loss: string
  readonly seed: number
  readonly results: ReadonlyArray<PropertyResult>
}

const defaultRuns = 100

// An exact refutation deserves a bandit to show it on: worth a longer search than an open question.
const refutedRuns = 4000

interface Search {
  readonly runs: number
  readonly shrinks: number
  readonly skipped: number
  /** Whether enough of the cases counted to say that the property held. */
  readonly enough: boolean
  /** Why the last skipped case did not count. */
  readonly outside: string
  readonly counterexample?: Counterexample
}

const counterexampleOf = (
  subject: LossSubject,
  check: Check<unknown>,
  value: unknown,
  path?: string
): Counterexample => {
  const description = check.describe(subject, value)
  const text = descriptionText(description)
  return { ...description, case: value, text, ...(path === undefined ? {} : { path }) }
}

const search = (
  subject: LossSubject,
  check: Check<unknown>,
  runs: number,
  seed: number,
  first: ReadonlyArray<unknown> = []
): Search => {
  const arbitrary: CaseArbitrary<unknown> = check.arbitrary(subject)
  let outside = ""
  const property = fc.property(arbitrary, (value) => {
    const outcome = check.predicate(subject, value)
    if ("holds" in outcome) return outcome.holds
    // Outside the property's region: skipped, not counted.
    outside = outcome.outside
    fc.pre(false)
    return true
  })
  // Skipping is cheap unless a case is an optimisation.
  const maxSkipsPerRun = check.mostRuns === undefined ? 20 : 1
  const numRuns = Math.min(runs, check.mostRuns ?? runs)
  const details = fc.check(property, { seed, numRuns, maxSkipsPerRun, examples: first.map((value) => [value]) })
  const base = {
    runs: details.numRuns,
    shrinks: details.numShrinks,
    skipped: details.numSkips,
    enough: details.numRuns * 4 >= numRuns,
    outside
  }
  if (details.counterexample === null) return base
  const [value] = details.counterexample
  return { ...base, counterexample: counterexampleOf(subject, check, value, details.counterexamplePath ?? undefined) }
}

/** A counterexample that is a sentence: exact refutations that no small bandit shows. */
const fromWitness = (witness: string): Counterexample => ({
  arms: [],
  facts: {},
  explanation: witness,
  case: null,
  text: witness
})

const refutedExactly = (
  subject: LossSubject,
  property: Property,
  decision: Extract<Decision, { verdict: "refuted" }>,
  seed: number
): Partial<PropertyResult> => {
  const first = decision.case === undefined ? [] : [decision.case]
  const found = property.check === undefined ? undefined : search(subject, property.check, refutedRuns, seed, first)
  return {
    certificate: decision.witness,
    ...(decision.proof === undefined ? {} : { proof: decision.proof }),
    ...(decision.point === undefined ? {} : { witness: decision.point }),
    ...(found?.counterexample === undefined
      ? { counterexample: fromWitness(decision.witness) }
      : { runs: found.runs, shrinks: found.shrinks, counterexample: found.counterexample })
  }
}

const searched = (
  subject: LossSubject,
  check: Check<unknown>,
  runs: number,
  seed: number
): Pick<PropertyResult, "verdict"> & Partial<PropertyResult> => {
  const found = search(subject, check, runs, seed)
  if (found.counterexample !== undefined) {
    return { verdict: "refuted", runs: found.runs, shrinks: found.shrinks, counterexample: found.counterexample }
  }
  const tried = found.runs + found.skipped
  return found.enough
    ? { verdict: "held", runs: found.runs }
    : { verdict: "undecided", runs: found.runs, reason: `only ${found.runs} of ${tried} cases count: ${found.outside}` }
}

const measured = ({
  verdict,
  runs,
  reason,
  description
}: Measurement): Pick<PropertyResult, "verdict"> & Partial<PropertyResult> => ({
  verdict,
  runs,
  reason,
  ...(description === undefined
    ? {}
    : { counterexample: { ...description, case: null, text: descriptionText(description) } })
})

const disagreement = (subject: LossSubject): { reason?: string } =>
  subject.ratio !== undefined && !subject.agrees
    ? { reason: "the program does not compute the loss of its structure, so no exact decision speaks for it" }
    : {}

const examine = (
  subject: LossSubject,
  property: Property,
  runs: number,
  seed: number
): Pick<PropertyResult, "verdict"> & Partial<PropertyResult> => {
  const applies =
    subject.loss.unevaluable !== undefined && property.id !== "P1"
      ? subject.loss.unevaluable
      : property.appliesTo(subject)
  if (applies !== true) return { verdict: "not-applicable", reason: applies }
  const decision = property.decide?.(subject)
  if (decision?.verdict === "proved") {
    const { certificate, proof } = decision
    return { verdict: "proved", certificate, ...(proof === undefined ? {} : { proof }) }
  }
  if (decision?.verdict === "refuted")
    return { verdict: "refuted", ...refutedExactly(subject, property, decision, seed) }
  if (property.measure !== undefined) return measured(property.measure(subject, seed))
  const why = decision?.verdict === "undecided" ? { reason: decision.reason } : disagreement(subject)
  return property.check === undefined
    ? { verdict: "undecided", ...why }
    : { ...why, ...searched(subject, property.check, runs, seed) }
}

/** Examines one property; the result names it as it was asked for. */
export const examineProperty = (
  loss: Loss,
  property: Property,
  options: ValidateOptions & { readonly name?: string } = {}
): PropertyResult => {
  const { runs = defaultRuns, seed = 0, name = property.id } = options
  return {
    property: name,
    id: property.id,
    title: property.title,
    statement: property.statement,
    ...examine(subjectOf(loss), property, runs, seed)
  }
}

/**
 * The properties of the given names, each with the name under which its result is listed; by default all that are not examined
 * on request only.
 */
export const askedProperties = (
  names: ReadonlyArray<string> | undefined
): Result.Result<ReadonlyArray<readonly [string, Property]>, UnknownProperty> => {
  if (names === undefined) {
    return Result.succeed(
      properties.filter(({ onRequest }) => onRequest !== true).map((property) => [property.id, property])
    )
  }
  const found: Array<readonly [string, Property]> = []
  for (const name of names) {
    const property = findProperty(name)
    if (Result.isFailure(property)) return Result.fail(property.failure)
    const { id } = property.success
    // An alias is echoed, so that whoever asked finds the answer; an id in its own spelling.
    found.push([name.trim().toLowerCase() === id.toLowerCase() ? id : name.trim().toLowerCase(), property.success])
  }
  return Result.succeed(found)
}

/**
 * Verdicts of the properties on a loss. Deterministic: the same loss, properties, runs and seed give the same result, each
 * property's search depending on nothing but its own seed.
 * @returns {@link UnknownProperty} when a name is no property
 * @throws RangeError unless runs is an integer ≥ 1 and the seed an integer
 */
export const validateLoss = (loss: Loss, options: ValidateOptions = {}): Result.Result<Validation, UnknownProperty> => {
  const { runs = defaultRuns, seed = 0 } = options
  if (!(Number.isInteger(runs) && runs >= 1))
    throw new RangeError(`validateLoss: runs must be an integer >= 1, got ${runs}`)
  if (!Number.isInteger(seed)) throw new RangeError(`validateLoss: seed must be an integer, got ${seed}`)
  const asked = askedProperties(options.properties)
  if (Result.isFailure(asked)) return Result.fail(asked.failure)
  const results = asked.success.map(([name, property]) => examineProperty(loss, property, { runs, seed, name }))
  return Result.succeed({ loss: loss.spec, seed, results })
}

/**
 * Tries a stored case again, as read from JSON: the outcome, or undefined when the property has no search or the value is
 * no case of this loss.
 */
export const replayCase = (loss: Loss, property: Property, value: unknown): Outcome | undefined => {
  const subject = subjectOf(loss)
  if (property.check === undefined || property.appliesTo(subject) !== true) return undefined
  return property.check.arbitrary(subject).canShrinkWithoutContext(value)
    ? property.check.predicate(subject, value)
    : undefined
}
