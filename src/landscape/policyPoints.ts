/**
 * Refuting by example, cheaply: a fixed list of readable policies (and references) at which linear forms in the weights
 * `a_i = d rho / d log p_i` are evaluated in doubles, and exactly where a value is negative. What survives is left to a proof.
 */

import {
  addRational,
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
import { countsAt } from "./countsAt.ts"
import type { OddsCounts } from "./odds.ts"
import { type OddsPolynomial, stridesOf, termsOf } from "./oddsPolynomial.ts"

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

const makePoints = (variables: ReadonlyArray<string>, semantics: Semantics): ReadonlyArray<PolicyPoint> => {
  const policy = variables.filter((name) => name.startsWith("p_"))
  const reference =
    semantics === "relative"
      ? policy.map((name) => name.replace("p_", "r_"))
      : variables.filter((name) => name.startsWith("r_"))
  // Fewer values each where there are many responses: some hundred points in all.
  const own = policyMasses.slice(0, policy.length <= 2 ? 9 : 3)
  const other = referenceMasses.slice(0, reference.length + policy.length <= 4 ? 5 : 1)
  return tuples(other, reference.length).flatMap((r) =>
    tuples(own, policy.length).map((p): PolicyPoint => {
      const [shareOfPolicy, shareOfReference] = [shares(p), shares(r)]
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
  )
}

const points = new Map<string, ReadonlyArray<PolicyPoint>>()

const pointsOf = (variables: ReadonlyArray<string>, semantics: Semantics): ReadonlyArray<PolicyPoint> => {
  const key = `${semantics} ${variables.join()}`
  const found = points.get(key) ?? makePoints(variables, semantics)
  points.set(key, found)
  return found
}

/** Monomials up to the given degrees at every point, in doubles: entry `point · size + index`, indices as in an OddsPolynomial. */
const monomialsAt = (points: ReadonlyArray<PolicyPoint>, degrees: ReadonlyArray<number>): Float64Array => {
  const size = stridesOf(degrees)[degrees.length]!
  const table = new Float64Array(points.length * size)
  points.forEach(({ oddsAsNumbers }, point) => {
    let filled = 1
    table[point * size] = 1
    // Each variable multiplies what is there already.
    degrees.forEach((degree, k) => {
      for (let i = filled; i < filled * (degree + 1); i++)
        table[point * size + i] = table[point * size + i - filled]! * oddsAsNumbers[k]!
      filled *= degree + 1
    })
  })
  return table
}

const tables = new Map<string, Float64Array>()

const tableOf = (variables: ReadonlyArray<string>, semantics: Semantics, degrees: ReadonlyArray<number>) => {
  const key = `${semantics} ${variables.join()} ${degrees.join()}`
  const found = tables.get(key) ?? monomialsAt(pointsOf(variables, semantics), degrees)
  tables.set(key, found)
  return found
}

/** A count as indices of monomials and, one block of coefficients after the other, its value and its log-derivatives. */
interface Side {
  readonly places: Int32Array
  readonly blocks: ReadonlyArray<Float64Array>
}

const sideOf = (a: OddsPolynomial, degrees: ReadonlyArray<number>, policy: ReadonlyArray<number>): Side => {
  const strides = stridesOf(degrees)
  const terms = termsOf(a)
  return {
    places: Int32Array.from(terms, ({ exponents }) => exponents.reduce((sum, e, k) => sum + e * strides[k]!, 0)),
    blocks: [
      Float64Array.from(terms, ({ coefficient }) => Number(coefficient)),
      ...policy.map((k) =>
        Float64Array.from(terms, ({ exponents, coefficient }) => exponents[k]! * Number(coefficient))
      )
    ]
  }
}

const sumAt = (table: Float64Array, start: number, places: Int32Array, coefficients: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < places.length; i++) sum += coefficients[i]! * table[start + places[i]!]!
  return sum
}

/** The weights of the policy's variables at the points, up to a positive factor at each, made as far as they are asked for. */
interface WeightsAtPoints {
  readonly values: Float64Array
  readonly makeUpTo: (point: number) => void
}

const makeWeights = (counts: OddsCounts, semantics: Semantics): WeightsAtPoints => {
  const { variables, ticks, crosses } = counts
  const points = pointsOf(variables, semantics)
  const policy = variables.flatMap((name, k) => (name.startsWith("p_") ? [k] : []))
  const degrees = ticks.degrees.map((degree, k) => Math.max(degree, crosses.degrees[k]!))
  const size = stridesOf(degrees)[degrees.length]!
  const table = tableOf(variables, semantics, degrees)
  const [top, bottom] = [sideOf(ticks, degrees, policy), sideOf(crosses, degrees, policy)]
  const values = new Float64Array(points.length * policy.length)
  let made = 0
  const makeUpTo = (point: number): void => {
    for (; made <= point; made++) {
      const start = made * size
      const n = sumAt(table, start, top.places, top.blocks[0]!)
      const d = sumAt(table, start, bottom.places, bottom.blocks[0]!)
      for (let j = 0; j < policy.length; j++) {
        const growth =
          sumAt(table, start, top.places, top.blocks[j + 1]!) * d -
          n * sumAt(table, start, bottom.places, bottom.blocks[j + 1]!)
        const rate = semantics === "absolute" ? 1 + points[made]!.oddsAsNumbers[policy[j]!]! : 1
        values[made * policy.length + j] = growth * rate
      }
    }
  }
  return { values, makeUpTo }
}

const weightsKept = new WeakMap<OddsCounts, WeightsAtPoints>()

const weightsOf = (counts: OddsCounts, semantics: Semantics): WeightsAtPoints => {
  const found = weightsKept.get(counts) ?? makeWeights(counts, semantics)
  weightsKept.set(counts, found)
  return found
}

/** A scanner for one list of variables: the first listed policy at which a form is negative, undefined when none is. */
export type Refuter = (counts: OddsCounts) => NegativeForms | undefined

/** Values of the forms at an exact point, up to one positive factor. */
const exactForms = (
  counts: OddsCounts,
  semantics: Semantics,
  odds: ReadonlyArray<Rational>,
  forms: ReadonlyArray<ReadonlyArray<Rational>>
): ReadonlyArray<Rational> => {
  const at = countsAt(counts, odds)
  const all = semantics === "absolute" ? at.weights : at.growths
  const weights = all.filter((_, k) => counts.variables[k]!.startsWith("p_"))
  return forms.map((form) =>
    form.reduce((sum, c, i) => addRational(sum, multiplyRational(c, rational(weights[i]!))), zero)
  )
}

/** The scanner of the given forms over the variables; the forms at its points are made once. */
export const makeRefuter = (variables: ReadonlyArray<string>, semantics: Semantics, forms: WeightForms): Refuter => {
  const points = pointsOf(variables, semantics)
  const exact = points.map(({ policy }) => forms(policy))
  const flat = Float64Array.from(exact.flat(2), rationalToNumber)
  const [count, width] = [exact[0]!.length, exact[0]![0]!.length]
  return (counts) => {
    const { values, makeUpTo } = weightsOf(counts, semantics)
    const isSuspect = (point: number): boolean => {
      for (let f = point * count; f < (point + 1) * count; f++) {
        let sum = 0
        for (let k = 0; k < width; k++) sum += flat[f * width + k]! * values[point * width + k]!
        if (sum < 0) return true
      }
      return false
    }
    for (let point = 0; point < points.length; point++) {
      makeUpTo(point)
      if (!isSuspect(point)) continue
      const { probabilities, odds } = points[point]!
      const found = exactForms(counts, semantics, odds, exact[point]!)
      if (found.some(({ num }) => num < 0n)) return { probabilities, values: found }
    }
    return undefined
  }
}
