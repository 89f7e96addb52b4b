/** The order in which a query returns what it found. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import { codeOf, rowsOf, type Structure } from "../logic/index.ts"
import type { OutcomeSpec } from "./outcome.ts"
import { type ParetoPlace, type ParetoSpec, type ParetoValues, paretoPlaces } from "./pareto.ts"
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

/** How losses are measured. */
export interface Measures {
  readonly outcome: (spec: OutcomeSpec, loss: string) => Result.Result<number, string>
  readonly pareto: (spec: ParetoSpec, loss: string) => Result.Result<ParetoValues, string>
}

/** What a ranking adds to a loss. */
export interface Ranked {
  readonly outcome?: number
  readonly pareto?: ParetoPlace
}

type Order = (a: Rankable, b: Rankable) => number

const rankingError = (reason: string) => Result.fail(new RankingError({ reason }))

const byOutcome = <A extends Rankable>(
  found: ReadonlyArray<A>,
  spec: OutcomeSpec & { readonly direction: "max" | "min" },
  measure: Measures["outcome"],
  [preferred, ties]: readonly [Order, Order]
): Result.Result<ReadonlyArray<A & Ranked>, RankingError> => {
  const measured: Array<A & { readonly outcome: number }> = []
  for (const one of found) {
    const value = measure(spec, one.loss)
    if (Result.isFailure(value)) return rankingError(`rankBy.outcome: ${value.failure}`)
    if (!Number.isFinite(value.success)) {
      return rankingError(`rankBy.outcome: ${spec.outcome} of ${one.loss} is ${value.success}`)
    }
    measured.push({ ...one, outcome: value.success })
  }
  const sign = spec.direction === "max" ? -1 : 1
  return Result.succeed(measured.sort((a, b) => preferred(a, b) || sign * (a.outcome - b.outcome) || ties(a, b)))
}

/** Fronts first to last, then losses that do not reach a KL level; within a front those that beat more others first. */
const byPareto = <A extends Rankable>(
  found: ReadonlyArray<A>,
  spec: ParetoSpec,
  measure: Measures["pareto"],
  [preferred, ties]: readonly [Order, Order]
): Result.Result<ReadonlyArray<A & Ranked>, RankingError> => {
  const values: Array<ParetoValues> = []
  for (const { loss } of found) {
    const value = measure(spec, loss)
    if (Result.isFailure(value)) return rankingError(`rankBy.pareto: ${value.failure}`)
    values.push(value.success)
  }
  const places = paretoPlaces(
    spec,
    found.map(({ name }) => name),
    values
  )
  const beaten = new Map<string, number>()
  for (const { dominatedBy } of places) for (const name of dominatedBy) beaten.set(name, (beaten.get(name) ?? 0) + 1)
  const frontOf = (one: Ranked): number => one.pareto?.front ?? Number.MAX_SAFE_INTEGER
  const victories = ({ name }: Rankable): number => beaten.get(name) ?? 0
  return Result.succeed(
    found
      .map((one, i): A & Ranked => ({ ...one, pareto: places[i]! }))
      .sort((a, b) => preferred(a, b) || frontOf(a) - frontOf(b) || victories(b) - victories(a) || ties(a, b))
  )
}

/**
 * Sorts by the query's `rankBy`; ties by distance, then height, then name (by character codes, so everywhere the same).
 * An outcome is asked once a loss and must be a finite number.
 * @param proved which of the properties that the query prefers are proved of a loss: they come before `rankBy`
 */
export const ranked = <A extends Rankable>(
  found: ReadonlyArray<A>,
  { rankBy }: Pick<DeriveQuery, "rankBy">,
  measures: Measures,
  proved: (one: A) => ReadonlyArray<boolean>
): Result.Result<ReadonlyArray<A & Ranked>, RankingError> => {
  const verdicts = new Map(found.map((one) => [one.name, proved(one)]))
  const preferred: Order = (a, b) => byProved(verdicts.get(a.name)!, verdicts.get(b.name)!)
  const ties: Order = (a, b) =>
    a.distance - b.distance || height(a.support) - height(b.support) || byText(a.name, b.name)
  const plain: Readonly<Record<"name" | "distance" | "constrainedness", Order>> = {
    name: (a, b) => byText(a.name, b.name),
    distance: ties,
    constrainedness: (a, b) => height(a.support) - height(b.support) || ties(a, b)
  }
  if (typeof rankBy === "string") {
    return Result.succeed([...found].sort((a, b) => preferred(a, b) || plain[rankBy](a, b)))
  }
  return "pareto" in rankBy
    ? byPareto(found, rankBy, measures.pareto, [preferred, ties])
    : byOutcome(found, rankBy, measures.outcome, [preferred, ties])
}
