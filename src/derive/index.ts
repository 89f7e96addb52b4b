/** Deriving new losses from a declarative query. */

export type { Candidate, Neighbour } from "./describe.ts"
export { type LossSet, lossesOf, lossSets } from "./lossSets.ts"
export type { Report } from "./members.ts"
export { type DominanceReport, dominanceReport, type OrderedKind, orderedKinds } from "./order.ts"
export { banditOutcome, outcomeMetrics } from "./outcome.ts"
export { DeriveQueryError } from "./problems.ts"
export { type DeriveQuery, DeriveQuerySchema, decodeDeriveQuery } from "./query.ts"
export { RankingError } from "./rank.ts"
export { type Derived, type DeriveOptions, deriveLosses } from "./search.ts"
