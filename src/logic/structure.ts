/**
 * Preference structures. A structure is a pair of row sets over declared propositions: ticks, the rows of the winner side
 * `(P or P_A) and P_C`, and crosses, the rows of the loser side `(not P or P_A) and P_C` (arXiv 2412.17696). Its core ratio
 * is `rho = log WMC(ticks) - log WMC(crosses)`.
 */
import { declaredPropositions, type Formula, formulaRows } from "./formula.ts"
import { type Proposition, propositionParts, swapResponses } from "./proposition.ts"
import type { Rational } from "./rational.ts"
import { allRows, moveRows, type RowSet, rowsWhere } from "./rows.ts"

/** Ticks and crosses over the rows of the declared propositions. */
export interface Structure {
  readonly propositions: ReadonlyArray<Proposition>
  readonly ticks: RowSet
  readonly crosses: RowSet
}

/** A structure whose rows carry positive weights: absent rows weigh 0. */
export interface WeightedStructure {
  readonly propositions: ReadonlyArray<Proposition>
  readonly ticks: ReadonlyMap<number, Rational>
  readonly crosses: ReadonlyMap<number, Rational>
}

/** A structure with plain rows or with weighted ones: every loss and every exact decision takes either. */
export type AnyStructure = Structure | WeightedStructure

/** Whether the rows carry weights. */
export const isWeighted = (structure: AnyStructure): structure is WeightedStructure =>
  typeof structure.ticks !== "bigint"

/**
 * How literals weigh. Absolute: `(p, 1 - p)`, "the model deems y valid". Relative: `(p, r)` with r the reference's
 * probability of the same response, "the model prefers y more than the reference does" (docs/theory.md §11).
 */
export type Semantics = "absolute" | "relative"

/** The readable form of a structure: core P, conditioning constraint P_C, additive constraint P_A. */
export interface Triple {
  readonly core: Formula
  readonly conditioning: Formula
  readonly additive: Formula
}

/** M(w), M(l): the propositions that every loss declares. */
export const pairPropositions: ReadonlyArray<Proposition> = ["M(w)", "M(l)"]

/** A structure from its parts. @throws RangeError when a mask has rows that the propositions do not span, or names repeat */
export const makeStructure = (propositions: ReadonlyArray<Proposition>, ticks: RowSet, crosses: RowSet): Structure => {
  const all = allRows(propositions.length)
  if (new Set(propositions).size !== propositions.length) {
    throw new RangeError(`makeStructure: repeated proposition among ${propositions.join(", ")}`)
  }
  if (ticks < 0n || crosses < 0n || ((ticks | crosses) & ~all) !== 0n) {
    throw new RangeError(`makeStructure: rows outside the ${2 ** propositions.length} of ${propositions.join(", ")}`)
  }
  return { propositions, ticks, crosses }
}

/**
 * The structure a triple means: `ticks = (P ∨ P_A) ∧ P_C`, `crosses = (¬P ∨ P_A) ∧ P_C`.
 * @param propositions declared order; default: those of the formulas in {@link canonicalOrder}
 * @throws RangeError when a formula speaks of an undeclared proposition or more than 6 are declared
 */
export const structureFromTriple = (
  triple: Triple,
  propositions: ReadonlyArray<Proposition> = declaredPropositions(triple.core, triple.conditioning, triple.additive)
): Structure => {
  const core = formulaRows(triple.core, propositions)
  const conditioning = formulaRows(triple.conditioning, propositions)
  const additive = formulaRows(triple.additive, propositions)
  const all = allRows(propositions.length)
  return { propositions, ticks: (core | additive) & conditioning, crosses: ((all & ~core) | additive) & conditioning }
}

/** Whether a side is empty, so that rho is not finite. */
export const isDegenerate = ({ ticks, crosses }: AnyStructure): boolean =>
  [ticks, crosses].some((side) => (typeof side === "bigint" ? side === 0n : side.size === 0))

/** Whether two structures are the same rows over the same propositions in the same order. */
export const equalStructures = (a: Structure, b: Structure): boolean =>
  a.ticks === b.ticks && a.crosses === b.crosses && a.propositions.join() === b.propositions.join()

/**
 * The same structure over the given propositions: those it already has, in any order, and new ones, which are free. Its
 * rho is unchanged. @throws RangeError when one of its propositions is missing from the list, or the list exceeds 6
 */
export const extendTo = (structure: Structure, propositions: ReadonlyArray<Proposition>): Structure => {
  const target = structure.propositions.map((p) => propositions.indexOf(p))
  if (target.includes(-1)) {
    throw new RangeError(`extendTo: [${propositions.join(", ")}] lacks some of [${structure.propositions.join(", ")}]`)
  }
  const size = propositions.length
  return makeStructure(propositions, moveRows(structure.ticks, target, size), moveRows(structure.crosses, target, size))
}

/**
 * The structure with a reference model added: ticks and Ref(l), crosses and Ref(w), i.e. `rho - log(r_w / r_l)`. Over the
 * propositions of the structure with Ref(w), Ref(l) after M(w), M(l).
 * @throws RangeError when a reference proposition is there already, or M(w), M(l) do not come first
 */
export const withReference = (structure: Structure): Structure => {
  const [w, l, ...others] = structure.propositions
  if (w !== "M(w)" || l !== "M(l)" || others.some((p) => propositionParts(p).model === "Ref")) {
    throw new RangeError(`withReference: expected M(w), M(l), … without Ref, got ${structure.propositions.join(", ")}`)
  }
  const propositions = [w, l, "Ref(w)", "Ref(l)", ...others]
  const extended = extendTo(structure, propositions)
  const n = propositions.length
  return makeStructure(propositions, extended.ticks & rowsWhere(3, n), extended.crosses & rowsWhere(2, n))
}

/**
 * The structure about the swapped pair: w ↔ l in every proposition, declared in the same order. Its rho is
 * `rho(l, w)`; a structure is swap-antisymmetric when swapping also exchanges ticks and crosses.
 * @returns undefined when the list of propositions is not closed under the swap
 */
export const swapStructure = (structure: Structure): Structure | undefined => {
  const target = structure.propositions.map((p) => structure.propositions.indexOf(swapResponses(p)))
  if (target.includes(-1)) return undefined
  const n = structure.propositions.length
  return makeStructure(
    structure.propositions,
    moveRows(structure.ticks, target, n),
    moveRows(structure.crosses, target, n)
  )
}
