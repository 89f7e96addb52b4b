/** The readable form of a structure: core P, conditioning constraint P_C and additive constraint P_A as short formulas. */
import { constant } from "./formula.ts"
import { publishedWording } from "./published.ts"
import { allRows } from "./rows.ts"
import { shortestFormula } from "./shortest.ts"
import { equalStructures, type Structure, structureFromTriple, type Triple } from "./structure.ts"

/**
 * A triple that means the structure: `P_C = ticks ∨ crosses`, `P_A = ticks ∧ crosses`, and P true on the rows with a tick
 * only, false on those with a cross only; the other rows are free to P, as they do not change what the triple means.
 * The sixteen named losses get their published wording, with a reference model their published core; any other structure
 * the shortest formulas. `structureFromTriple` gives the structure back.
 */
export const tripleOf = (structure: Structure): Triple => {
  const { propositions, ticks, crosses } = structure
  const published = publishedWording(structure)
  const decided = ticks ^ crosses
  const free = allRows(propositions.length) & ~decided
  const shortestCore = () => (decided === 0n ? constant(true) : shortestFormula(ticks & ~crosses, propositions, free))
  const triple = {
    core: published?.core ?? shortestCore(),
    conditioning: published?.conditioning ?? shortestFormula(ticks | crosses, propositions),
    additive: published?.additive ?? shortestFormula(ticks & crosses, propositions)
  }
  if (!equalStructures(structureFromTriple(triple, propositions), structure)) {
    throw new RangeError(`tripleOf: the formulas found do not mean the structure ${ticks}/${crosses}`)
  }
  return triple
}
