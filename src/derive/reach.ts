/** Where a query searches: bounds of its order and row constraints, balls around its start losses, and what prunes the search. */
import { admissibleSpace, between, regionSize, type SearchSpace, wholeSpace } from "../landscape/search/index.ts"
import { canonicalOrder, codeOf, type Proposition, type Structure } from "../logic/index.ts"
import { landmarks } from "./name.ts"
import type { DeriveQuery } from "./query.ts"
import { tableOver } from "./reading.ts"
import { rowConstraint } from "./rowRules.ts"

/** The largest number of structures that a query makes in full, and of those that it decides properties of. */
export const searchBudget = { examined: 2_000_000, members: 100_000 } as const

/** The structures that distances are measured from. */
export const startStructures = (
  { start }: Pick<DeriveQuery, "start">,
  propositions: ReadonlyArray<Proposition>
): ReadonlyArray<Structure> =>
  start === undefined
    ? landmarks(propositions).map(({ structure }) => structure)
    : start.map((text) => tableOver(text, propositions))

const intersection = (a: SearchSpace, b: SearchSpace): SearchSpace => ({
  ...a,
  low: a.low | b.low,
  high: a.high & b.high
})

/** The space between the query's bounds, without balls and properties. @throws RangeError when a loss does not fit the propositions */
const boundedSpace = (
  { order, rows, admissible }: DeriveQuery,
  propositions: ReadonlyArray<Proposition>
): SearchSpace => {
  const over = (text: string) => tableOver(text, propositions)
  let space = wholeSpace(propositions)
  if (order.between !== undefined) {
    space = between(space, { lower: over(order.between[0]), upper: over(order.between[1]) })
  }
  if (order.entails !== undefined) space = between(space, { upper: over(order.entails) })
  if (order.entailedBy !== undefined) space = between(space, { lower: over(order.entailedBy) })
  const { lower, upper } = rowConstraint(rows, propositions)
  space = between(space, { lower, upper })
  return admissible ? intersection(space, admissibleSpace(propositions)!) : space
}

/**
 * The part of the landscape that the query can reach. Required monotonicity and antisymmetry prune the search; both are about
 * the odds, so they hold with an added reference and in either reading when they hold without.
 */
export const querySpace = (query: DeriveQuery): SearchSpace => {
  const propositions = canonicalOrder(query.propositions)
  const space = boundedSpace(query, propositions)
  const { require, maxDistance } = query
  const monotone = require.includes("strictly-monotone")
    ? { monotone: "strict" as const }
    : require.includes("preference-monotone")
      ? { monotone: "weak" as const }
      : {}
  return {
    ...space,
    ...monotone,
    ...(require.includes("swap-antisymmetric") ? { antisymmetric: true } : {}),
    ...(maxDistance === undefined
      ? {}
      : { centres: startStructures(query, propositions).map(codeOf), radius: maxDistance })
  }
}

/** An upper bound on the structures that a search must make in full; unknown (0) where properties prune it. */
export const reachSize = (space: SearchSpace): bigint =>
  space.monotone !== undefined || space.antisymmetric === true ? 0n : regionSize(space)
