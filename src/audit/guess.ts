/** From disagreeing numbers to likely causes: every hypothesis is held against all numbers, the simplest that fits comes first. */
import { double, others, type Subject, single } from "./candidates.ts"
import { type Measured, type Observation, observationsOf } from "./compare.ts"
import type { unit } from "./expected.ts"
import { type Hypothesis, type Score, score } from "./hypothesis.ts"
import { computesIn, roundedInputs } from "./rounding.ts"

/** A likely cause, with the numbers that bear it out. */
export interface Cause {
  readonly id: string
  /** One sentence without its end. */
  readonly says: string
  /** How many of the code's numbers it explains. */
  readonly evidence: Score
}

/** Families of extreme numbers, where naive formulas overflow or lose digits. */
const extreme: ReadonlySet<string> = new Set(["long answers", "huge margin", "probability near 1", "near-equal pair"])

const isFinal = ({ observed }: Observation): boolean => Number.isFinite(observed)

/** Exceptions on some calls and not on others. */
const exceptions = (all: ReadonlyArray<Measured>): ReadonlyArray<Cause> => {
  const raised = all.filter(({ answer }) => answer.error !== undefined)
  if (raised.length === 0) return []
  const sizes = [...new Set(raised.map(({ call }) => call.rows.length))]
  const dtypes = [...new Set(raised.map(({ call }) => call.dtype))]
  const others = all.filter(({ answer }) => answer.error === undefined)
  const where =
    dtypes.length === 1 && others.every(({ call }) => call.dtype !== dtypes[0])
      ? `on every ${dtypes[0]} call`
      : sizes.length === 1 && others.every(({ call }) => call.rows.length !== sizes[0])
        ? `on every batch of ${sizes[0]}`
        : `on ${raised.length} of ${all.length} calls`
  return [
    {
      id: "raises",
      says: `it raises ${where}: ${raised[0]!.answer.error}`,
      evidence: { met: raised.length, of: all.length }
    }
  ]
}

/** Disagreements at extreme numbers alone: the formula is right and its evaluation is not. */
const numerical = (all: ReadonlyArray<Measured>, seen: ReadonlyArray<Observation>): ReadonlyArray<Cause> => {
  const off = seen.filter(({ agrees }) => !agrees)
  if (off.length === 0 || !off.every(({ call }) => extreme.has(all[call]!.call.family))) return []
  const infinite = off.filter((one) => !isFinal(one)).length
  const families = [...new Set(off.map(({ call }) => all[call]!.call.family))].join(", ")
  const evidence = { met: seen.length - off.length, of: seen.length }
  const rest = `everywhere else it agrees (a naive log(sigmoid(x)), log(1 - exp(x)) or exp; use logsigmoid, log1p, expm1)`
  return [
    infinite === off.length
      ? {
          id: "overflow",
          says: `it is not finite at ${infinite} numbers where the loss is (${families}); ${rest}`,
          evidence
        }
      : { id: "unstable", says: `it loses digits at extreme inputs (${families}); ${rest}`, evidence }
  ]
}

/** Pairs that agree alone and not in company. */
const coupled = (all: ReadonlyArray<Measured>, seen: ReadonlyArray<Observation>): ReadonlyArray<Cause> => {
  const alone = seen.filter(({ call }) => all[call]!.call.rows.length === 1)
  const off = seen.filter(({ agrees }) => !agrees)
  if (alone.length === 0 || off.length === 0 || alone.some(({ agrees }) => !agrees)) return []
  return [
    {
      id: "batch-coupled",
      says: "the pairs of a batch influence one another: every pair alone agrees, batches do not",
      evidence: { met: alone.length, of: seen.length }
    }
  ]
}

const precisionCause = (all: ReadonlyArray<Measured>, seen: ReadonlyArray<Observation>): ReadonlyArray<Cause> => {
  const type = computesIn(all)
  if (type === undefined) return []
  return [
    {
      id: `dtype-${type}`,
      says: `it computes in ${type} inside (wrong dtype): the numbers agree to that precision and no further`,
      evidence: { met: seen.length, of: seen.length }
    }
  ]
}

/** Calls that disagree, those that say most first: ordinary numbers, one pair, one number after the other. */
const mostTelling = (all: ReadonlyArray<Measured>, seen: ReadonlyArray<Observation>): ReadonlyArray<Measured> => {
  const off = new Set(seen.filter((one) => !one.agrees && isFinal(one)).map(({ call }) => call))
  const rank = ({ call }: Measured): number =>
    (call.family === "typical" ? 0 : call.family === "simple" ? 1 : 2) + call.rows.length / 100
  return [...off].map((k) => all[k]!).sort((a, b) => rank(a) - rank(b))
}

interface Judged {
  readonly hypothesis: Hypothesis
  readonly score: Score
}

/** The hypotheses that explain all but 1 in 100 numbers; a few calls sift them first. */
const explaining = (
  candidates: ReadonlyArray<Hypothesis>,
  off: ReadonlyArray<Measured>,
  all: ReadonlyArray<Measured>,
  precision: keyof typeof unit
): ReadonlyArray<Judged> => {
  const agreeing = all.filter((one) => !off.includes(one)).slice(0, 4)
  const sieve = [...off.slice(0, 4), ...off.slice(-3), ...agreeing]
  const judged: Array<Judged> = []
  for (const hypothesis of candidates) {
    const first = score(hypothesis, sieve, precision, 1)
    if (first.of - first.met > 1) continue
    const whole = score(hypothesis, all, precision)
    if (whole.met >= 0.99 * whole.of) judged.push({ hypothesis, score: whole })
  }
  return judged
}

