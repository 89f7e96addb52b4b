/**
 * Deriving losses: the structures that a query reaches, one representative of each distinct loss among them, the properties
 * decided exactly, and for each result what a reader needs to know about it.
 */
import * as Result from "effect/Result"
import { type Candidate, describe, draftOf, provedOf } from "./describe.ts"
import { type Progress, queryMembers, type Report } from "./members.ts"
import { banditOutcome } from "./outcome.ts"
import { type ParetoValues, paretoValues } from "./pareto.ts"
import { DeriveQueryError } from "./problems.ts"
import { type DeriveQuery, queryError, queryPropositions } from "./query.ts"
import { type Measures, type RankingError, ranked } from "./rank.ts"
import { startStructures } from "./reach.ts"

/** `examined` structures were listed, `pruned` ones of the landscape ruled out before: together `report.space`. */
export interface Derived {
  readonly query: DeriveQuery
  readonly candidates: ReadonlyArray<Candidate>
  readonly examined: number
  readonly pruned: number | string
  /** Losses left out only because a property was undecided. */
  readonly undecided: number
  readonly report: Report & { readonly found: number; readonly returned: number }
}

/** What a search may use besides the query. */
export interface DeriveOptions {
  /** Measures a loss for `rankBy: {outcome: …}` instead of the query's bandit. */
  readonly outcome?: (loss: string) => number
  /** Measures a loss for `rankBy: {pareto: …}` instead of the query's bandits: objective → seed → value. */
  readonly pareto?: (loss: string) => ParetoValues
  readonly onProgress?: Progress
}

/**
 * The losses that a query asks for, ranked. Each is finite, distinct from the others by ratio, satisfies the order, the row
 * constraints and the distance by its own rows, and has every required property proved and every forbidden one refuted. No
 * result is a proof that there is none: the search is exhaustive, and `report` says what became of every loss.
 */
export const deriveLosses = (
  query: DeriveQuery,
  options: DeriveOptions = {}
): Result.Result<Derived, DeriveQueryError | RankingError> => {
  const error = queryError(query)
  if (error !== undefined) return Result.fail(error)
  const found = queryMembers(query, options.onProgress ?? (() => {}))
  if (found instanceof DeriveQueryError) return Result.fail(found)
  const starts = startStructures(query, queryPropositions(query))
  const drafts = found.members.map((member) => draftOf(query, member, starts))
  const { outcome, pareto } = options
  const measures: Measures = {
    outcome: outcome === undefined ? banditOutcome : (_, loss) => Result.succeed(outcome(loss)),
    pareto: pareto === undefined ? paretoValues : (_, loss) => Result.succeed(pareto(loss))
  }
  const order = ranked(drafts, query, measures, (draft) => provedOf(draft, query))
  if (Result.isFailure(order)) return Result.fail(order.failure)
  const candidates = order.success.slice(0, query.limit).map((draft, i) => describe(query, draft, i + 1))
  const { examined, pruned, undecided } = found.report
  return Result.succeed({
    query,
    candidates,
    examined,
    pruned,
    undecided,
    report: { ...found.report, found: drafts.length, returned: candidates.length }
  })
}
