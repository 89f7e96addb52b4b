/** Fixed pairs: the population, or a data set drawn once; all at a time, in minibatches, or domain after domain as they arrive. */
import * as Result from "effect/Result"
import type { Rng } from "../../random/rng.ts"
import { type BatchSource, epochBatches, fullBatch, fullBatches, replacementBatches } from "../batch.ts"
import type { BanditCellSpec } from "../cellSchema.ts"
import type { Environment } from "../environment.ts"
import { BanditSpecError } from "../errors.ts"
import { exactPairs, type PairTable, type SampledPairs, sampledPairs } from "../pairs.ts"
import type { MakeRegime, Regime, RegimeContext } from "./regime.ts"

/** Pairs with the draws behind them when they were sampled. */
type PairData = Pick<SampledPairs, "table"> & Partial<Pick<SampledPairs, "draws">>

/** The pairs of the cell's data section. */
export const offlineData = ({ environment, spec: { data }, options, rng }: RegimeContext): PairData =>
  data.mode === "exact"
    ? { table: exactPairs(environment, options) }
    : sampledPairs(environment, data.pairs, rng.split("data").split("pairs"), options)

const sourceOf = ({ batchSize, batching }: BanditCellSpec["optimizer"], data: PairData, rng: Rng): BatchSource => {
  if (batchSize === undefined) return fullBatches(data.table)
  return batching === "epochs" && data.draws !== undefined
    ? epochBatches(data.table, data.draws, batchSize, rng)
    : replacementBatches(data.table, batchSize, rng)
}

/** The pairs of some contexts, weights normalised; undefined when there are none. */
const pairsWithin = (data: PairData, keep: (response: number) => boolean): PairData | undefined => {
  const rows = [...data.table.chosen.keys()].filter((i) => keep(data.table.chosen[i]!))
  const total = rows.reduce((sum, i) => sum + data.table.weight[i]!, 0)
  if (!(total > 0)) return undefined
  const place = new Map(rows.map((row, i) => [row, i]))
  const { count: _count, ...columns } = data.table
  const kept = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, column.filter((_: number, i: number) => place.has(i))])
  ) as unknown as Omit<PairTable, "count">
  const table: PairTable = { ...kept, count: rows.length, weight: kept.weight.map((w) => w / total) }
  if (data.draws === undefined) return { table }
  return { table, draws: data.draws.filter((row) => place.has(row)).map((row) => place.get(row)!) }
}

/** One source per domain, in the order of arrival. */
const arrivals = (
  { environment, spec: { optimizer } }: RegimeContext,
  data: PairData,
  rng: Rng
): ReadonlyArray<BatchSource> => {
  const domains = environment.domains ?? new Int32Array(environment.contexts)
  const domainOf = (response: number): number => domains[Math.floor(response / environment.arms)]!
  return [...new Set(domains)]
    .sort((a, b) => a - b)
    .flatMap((domain) => {
      const part = pairsWithin(data, (response) => domainOf(response) === domain)
      return part === undefined ? [] : [sourceOf(optimizer, part, rng.split(`domain ${domain}`))]
    })
}

/** A regime of fixed pairs. @param sources one after the other for equal numbers of steps */
export const fixedRegime = (table: PairTable, sources: ReadonlyArray<BatchSource>, steps: number): Regime => {
  const constant = sources.length === 1 ? sources[0]!.constant : undefined
  const whole = constant ?? fullBatch(table)
  const phase = (step: number): number => Math.min(sources.length - 1, Math.floor((step * sources.length) / steps))
  return {
    next: (step) => sources[sources.length === 1 ? 0 : phase(step)]!.next(),
    whole: () => whole,
    ...(constant === undefined ? {} : { constant }),
    adaptive: false,
    table
  }
}

/** Why domains cannot arrive one by one, or undefined. */
const arrivalIssue = ({ domains, id }: Environment): string | undefined =>
  domains === undefined ? `data.arrival: the environment ${id} has no domains` : undefined

/** `{kind: offline}`, the default. */
export const offline: MakeRegime = (context) => {
  const { environment, spec, rng } = context
  const data = offlineData(context)
  const inOrder = spec.data.arrival === "in-order"
  const issue = inOrder ? arrivalIssue(environment) : undefined
  if (issue !== undefined) return Result.fail(new BanditSpecError({ issues: [issue] }))
  const batches = rng.split("batches")
  const sources = inOrder ? arrivals(context, data, batches) : [sourceOf(spec.optimizer, data, batches)]
  return Result.succeed(fixedRegime(data.table, sources, spec.steps))
}
