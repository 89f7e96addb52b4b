/** @file The structures of a space with their exact properties, decided on all cores and handed on in the order of the search. */
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { type PublishedTable, publishedTwins } from "../../derive/published.ts"
import type { Json } from "../../experiments/canonical.ts"
import { moduleUrl } from "../../experiments/sourceVersion.ts"
import { makeWorkerPool, type WorkerPool } from "../../experiments/WorkerPool.ts"
import { type ExactPropertyName, exactPropertyNames } from "../../landscape/exactProperties.ts"
import { lossIdentity, type SearchSpace, type SearchStats, searchStructures } from "../../landscape/search/index.ts"
import { codeOf, distance } from "../../logic/order.ts"
import type { Semantics, Structure } from "../../logic/structure.ts"
import { structureSpec } from "../../logic/structureText.ts"
import { InputError, WorkError } from "../failure.ts"
import { decideAll, type Verdict, type VerdictSpec, type Verdicts } from "./verdictCell.ts"

/** What to search and what to say of the structures found. */
export interface SearchRequest {
  readonly space: SearchSpace
  readonly semantics: Semantics
  readonly lengthNormalised: boolean
  /** Required properties that the space does not ask for already. */
  readonly require: ReadonlyArray<ExactPropertyName>
  /** Where row changes are counted from. */
  readonly origin: Structure
  /** Nearest first, which waits for the search to end; else in the order of the search. */
  readonly nearestFirst: boolean
  readonly limit: number | undefined
}

/** One structure found. */
export interface FoundLoss extends Verdicts {
  /** A LOSS text of it. */
  readonly loss: string
  readonly distance: number
  /** Published losses with the same rho of the same probabilities. */
  readonly sameLossAs: ReadonlyArray<string>
}

/** Counts of a search that has ended. */
export interface SearchTally {
  /** Structures whose properties were decided. */
  examined: number
  /** Those ruled out before that; decimal text beyond 2^53. */
  pruned: bigint
  found: number
  /** Losses among them: structures with equal rho count once. */
  distinctLosses: number
  /** Structures found whose rho is that of a published loss. */
  published: number
  /** Left out only because a required property is undecided. */
  undecided: number
  /** False when the limit ended the search. */
  complete: boolean
}

/** The most structures that one search lists. */
export const mostListed = 1_000_000

const batchSize = 32

const provedBySpace = ({ monotone, antisymmetric }: SearchSpace): ReadonlyArray<ExactPropertyName> => [
  ...(monotone === undefined ? [] : (["preference-monotone"] as const)),
  ...(monotone === "strict" ? (["strictly-monotone"] as const) : []),
  ...(antisymmetric ? (["swap-antisymmetric"] as const) : [])
]

const specOf = (request: SearchRequest, structures: ReadonlyArray<Structure>): VerdictSpec => ({
  propositions: request.space.propositions,
  semantics: request.semantics,
  codes: structures.map((one) => String(codeOf(one))),
  require: request.require,
  properties: exactPropertyNames,
  proved: provedBySpace(request.space)
})

/** Decides one batch: on a thread of the pool, or here without one. */
const decideBatch = (
  pool: WorkerPool | undefined,
  spec: VerdictSpec
): Effect.Effect<ReadonlyArray<Verdict>, WorkError> => {
  if (pool === undefined) return Effect.sync(() => decideAll(spec))
  const request = {
    id: "verdicts",
    module: moduleUrl(import.meta.url, "./verdictCell"),
    spec: spec as unknown as Json,
    resources: null,
    workFolder: "",
    needs: {}
  }
  return pool
    .run(request, () => undefined)
    .pipe(
      Effect.map((text) => JSON.parse(text) as ReadonlyArray<Verdict>),
      Effect.mapError(({ error }) => new WorkError({ message: `deciding properties failed: ${error}` }))
    )
}

