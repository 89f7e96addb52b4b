/**
 * Coordinates in which policies (and references) fill a positive orthant, and the weights `a_i = d rho / d log p_i` there: what
 * the decisions about gradient steps (safety.ts) are polynomials in.
 */
import { addRational, divideRational, one, type Rational, zero } from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import { commonFactor, divideExactly } from "./factor.ts"
import { type OddsCounts, slope } from "./odds.ts"
import {
  add,
  constant,
  hasNoNegative,
  isZero,
  multiply,
  type OddsPolynomial,
  subtract,
  variable
} from "./oddsPolynomial.ts"
import { makeSubstitution, type Substitution } from "./substitution.ts"

/**
 * Coordinates for the probabilities: what replaces each odds variable, and the way back. `exact` says that every point of
 * the orthant is a policy (and a reference) on its simplex; otherwise the reference's odds are free, which proves more
 * but may refute at a reference that does not exist.
 */
export interface Frame {
  readonly variables: ReadonlyArray<string>
  /** Replaces odds by coordinates in polynomials of at most the given degrees, denominators cleared. */
  readonly substitution: (degrees: ReadonlyArray<number>) => Substitution
  readonly exact: boolean
  readonly probabilities: (point: ReadonlyArray<Rational>) => ReadonlyArray<readonly [string, Rational]>
}

/** The sum of rationals. */
export const sumOf = (values: ReadonlyArray<Rational>): Rational => values.reduce(addRational, zero)
const shares = (names: ReadonlyArray<string>, values: ReadonlyArray<Rational>) => {
  const total = addRational(one, sumOf(values))
  return names.map((name, k) => [name, divideRational(values[k]!, total)] as const)
}

/** Coordinates u of the policy's simplex, then those of the reference: `v` on its simplex, or free odds `o`. */
const makeFrame = (names: ReadonlyArray<string>, semantics: Semantics, exact: boolean): Frame => {
  const policy = names.filter((name) => name.startsWith("p_"))
  const reference =
    semantics === "relative"
      ? policy.map((name) => name.replace("p_", "r_"))
      : names.filter((name) => name.startsWith("r_"))
  const count = policy.length
  const variables = [...policy, ...reference].map((name, k) => `${k < count ? "u" : exact ? "v" : "o"}${name.slice(1)}`)
  const x = variables.map((_, k) => variable(variables, k))
  const unit = constant(variables, 1n)
  const total = x.slice(0, count).reduce(add, unit)
  const referenceTotal = x.slice(count).reduce(add, unit)
  const quotient = (name: string): readonly [OddsPolynomial, OddsPolynomial] => {
    const k = policy.indexOf(name)
    const r = count + (k < 0 ? reference.indexOf(name) : k)
    if (semantics === "relative")
      return exact ? [multiply(x[k]!, referenceTotal), multiply(x[r]!, total)] : [x[r]!, unit]
    if (k >= 0) return [x[k]!, subtract(total, x[k]!)]
    return exact ? [x[r]!, subtract(referenceTotal, x[r]!)] : [x[r]!, unit]
  }
  const odds = names.map(quotient)
  const probabilities = (point: ReadonlyArray<Rational>) => {
    const p = shares(policy, point.slice(0, count))
    const rest = point.slice(count)
    if (exact) return [...p, ...shares(reference, rest)]
    const free = (o: Rational, k: number): Rational =>
      semantics === "relative" ? divideRational(p[k]![1], o) : divideRational(o, addRational(one, o))
    return [...p, ...reference.map((name, k) => [name, free(rest[k]!, k)] as const)]
  }
  const substitutions = new Map<string, Substitution>()
  const substitution = (degrees: ReadonlyArray<number>): Substitution => {
    const known = substitutions.get(degrees.join())
    const found =
      known ??
      makeSubstitution(
        odds.map(([n]) => n),
        odds.map(([, d]) => d),
        degrees
      )
    substitutions.set(degrees.join(), found)
    return found
  }
  return { variables, substitution, exact, probabilities }
}

const frames = new Map<string, Frame>()

/** The frame of a list of variables, made once. */
export const frameOf = (names: ReadonlyArray<string>, semantics: Semantics, exact: boolean): Frame => {
  const key = `${semantics} ${exact} ${names.join()}`
  const frame = frames.get(key) ?? makeFrame(names, semantics, exact)
  frames.set(key, frame)
  return frame
}

/** `a_i` of every policy variable up to one common positive factor, as polynomials in odds. */
const weightsOf = (counts: OddsCounts, semantics: Semantics): ReadonlyArray<OddsPolynomial> => {
  const unit = constant(counts.variables, 1n)
  return counts.variables.flatMap((name, k) => {
    if (!name.startsWith("p_")) return []
    const odds = variable(counts.variables, k)
    const rate = semantics === "absolute" ? multiply(odds, add(unit, odds)) : odds
    return [multiply(rate, slope(counts, k))]
  })
}

/** The weights without their common factor, where that has no negative coefficient and so is positive. */
const reduced = (weights: ReadonlyArray<OddsPolynomial>): ReadonlyArray<OddsPolynomial> => {
  const common = weights.reduce(commonFactor)
  if (isZero(common) || !hasNoNegative(common)) return weights
  return weights.map((weight) => divideExactly(weight, common) ?? weight)
}

const known = new WeakMap<OddsCounts, Map<string, ReadonlyArray<OddsPolynomial>>>()

/** What was made of counts before under this key, or is made now. */
const kept = (
  counts: OddsCounts,
  key: string,
  make: () => ReadonlyArray<OddsPolynomial>
): ReadonlyArray<OddsPolynomial> => {
  const made = known.get(counts) ?? new Map<string, ReadonlyArray<OddsPolynomial>>()
  known.set(counts, made)
  const found = made.get(key) ?? make()
  made.set(key, found)
  return found
}

/**
 * The weights of counts in the coordinates of a frame, one common positive denominator cleared; with `reduce` also a common
 * factor, which takes longer to find than many proofs that do without. Kept with the counts.
 */
export const weightsIn = (
  frame: Frame,
  counts: OddsCounts,
  semantics: Semantics,
  reduce: boolean
): ReadonlyArray<OddsPolynomial> =>
  kept(counts, `${frame.exact} ${reduce}`, () => {
    const raw = kept(counts, "raw", () => weightsOf(counts, semantics))
    const weights = reduce ? kept(counts, "reduced", () => reduced(raw)) : raw
    const degrees = counts.variables.map((_, k) => Math.max(...weights.map((weight) => weight.degrees[k]!)))
    return weights.map(frame.substitution(degrees))
  })
