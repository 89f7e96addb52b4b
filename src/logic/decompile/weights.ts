/**
 * Row weights of a polynomial: its coefficients over `Π p^j (1-p)^(d-j)` (absolute reading) or `Π p^j r^(d-j)` (relative).
 * For exponents at most 1 these are the values at the 0/1 vertices (docs/theory.md §6); a higher power takes d copies of its
 * proposition, and the coefficient of j is shared among the `C(d, j)` rows in which j of the copies are true.
 */
import { degreeIn, exponentOf, type Polynomial } from "../polynomial.ts"
import {
  canonicalOrder,
  fromRatioName,
  makeProposition,
  type Proposition,
  propositionParts,
  ratioName
} from "../proposition.ts"
import { addRational, multiplyRational, type Rational, rational, zero } from "../rational.ts"
import { maxPropositions, rowCount } from "../rows.ts"
import { Refusal } from "./error.ts"

/** A proposition that carries weight, with its number of copies; `positive` and `negative` name its literals' variables. */
export interface Axis {
  readonly proposition: Proposition
  readonly copies: number
  readonly positive: string
  /** The variable of the negative literal; undefined when it weighs 1 - p. */
  readonly negative: string | undefined
}

/** Binomial coefficient; 0 where k is not in 0..n. */
export const binomial = (n: number, k: number): number => {
  if (k < 0 || k > n) return 0
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return result
}

/** The axes of the absolute reading in declared order, M(w) and M(l) first; a power of degree d asks for d copies. */
export const absoluteAxes = (names: ReadonlyArray<string>, sides: ReadonlyArray<Polynomial>): ReadonlyArray<Axis> =>
  canonicalOrder(names.map((name) => fromRatioName(name)!)).map((proposition) => {
    const positive = ratioName(proposition)
    const copies = Math.max(1, ...sides.map((side) => degreeIn(side, positive)))
    return { proposition, copies, positive, negative: undefined }
  })

/** The degree of a polynomial in a pair of variables jointly; undefined when its terms disagree. */
const pairDegree = (side: Polynomial, positive: string, negative: string): number | undefined => {
  const degrees = new Set(
    Array.from(side.terms.values(), (term) => exponentOf(term, positive) + exponentOf(term, negative))
  )
  return degrees.size === 1 ? [...degrees][0] : undefined
}

/**
 * The axes of the relative reading: one proposition M(x) for each pair (p_x, r_x), with as many copies as both sides have
 * degree in the pair. @throws Refusal when a side is not homogeneous in a pair, or the degrees differ
 */
export const relativeAxes = (
  names: ReadonlyArray<string>,
  sides: readonly [Polynomial, Polynomial]
): ReadonlyArray<Axis> =>
  canonicalOrder(names.map((name) => `M(${name.slice(2)})`)).map((proposition) => {
    const { response } = propositionParts(proposition)
    const [positive, negative] = [`p_${response}`, `r_${response}`]
    const [top, bottom] = sides.map((side) => pairDegree(side, positive, negative))
    if (top === undefined || bottom === undefined) {
      const side = top === undefined ? "numerator" : "denominator"
      throw new Refusal(`it has no relative structure: the ${side} is not homogeneous in ${positive} and ${negative}`)
    }
    if (top !== bottom) {
      const degrees = `degree ${top} in ${positive} and ${negative} together, the denominator ${bottom}`
      throw new Refusal(`it has no relative structure: the numerator has ${degrees}`)
    }
    return { proposition, copies: Math.max(1, top), positive, negative }
  })

/** The declared propositions of the axes: all first copies, then the further ones axis by axis. */
export const axisPropositions = (axes: ReadonlyArray<Axis>): ReadonlyArray<Proposition> => [
  ...axes.map((axis) => axis.proposition),
  ...axes.flatMap((axis) =>
    Array.from({ length: axis.copies - 1 }, (_, i) =>
      makeProposition({ ...propositionParts(axis.proposition), copy: i + 2 })
    )
  )
]

/** @throws Refusal when the axes need more propositions than rows can be listed for */
export const checkAxes = (axes: ReadonlyArray<Axis>): void => {
  const needed = axes.reduce((sum, axis) => sum + axis.copies, 0)
  if (needed <= maxPropositions) return
  const copies = needed - axes.length
  const how = copies > 0 ? `, ${copies} of them further copies for its powers` : ""
  throw new Refusal(`it needs ${needed} propositions${how}: more than the ${maxPropositions} that are handled`)
}

/** One class of rows: how many copies of each axis are true, and the class's total weight. */
export interface RowClass {
  readonly trueCopies: ReadonlyArray<number>
  readonly weight: Rational
  /** Number of rows in the class, `Π C(copies, trueCopies)`. */
  readonly size: number
}

/** All vectors of true copies, first axis fastest. */
const classVectors = (axes: ReadonlyArray<Axis>): ReadonlyArray<ReadonlyArray<number>> =>
  axes.reduce<ReadonlyArray<ReadonlyArray<number>>>(
    (vectors, axis) =>
      Array.from({ length: axis.copies + 1 }, (_, j) => vectors.map((vector) => [...vector, j])).flat(),
    [[]]
  )

/**
 * How often a monomial of one axis counts in `p^j q^(d-j)`, q being the negative literal's weight: missing degrees are made
 * up by factors `p + q`, which is 1 in the absolute reading and, on both sides of a ratio, cancels in the relative one.
 */
const share = (
  { copies }: Axis,
  exponents: { readonly positive: number; readonly negative: number },
  trueCopies: number
): number => binomial(copies - exponents.positive - exponents.negative, trueCopies - exponents.positive)

/** The weights of all classes of rows. The polynomial's degrees must fit the axes' copies. */
export const rowClasses = (a: Polynomial, axes: ReadonlyArray<Axis>): ReadonlyArray<RowClass> => {
  const terms = Array.from(a.terms.values(), (term) => ({
    coefficient: term.coefficient,
    exponents: axes.map((axis) => ({
      positive: exponentOf(term, axis.positive),
      negative: axis.negative === undefined ? 0 : exponentOf(term, axis.negative)
    }))
  }))
  return classVectors(axes).map((trueCopies) => ({
    trueCopies,
    size: axes.reduce((size, axis, i) => size * binomial(axis.copies, trueCopies[i]!), 1),
    weight: terms.reduce((weight, term) => {
      const times = axes.reduce(
        (count, axis, i) => (count === 0 ? 0 : count * share(axis, term.exponents[i]!, trueCopies[i]!)),
        1
      )
      return times === 0 ? weight : addRational(weight, multiplyRational(term.coefficient, rational(times)))
    }, zero)
  }))
}

/** The rows of every class, ascending, by the class's key. */
export const rowsByClass = (axes: ReadonlyArray<Axis>): ReadonlyMap<string, ReadonlyArray<number>> => {
  const propositions = axisPropositions(axes)
  const axisOf = propositions.map((proposition) => {
    const first = makeProposition({ ...propositionParts(proposition), copy: 1 })
    return axes.findIndex((axis) => axis.proposition === first)
  })
  const rows = new Map<string, Array<number>>()
  for (let row = 0; row < rowCount(propositions.length); row++) {
    const trueCopies = axes.map(() => 0)
    axisOf.forEach((axis, k) => {
      if ((row >> k) & 1) trueCopies[axis]!++
    })
    const key = trueCopies.join()
    rows.set(key, [...(rows.get(key) ?? []), row])
  }
  return rows
}
