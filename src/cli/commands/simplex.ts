/** @file `losslattice simplex`: losses over all policies of a three-armed world, on demand. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Environment } from "../../bandit/environment.ts"
import { EnvironmentSpec, environmentOf } from "../../bandit/environments/registry.ts"
import { emptyRecords, type Records } from "../../experiments/figures/records.ts"
import { surfaceSimplexFigure } from "../../experiments/figures/surfaceSimplex.ts"
import { attractorRows, simplexRow, worldRow } from "../../experiments/stages/simplexRecords.ts"
import { decodeWhole, findingText } from "../../loss/schemaFindings.ts"
import { Rng } from "../../random/rng.ts"
import type { EndKind } from "../../surface/attractors.ts"
import { landmarks, landscapeLoss, type SimplexLandscape, simplexLandscape } from "../../surface/landscape.ts"
import { drawTo } from "../drawing.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { printJson, tableLines } from "../output.ts"

interface SimplexInput {
  readonly losses: ReadonlyArray<string>
  readonly environment: Option.Option<string>
  readonly starts: number
  readonly out: Option.Option<string>
  readonly json: boolean
}

const plainWorld = "{kind: bradley-terry, rewards: [2, 1, 0], reference: [0.2, 0.3, 0.5]}"

/** Divisions of the triangle that values are taken on. */
const grid = 48
const mostStarts = 40

const fail = (message: string) => Effect.fail(new InputError({ message }))

/** A kind of environment, or its settings as YAML. */
const readEnvironment = (text: string): Effect.Effect<Environment, InputError> =>
  Effect.gen(function* () {
    const { parseDocument } = yield* Effect.promise(() => import("yaml"))
    const document = parseDocument(text)
    const [error] = document.errors
    if (error) return yield* fail(`--environment: ${error.message.split("\n")[0]}`)
    const value = document.toJS() as unknown
    const decoded = decodeWhole(EnvironmentSpec, typeof value === "string" ? { kind: value } : value)
    if (Result.isFailure(decoded)) return yield* fail(`--environment: ${decoded.failure.map(findingText).join("; ")}`)
    return yield* fromInput(environmentOf(decoded.success, Rng.fromSeed(0).split("environment")), "--environment")
  })

/** The records that the figure of a study is drawn from. */
const recordsOf = (environment: Environment, landscapes: ReadonlyArray<SimplexLandscape>, starts: number): Records => ({
  ...emptyRecords,
  surfaces: [
    worldRow(environment.id, environment),
    ...landscapes.map((landscape) => simplexRow({ world: environment.id, grid, starts }, landscape)),
    ...landscapes.flatMap((landscape) => attractorRows(environment.id, landscape))
  ]
})

const policyText = (policy: Iterable<number>): string => `(${[...policy].map((p) => p.toFixed(3)).join(", ")})`

const endWords = { minimum: "a minimum", face: "the boundary" } as const satisfies Partial<Record<EndKind, string>>

const page = (environment: Environment, landscapes: ReadonlyArray<SimplexLandscape>): string => {
  const marks = Object.entries(landmarks(environment)).map(([name, policy]) => [name, policyText(policy)])
  const ends = landscapes.flatMap(({ loss, basins }) =>
    basins.softmax.attractors.map(({ kind, policy, loss: value, share }) => [
      loss,
      Object.hasOwn(endWords, kind) ? endWords[kind as keyof typeof endWords] : kind,
      policyText(policy),
      Number.isFinite(value) ? value.toPrecision(4) : String(value),
      `${(100 * share).toFixed(0)} %`
    ])
  )
  return [
    `${environment.id}: all policies over three arms`,
    "",
    ...tableLines([["landmark", "policy"], ...marks]),
    "",
    ...tableLines([["loss", "gradient flow ends at", "policy", "loss there", "of the starts"], ...ends])
  ].join("\n")
}

/** Runs `simplex`. */
export const run = (input: SimplexInput): Effect.Effect<void, CliFailure, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { losses, starts, json } = input
    if (!(starts >= 1 && starts <= mostStarts)) {
      return yield* fail(`--starts: expected a whole number from 1 to ${mostStarts}, found ${starts}`)
    }
    const environment = yield* readEnvironment(Option.getOrElse(input.environment, () => plainWorld))
    const ready = yield* Effect.forEach(losses, (loss) => fromInput(landscapeLoss(loss, environment)))
    const landscapes = ready.map((loss) => simplexLandscape(loss, environment, { grid, starts }))
    const records = recordsOf(environment, landscapes, starts)
    const file = Option.getOrUndefined(input.out)
    if (file !== undefined) {
      yield* drawTo(file, surfaceSimplexFigure.title, () => surfaceSimplexFigure.draw(records))
    }
    yield* json
      ? printJson({ environment: environment.id, records: records.surfaces, ...(file && { file }) })
      : Console.log(page(environment, landscapes))
    if (file !== undefined && !json) yield* Console.error(`wrote ${file}`)
  })