function* batches(structures: Iterable<Structure>): Generator<ReadonlyArray<Structure>, void, undefined> {
  let batch: Array<Structure> = []
  for (const structure of structures) {
    batch.push(structure)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

const tooMany = new InputError({
  message: `more than ${mostListed.toLocaleString("en-US")} structures found: require more properties, or search a smaller part`
})

/** The structures of the search in the order asked for. */
const candidates = (request: SearchRequest, stats: SearchStats): Effect.Effect<Iterable<Structure>, InputError> =>
  Effect.suspend((): Effect.Effect<Iterable<Structure>, InputError> => {
    const found = searchStructures(request.space, stats)
    if (!request.nearestFirst) return Effect.succeed(found)
    const all: Array<{ structure: Structure; code: bigint; changes: number }> = []
    for (const structure of found) {
      if (all.length === mostListed) return Effect.fail(tooMany)
      all.push({ structure, code: codeOf(structure), changes: distance(request.origin, structure) })
    }
    all.sort((a, b) => a.changes - b.changes || (a.code < b.code ? -1 : 1))
    return Effect.succeed(all.map(({ structure }) => structure))
  })

const idsOf = (twins: ReadonlyArray<PublishedTable>, lengthNormalised: boolean): ReadonlyArray<string> =>
  twins.flatMap(({ perSequence, perToken }) => (lengthNormalised ? perToken : perSequence))

const lossText = (structure: Structure, { semantics, lengthNormalised }: SearchRequest): string => {
  const settings = [
    ...(semantics === "relative" ? ["semantics=relative"] : []),
    ...(lengthNormalised ? ["lengthNormalised=true"] : [])
  ]
  return structureSpec(structure) + (settings.length === 0 ? "" : `?${settings.join("&")}`)
}

/** Counts at zero, and how one structure with its verdict changes them. */
const makeTally = (request: SearchRequest, onFound: (found: FoundLoss) => void) => {
  const tally: SearchTally = {
    examined: 0,
    pruned: 0n,
    found: 0,
    distinctLosses: 0,
    published: 0,
    undecided: 0,
    complete: true
  }
  const isNewLoss = lossIdentity(request.space.propositions)
  const record = (structure: Structure, verdict: Verdict): void => {
    if (tally.found === request.limit) tally.complete = false
    if (!tally.complete) return
    if (verdict === "undecided") tally.undecided++
    if (typeof verdict === "string") return
    const sameLossAs = idsOf(publishedTwins(structure, request.semantics), request.lengthNormalised)
    tally.found++
    if (isNewLoss(structure)) tally.distinctLosses++
    if (sameLossAs.length > 0) tally.published++
    onFound({
      loss: lossText(structure, request),
      distance: distance(request.origin, structure),
      sameLossAs,
      ...verdict
    })
  }
  return { tally, record }
}

/** Up to `most` next values. */
const take = <A>(source: Iterator<A, void>, most: number): ReadonlyArray<A> => {
  const taken: Array<A> = []
  while (taken.length < most) {
    const next = source.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}

/**
 * Runs the search. `onFound` gets each structure as soon as it is decided, in order; `onProgress` how many were decided so far.
 * @returns the counts; an input error when more than {@link mostListed} structures are found
 */
export const streamSearch = (
  request: SearchRequest,
  stats: SearchStats,
  onFound: (found: FoundLoss) => void,
  onProgress: (decided: number) => void
): Effect.Effect<SearchTally, InputError | WorkError> =>
  Effect.gen(function* () {
    const { tally, record } = makeTally(request, onFound)
    const source = batches(yield* candidates(request, stats))
    const threads = availableParallelism()
    let pool: WorkerPool | undefined
    let decided = 0
    while (tally.complete) {
      // The first round is one batch, decided here: a small search needs no threads.
      const round = take(source, pool === undefined ? 1 : 4 * threads)
      if (round.length === 0) break
      const verdicts = yield* Effect.forEach(round, (batch) => decideBatch(pool, specOf(request, batch)), {
        concurrency: threads
      })
      const [structures, answers] = [round.flat(), verdicts.flat()]
      for (const [i, structure] of structures.entries()) record(structure, answers[i]!)
      if (tally.found > mostListed) return yield* tooMany
      decided += structures.length
      onProgress(decided)
      if (threads > 1) pool ??= yield* makeWorkerPool({ size: threads })
    }
    return { ...tally, undecided: tally.undecided + stats.undecided, examined: stats.examined, pruned: stats.pruned }
  }).pipe(Effect.scoped)
