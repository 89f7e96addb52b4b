/** Marks of rows as small integers, one byte a row: the form in which structures are searched. */
import { rowCount, rowsOf } from "../../logic/rows.ts"
import { makeStructure, type Structure } from "../../logic/structure.ts"

/** Marks of one row as two bits: 1 tick, 2 cross, 3 both, 0 neither. */
export const tickBit = 1
export const crossBit = 2

/** The mark with tick and cross exchanged. */
export const exchanged = (mark: number): number => (mark & tickBit ? crossBit : 0) | (mark & crossBit ? tickBit : 0)

/** The mark of a row in a code `ticks | ~crosses << rows`. */
export const markAt = (code: bigint, row: number, rows: number): number =>
  ((code >> BigInt(row)) & 1n ? tickBit : 0) | ((code >> BigInt(rows + row)) & 1n ? 0 : crossBit)

/** The marks of all rows. */
export const marksOf = ({ propositions, ticks, crosses }: Structure): Uint8Array => {
  const marks = new Uint8Array(rowCount(propositions.length))
  for (const row of rowsOf(ticks)) marks[row]! |= tickBit
  for (const row of rowsOf(crosses)) marks[row]! |= crossBit
  return marks
}

/** The structure of some marks: the inverse of {@link marksOf}. */
export const structureOfMarks = (propositions: Structure["propositions"], marks: Uint8Array): Structure => {
  let [ticks, crosses] = [0n, 0n]
  for (let row = marks.length - 1; row >= 0; row--) {
    const mark = marks[row]!
    ticks = (ticks << 1n) | (mark & tickBit ? 1n : 0n)
    crosses = (crosses << 1n) | (mark & crossBit ? 1n : 0n)
  }
  return makeStructure(propositions, ticks, crosses)
}

/** Whether there is no tick or no cross. */
export const isDegenerateMarking = (marks: Uint8Array): boolean => {
  let seen = 0
  for (const mark of marks) seen |= mark
  return seen !== (tickBit | crossBit)
}
