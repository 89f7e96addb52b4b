/** @file Intervals, for the folders of studies; what they are is in src/random/statistics.ts, which pure folders read too. */
export * from "../random/statistics.ts"
