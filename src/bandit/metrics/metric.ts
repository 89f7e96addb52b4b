/** What a metric is: one number of a policy in an environment, with its definition. */
import type { Environment } from "../environment.ts"
import { denseRanks, type Ranking } from "../orderStatistics.ts"
import { type PairTable, unseenResponses } from "../pairs.ts"

/** `share`: a probability or a fraction in [0, 1] (or a difference of two); `reward`: the environment's reward units. */
export type Unit = "reward" | "nats" | "share"

/** What stays the same while a policy trains. */
export interface World {
  readonly environment: Environment
  /** The training pairs: what "data" and "unseen" mean. */
  readonly table: PairTable
  /** log π_ref, shape [contexts * arms]. */
  readonly logReference: Float64Array
  /** 1 where a response occurs in no training pair, shape [contexts * arms]. */
  readonly unseen: Uint8Array
  /** Further policies to compare with, by name, shape [contexts * arms] each. */
  readonly opponents: Readonly<Record<string, Float64Array>>
  /** How many responses of each context the top-k metrics look at. */
  readonly topK: number
  /** P(y ≻ y'), shape [contexts * arms * arms], computed once; undefined where {@link pairwiseFits} says no. */
  readonly wins: () => Float64Array | undefined
  /** Ranks of the gold rewards of every context. */
  readonly rewardRanks: () => ReadonlyArray<Ranking>
}

/** A policy at one moment; all tables [contexts * arms]. */
export interface View {
  readonly logp: Float64Array
  readonly prob: Float64Array
  /** log π - log π_ref, the implicit reward up to its factor. */
  readonly drift: Float64Array
}

/** The number, given what {@link World} was prepared with. */
export type Measure = (view: View) => number

interface Described<Id extends string> {
  readonly id: Id
  /** As an axis has it, with its unit where it is not a share. */
  readonly title: string
  readonly unit: Unit
  /** Which way is better; absent where neither is. */
  readonly better?: "higher" | "lower"
  /** Formula and edge values. E_x: mean over contexts by their weight; data: mean over the training pairs by theirs. */
  readonly definition: string
}

/** Every environment has it. */
export interface Metric<Id extends string = string> extends Described<Id> {
  readonly prepare: (world: World) => Measure
}

/** Absent (no column, never NaN or 0) where `prepare` gives undefined: the environment lacks something, or is too large. */
export interface PartialMetric<Id extends string = string> extends Described<Id> {
  readonly prepare: (world: World) => Measure | undefined
}

/** Several numbers, each in a column `id.scope`. */
export interface ScopedMetric<Id extends string = string> extends Described<Id> {
  readonly prepare: (world: World) => ReadonlyArray<readonly [scope: string, measure: Measure]>
}

/** Metrics that look at all pairs of responses are left out where there are more than so many, contexts * arms². */
export const maxPairwise = 2 ** 20

/** Whether `contexts * arms²` numbers a checkpoint are few enough. */
export const pairwiseFits = ({ contexts, arms }: Environment): boolean => contexts * arms * arms <= maxPairwise

/** E_x Σ_y value(i), i the flat response. */
export const contextMean = ({ arms, contextWeights }: Environment, value: (i: number) => number): number => {
  let total = 0
  for (let c = 0; c < contextWeights.length; c++) {
    const weight = contextWeights[c]!
    for (let i = c * arms; i < (c + 1) * arms; i++) total += weight * value(i)
  }
  return total
}

/** Mean over pairs of `score(i)`, i the flat response. */
export const pairMean = (responses: Int32Array, weight: Float64Array, score: (i: number) => number): number => {
  let total = 0
  for (let i = 0; i < responses.length; i++) total += weight[i]! * score(responses[i]!)
  return total
}

/** Computes at the first call, remembers after. */
const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const winTable = ({ contexts, arms, preference }: Environment): Float64Array => {
  const table = new Float64Array(contexts * arms * arms)
  let at = 0
  for (let c = 0; c < contexts; c++) {
    for (let y = 0; y < arms; y++) {
      for (let other = 0; other < arms; other++) table[at++] = preference.probability(c, y, other)
    }
  }
  return table
}

/** What differs from one evaluator to another besides environment and data. */
export interface WorldOptions {
  /** Policies that `winRate.NAME` is measured against, shape [contexts * arms] each. */
  readonly opponents?: Readonly<Record<string, Float64Array>>
  /** Default: an eighth of the arms, rounded up, at least 2. */
  readonly topK?: number
}

/** @throws RangeError for an opponent of another shape, or a top-k that is no integer in 1..arms */
export const makeWorld = (environment: Environment, table: PairTable, options: WorldOptions = {}): World => {
  const { reference, arms } = environment
  const { opponents = {}, topK = Math.max(2, Math.ceil(arms / 8)) } = options
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= arms)) {
    throw new RangeError(`metrics: topK must be an integer in 1..${arms}, got ${topK}`)
  }
  for (const [name, policy] of Object.entries(opponents)) {
    if (policy.length === reference.length) continue
    throw new RangeError(`metrics: opponent ${name} needs ${reference.length} entries, got ${policy.length}`)
  }
  const rows = (values: Float64Array) =>
    Array.from({ length: environment.contexts }, (_, c) => values.subarray(c * arms, (c + 1) * arms))
  return {
    wins: once(() => (pairwiseFits(environment) ? winTable(environment) : undefined)),
    rewardRanks: once(() => rows(environment.reward).map(denseRanks)),
    environment,
    table,
    logReference: reference.map(Math.log),
    unseen: unseenResponses(environment, table),
    opponents,
    topK
  }
}
