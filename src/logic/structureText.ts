/**
 * Structures as text: `rows:TF,TT/FT,TT` (ticks / crosses by row name, over exactly M(w), M(l)) or masks over declared
 * propositions, `rows:0b1010/0b1100@M(w),M(l)`; and the `logic:` form, `core; given: P_C; both: P_A`.
 */
import * as Result from "effect/Result"
import { constant, declaredPropositions, type Formula } from "./formula.ts"
import { FormulaSyntaxError, parseFormula } from "./parse.ts"
import { formulaText } from "./print.ts"
import { makeProposition, type Proposition, parseProposition } from "./proposition.ts"
import { allRows, maskText, maxPropositions, parseRowName, type RowSet, rowName, rowsOf } from "./rows.ts"
import { makeStructure, pairPropositions, type Structure, type Triple } from "./structure.ts"

const isPair = (propositions: ReadonlyArray<Proposition>): boolean => propositions.join() === pairPropositions.join()

/** The structure as a `rows:` text: by row names over exactly M(w), M(l), else as masks of `2^n` digits with the propositions. */
export const structureSpec = ({ propositions, ticks, crosses }: Structure): string => {
  const n = propositions.length
  if (!isPair(propositions)) return `rows:${maskText(ticks, n)}/${maskText(crosses, n)}@${propositions.join(",")}`
  const names = (set: RowSet): string =>
    rowsOf(set)
      .map((row) => rowName(row, n))
      .join(",")
  return `rows:${names(ticks)}/${names(crosses)}`
}

interface Reader {
  readonly source: string
  readonly fail: (position: number, expected: string, found: string) => Result.Result<never, FormulaSyntaxError>
}

const reader = (source: string, kind?: "rows"): Reader => ({
  source,
  fail: (position, expected, found) =>
    Result.fail(new FormulaSyntaxError({ source, position, expected, found, ...(kind === undefined ? {} : { kind }) }))
})

/** Pieces of a text between separators, with their offsets. */
const pieces = (
  text: string,
  separator: string,
  offset: number
): ReadonlyArray<{ readonly text: string; readonly at: number }> => {
  let at = offset
  return text.split(separator).map((piece) => {
    const found = { text: piece, at }
    at += piece.length + separator.length
    return found
  })
}

const readPropositions = (
  list: string,
  at: number,
  { fail }: Reader
): Result.Result<ReadonlyArray<Proposition>, FormulaSyntaxError> => {
  const names: Array<Proposition> = []
  for (const piece of pieces(list, ",", at)) {
    const parts = parseProposition(piece.text)
    if (parts === undefined) return fail(piece.at, "a proposition such as M(w)", `"${piece.text}"`)
    const name = makeProposition(parts)
    if (names.includes(name)) return fail(piece.at, "each proposition once", `${name} again`)
    names.push(name)
  }
  if (names.length > maxPropositions)
    return fail(at, `at most ${maxPropositions} propositions`, `${names.length} of them`)
  return Result.succeed(names)
}

const readSide = (side: string, at: number, n: number, { fail }: Reader): Result.Result<RowSet, FormulaSyntaxError> => {
  const mask = side.trim()
  if (/^0b[01]+$/.test(mask)) {
    const set = BigInt(mask)
    return set > allRows(n) ? fail(at, `a mask of ${2 ** n} binary digits`, `"${mask}"`) : Result.succeed(set)
  }
  if (mask === "") return Result.succeed(0n)
  let set = 0n
  for (const piece of pieces(side, ",", at)) {
    const name = piece.text.trim()
    const row = name.length === n ? parseRowName(name) : undefined
    if (row === undefined)
      return fail(piece.at, `a row of ${n} letters T and F, or one mask such as 0b0010`, `"${name}"`)
    set |= 1n << BigInt(row)
  }
  return Result.succeed(set)
}

/**
 * Reads the text after `rows:` (the prefix itself is accepted too): `ticks/crosses`, by row names or binary masks, over
 * M(w), M(l) or the propositions listed after `@`. An empty side is empty. Errors carry the position in the text given.
 */
export const parseStructureSpec = (text: string): Result.Result<Structure, FormulaSyntaxError> => {
  const read = reader(text, "rows")
  const start = text.startsWith("rows:") ? 5 : 0
  const marker = text.indexOf("@", start)
  const end = marker < 0 ? text.length : marker
  const propositions =
    marker < 0 ? Result.succeed(pairPropositions) : readPropositions(text.slice(marker + 1), marker + 1, read)
  if (Result.isFailure(propositions)) return Result.fail(propositions.failure)
  const sides = pieces(text.slice(start, end), "/", start)
  if (sides.length !== 2) return read.fail(start, "ticks and crosses separated by one /", `"${text.slice(start, end)}"`)
  const n = propositions.success.length
  const ticks = readSide(sides[0]!.text, sides[0]!.at, n, read)
  if (Result.isFailure(ticks)) return Result.fail(ticks.failure)
  const crosses = readSide(sides[1]!.text, sides[1]!.at, n, read)
  if (Result.isFailure(crosses)) return Result.fail(crosses.failure)
  return Result.succeed(makeStructure(propositions.success, ticks.success, crosses.success))
}

/** The triple as text after `logic:`; `given` and `both` are left out where they are true and false. */
export const tripleText = ({ core, conditioning, additive }: Triple): string => {
  const given = formulaText(conditioning) === "true" ? "" : `; given: ${formulaText(conditioning)}`
  const both = formulaText(additive) === "false" ? "" : `; both: ${formulaText(additive)}`
  return `${formulaText(core)}${given}${both}`
}

const shifted = (error: FormulaSyntaxError, source: string, at: number): FormulaSyntaxError =>
  new FormulaSyntaxError({ source, position: error.position + at, expected: error.expected, found: error.found })

/**
 * Reads the text after `logic:`: `core; given: P_C; both: P_A`, the last two in any order, `given` true and `both` false by
 * default. At most 6 propositions may be declared by the formulas together (M(w), M(l) included).
 */
export const parseTriple = (text: string): Result.Result<Triple, FormulaSyntaxError> => {
  const { fail } = reader(text)
  const found = new Map<string, Formula>()
  for (const [i, piece] of pieces(text, ";", 0).entries()) {
    const label = /^\s*(given|both)\s*:/.exec(piece.text)
    const key = i === 0 ? "core" : label?.[1]
    const at = piece.at + (i === 0 ? 0 : (label?.[0].length ?? 0))
    if (key === undefined) return fail(piece.at, '"given:" or "both:" after ";"', `"${piece.text.trim()}"`)
    if (found.has(key)) return fail(piece.at, `"${key}:" once`, "it again")
    const formula = parseFormula(i === 0 ? piece.text : piece.text.slice(label![0].length))
    if (Result.isFailure(formula)) return Result.fail(shifted(formula.failure, text, at))
    found.set(key, formula.success)
  }
  const triple = {
    core: found.get("core")!,
    conditioning: found.get("given") ?? constant(true),
    additive: found.get("both") ?? constant(false)
  }
  const declared = declaredPropositions(triple.core, triple.conditioning, triple.additive)
  return declared.length > maxPropositions
    ? fail(0, `at most ${maxPropositions} propositions`, `${declared.length}: ${declared.join(", ")}`)
    : Result.succeed(triple)
}
