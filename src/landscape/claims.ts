/**
 * The polynomials that certificates have to be about, computed anew from the structures: N and D row by row on the logic
 * core's sparse polynomials, sharing no code with the prover. A certificate shows a claim only when its polynomial is, up to
 * a positive factor, the one that is made here (docs/theory.md §8, §9).
 */
import {
  add,
  constantPolynomial,
  degreeIn,
  evaluateExact,
  exponentOf,
  isZero,
  mul,
  type Polynomial,
  polynomial,
  power,
  scale,
  sub,
  type Term,
  variablePolynomial,
  variablesOf
} from "../logic/polynomial.ts"
import { ratioName, swapResponses } from "../logic/proposition.ts"
import {
  addRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  signRational,
  subtractRational
} from "../logic/rational.ts"
import type { AnyStructure, Semantics } from "../logic/structure.ts"
import { checkSign, readPolynomial } from "./checker.ts"

/** N and D in odds; variables are called after the probabilities. */
export interface Counts {
  readonly ticks: Polynomial
  readonly crosses: Polynomial
}

const weightsOf = (side: AnyStructure["ticks"]): ReadonlyArray<readonly [number, Rational]> => {
  if (typeof side !== "bigint") return [...side]
  const rows: Array<readonly [number, Rational]> = []
  for (let row = 0; side >> BigInt(row) !== 0n; row++) if ((side >> BigInt(row)) & 1n) rows.push([row, one])
  return rows
}

/** The counts of a structure, each row the product of the odds of its true propositions, copies sharing theirs. */
export const countsOf = ({ propositions, ticks, crosses }: AnyStructure): Counts => {
  const rowPolynomial = ([row, weight]: readonly [number, Rational]): Polynomial =>
    propositions.reduce(
      (product, p, k) => ((row >> k) & 1 ? mul(product, variablePolynomial(ratioName(p))) : product),
      constantPolynomial(weight)
    )
  const count = (side: AnyStructure["ticks"]): Polynomial =>
    weightsOf(side).map(rowPolynomial).reduce(add, constantPolynomial(0))
  return { ticks: count(ticks), crosses: count(crosses) }
}

/** `N_B D_A - N_A D_B`: nowhere negative iff rho_A <= rho_B everywhere, zero iff both are one. */
export const riseOf = (a: Counts, b: Counts): Polynomial => sub(mul(b.ticks, a.crosses), mul(a.ticks, b.crosses))

const derivativeBy = (a: Polynomial, name: string): Polynomial =>
  polynomial(
    Array.from(a.terms.values()).flatMap((term): ReadonlyArray<Term> => {
      const exponent = exponentOf(term, name)
      if (exponent === 0) return []
      const lowered = term.powers.map(([other, e]) => [other, other === name ? e - 1 : e] as const)
      return [
        {
          coefficient: multiplyRational(term.coefficient, rational(exponent)),
          powers: lowered.filter(([, e]) => e > 0)
        }
      ]
    })
  )

/** `N' D - N D'` by the odds of one probability: the sign of rho's derivative by that probability. */
export const slopeBy = ({ ticks, crosses }: Counts, name: string): Polynomial =>
  sub(mul(derivativeBy(ticks, name), crosses), mul(ticks, derivativeBy(crosses, name)))

/** `N D · d rho / d log (probability)`: `d log odds / d log p` is `1 + o` absolutely, 1 relatively. */
const weightBy = (counts: Counts, name: string, semantics: Semantics): Polynomial => {
  const odds = variablePolynomial(name)
  const rate = semantics === "absolute" ? add(odds, mul(odds, odds)) : odds
  return mul(rate, slopeBy(counts, name))
}

const sum = (parts: ReadonlyArray<Polynomial>): Polynomial => parts.reduce(add, constantPolynomial(0))

/** Σ of {@link weightBy} over the named probabilities: zero iff a common factor of them leaves rho unchanged. */
export const scalingOf = (counts: Counts, names: ReadonlyArray<string>, semantics: Semantics): Polynomial =>
  sum(names.map((name) => weightBy(counts, name, semantics)))

/** `N(w,l) N(l,w) - D(w,l) D(l,w)`: zero iff exchanging w and l turns rho into -rho. */
export const antisymmetryOf = (structure: AnyStructure): Polynomial => {
  const own = countsOf(structure)
  const swapped = countsOf({ ...structure, propositions: structure.propositions.map(swapResponses) })
  return sub(mul(own.ticks, swapped.ticks), mul(own.crosses, swapped.crosses))
}

/** `N_dual D - N D_dual` with every literal negated and w, l exchanged: zero iff the loss is its own dual. */
export const dualityOf = (structure: AnyStructure): Polynomial => {
  const all = 2 ** structure.propositions.length - 1
  const flipped = (side: AnyStructure["ticks"]) => new Map(weightsOf(side).map(([row, w]) => [all ^ row, w] as const))
  const dual = countsOf({
    propositions: structure.propositions.map(swapResponses),
    ticks: flipped(structure.ticks),
    crosses: flipped(structure.crosses)
  })
  return riseOf(countsOf(structure), dual)
}

