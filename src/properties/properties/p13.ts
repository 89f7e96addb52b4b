import { equals, mul, oddsFromRows, type Polynomial } from "../../logic/polynomial.ts"
import { propositionParts } from "../../logic/proposition.ts"
import { type RowSet, rowSetOf, rowsOf } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { exactDecision } from "../exact.ts"
import { needsStructure, type Property } from "../property.ts"

/** How many of the policy's propositions (copies too) a row makes true: its weight vanishes as that power of p. */
const orderOf = ({ propositions }: Structure, row: number): number =>
  propositions.filter((proposition, k) => propositionParts(proposition).model === "M" && (row >> k) & 1).length

const leadingRows = (structure: Structure, side: RowSet): ReadonlyArray<number> => {
  const rows = rowsOf(side)
  const lowest = Math.min(...rows.map((row) => orderOf(structure, row)))
  return rows.filter((row) => orderOf(structure, row) === lowest)
}

/**
 * The power of p by which WMC(crosses) vanishes faster than WMC(ticks) when the policy's probabilities go to 0 at fixed
 * ratios: rho -> infinity where it is positive, -infinity where negative.
 */
export const collapseOrder = (structure: Structure): number =>
  orderOf(structure, leadingRows(structure, structure.crosses)[0]!) -
  orderOf(structure, leadingRows(structure, structure.ticks)[0]!)

/** Leading part of a side: the rows of M(w), M(l) in it, each with its coefficient, a polynomial in the reference's odds. */
const leadingPart = (structure: Structure, side: RowSet): ReadonlyMap<number, Polynomial> => {
  const rows = leadingRows(structure, side)
  const references = structure.propositions.length - 2
  const coefficient = (pair: number): Polynomial =>
    oddsFromRows(rowSetOf(rows.filter((row) => (row & 3) === pair).map((row) => row >> 2)), references)
  return new Map(rows.map((row) => [row & 3, coefficient(row & 3)]))
}

/** Name, and exponents of p_w and p_l. */
const classes = [
  ["log p_w", 1, 0],
  ["log p_w/p_l", 1, -1],
  ["0", 0, 0],
  ["-log p_l", 0, -1]
] as const

/** Whether `ticks = p_w^w p_l^l g · crosses` with g free of the policy: the same monomials, moved, with proportional coefficients. */
const isMultiple = (
  ticks: ReadonlyMap<number, Polynomial>,
  crosses: ReadonlyMap<number, Polynomial>,
  w: number,
  l: number
): boolean => {
  const moved = [...crosses].map(([pair, coefficient]) => {
    const [i, j] = [(pair & 1) + w, (pair >> 1) + l]
    return [i >= 0 && i < 2 && j >= 0 && j < 2 ? ticks.get(i + 2 * j) : undefined, coefficient] as const
  })
  const [first, second] = moved[0]!
  return (
    moved.length === ticks.size &&
    moved.every(([a, b]) => a !== undefined && first !== undefined && equals(mul(a, second), mul(first, b)))
  )
}

/**
 * The class of docs/experiments.md 1.5 (last column), or undefined when the limit is none of the four. Decided on rho, not
 * on its rows: TF, TT over TT is -log p_l.
 */
export const vanishingClass = (structure: Structure): string | undefined => {
  const [ticks, crosses] = [leadingPart(structure, structure.ticks), leadingPart(structure, structure.crosses)]
  return classes.find(([, w, l]) => isMultiple(ticks, crosses, w, l))?.[0]
}

const covered = new Set(["M(w)", "M(l)", "Ref(w)", "Ref(l)"])

/** Exact: the leading parts of both sides, common factors apart. */
export const p13: Property = {
  id: "P13",
  aliases: ["vanishing-class"],
  title: "Four behaviours at vanishing probabilities",
  statement:
    "As both probabilities vanish at a fixed ratio, rho behaves as log p_w, log p_w/p_l, 0 or -log p_l, up to terms of the reference.",
  quantifiers:
    "along p_w = c p_l -> 0 for all c > 0, the reference fixed; structures over M(w), M(l) and the reference's propositions",
  source: "docs/experiments.md P13, 1.5",
  appliesTo: (subject) => {
    const structure = needsStructure(subject)
    if (structure !== true) return structure
    if (subject.loss.oddsBeta !== 1) return "the four classes are those of odds to the power 1"
    return subject.loss.structure!.propositions.every((proposition) => covered.has(proposition))
      ? true
      : "the four classes are those of structures over M(w), M(l) and the reference's propositions"
  },
  decide: (subject) => {
    const exact = exactDecision(subject, "vanishing-class")
    if (exact?.verdict !== "proved") return exact
    const found = vanishingClass(subject.loss.structure!)
    return found === undefined
      ? { verdict: "refuted", witness: `${exact.certificate}; that is none of log p_w, log p_w/p_l, 0, -log p_l` }
      : { verdict: "proved", certificate: `class ${found}: ${exact.certificate}` }
  }
}
