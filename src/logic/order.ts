/**
 * The entailment order of structures over the same propositions: `a ⊑ b` iff ticks(a) ⊆ ticks(b) and crosses(b) ⊆ crosses(a)
 * (docs/theory.md §5). Written as the code `ticks | ¬crosses << 2^n` it is the subset order of a Boolean lattice, so every
 * operation is a few bit operations, for any number of propositions.
 */
import { allRows, rowCount, rowsOf } from "./rows.ts"
import { makeStructure, type Structure } from "./structure.ts"

const checkSame = (caller: string, a: Structure, b: Structure): void => {
  // Structures of one landscape share their list: comparing texts is for the others.
  if (a.propositions !== b.propositions && a.propositions.join() !== b.propositions.join()) {
    throw new RangeError(
      `${caller}: structures over different propositions, [${a.propositions.join(", ")}] and [${b.propositions.join(", ")}]`
    )
  }
}

/** The structure as a `2^(n+1)`-bit number whose subset order is entailment: `ticks | (complement of crosses) << 2^n`. */
export const codeOf = (structure: Structure): bigint => {
  const n = structure.propositions.length
  return structure.ticks | ((allRows(n) & ~structure.crosses) << BigInt(rowCount(n)))
}

/** The structure of a code over the propositions. @throws RangeError when the code has more than `2^(n+1)` bits */
export const fromCode = (code: bigint, propositions: Structure["propositions"]): Structure => {
  const n = propositions.length
  const all = allRows(n)
  return makeStructure(propositions, code & all, all ^ (code >> BigInt(rowCount(n))))
}

/** Whether a entails b: rho_a ≤ rho_b at every weighting, by row sets alone. @throws RangeError on different propositions */
export const entails = (a: Structure, b: Structure): boolean => {
  checkSame("entails", a, b)
  return (a.ticks & ~b.ticks) === 0n && (b.crosses & ~a.crosses) === 0n
}

/** The largest structure below both: ticks meet, crosses join. @throws RangeError on different propositions */
export const meet = (a: Structure, b: Structure): Structure => {
  checkSame("meet", a, b)
  return { propositions: a.propositions, ticks: a.ticks & b.ticks, crosses: a.crosses | b.crosses }
}

/** The smallest structure above both: ticks join, crosses meet. @throws RangeError on different propositions */
export const join = (a: Structure, b: Structure): Structure => {
  checkSame("join", a, b)
  return { propositions: a.propositions, ticks: a.ticks | b.ticks, crosses: a.crosses & b.crosses }
}

const withBitFlipped = (structure: Structure, bits: bigint): ReadonlyArray<Structure> => {
  const code = codeOf(structure)
  return rowsOf(bits).map((bit) => fromCode(code ^ (1n << BigInt(bit)), structure.propositions))
}

/** The structures right above: one tick more or one cross fewer. */
export const upperCovers = (structure: Structure): ReadonlyArray<Structure> => {
  const width = 1n << BigInt(2 * rowCount(structure.propositions.length))
  return withBitFlipped(structure, (width - 1n) & ~codeOf(structure))
}

/** The structures right below: one tick fewer or one cross more. */
export const lowerCovers = (structure: Structure): ReadonlyArray<Structure> =>
  withBitFlipped(structure, codeOf(structure))

/** Number of structures between a and b, `2^(differing bits)`; 0 when a does not entail b. @throws RangeError on different propositions */
export const intervalSize = (a: Structure, b: Structure): bigint => (entails(a, b) ? 1n << BigInt(distance(a, b)) : 0n)

/** Number of bits (row marks) in which two structures differ. @throws RangeError on different propositions */
export const distance = (a: Structure, b: Structure): number => {
  checkSame("distance", a, b)
  return rowsOf(codeOf(a) ^ codeOf(b)).length
}

/**
 * The structures s with a ⊑ s ⊑ b, lazily, by ascending code (so a first, b last); none when a does not entail b.
 * @throws RangeError on different propositions
 */
export function* interval(a: Structure, b: Structure): Generator<Structure, void, undefined> {
  if (!entails(a, b)) return
  const low = codeOf(a)
  const free = codeOf(b) & ~low
  // Counts through the subsets of `free` in ascending order.
  let subset = 0n
  do {
    yield fromCode(low | subset, a.propositions)
    subset = (subset - free) & free
  } while (subset !== 0n)
}
