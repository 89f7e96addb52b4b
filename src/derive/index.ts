/** Deriving new losses from a declarative query. */
export { banditOutcome, outcomeMetrics } from "./outcome.ts"
export { DeriveQueryError } from "./problems.ts"
export { type DeriveQuery, DeriveQuerySchema, decodeDeriveQuery } from "./query.ts"
export { RankingError } from "./rank.ts"
export { type Candidate, type Derived, type DeriveOptions, deriveLosses, type Neighbour } from "./search.ts"