/** How odds read in other coordinates: the quotient that replaces each. */
export type Coordinates = (name: string) => readonly [numerator: Polynomial, denominator: Polynomial]

/** `a` with every odds replaced by its quotient, all denominators cleared to the given powers (≥ the degrees of a). */
export const inCoordinates = (a: Polynomial, coordinates: Coordinates, room: ReadonlyMap<string, number>): Polynomial =>
  sum(
    Array.from(a.terms.values(), (term) =>
      [...room].reduce((product, [name, most]) => {
        const [numerator, denominator] = coordinates(name)
        const exponent = exponentOf(term, name)
        return mul(product, mul(power(numerator, exponent), power(denominator, most - exponent)))
      }, constantPolynomial(term.coefficient))
    )
  )

/** Degrees of several polynomials together, in every variable that occurs in one. */
export const roomFor = (polynomials: ReadonlyArray<Polynomial>): ReadonlyMap<string, number> => {
  const names = new Set(polynomials.flatMap(variablesOf))
  return new Map([...names].map((name) => [name, Math.max(...polynomials.map((a) => degreeIn(a, name)))]))
}

const groupTotal = (names: ReadonlyArray<string>): Polynomial =>
  names.map(variablePolynomial).reduce(add, constantPolynomial(1))

/**
 * Coordinates of the simplexes of both models, `o_i = u_i / (1 + Σ_{j ≠ i} u_j)`, u_i called as the odds; the odds of a model
 * with one response stay.
 */
export const simplexCoordinates = (names: ReadonlyArray<string>): Coordinates => {
  return (name) => {
    const others = names.filter((other) => other !== name && other[0] === name[0])
    return [variablePolynomial(name), groupTotal(others)]
  }
}

/**
 * Coordinates of policies: `u_x = p_x / (mass of the other answers)`, and for the reference `v_x` likewise (`exact`) or its
 * free odds `o_x`, in the relative reading the free odds p_x/r_x themselves.
 */
const policyCoordinates = (names: ReadonlyArray<string>, semantics: Semantics, exact: boolean): Coordinates => {
  const responses = (prefix: string): ReadonlyArray<string> =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(1))
  const policy = responses("p_")
  const reference = semantics === "relative" ? policy : responses("r_")
  const unit = constantPolynomial(1)
  const u = (response: string) => variablePolynomial(`u${response}`)
  const v = (response: string) => variablePolynomial(`${exact ? "v" : "o"}${response}`)
  const total = policy.map(u).reduce(add, unit)
  const referenceTotal = reference.map(v).reduce(add, unit)
  return (name) => {
    const response = name.slice(1)
    if (semantics === "relative")
      return exact ? [mul(u(response), referenceTotal), mul(v(response), total)] : [v(response), unit]
    if (name.startsWith("p_")) return [u(response), sub(total, u(response))]
    return exact ? [v(response), sub(referenceTotal, v(response))] : [v(response), unit]
  }
}

/** Linear forms in the weights a_i, as polynomials in the policy's coordinates u: what is to be ≥ 0 at every policy. */
export type PolicyForm = (policy: ReadonlyArray<string>) => ReadonlyArray<Polynomial>

/** Coefficients of the rate of log target, times the squared total mass: `[i = x] - p_x - p_i + S` at one end of S. */
export const rateForm =
  (target: string, direction: 1 | -1, end: "thin" | "single"): PolicyForm =>
  (policy) => {
    const u = new Map(policy.map((name) => [name, variablePolynomial(`u${name.slice(1)}`)]))
    const total = [...u.values()].reduce(add, constantPolynomial(1))
    const squares = sum([...u.values()].map((value) => mul(value, value)))
    const all = end === "thin" ? squares : add(squares, constantPolynomial(1))
    return policy.map((name) => {
      const own = name === target ? mul(total, total) : constantPolynomial(0)
      const rate = add(sub(own, mul(add(u.get(target)!, u.get(name)!), total)), all)
      return scale(rate, rational(direction))
    })
  }

/** `2 a_w + sign a_l`. */
export const ledForm =
  (sign: 1 | -1): PolicyForm =>
  (policy) =>
    policy.map((name) => constantPolynomial(name === "p_w" ? 2 : name === "p_l" ? sign : 0))

/** A linear form in the weights at every policy, in coordinates; exact ones fill the simplexes, others more. */
export const policyPolynomial = (
  counts: Counts,
  names: ReadonlyArray<string>,
  semantics: Semantics,
  exact: boolean,
  form: PolicyForm
): Polynomial => {
  const policy = names.filter((name) => name.startsWith("p_"))
  const coordinates = policyCoordinates(names, semantics, exact)
  const weights = policy.map((name) => weightBy(counts, name, semantics))
  // Powers enough for whatever the prover cleared: what is left over is positive.
  const room = new Map(
    names.map((name) => [name, degreeIn(counts.ticks, name) + degreeIn(counts.crosses, name) + 2] as const)
  )
  const coefficients = form(policy)
  return sum(weights.map((weight, i) => mul(inCoordinates(weight, coordinates, room), coefficients[i]!)))
}

