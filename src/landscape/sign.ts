/**
 * Sign of an odds polynomial on the open positive orthant (docs/theory.md §8): `holds` with a certificate, `fails` with a
 * rational witness, `undecided` at the budget. The steps, cheapest first: coefficients at sight; a point with a negative
 * value; Pólya's multipliers, both kinds; repeated factors taken out; subdivision at odds 1 and at equal odds, each part a
 * problem of the same kind (in probabilities the first is Bernstein subdivision of the cube, in odds it stays integral).
 */
import { divideRational, multiplyRational, one, type Rational, rational } from "../logic/rational.ts"
import { certificatePolynomial, type SignProof } from "./certificate.ts"
import { takeSquares } from "./factor.ts"
import {
  add,
  constant,
  evaluate,
  hasNoNegative,
  multiply,
  type OddsPolynomial,
  primitive,
  signAt,
  substitute,
  toPolynomial,
  variable
} from "./oddsPolynomial.ts"
import { findNegative, findNegativeByDescent, type Preference } from "./witness.ts"

/** The decision whether a polynomial is ≥ 0 for all positive odds. */
export type SignVerdict =
  | { readonly verdict: "holds"; readonly proof: SignProof }
  | { readonly verdict: "fails"; readonly witness: ReadonlyArray<Rational> }
  | { readonly verdict: "undecided"; readonly reason: string }

/** How hard to try. */
export interface SignOptions {
  /** Which witnesses are worth more, by their odds in the order of the variables; default: all the same. */
  readonly prefer?: Preference
  /** How many subdivisions may be made before giving up; default 200. */
  readonly subdivisions?: number
}

/** Largest array of coefficients that a multiplication may reach, largest exponent of a multiplier, depth of subdivision. */
const limits = { size: 20_000, multiplications: 6, depth: 12 }

/** A polynomial met on the way, with the map from its points to points of the polynomial that was asked about. */
interface Part {
  readonly polynomial: OddsPolynomial
  readonly lift: (point: ReadonlyArray<Rational>) => ReadonlyArray<Rational>
}

/** The part without content, monomials and variables that do not occur (lifted as odds 1). */
const compact = ({ polynomial, lift }: Part): Part => {
  const smallest = primitive(polynomial)
  const kept = smallest.variables.map((_, k) => k).filter((k) => smallest.degrees[k]! > 0)
  return {
    polynomial: {
      variables: kept.map((k) => smallest.variables[k]!),
      degrees: kept.map((k) => smallest.degrees[k]!),
      coefficients: smallest.coefficients
    },
    lift: (point) => lift(smallest.variables.map((_, k) => (kept.includes(k) ? point[kept.indexOf(k)]! : one)))
  }
}

const polya = (a: OddsPolynomial, most: number): SignProof | undefined => {
  const unit = constant(a.variables, 1n)
  const variables = a.variables.map((_, k) => variable(a.variables, k))
  const multipliers = {
    product: variables.reduce((m, x) => multiply(m, add(unit, x)), unit),
    sum: variables.reduce((m, x) => add(m, x), unit)
  }
  const products = { product: a, sum: a }
  for (let k = 1; k <= most; k++) {
    for (const multiplier of ["product", "sum"] as const) {
      const next = multiply(products[multiplier], multipliers[multiplier])
      if (next.coefficients.length > limits.size) continue
      products[multiplier] = next
      if (hasNoNegative(next)) return { kind: "polya", multiplier, k }
    }
  }
  return undefined
}

/** Both halves of a subdivision, by the substitutions that {@link SignProof} names. */
interface Split {
  readonly halves: readonly [Part, Part]
  readonly proof: (first: SignProof, second: SignProof) => SignProof
}

const replaceOne = (a: Part, k: number, numerator: OddsPolynomial, denominator: OddsPolynomial): Part => {
  const names = a.polynomial.variables
  const units = names.map(() => constant(names, 1n))
  const identity = names.map((_, i) => variable(names, i))
  const at = (point: ReadonlyArray<Rational>) =>
    divideRational(evaluate(numerator, point), evaluate(denominator, point))
  return {
    polynomial: substitute(a.polynomial, identity.with(k, numerator), units.with(k, denominator)),
    lift: (point) => a.lift(point.with(k, at(point)))
  }
}

