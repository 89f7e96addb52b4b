/** The bandit laboratory as a library: environments, losses on them, exact optima and equilibria, decoding, metrics. */

export { runBanditCell, runCell, type StartedCell, startCell } from "./cell.ts"
export type { BanditCellSpec } from "./cellSchema.ts"
export * from "./decoding.ts"
export { checkedEnvironment, type Environment } from "./environment.ts"
export { EnvironmentSpec, environmentOf, environments } from "./environments/registry.ts"
export { resolveFamily } from "./families.ts"
export { hypervolume } from "./hypervolume.ts"
export { methods } from "./methods/registry.ts"
export { metrics, partialMetrics, scopedMetrics } from "./metrics/registry.ts"
export { createEvaluator, policyWinRate, type StepMetrics, valueAtMatchedKl } from "./metrics.ts"
export { type Minimiser, populationMinimiser } from "./minimiser.ts"
export { ipoOptimum, klOptimum, winRateAgainst } from "./optima.ts"
export { bestOf, bestOfWinRate } from "./orderStatistics.ts"
export { exactPairs, listedPairs, type PairTable, sampledPairs } from "./pairs.ts"
export { bradleyTerry, type PreferenceModel, preferenceMatrix } from "./preferences.ts"
export { type BestOfOptimum, bestOfOptimum } from "./solvers/bestOfOptimum.ts"
export { certifyStationary, type StationaryCertificate } from "./solvers/certificate.ts"
export { type FrontRegret, frontPolicy, frontRegret } from "./solvers/front.ts"
export * from "./solvers/infAlign.ts"
export { type MatchedKl, matchedKl } from "./solvers/matchedKl.ts"
export {
  checkEquilibrium,
  type NashEquilibrium,
  nashEquilibrium,
  nashPolicy,
  rationalWinMatrix
} from "./solvers/nash.ts"
export * from "./solvers/regularisedNash.ts"
export { type Tournament, tournament } from "./tournament.ts"
