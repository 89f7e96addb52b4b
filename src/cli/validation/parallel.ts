/**
 * @file `validate` on several threads. This one begins; others help where the work turns out to be long, for a thread takes as long to
 * start as most losses take to examine. Each property depends on nothing but its own seed, so the results are the same however
 * the work was shared.
 */
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import type { Json } from "../../experiments/canonical.ts"
import { jsonText } from "../../experiments/records.ts"
import { moduleUrl } from "../../experiments/sourceVersion.ts"
import { makeWorkerPool, type WorkerPool } from "../../experiments/WorkerPool.ts"
import type { PropertyResult } from "../../properties/verdict.ts"
import { WorkError } from "../failure.ts"
import { examine, type PropertySpec } from "./propertyCell.ts"

/** How many threads may work, this one included; undefined: all cores, once the work has taken {@link patience}. */
export type Workers = number | undefined

/** Milliseconds of work before other threads are asked, where no number was given. */
const patience = 1500

/** As a thread would send it. */
const plain = (text: string): PropertyResult => JSON.parse(text) as PropertyResult

const examineHere = (spec: PropertySpec): Effect.Effect<PropertyResult> =>
  Effect.sync(() => plain(jsonText(examine(spec)))).pipe(
    // Between two properties the answers of the other threads are read.
    Effect.tap(Effect.promise(() => new Promise((next) => setImmediate(next))))
  )

const examineThere = (pool: WorkerPool, spec: PropertySpec): Effect.Effect<PropertyResult, WorkError> =>
  pool
    .run(
      {
        id: `${spec.loss} ${spec.property}`,
        module: moduleUrl(import.meta.url, "./propertyCell"),
        spec: spec as unknown as Json,
        resources: null,
        workFolder: "",
        needs: {}
      },
      () => undefined
    )
    .pipe(
      Effect.map(plain),
      Effect.mapError(({ error }) => new WorkError({ message: `${spec.loss}: ${spec.property}: ${error}` }))
    )

/** The results on all specs, in their order. @param workers at least 1 */
export const examineAll = (
  specs: ReadonlyArray<PropertySpec>,
  workers: Workers
): Effect.Effect<ReadonlyArray<PropertyResult>, WorkError> =>
  Effect.gen(function* () {
    const results: Array<PropertyResult> = []
    let next = 0
    const work = (one: (spec: PropertySpec) => Effect.Effect<PropertyResult, WorkError>) =>
      Effect.gen(function* () {
        while (next < specs.length) {
          const at = next++
          results[at] = yield* one(specs[at]!)
        }
      })
    const helpers = Math.min(workers ?? availableParallelism(), specs.length) - 1
    const started = performance.now()
    // One property is never worth a thread; of several, those left after a while are, or all that were asked for.
    while (next < specs.length && (helpers < 1 || (workers === undefined && performance.now() - started < patience))) {
      const at = next++
      results[at] = yield* examineHere(specs[at]!)
    }
    if (next < specs.length) {
      const pool = yield* makeWorkerPool({ size: helpers })
      const there = Array.from({ length: helpers }, () => work((spec) => examineThere(pool, spec)))
      yield* Effect.all([...there, work(examineHere)], { concurrency: "unbounded" })
    }
    return results
  }).pipe(Effect.scoped)
