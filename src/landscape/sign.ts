/**
 * Sign of an odds polynomial on the open positive orthant (docs/theory.md §8): `holds` with a certificate, `fails` with a
 * rational witness, `undecided` at the budget. The steps, cheapest first: coefficients at sight; a point with a negative
 * value; Pólya's multipliers, both kinds; repeated factors taken out; a quadratic in one odds; a sum of squares; subdivision
 * where an odds, a ratio or a product of two is 1, each part a problem of the same kind (in probabilities it refines
 * Bernstein's, in odds it stays integral).
 */
import { addRational, divideRational, multiplyRational, one, type Rational, rational } from "../logic/rational.ts"
import { aboveOne, belowOne } from "./axisShift.ts"
import { certificatePolynomial, type SignProof } from "./certificate.ts"
import { coefficientsIn, takeSquares } from "./factor.ts"
import {
  add,
  constant,
  fromTerms,
  hasNoNegative,
  multiply,
  type OddsPolynomial,
  primitive,
  scale,
  signAt,
  subtract,
  termsOf,
  toPolynomial,
  variable
} from "./oddsPolynomial.ts"
import { proveBySquares } from "./sumOfSquares.ts"
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
  /** How many coefficients may be looked at before giving up, over all parts; default 8000. */
  readonly work?: number
}

/** Largest array of coefficients that a multiplication may reach, largest exponent of a multiplier, depth of subdivision, array sizes for askew coordinates and parts. */
const limits = { size: 20_000, multiplications: 6, depth: 12, askew: 700, part: 1500 }

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

/** The part after `variable i := variable i · (variable j)^sign`, times the monomial that leaves no power of j to strip. */
const withMonomial = (a: Part, i: number, j: number, sign: 1 | -1): Part => {
  const terms = termsOf(a.polynomial)
  const lift = -Math.min(...terms.map((term) => term.exponents[j]! + sign * term.exponents[i]!))
  const moved = terms.map(({ exponents, coefficient }) => ({
    exponents: exponents.with(j, exponents[j]! + sign * exponents[i]! + lift),
    coefficient
  }))
  const factor = (point: ReadonlyArray<Rational>): Rational => (sign > 0 ? point[j]! : divideRational(one, point[j]!))
  return {
    polynomial: fromTerms(a.polynomial.variables, moved),
    lift: (point) => a.lift(point.with(i, multiplyRational(point[i]!, factor(point))))
  }
}

/** A part in other coordinates: which variable was changed by which, and how a proof there becomes a proof here. */
interface Change {
  readonly part: Part
  readonly changed: number
  readonly by: number
  readonly proof: (proof: SignProof) => SignProof
}

/** All changes of one variable by one other, multiplied or divided. */
const changesOf = (a: Part): Array<Change> => {
  const names = a.polynomial.variables
  return names.flatMap((variable, i) =>
    names.flatMap((factor, j) =>
      i === j
        ? []
        : ([1, -1] as const).map((power) => ({
            part: withMonomial(a, i, j, power),
            changed: i,
            by: j,
            proof: (proof: SignProof): SignProof => ({ kind: "monomials", variable, factor, power, proof })
          }))
    )
  )
}

const splitAtOne = (a: Part, k: number, wrap: Change["proof"]): Split => {
  const name = a.polynomial.variables[k]!
  const half = (polynomial: OddsPolynomial, at: (t: Rational) => Rational): Part => ({
    polynomial,
    lift: (point) => a.lift(point.with(k, at(point[k]!)))
  })
  const more = (t: Rational): Rational => addRational(one, t)
  return {
    halves: [half(belowOne(a.polynomial, k), (t) => divideRational(t, more(t))), half(aboveOne(a.polynomial, k), more)],
    proof: (below, above) => wrap({ kind: "split", variable: name, below, above })
  }
}

/** Splits where one odds is 1, where two are equal (`o_i / o_j = 1`) and where they are inverse (`o_i o_j = 1`). */
const splitsOf = (a: Part): Array<Split> => [
  ...a.polynomial.variables.map((_, k) => splitAtOne(a, k, (proof) => proof)),
  ...changesOf(a)
    .filter(({ changed, by }) => changed < by)
    .map(({ part, changed, proof }) => splitAtOne(part, changed, proof))
]

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

/** Pólya's multipliers in coordinates changed by a monomial: they reach faces of the Newton polytope that run askew. */
const polyaAskew = (part: Part): SignProof | undefined => {
  if (part.polynomial.coefficients.length > limits.askew) return undefined
  for (const change of changesOf(part)) {
    const proof = polya(compact(change.part).polynomial, 3)
    if (proof !== undefined) return change.proof(proof)
  }
  return undefined
}

