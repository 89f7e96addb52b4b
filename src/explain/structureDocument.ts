/** @file A structure as JSON, rows by name with exact weights, and read back: what evidence in a document is about. */
import { parseProposition } from "../logic/proposition.ts"
import { type Rational, rational, rationalText } from "../logic/rational.ts"
import { maxPropositions, rowName, rowsOf } from "../logic/rows.ts"
import { type AnyStructure, isDegenerate } from "../logic/structure.ts"

/** Rows by name with their weights as exact fractions: 1 for each marked row of a plain structure. */
export interface StructureDocument {
  readonly propositions: ReadonlyArray<string>
  readonly ticks: Readonly<Record<string, string>>
  readonly crosses: Readonly<Record<string, string>>
}

/** The JSON form of a structure. */
export const structureDocument = ({ propositions, ticks, crosses }: AnyStructure): StructureDocument => {
  const n = propositions.length
  const side = (rows: AnyStructure["ticks"]): Record<string, string> =>
    Object.fromEntries(
      typeof rows === "bigint"
        ? rowsOf(rows).map((row) => [rowName(row, n), "1"])
        : [...rows].map(([row, weight]) => [rowName(row, n), rationalText(weight)])
    )
  return { propositions, ticks: side(ticks), crosses: side(crosses) }
}

/** The positive or negative fraction of a text such as `3` or `-1/2`; undefined when it is none. */
export const readFraction = (text: unknown): Rational | undefined => {
  const match = typeof text === "string" ? /^(-?\d{1,4000})(?:\/([1-9]\d{0,3999}))?$/.exec(text) : null
  return match === null ? undefined : rational(BigInt(match[1]!), BigInt(match[2] ?? 1))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const readRows = (side: unknown, n: number): ReadonlyMap<number, Rational> | undefined => {
  if (!isRecord(side)) return undefined
  const rows = new Map<number, Rational>()
  for (const [name, text] of Object.entries(side)) {
    const weight = readFraction(text)
    if (name.length !== n || !/^[TF]*$/.test(name) || weight === undefined || weight.num <= 0n) return undefined
    rows.set(
      [...name].reduce((row, letter, k) => (letter === "T" ? row | (1 << k) : row), 0),
      weight
    )
  }
  return rows
}

/** The structure of a JSON form; undefined when it is none, or degenerate. */
export const readStructureDocument = (value: unknown): AnyStructure | undefined => {
  if (!isRecord(value) || !Array.isArray(value.propositions)) return undefined
  const propositions: ReadonlyArray<unknown> = value.propositions
  const named = propositions.every((name) => typeof name === "string" && parseProposition(name) !== undefined)
  if (!named || propositions.length > maxPropositions || new Set(propositions).size !== propositions.length)
    return undefined
  const names = propositions as ReadonlyArray<string>
  const [ticks, crosses] = [readRows(value.ticks, names.length), readRows(value.crosses, names.length)]
  if (ticks === undefined || crosses === undefined) return undefined
  const structure: AnyStructure = { propositions: names, ticks, crosses }
  return isDegenerate(structure) ? undefined : structure
}