const splitsOf = (a: Part): Array<Split> => {
  const names = a.polynomial.variables
  const unit = constant(names, 1n)
  const x = names.map((_, k) => variable(names, k))
  const atOne = names.map((name, k): Split => {
    const more = add(unit, x[k]!)
    return {
      halves: [replaceOne(a, k, x[k]!, more), replaceOne(a, k, more, unit)],
      proof: (below, above) => ({ kind: "split", variable: name, below, above })
    }
  })
  const pairs = names.flatMap((_, i) => names.slice(i + 1).map((_, offset) => [i, i + 1 + offset] as const))
  const atEqual = pairs.map(([i, j]): Split => {
    const sum = add(x[i]!, x[j]!)
    return {
      halves: [replaceOne(a, j, sum, unit), replaceOne(a, i, sum, unit)],
      proof: (ordered, reversed) => ({ kind: "order", small: names[i]!, large: names[j]!, ordered, reversed })
    }
  })
  return [...atOne, ...atEqual]
}

/** Share of negative coefficients, by size: 0 for a polynomial that is done. */
const badness = (a: OddsPolynomial): number => {
  let [negative, total] = [0, 0]
  for (const c of a.coefficients) {
    const size = Math.abs(Number(c))
    total += size
    if (c < 0n) negative += size
  }
  return total === 0 ? 0 : negative / total
}

/** What the search for a proof came to: undefined at the budget. */
type Outcome = { readonly proof: SignProof } | { readonly witness: ReadonlyArray<Rational> } | undefined

const json = (a: OddsPolynomial) => certificatePolynomial(toPolynomial(a))

/** A proof, or a negative point met on the way. */
const prove = (part: Part, budget: { left: number }, depth: number): Outcome => {
  if (hasNoNegative(part.polynomial)) return { proof: { kind: "coefficients" } }
  const reduced = compact(part)
  const multiplied = polya(reduced.polynomial, depth === 0 ? limits.multiplications : 2)
  if (multiplied !== undefined) return { proof: multiplied }
  const squared = takeSquares(reduced.polynomial)
  if (squared !== undefined) {
    const { squares, rest } = squared
    const outcome = prove({ polynomial: rest, lift: reduced.lift }, budget, depth)
    if (outcome === undefined || "witness" in outcome) return outcome
    return { proof: { kind: "squares", squares: squares.map(json), rest: json(rest), proof: outcome.proof } }
  }
  const negative = findNegative(reduced.polynomial)
  return negative !== undefined ? { witness: reduced.lift(negative) } : subdivide(reduced, budget, depth)
}

const subdivide = (part: Part, budget: { left: number }, depth: number): Outcome => {
  if (budget.left <= 0 || depth >= limits.depth) return undefined
  budget.left--
  const ranked = splitsOf(part)
    .map((split) => ({ split, score: badness(split.halves[0].polynomial) + badness(split.halves[1].polynomial) }))
    .sort((p, q) => p.score - q.score)
  for (const { split } of ranked.slice(0, 2)) {
    const first = prove(split.halves[0], budget, depth + 1)
    if (first === undefined) continue
    if ("witness" in first) return first
    const second = prove(split.halves[1], budget, depth + 1)
    if (second === undefined) continue
    return "witness" in second ? second : { proof: split.proof(first.proof, second.proof) }
  }
  return undefined
}

/** A point where a factor that was taken out squared is zero hides the sign: step aside a little. */
const confirmed = (a: OddsPolynomial, point: ReadonlyArray<Rational>): ReadonlyArray<Rational> | undefined => {
  for (const [i, shift] of [rational(1), rational(1025, 1024), rational(1023, 1024)].entries()) {
    const moved = point.map((value, k) => (i > 0 && k % 2 === i % 2 ? multiplyRational(value, shift) : value))
    if (signAt(a, moved) < 0) return moved
  }
  return undefined
}

/** Decides whether the polynomial is ≥ 0 whenever all its variables are positive. */
export const decideSign = (a: OddsPolynomial, options: SignOptions = {}): SignVerdict => {
  if (hasNoNegative(a)) return { verdict: "holds", proof: { kind: "coefficients" } }
  const near = findNegative(a, options.prefer)
  if (near !== undefined) return { verdict: "fails", witness: near }
  const outcome = prove({ polynomial: a, lift: (point) => point }, { left: options.subdivisions ?? 200 }, 0)
  if (outcome !== undefined && "proof" in outcome) return { verdict: "holds", proof: outcome.proof }
  const far = (outcome && confirmed(a, outcome.witness)) ?? findNegativeByDescent(a)
  return far === undefined
    ? { verdict: "undecided", reason: "no proof and no counterexample within the budget" }
    : { verdict: "fails", witness: far }
}