const asCauses = (judged: ReadonlyArray<Judged>): ReadonlyArray<Cause> =>
  judged
    .map((one, order) => ({ ...one, order }))
    .sort(
      (a, b) =>
        a.hypothesis.complexity - b.hypothesis.complexity ||
        b.score.met / b.score.of - a.score.met / a.score.of ||
        a.order - b.order
    )
    .filter(({ hypothesis }, k, list) => list.findIndex((x) => x.hypothesis.says === hypothesis.says) === k)
    .map(({ hypothesis, score: evidence }) => ({ id: hypothesis.id, says: hypothesis.says, evidence }))

/** Explanations by formula: one thing wrong or another loss; failing these, two things wrong. */
const structural = (
  subject: Subject,
  all: ReadonlyArray<Measured>,
  off: ReadonlyArray<Measured>,
  precision: keyof typeof unit
): ReadonlyArray<Cause> => {
  const simple = [
    ...explaining(single(subject, off), off, all, precision),
    ...explaining(others(subject, off), off, all, precision)
  ]
  if (simple.length > 0) return asCauses(simple)
  return asCauses(
    explaining(
      [...double(subject, off), ...others(subject, off, true), ...roundedInputs(subject.loss.program)],
      off,
      all,
      precision
    )
  )
}

/** The hypothesis that explains most, when none explains all; only where it explains clearly more than the loss itself. */
const closest = (
  subject: Subject,
  all: ReadonlyArray<Measured>,
  seen: ReadonlyArray<Observation>,
  off: ReadonlyArray<Measured>,
  precision: keyof typeof unit
): ReadonlyArray<Cause> => {
  const base = seen.filter(({ agrees }) => agrees).length / seen.length
  const judged = [...single(subject, off), ...others(subject, off)]
    .map((hypothesis) => ({ hypothesis, score: score(hypothesis, all, precision) }))
    .filter(({ score: { met, of } }) => met / of > Math.max(0.6, base + 0.2))
    .sort((a, b) => b.score.met / b.score.of - a.score.met / a.score.of)
  return asCauses(judged.slice(0, 1)).map((cause) => ({ ...cause, says: `in part: ${cause.says}` }))
}

/**
 * Likely causes of the disagreements in a list of calls, most likely first; empty when nothing fits. At most `limit`.
 * Numbers that are not finite are told apart first; formulas are held against the rest.
 */
export const guessCauses = (subject: Subject, all: ReadonlyArray<Measured>, limit = 3): ReadonlyArray<Cause> => {
  const raised = exceptions(all)
  const answered = all.filter(({ observed }) => observed !== undefined)
  const wide = answered.filter(({ call }) => call.dtype === "float64")
  const base = wide.length > 0 ? wide : answered
  const everything = answered.flatMap(observationsOf_)
  if (everything.every(({ agrees }) => agrees)) return raised
  const early = [...precisionCauseIfNarrow(answered, everything), ...numerical(answered, everything)]
  if (early.length > 0) return [...raised, ...early].slice(0, limit)
  // A call with a number that is not finite says nothing about formulas.
  const usable = base.filter((one, k) => observationsOf(one, k).every(isFinal))
  const seen = usable.flatMap((one, k) => observationsOf(one, k))
  const off = mostTelling(usable, seen)
  const infinite = everything.length - everything.filter(isFinal).length
  const found = off.length === 0 ? [] : structural(subject, usable, off, usable[0]!.call.dtype)
  const unique =
    found.length > 0 || off.length === 0 || usable[0]!.call.dtype === "float32"
      ? found
      : narrowed(structural(subject, usable, off, "float32"))
  const fallback = unique.length > 0 ? [] : [...coupled(answered, everything), ...precisionCause(answered, everything)]
  const partial =
    unique.length + fallback.length > 0 || off.length === 0
      ? []
      : closest(subject, usable, seen, off, usable[0]!.call.dtype)
  const overflow: ReadonlyArray<Cause> =
    infinite === 0
      ? []
      : [
          {
            id: "not-finite",
            says: `besides, ${infinite} numbers are not finite where the loss is`,
            evidence: { met: infinite, of: everything.length }
          }
        ]
  return [...raised, ...unique, ...fallback, ...partial].slice(0, limit).concat(overflow)
}

const observationsOf_ = (one: Measured, k: number): ReadonlyArray<Observation> => observationsOf(one, k)

const precisionCauseIfNarrow = (
  all: ReadonlyArray<Measured>,
  seen: ReadonlyArray<Observation>
): ReadonlyArray<Cause> => (computesIn(all) === "float32" ? precisionCause(all, seen) : [])

const narrowed = (causes: ReadonlyArray<Cause>): ReadonlyArray<Cause> =>
  causes.map((cause) => ({ ...cause, says: `${cause.says}, computed in float32` }))
