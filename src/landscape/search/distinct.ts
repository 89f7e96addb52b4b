/**
 * One structure for each loss of a space: the canonical one (equality.ts) where the space has it, else the first met. Properties
 * are those of the loss, so all members of a class pass a search's tests or none does.
 */
import { codeOf } from "../../logic/order.ts"
import { type Proposition, ratioName } from "../../logic/proposition.ts"
import { rowsOf } from "../../logic/rows.ts"
import type { Structure } from "../../logic/structure.ts"
import { canonicalStructure, sameLoss } from "../equality.ts"
import { hasCopies, oddsVariables } from "../odds.ts"
import { isInside, isWhole, type SearchSpace } from "./space.ts"

/** The value of rho's ratio at odds 2, 3, 5, … in lowest terms, as text: equal losses share it, few others do. */
const ratioAtPrimes = (structure: Structure): string => {
  const variables = oddsVariables(structure.propositions)
  const odds = structure.propositions.map((p) => [2n, 3n, 5n, 7n, 11n, 13n][variables.indexOf(ratioName(p))]!)
  const value = (set: bigint): bigint =>
    rowsOf(set).reduce(
      (sum, row) => sum + odds.reduce((product, x, k) => ((row >> k) & 1 ? product * x : product), 1n),
      0n
    )
  const [numerator, denominator] = [value(structure.ticks), value(structure.crosses)]
  const text = (divisor: bigint): string => `${numerator / divisor}/${denominator / divisor}`
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  return text(a)
}

/** Whether a structure is the first of its loss, asked of the members of a space one after another. */
export type DistinctFilter = (structure: Structure) => boolean

/** With copies, which have no canonical structure: exact comparison with the losses kept that agree at one point. */
const amongCopies = (): DistinctFilter => {
  const kept = new Map<string, Array<Structure>>()
  return (structure) => {
    const key = ratioAtPrimes(structure)
    const group = kept.get(key) ?? []
    if (group.some((other) => sameLoss(other, structure))) return false
    kept.set(key, [...group, structure])
    return true
  }
}

/** Tells the first structure of each loss from the others, in any order. */
export const lossIdentity = (propositions: ReadonlyArray<Proposition>): DistinctFilter => {
  if (hasCopies(propositions)) return amongCopies()
  const met = new Set<bigint>()
  return (structure) => {
    const size = met.size
    return met.add(codeOf(canonicalStructure(structure)!)).size > size
  }
}

/** The filter of a space. In the whole landscape it remembers nothing: a structure is kept iff it is canonical. */
export const distinctFilter = (space: SearchSpace): DistinctFilter => {
  if (hasCopies(space.propositions)) return amongCopies()
  const whole = isWhole(space)
  const met = new Set<bigint>()
  return (structure) => {
    const code = codeOf(canonicalStructure(structure)!)
    if (code === codeOf(structure)) return true
    if (whole || isInside(space, code) || met.has(code)) return false
    met.add(code)
    return true
  }
}
