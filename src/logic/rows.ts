/**
 * Row sets: a row is one truth assignment of n propositions; bit k of its index is the truth value of proposition k in
 * the declared order, so over (M(w), M(l)) rows 0 to 3 are FF, TF, FT, TT. A set of rows is a bit mask over the 2^n rows.
 */

/** A set of rows: bit r is set when row r belongs to it. */
export type RowSet = bigint

/** The largest number of propositions a row set speaks about (64 rows). */
export const maxPropositions = 6

const checkCount = (caller: string, n: number): void => {
  if (!Number.isInteger(n) || n < 0 || n > maxPropositions) {
    throw new RangeError(
      `${caller}: the number of propositions must be an integer from 0 to ${maxPropositions}, got ${n}`
    )
  }
}

/** Number of rows of n propositions, `2^n`. @throws RangeError unless n is an integer from 0 to 6 */
export const rowCount = (n: number): number => {
  checkCount("rowCount", n)
  return 2 ** n
}

/** The set of all `2^n` rows. @throws RangeError unless n is an integer from 0 to 6 */
export const allRows = (n: number): RowSet => (1n << BigInt(rowCount(n))) - 1n

/** The rows in which proposition k of n is true. @throws RangeError unless 0 ≤ k < n ≤ 6 */
export const rowsWhere = (k: number, n: number): RowSet => {
  checkCount("rowsWhere", n)
  if (!Number.isInteger(k) || k < 0 || k >= n) throw new RangeError(`rowsWhere: no proposition ${k} among ${n}`)
  let set = 0n
  for (let row = 0; row < 2 ** n; row++) if ((row >> k) & 1) set |= 1n << BigInt(row)
  return set
}

/** Whether the row belongs to the set. */
export const hasRow = (set: RowSet, row: number): boolean => ((set >> BigInt(row)) & 1n) === 1n

/** The indices of a set's rows, ascending; `[]` for the empty set. */
export const rowsOf = (set: RowSet): Array<number> => {
  const rows: Array<number> = []
  for (let rest = set, row = 0; rest !== 0n; rest >>= 1n, row++) if (rest & 1n) rows.push(row)
  return rows
}

/** The set of the given row indices. */
export const rowSetOf = (rows: Iterable<number>): RowSet => {
  let set = 0n
  for (const row of rows) set |= 1n << BigInt(row)
  return set
}

/** Number of rows in the set. */
export const count = (set: RowSet): number => {
  let total = 0
  for (let rest = set; rest !== 0n; rest &= rest - 1n) total++
  return total
}

/** The rows of n propositions that are not in the set. */
export const complement = (set: RowSet, n: number): RowSet => allRows(n) & ~set

/** Name of a row: one letter per proposition in order, T or F; row 1 of 2 propositions is "TF". */
export const rowName = (row: number, n: number): string => {
  if (!Number.isInteger(row) || row < 0 || row >= rowCount(n)) {
    throw new RangeError(`rowName: no row ${row} among the rows of ${n} propositions`)
  }
  let name = ""
  for (let k = 0; k < n; k++) name += (row >> k) & 1 ? "T" : "F"
  return name
}

/** The index of a row named with letters T and F, first proposition first; undefined for any other text. */
export const parseRowName = (name: string): number | undefined => {
  if (!/^[TF]{1,6}$/.test(name)) return undefined
  let row = 0
  for (let k = 0; k < name.length; k++) if (name[k] === "T") row |= 1 << k
  return row
}

/** The set as a binary literal of exactly `2^n` digits, row 0 last: ORPO's ticks {TF} are `0b0010`. */
export const maskText = (set: RowSet, n: number): string => {
  if (set < 0n || set > allRows(n)) throw new RangeError(`maskText: ${set} is not a set of rows of ${n} propositions`)
  return `0b${set.toString(2).padStart(rowCount(n), "0")}`
}

/**
 * The same set after permuting the propositions: proposition k becomes proposition `target[k]` among `size` ones.
 * Positions of the `size` propositions that no k maps to are free (both values occur).
 */
export const moveRows = (set: RowSet, target: ReadonlyArray<number>, size: number): RowSet => {
  let moved = 0n
  for (let row = 0; row < rowCount(size); row++) {
    let source = 0
    for (let k = 0; k < target.length; k++) if ((row >> target[k]!) & 1) source |= 1 << k
    if (hasRow(set, source)) moved |= 1n << BigInt(row)
  }
  return moved
}
