/** Searching a landscape too large to list: spaces of structures by order, distance and exact properties. */
export { admissibleSpace, type Nearest, nearestAdmissible, nearestAdmissibleLosses } from "./admissible.ts"
export { lossIdentity } from "./distinct.ts"
export { countStructures, type SearchStats, searchStats, searchStructures } from "./search.ts"
export {
  ballAround,
  between,
  fullCode,
  isInside,
  isWhole,
  nonDegenerateSize,
  regionSize,
  type SearchSpace,
  wholeSpace
} from "./space.ts"
export { type PlainVerdict, type VerdictDecider, verdictDecider } from "./verdicts.ts"
