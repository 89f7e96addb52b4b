/** Row sets inside cases and sentences: short texts, and masks as decimal digits so that a case is JSON. */
import { and, constant, type Formula, not, or, variable } from "../logic/formula.ts"
import { maskText, parseRowName, type RowSet, rowName, rowsOf } from "../logic/rows.ts"
import type { Structure } from "../logic/structure.ts"

/** `TF,TT / FT`: the rows by name up to three propositions, as bit masks beyond; rows that no name fits keep their number. */
export const rowsText = (set: RowSet, n: number): string => {
  if (set === 0n) return "none"
  if (n > 3) return set >> BigInt(2 ** n) === 0n ? maskText(set, n) : `0b${set.toString(2)}`
  return rowsOf(set)
    .map((row) => (row < 2 ** n ? rowName(row, n) : `row ${row}`))
    .join(",")
}

/** Ticks and crosses of a structure as text. */
export const structureText = ({ propositions, ticks, crosses }: Structure): string =>
  `${rowsText(ticks, propositions.length)} / ${rowsText(crosses, propositions.length)}`

/** A formula true in exactly the given rows: the disjunction of their full conjunctions, the least clever way to say it. */
export const formulaOfRows = (set: RowSet, propositions: Structure["propositions"]): Formula => {
  const literal = (row: number, k: number): Formula => {
    const atom = variable(propositions[k]!)
    return (row >> k) & 1 ? atom : not(atom)
  }
  const rows = rowsOf(set).map((row) => and(...propositions.map((_, k) => literal(row, k))))
  return rows.length === 0 ? constant(false) : or(...rows)
}

/** Row sets in cases are written in decimal digits. */
export const readMask = (text: unknown, n: number): RowSet | undefined => {
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text)) return undefined
  const set = BigInt(text)
  return set >> BigInt(2 ** n) === 0n ? set : undefined
}

/** The set of one row over M(w), M(l), by name. */
export const pairRow = (name: "FF" | "TF" | "FT" | "TT"): bigint => 1n << BigInt(parseRowName(name)!)
