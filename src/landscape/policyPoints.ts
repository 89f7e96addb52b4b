/**
 * Refuting by example, cheaply: a fixed list of readable policies (and references) at which linear forms in the weights
 * `a_i = d rho / d log p_i` are evaluated in doubles, and exactly where a value is negative. What survives is left to a proof.
 */

import {
  addRational,
  compareRational,
  divideRational,
  multiplyRational,
  one,
  type Rational,
  rational,
  rationalToNumber,
  subtractRational,
  zero
} from "../logic/rational.ts"
import type { Semantics } from "../logic/structure.ts"
import type { OddsCounts } from "./odds.ts"
import { type OddsPolynomial, termsOf } from "./oddsPolynomial.ts"

/** Coefficients of several linear forms in the weights of the policy's responses, at the policy with these probabilities. */
export type WeightForms = (policy: ReadonlyArray<Rational>) => ReadonlyArray<ReadonlyArray<Rational>>

interface PolicyPoint {
  readonly policy: ReadonlyArray<Rational>
  readonly probabilities: ReadonlyArray<readonly [string, Rational]>
  readonly odds: ReadonlyArray<Rational>
  readonly oddsAsNumbers: Float64Array
}

/** A policy at which a form is negative: all forms there, up to one positive factor. */
export interface NegativeForms {
  readonly probabilities: PolicyPoint["probabilities"]
  readonly values: ReadonlyArray<Rational>
}

// Masses against that of the other arms, most readable first; a reference may be far out.
const powers = (base: number, exponents: ReadonlyArray<number>): ReadonlyArray<Rational> =>
  exponents.map((e) => (e < 0 ? rational(1, base ** -e) : rational(base ** e)))
const policyMasses = [...powers(3, [0, -1, 1]), ...powers(10, [-1, 1, -2, 2, -4, 4])]
const referenceMasses = powers(100, [0, -1, 1, -3, 3])

const tuples = (values: ReadonlyArray<Rational>, length: number): Array<Array<Rational>> =>
  length === 0 ? [[]] : tuples(values, length - 1).flatMap((head) => values.map((value) => [...head, value]))

const shares = (weights: ReadonlyArray<Rational>): ReadonlyArray<Rational> => {
  const total = weights.reduce(addRational, one)
  return weights.map((weight) => divideRational(weight, total))
}

/** A list whose members are made when they are first asked for: many questions end at the first points. */
interface Lazy<A> {
  readonly size: number
  readonly at: (index: number) => A
}

const lazily = <A>(size: number, make: (index: number) => A): Lazy<A> => {
  const made = new Map<number, A>()
  return {
    size,
    at: (index) => {
      const found = made.get(index) ?? make(index)
      made.set(index, found)
      return found
    }
  }
}

const makePoints = (variables: ReadonlyArray<string>, semantics: Semantics): Lazy<PolicyPoint> => {
  const policy = variables.filter((name) => name.startsWith("p_"))
  const reference =
    semantics === "relative"
      ? policy.map((name) => name.replace("p_", "r_"))
      : variables.filter((name) => name.startsWith("r_"))
  // Fewer values each where there are many responses: some hundred points in all.
  const own = policyMasses.slice(0, policy.length <= 2 ? 9 : 3)
  const other = referenceMasses.slice(0, reference.length + policy.length <= 4 ? 5 : 1)
  const [policies, references] = [tuples(own, policy.length), tuples(other, reference.length)]
  return lazily(policies.length * references.length, (index): PolicyPoint => {
    const shareOfPolicy = shares(policies[index % policies.length]!)
    const shareOfReference = shares(references[Math.floor(index / policies.length)]!)
    const odds = variables.map((name) => {
      const k = policy.indexOf(name)
      const share = k >= 0 ? shareOfPolicy[k]! : shareOfReference[reference.indexOf(name)]!
      return divideRational(share, semantics === "relative" ? shareOfReference[k]! : subtractRational(one, share))
    })
    return {
      policy: shareOfPolicy,
      probabilities: [
        ...policy.map((name, k) => [name, shareOfPolicy[k]!] as const),
        ...reference.map((name, k) => [name, shareOfReference[k]!] as const)
      ],
      odds,
      oddsAsNumbers: Float64Array.from(odds, rationalToNumber)
    }
  })
}

const points = new Map<string, Lazy<PolicyPoint>>()

const pointsOf = (variables: ReadonlyArray<string>, semantics: Semantics): Lazy<PolicyPoint> => {
  const key = `${semantics} ${variables.join()}`
  const found = points.get(key) ?? makePoints(variables, semantics)
  points.set(key, found)
  return found
}

interface Term {
  readonly exponents: ReadonlyArray<number>
  readonly coefficient: number
}

const asNumbers = (a: OddsPolynomial): ReadonlyArray<Term> =>
  termsOf(a).map(({ exponents, coefficient }) => ({ exponents, coefficient: Number(coefficient) }))