/** A proof, or a negative point met on the way. */
const prove = (part: Part, budget: { left: number }, depth: number): Outcome => {
  if (hasNoNegative(part.polynomial)) return { proof: { kind: "coefficients" } }
  if (budget.left <= 0) return undefined
  budget.left -= part.polynomial.coefficients.length
  const reduced = compact(part)
  const multiplied = polya(reduced.polynomial, depth === 0 ? limits.multiplications : 2)
  if (multiplied !== undefined) return { proof: multiplied }
  // Substitutions keep a square-free polynomial square-free: factors are looked for once.
  const squared = depth === 0 ? takeSquares(reduced.polynomial) : undefined
  if (squared !== undefined) {
    const { squares, rest } = squared
    const outcome = prove({ polynomial: rest, lift: reduced.lift }, budget, depth + 1)
    if (outcome === undefined || "witness" in outcome) return outcome
    return { proof: { kind: "squares", squares: squares.map(json), rest: json(rest), proof: outcome.proof } }
  }
  const askew = depth <= 2 ? polyaAskew(reduced) : undefined
  if (askew !== undefined) return { proof: askew }
  const slices = depth <= 1 ? proveSlices(reduced, budget) : undefined
  if (slices !== undefined) return { proof: slices }
  const quadratic = depth === 0 ? proveQuadratic(reduced, budget) : undefined
  if (quadratic !== undefined) return { proof: quadratic }
  const negative = findNegative(reduced.polynomial)
  if (negative !== undefined) return { witness: reduced.lift(negative) }
  const squares = depth <= 1 ? proveBySquares(reduced.polynomial) : undefined
  return squares !== undefined ? { proof: squares } : subdivide(reduced, budget, depth)
}

/** A proof for a polynomial that occurs in a proof of another. */
const proveInside = (polynomial: OddsPolynomial, budget: { left: number }): SignProof | undefined => {
  if (hasNoNegative(polynomial)) return { kind: "coefficients" }
  if (findNegative(polynomial) !== undefined) return undefined
  const outcome = prove({ polynomial, lift: (point) => point }, budget, 0)
  return outcome !== undefined && "proof" in outcome ? outcome.proof : undefined
}

/** In powers of one variable with no negative coefficient: each then has fewer variables. */
const proveSlices = ({ polynomial }: Part, budget: { left: number }): SignProof | undefined => {
  for (const [k, variable] of polynomial.variables.entries()) {
    const proofs: Array<SignProof> = []
    const slices = coefficientsIn(polynomial, k)
    for (const slice of slices) {
      const proof = proveInside(slice, budget)
      if (proof === undefined) break
      proofs.push(proof)
    }
    if (proofs.length === slices.length) return { kind: "slices", variable, proofs }
  }
  return undefined
}

/** As a quadratic in one variable, `A o² + B o + C` with A, C and `4 A C - B²` ≥ 0: finds zeros at irrational points. */
const proveQuadratic = (part: Part, budget: { left: number }): SignProof | undefined => {
  const a = part.polynomial
  const proofOf = (polynomial: OddsPolynomial) => proveInside(polynomial, budget)
  for (const [k, variable] of a.variables.entries()) {
    const [free, mixed, leading] = coefficientsIn(a, k)
    if (a.degrees[k] !== 2 || a.variables.length > 3) continue
    const [first, last] = [proofOf(leading!), proofOf(free!)]
    if (first === undefined || last === undefined) continue
    const discriminant = proofOf(subtract(scale(multiply(leading!, free!), 4n), multiply(mixed!, mixed!)))
    if (discriminant !== undefined) return { kind: "quadratic", variable, leading: first, free: last, discriminant }
  }
  return undefined
}

const subdivide = (part: Part, budget: { left: number }, depth: number): Outcome => {
  if (depth >= limits.depth) return undefined
  const ranked = splitsOf(part)
    .filter(({ halves }) => halves.every((half) => half.polynomial.coefficients.length <= limits.part))
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

/** A proof that needs no search: coefficients at sight, or up to two multiplications. Undefined says nothing. */
export const proveAtSight = (a: OddsPolynomial): SignProof | undefined =>
  hasNoNegative(a) ? { kind: "coefficients" } : polya(compact({ polynomial: a, lift: (point) => point }).polynomial, 2)

/** Decides whether the polynomial is ≥ 0 whenever all its variables are positive. */
export const decideSign = (a: OddsPolynomial, options: SignOptions = {}): SignVerdict => {
  if (hasNoNegative(a)) return { verdict: "holds", proof: { kind: "coefficients" } }
  const near = findNegative(a, options.prefer)
  if (near !== undefined) return { verdict: "fails", witness: near }
  const outcome = prove({ polynomial: a, lift: (point) => point }, { left: options.work ?? 8000 }, 0)
  if (outcome !== undefined && "proof" in outcome) return { verdict: "holds", proof: outcome.proof }
  const far = (outcome && confirmed(a, outcome.witness)) ?? findNegativeByDescent(a)
  return far === undefined
    ? { verdict: "undecided", reason: "no proof and no counterexample within the budget" }
    : { verdict: "fails", witness: far }
}
