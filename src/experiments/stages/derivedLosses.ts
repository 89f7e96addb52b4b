/** @file The losses that the derive stage found, for the stages after it. */
import type { StageContext } from "../Stage.ts"

/** LOSS texts in order of query and rank, each once. */
export const derivedLosses = async <Config>(context: StageContext<Config>): Promise<ReadonlyArray<string>> => [
  ...new Set((await context.rows("derive")).map((row) => String(row.loss)))
]
