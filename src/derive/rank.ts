/** The order in which a query returns what it found. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { codeOf, rowsOf, type Structure } from "../logic/index.ts"
import type { OutcomeSpec } from "./outcome.ts"
import type { DeriveQuery } from "./query.ts"

/** A ranking by outcome that cannot be made. */
export class RankingError extends Data.TaggedError("RankingError")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** What a ranking looks at. */
export interface Rankable {
  readonly loss: string
  readonly name: string
  readonly distance: number
  readonly structure: Structure
}

/** Height in the entailment order, `|ticks| + |rows| - |crosses|`: the smaller, the more the loss asks. */
export const height = (structure: Structure): number => rowsOf(codeOf(structure)).length

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Sorts by the query's `rankBy`; ties by distance, then height, then name (by character codes, so everywhere the same).
 * An outcome is asked once a loss and must be a finite number.
 */
export const ranked = <A extends Rankable>(
  found: ReadonlyArray<A>,
  rankBy: DeriveQuery["rankBy"],
  outcome: (spec: OutcomeSpec, loss: string) => Result.Result<number, string>
): Result.Result<ReadonlyArray<A & { readonly outcome?: number }>, RankingError> => {
  const ties = (a: Rankable, b: Rankable): number =>
    a.distance - b.distance || height(a.structure) - height(b.structure) || byText(a.name, b.name)
  if (rankBy === "name") return Result.succeed([...found].sort((a, b) => byText(a.name, b.name)))
  if (rankBy === "distance") return Result.succeed([...found].sort(ties))
  if (rankBy === "constrainedness") {
    return Result.succeed([...found].sort((a, b) => height(a.structure) - height(b.structure) || ties(a, b)))
  }
  const measured: Array<A & { readonly outcome: number }> = []
  for (const one of found) {
    const value = outcome(rankBy, one.loss)
    if (Result.isFailure(value)) return Result.fail(new RankingError({ reason: `rankBy.outcome: ${value.failure}` }))
    if (!Number.isFinite(value.success)) {
      const reason = `rankBy.outcome: ${rankBy.outcome} of ${one.loss} is ${value.success}`
      return Result.fail(new RankingError({ reason }))
    }
    measured.push({ ...one, outcome: value.success })
  }
  const sign = rankBy.direction === "max" ? -1 : 1
  return Result.succeed(measured.sort((a, b) => sign * (a.outcome - b.outcome) || ties(a, b)))
}