const leadingTerm = (a: Polynomial, names: ReadonlyArray<string>): Term =>
  [...a.terms.values()].reduce((lead, term) => {
    const name = names.find((n) => exponentOf(term, n) !== exponentOf(lead, n))
    return name !== undefined && exponentOf(term, name) > exponentOf(lead, name) ? term : lead
  })

/** `a / b` when b divides a exactly over the rationals, by long division; undefined when it does not. */
const quotientOf = (a: Polynomial, b: Polynomial): Polynomial | undefined => {
  if (isZero(b)) return undefined
  const names = [...new Set([...variablesOf(a), ...variablesOf(b)])]
  const lead = leadingTerm(b, names)
  const quotient: Array<Term> = []
  let rest = a
  while (!isZero(rest)) {
    const next = leadingTerm(rest, names)
    const powers = names.map((name) => [name, exponentOf(next, name) - exponentOf(lead, name)] as const)
    if (powers.some(([, exponent]) => exponent < 0)) return undefined
    const term: Term = {
      coefficient: divideRational(next.coefficient, lead.coefficient),
      powers: powers.filter(([, exponent]) => exponent > 0).sort(([x], [y]) => (x < y ? -1 : 1))
    }
    quotient.push(term)
    rest = sub(rest, mul(polynomial([term]), b))
  }
  return polynomial(quotient)
}

/** Whether a is b times a polynomial without negative coefficients and not zero, so that both have one sign everywhere. */
const isPositiveMultiple = (a: Polynomial, b: Polynomial): boolean => {
  if (isZero(a) || isZero(b)) return isZero(a) && isZero(b)
  const quotient = quotientOf(a, b)
  return quotient !== undefined && [...quotient.terms.values()].every((term) => signRational(term.coefficient) > 0)
}

/** Whether a certificate, of any origin, is about one of the given polynomials and proves that it is nowhere negative. */
export const certifies = (certificate: unknown, polynomials: ReadonlyArray<Polynomial>): boolean => {
  const { polynomial: own, proof } = (typeof certificate === "object" && certificate !== null ? certificate : {}) as {
    readonly polynomial?: unknown
    readonly proof?: unknown
  }
  const a = readPolynomial(own)
  return a !== undefined && polynomials.some((claimed) => isPositiveMultiple(claimed, a)) && checkSign(a, proof)
}

/** A point of exact probabilities: `p_w`, `p_l`, and `r_…` of a reference. */
export type ExactPoint = Readonly<Record<string, Rational>>

/** The odds at a point, `p/(1-p)` or `p/r`. @throws RangeError when a probability is missing or not inside (0, 1) */
export const oddsAt = (point: ExactPoint, names: ReadonlyArray<string>, semantics: Semantics): ExactPoint => {
  const probability = (name: string): Rational => {
    const value = point[name]
    if (value === undefined) throw new RangeError(`no ${name} in the witness`)
    if (value.num <= 0n || value.num >= value.den) throw new RangeError(`${name} is not between 0 and 1`)
    return value
  }
  const odds = (name: string): Rational => {
    const p = probability(name)
    return divideRational(
      p,
      semantics === "relative" ? probability(name.replace("p_", "r_")) : subtractRational(one, p)
    )
  }
  return Object.fromEntries(names.map((name) => [name, odds(name)]))
}

/** Whether the probabilities of each model in the point sum to at most 1. */
export const isPolicy = (point: ExactPoint): boolean =>
  ["p_", "r_"].every((prefix) => {
    const values = Object.entries(point).flatMap(([name, value]) => (name.startsWith(prefix) ? [value] : []))
    return signRational(subtractRational(one, values.reduce(addRational, rational(0)))) >= 0
  })

/** The sign of a form at a policy: -1, 0 or 1. */
export const formSignAt = (
  counts: Counts,
  names: ReadonlyArray<string>,
  semantics: Semantics,
  form: PolicyForm,
  point: ExactPoint
): number => {
  const policy = names.filter((name) => name.startsWith("p_"))
  const odds = oddsAt(point, names, semantics)
  const rest = policy.reduce((left, name) => subtractRational(left, point[name]!), one)
  if (signRational(rest) <= 0) throw new RangeError("the probabilities of the policy leave no mass for other answers")
  const masses = Object.fromEntries(policy.map((name) => [`u${name.slice(1)}`, divideRational(point[name]!, rest)]))
  const coefficients = form(policy)
  const terms = policy.map((name, i) =>
    multiplyRational(evaluateExact(weightBy(counts, name, semantics), odds), evaluateExact(coefficients[i]!, masses))
  )
  return signRational(terms.reduce(addRational, rational(0)))
}
