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
  readonly support: Structure
}

/** Height in the entailment order, `|ticks| + |rows| - |crosses|`: the smaller, the more the loss asks. */
export const height = (structure: Structure): number => rowsOf(codeOf(structure)).length

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** More proved first; among equals, the one with the earlier property proved. */
const byProved = (a: ReadonlyArray<boolean>, b: ReadonlyArray<boolean>): number => {
  const total = (list: ReadonlyArray<boolean>): number => list.filter(Boolean).length
  if (total(a) !== total(b)) return total(b) - total(a)
  const place = a.findIndex((value, i) => value !== b[i])
  return place < 0 ? 0 : a[place] ? -1 : 1
}

/**
 * Sorts by the query's `rankBy`; ties by distance, then height, then name (by character codes, so everywhere the same).
 * An outcome is asked once a loss and must be a finite number.
 * @param proved which of the properties that the query prefers are proved of a loss: they come before `rankBy`
 */
export const ranked = <A extends Rankable>(
  found: ReadonlyArray<A>,
  { rankBy }: Pick<DeriveQuery, "rankBy">,
  outcome: (spec: OutcomeSpec, loss: string) => Result.Result<number, string>,
  proved: (one: A) => ReadonlyArray<boolean>
): Result.Result<ReadonlyArray<A & { readonly outcome?: number }>, RankingError> => {
  const verdicts = new Map(found.map((one) => [one.name, proved(one)]))
  const preferred = (a: Rankable, b: Rankable): number => byProved(verdicts.get(a.name)!, verdicts.get(b.name)!)
  const ties = (a: Rankable, b: Rankable): number =>
    a.distance - b.distance || height(a.support) - height(b.support) || byText(a.name, b.name)
  const plain = {
    name: (a: Rankable, b: Rankable) => byText(a.name, b.name),
    distance: ties,
    constrainedness: (a: Rankable, b: Rankable) => height(a.support) - height(b.support) || ties(a, b)
  }
  if (typeof rankBy === "string") {
    return Result.succeed([...found].sort((a, b) => preferred(a, b) || plain[rankBy](a, b)))
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
  return Result.succeed(measured.sort((a, b) => preferred(a, b) || sign * (a.outcome - b.outcome) || ties(a, b)))
}
