/** From a quotient of polynomials to a structure, a weighted structure or the reason why there is neither. */
import type { Polynomial } from "../polynomial.ts"
import {
  contentRational,
  divideRational,
  one,
  type Rational,
  rational,
  rationalText,
  rationalToNumber,
  signRational
} from "../rational.ts"
import { maxPropositions, type RowSet, rowName } from "../rows.ts"
import type { Structure, WeightedStructure } from "../structure.ts"
import { Refusal } from "./error.ts"
import { type Axis, axisPropositions, checkAxes, type RowClass, rowClasses, rowsByClass } from "./weights.ts"

/** A structure, with the constant `c_N / c_D` that its rows leave over; or a weighted structure. */
export type Interpretation =
  | { readonly kind: "structure"; readonly structure: Structure; readonly constant: Rational }
  | { readonly kind: "weighted"; readonly weighted: WeightedStructure }

type Sides = readonly [ReadonlyArray<RowClass>, ReadonlyArray<RowClass>]

/** How many rows of each class belong to the set, and the constant in front; undefined when the weights are no row set. */
interface Selection {
  readonly constant: Rational
  readonly counts: ReadonlyArray<number>
}

/** A side is a row set when, up to one constant, every class weighs an integer from 0 to its size: 1 is tried, then the content. */
const select = (classes: ReadonlyArray<RowClass>): Selection | undefined => {
  const content = contentRational(classes.map((rows) => rows.weight))
  for (const constant of [one, content]) {
    const counts = classes.map((rows) => divideRational(rows.weight, constant))
    const fits = counts.every(({ num, den }, i) => den === 1n && num >= 0n && num <= BigInt(classes[i]!.size))
    if (fits) return { constant, counts: counts.map(({ num }) => Number(num)) }
  }
  return undefined
}

/** Of each class the given number of rows, smallest index first. */
const rowSet = (
  { counts }: Selection,
  classes: ReadonlyArray<RowClass>,
  rows: ReadonlyMap<string, ReadonlyArray<number>>
): RowSet => {
  let set = 0n
  classes.forEach(({ trueCopies }, i) => {
    for (const row of rows.get(trueCopies.join())!.slice(0, counts[i]!)) set |= 1n << BigInt(row)
  })
  return set
}

const rowWeights = (
  classes: ReadonlyArray<RowClass>,
  rows: ReadonlyMap<string, ReadonlyArray<number>>
): ReadonlyMap<number, Rational> => {
  const weights = classes.flatMap(({ trueCopies, weight, size }) =>
    weight.num === 0n
      ? []
      : rows.get(trueCopies.join())!.map((row) => [row, divideRational(weight, rational(size))] as const)
  )
  return new Map(weights.sort(([a], [b]) => a - b))
}

const isNegative = ({ weight }: RowClass): boolean => signRational(weight) < 0

/** Numerator and denominator may both carry a minus sign: it cancels. */
const withSignsCancelled = (sides: Sides): Sides => {
  const negative = sides.every((side) => side.every(({ weight }) => signRational(weight) <= 0))
  const flip = (side: ReadonlyArray<RowClass>): ReadonlyArray<RowClass> =>
    side.map((rows) => ({ ...rows, weight: { num: -rows.weight.num, den: rows.weight.den } }))
  return negative ? [flip(sides[0]), flip(sides[1])] : sides
}

/** The exact weight, or its double where the digits would fill pages. */
const weightText = (weight: Rational): string => {
  const text = rationalText(weight)
  return text.length > 60 ? String(rationalToNumber(weight)) : text
}

const refuseNegative = (sides: Sides, axes: ReadonlyArray<Axis>): never => {
  const side = sides[0].some(isNegative) ? 0 : 1
  const rows = rowsByClass(axes)
  const propositions = axisPropositions(axes)
  const found = sides[side]
    .filter(isNegative)
    .map(({ trueCopies, weight, size }) => ({
      row: rows.get(trueCopies.join())![0]!,
      weight: divideRational(weight, rational(size))
    }))
    .reduce((first, next) => (next.row < first.row ? next : first))
  const [row, value] = [rowName(found.row, propositions.length), weightText(found.weight)]
  throw new Refusal(
    `row ${row} of ${propositions.join(", ")} weighs ${value} in the ${side === 0 ? "numerator" : "denominator"}, and no semantic loss has a negative row weight`,
    { row, value }
  )
}

const read = (axes: ReadonlyArray<Axis>, numerator: Polynomial, denominator: Polynomial): Interpretation => {
  checkAxes(axes)
  const sides = withSignsCancelled([rowClasses(numerator, axes), rowClasses(denominator, axes)])
  const propositions = axisPropositions(axes)
  const rows = rowsByClass(axes)
  const [top, bottom] = [select(sides[0]), select(sides[1])]
  if (top !== undefined && bottom !== undefined) {
    const structure = { propositions, ticks: rowSet(top, sides[0], rows), crosses: rowSet(bottom, sides[1], rows) }
    return { kind: "structure", structure, constant: divideRational(top.constant, bottom.constant) }
  }
  if (sides.some((side) => side.some(isNegative))) refuseNegative(sides, axes)
  return {
    kind: "weighted",
    weighted: { propositions, ticks: rowWeights(sides[0], rows), crosses: rowWeights(sides[1], rows) }
  }
}

/** Axes with more copies of those that have several already, by their total, up to the propositions that are handled. */
const withMoreCopies = (axes: ReadonlyArray<Axis>): ReadonlyArray<ReadonlyArray<Axis>> => {
  const spare = maxPropositions - axes.reduce((sum, axis) => sum + axis.copies, 0)
  let grown: ReadonlyArray<ReadonlyArray<Axis>> = [[]]
  for (const axis of axes) {
    const most = axis.copies > 1 ? Math.max(0, spare) : 0
    grown = grown.flatMap((list) =>
      Array.from({ length: most + 1 }, (_, more) => [...list, { ...axis, copies: axis.copies + more }])
    )
  }
  const total = (list: ReadonlyArray<Axis>): number => list.reduce((sum, axis) => sum + axis.copies, 0)
  return grown
    .filter((list) => total(list) > total(axes) && total(list) <= maxPropositions)
    .sort((a, b) => total(a) - total(b))
}

const attempt = (run: () => Interpretation): Interpretation | Refusal => {
  try {
    return run()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

const isInterpretation = (outcome: Interpretation | Refusal): outcome is Interpretation => !(outcome instanceof Refusal)

/**
 * The rows of `numerator / denominator` over the given axes.
 *
 * A power whose coefficients do not fit the rows of as many copies may fit more of them: `1 - 3 p (1 - p)` weighs -1 over
 * two copies and is a row set over three (raising the degree of a Bernstein form). More copies are tried while 6
 * propositions suffice, before weights or a refusal are settled for.
 * @throws Refusal naming the row and its weight when a weight is negative; when the axes are too many
 */
export const interpret = (
  numerator: Polynomial,
  denominator: Polynomial,
  axes: ReadonlyArray<Axis>
): Interpretation => {
  const plain = attempt(() => read(axes, numerator, denominator))
  if (isInterpretation(plain) && plain.kind === "structure") return plain
  const raised = withMoreCopies(axes).map((more) => attempt(() => read(more, numerator, denominator)))
  const usable = [plain, ...raised].filter(isInterpretation)
  const best = usable.find((outcome) => outcome.kind === "structure") ?? usable[0]
  if (best !== undefined) return best
  throw plain
}