/** `value` and, for each variable, `o_k d/d o_k` of a polynomial at odds, into `into` (value first). */
const logDerivatives = (terms: ReadonlyArray<Term>, odds: Float64Array, into: Float64Array): void => {
  into.fill(0)
  for (const { exponents, coefficient } of terms) {
    let product = coefficient
    for (let k = 0; k < exponents.length; k++) for (let e = exponents[k]!; e > 0; e--) product *= odds[k]!
    into[0]! += product
    for (let k = 0; k < exponents.length; k++) into[k + 1]! += exponents[k]! * product
  }
}

/** The same exactly. */
const exactLogDerivatives = (a: OddsPolynomial, odds: ReadonlyArray<Rational>): Array<Rational> => {
  const values = new Array<Rational>(odds.length + 1).fill(zero)
  for (const { exponents, coefficient } of termsOf(a)) {
    const product = exponents.reduce(
      (sum, e, k) => multiplyRational(sum, rational(odds[k]!.num ** BigInt(e), odds[k]!.den ** BigInt(e))),
      rational(coefficient)
    )
    values[0] = addRational(values[0]!, product)
    exponents.forEach((e, k) => {
      if (e > 0) values[k + 1] = addRational(values[k + 1]!, multiplyRational(rational(e), product))
    })
  }
  return values
}

/** `N D a_i` of every policy variable, exactly. */
const exactWeights = (
  { variables, ticks, crosses }: OddsCounts,
  odds: ReadonlyArray<Rational>,
  semantics: Semantics
) => {
  const [n, d] = [exactLogDerivatives(ticks, odds), exactLogDerivatives(crosses, odds)]
  return variables.flatMap((name, k) => {
    if (!name.startsWith("p_")) return []
    const slope = subtractRational(multiplyRational(n[k + 1]!, d[0]!), multiplyRational(n[0]!, d[k + 1]!))
    return [semantics === "absolute" ? multiplyRational(slope, addRational(one, odds[k]!)) : slope]
  })
}

/** The weights of counts at the points, up to a positive factor at each, computed as far as they were asked for. */
type WeightsAt = (point: number) => Float64Array

const makeWeightsAt = (counts: OddsCounts, semantics: Semantics): WeightsAt => {
  const { variables } = counts
  const all = pointsOf(variables, semantics)
  const policy = variables.flatMap((name, k) => (name.startsWith("p_") ? [k] : []))
  const [ticks, crosses] = [asNumbers(counts.ticks), asNumbers(counts.crosses)]
  const [n, d] = [new Float64Array(variables.length + 1), new Float64Array(variables.length + 1)]
  const known: Array<Float64Array> = []
  return (point) => {
    while (known.length <= point) {
      const odds = all.at(known.length).oddsAsNumbers
      logDerivatives(ticks, odds, n)
      logDerivatives(crosses, odds, d)
      known.push(
        Float64Array.from(policy, (k) => {
          const slope = n[k + 1]! * d[0]! - n[0]! * d[k + 1]!
          return semantics === "absolute" ? slope * (1 + odds[k]!) : slope
        })
      )
    }
    return known[point]!
  }
}

const weightsKept = new WeakMap<OddsCounts, WeightsAt>()

const weightsOf = (counts: OddsCounts, semantics: Semantics): WeightsAt => {
  const found = weightsKept.get(counts) ?? makeWeightsAt(counts, semantics)
  weightsKept.set(counts, found)
  return found
}

/**
 * A scanner for one list of variables: the first listed policy at which a form is negative, among those from `from` up to (not
 * including) `to`; undefined when none is.
 */
export type Refuter = (counts: OddsCounts, from: number, to: number) => NegativeForms | undefined

const dot = (form: ReadonlyArray<Rational>, weights: ReadonlyArray<Rational>): Rational =>
  form.reduce((sum, c, i) => addRational(sum, multiplyRational(c, weights[i]!)), zero)

/** The scanner of the given forms over the variables; the forms at its points are made once. */
export const makeRefuter = (variables: ReadonlyArray<string>, semantics: Semantics, forms: WeightForms): Refuter => {
  const policies = pointsOf(variables, semantics)
  const all = lazily(policies.size, (index) => {
    const point = policies.at(index)
    const exact = forms(point.policy)
    return { ...point, exact, asNumbers: exact.map((form) => Float64Array.from(form, rationalToNumber)) }
  })
  return (counts, from, to) => {
    const weightsAt = weightsOf(counts, semantics)
    for (let i = from; i < Math.min(to, all.size); i++) {
      const { probabilities, odds, exact, asNumbers: forms } = all.at(i)
      const weights = weightsAt(i)
      const isSuspect = forms.some((form) => {
        let sum = 0
        for (let k = 0; k < form.length; k++) sum += form[k]! * weights[k]!
        return sum < 0
      })
      if (!isSuspect) continue
      const exactly = exactWeights(counts, odds, semantics)
      const values = exact.map((form) => dot(form, exactly))
      if (values.some((value) => compareRational(value, zero) < 0)) return { probabilities, values }
    }
    return undefined
  }
}
