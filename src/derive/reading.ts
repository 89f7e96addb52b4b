/** From names of losses in a query to truth tables: the sixteen by their published names, everything else by its LOSS text. */
import * as Result from "effect/Result"
import {
  extendTo,
  isDegenerate,
  NAMED,
  type Proposition,
  propositionParts,
  type Semantics,
  type Structure
} from "../logic/index.ts"
import { resolveLoss } from "../loss/resolve.ts"

/** A structure as a name gives it, and how its literals weigh; `either` for the sixteen, which are truth tables only. */
export interface NamedTable {
  readonly structure: Structure
  readonly semantics: Semantics | "either"
}

const named = (text: string) => NAMED.find(({ name, id }) => name === text || id === text)

/**
 * The structure that a name in a query means: one of the sixteen as published (`CPO`, `unCPO`; also by id), read in the
 * query's semantics, or any LOSS that one structure expresses. The link, beta, margin and length normalisation of a LOSS
 * are not looked at. The failure is one sentence.
 */
export const readTable = (text: string): Result.Result<NamedTable, string> => {
  const known = named(text)
  if (known !== undefined) return Result.succeed({ structure: known.structure, semantics: "either" })
  const resolved = resolveLoss(text)
  if (Result.isFailure(resolved)) return Result.fail(resolved.failure.message)
  const { structure, semantics, refusal } = resolved.success
  if (structure === undefined) {
    const other = NAMED.find(({ name }) => name.toLowerCase() === text.toLowerCase())
    const hint = other === undefined ? "" : ` (the lattice's ${other.name} is ${other.id})`
    return Result.fail(`"${text}" is no single structure: ${refusal ?? "its rows carry weights"}${hint}`)
  }
  if (isDegenerate(structure)) return Result.fail(`"${text}" is degenerate: one side has no row, so it has no ratio`)
  return Result.succeed({ structure, semantics })
}

/** Why the table cannot be used over these propositions in this reading; undefined when it can. One sentence. */
export const tableProblem = (
  text: string,
  table: NamedTable,
  propositions: ReadonlyArray<Proposition>,
  semantics: Semantics
): string | undefined => {
  if (table.semantics !== "either" && table.semantics !== semantics) {
    return `"${text}" is ${table.semantics} and the query ${semantics}: set semantics: ${table.semantics}, or name another loss`
  }
  const missing = table.structure.propositions.filter((p) => !propositions.includes(p))
  if (missing.length === 0) return undefined
  const remedy = missing.every((p) => propositionParts(p).model === "Ref")
    ? "add them to propositions (or search without them and set reference: true)"
    : "add them to propositions"
  return `"${text}" speaks of ${missing.join(", ")}: ${remedy}`
}

/**
 * The structure that a name means, over the query's propositions; those it lacks are free.
 * @throws RangeError when {@link readTable} or {@link tableProblem} has an objection
 */
export const tableOver = (text: string, propositions: ReadonlyArray<Proposition>): Structure => {
  const table = readTable(text)
  if (Result.isFailure(table)) throw new RangeError(table.failure)
  return extendTo(table.success.structure, propositions)
}
