/** Where a query searches: bounds from its order and admissibility, balls from its start losses and maximal distance. */
import { canonicalOrder, type Proposition, type Structure } from "../logic/index.ts"
import { makeStructure } from "../logic/structure.ts"
import { landmarks } from "./name.ts"
import type { DeriveQuery } from "./query.ts"
import { tableOver } from "./reading.ts"
import { type Bounds, makeRegion, type Region } from "./region.ts"

/** Properties whose exact decision takes a tenth of a second and more over three or four propositions. */
export const slowProperties: ReadonlyArray<string> = ["chosen-safe", "rejected-safe", "chosen-led"]

/**
 * The largest number of structures that a query lists: all over two propositions, a chosen part over more, and a smaller one
 * where each may need a slow decision.
 */
export const searchBudget = ({ propositions, require, forbid }: DeriveQuery): number =>
  canonicalOrder(propositions).length > 2 && [...require, ...forbid].some((name) => slowProperties.includes(name))
    ? 2_000
    : 50_000

/** The bounds that the query's order sets, over its propositions. */
export const orderBounds = (
  { order }: DeriveQuery,
  propositions: ReadonlyArray<Proposition>
): ReadonlyArray<Bounds> => {
  const over = (text: string) => tableOver(text, propositions)
  return [
    ...(order.between === undefined ? [] : [{ above: over(order.between[0]), below: over(order.between[1]) }]),
    ...(order.entails === undefined ? [] : [{ below: over(order.entails) }]),
    ...(order.entailedBy === undefined ? [] : [{ above: over(order.entailedBy) }])
  ]
}

// TF a tick only and FT a cross only: between the most and the least constrained of the sixteen.
const admissibleBounds = (propositions: ReadonlyArray<Proposition>): Bounds => ({
  above: makeStructure(propositions, 0b0010n, 0b1101n),
  below: makeStructure(propositions, 0b1011n, 0b0100n)
})

/** The structures that distances are measured from. */
export const startStructures = (
  { start }: DeriveQuery,
  propositions: ReadonlyArray<Proposition>
): ReadonlyArray<Structure> =>
  start === undefined
    ? landmarks(propositions).map(({ structure }) => structure)
    : start.map((text) => tableOver(text, propositions))

/** The part of the landscape that the query can reach. @throws RangeError when a loss it names does not fit its propositions */
export const queryRegion = (query: DeriveQuery): Region => {
  const propositions = canonicalOrder(query.propositions)
  const bounds = orderBounds(query, propositions)
  return makeRegion(
    propositions,
    query.admissible ? [...bounds, admissibleBounds(propositions)] : bounds,
    startStructures(query, propositions),
    query.maxDistance
  )
}
