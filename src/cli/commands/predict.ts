/** @file `losslattice predict`: what finetuning with some losses will do, with the evidence, as a file to be confirmed later. */
import { writeFileSync } from "node:fs"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { predictLosses } from "../../experiments/bridge/predict.ts"
import {
  type PredictionLine,
  type PredictionsFile,
  predictionsFormat,
  predictionsText,
  predictionsVersion
} from "../../experiments/bridge/prediction.ts"
import { type PredictionWorld, predictionWorlds, worldNames, worldRows } from "../../experiments/bridge/worlds.ts"
import type { Json } from "../../experiments/canonical.ts"
import { programVersion } from "../../experiments/programVersion.ts"
import { nearest } from "../../loss/nearest.ts"
import { type CliFailure, fromInput, InputError } from "../failure.ts"
import { resolve } from "../losses.ts"
import { printJson, style, tableLines } from "../output.ts"
import { progressLine } from "../progressLine.ts"

interface PredictInput {
  readonly losses: ReadonlyArray<string>
  readonly environment: string
  readonly seeds: number
  readonly out: Option.Option<string>
  readonly json: boolean
}

const worldsOf = (text: string): Effect.Effect<ReadonlyArray<PredictionWorld>, InputError> => {
  const names = [...new Set(text.split(",").map((name) => name.trim()))]
  const unknown = names.find((name) => !(worldNames as ReadonlyArray<string>).includes(name))
  return unknown === undefined
    ? Effect.succeed(names as ReadonlyArray<PredictionWorld>)
    : Effect.fail(
        new InputError({
          message: `--environment ${text}: ${JSON.stringify(unknown)} is no bandit of predictions; ${nearest(unknown, worldNames)}`
        })
      )
}

const interval = ({ evidence }: PredictionLine): string => {
  if (evidence.kind === "property") return `${evidence.property} ${evidence.verdict}`
  const { mean, low, high } = evidence.value
  const bounds = low === undefined ? "" : ` [${low.toPrecision(3)}, ${high!.toPrecision(3)}]`
  return `${evidence.environment}: ${evidence.metric} ${mean.toPrecision(3)}${bounds}`
}

const page = ({ lines }: PredictionsFile): string =>
  [...Map.groupBy(lines, ({ question }) => question)]
    .flatMap(([question, group]) => [
      "",
      style.bold(question === "class" ? "class" : `${question}: ${group[0]!.asked}`),
      ...tableLines([
        ["loss", "prediction", "evidence"],
        ...group.map((line) => [
          line.other === undefined ? line.loss : `${line.loss} than ${line.other}`,
          line.class ?? line.prediction,
          interval(line)
        ])
      ])
    ])
    .join("\n")
    .trimStart()

/** Runs `predict`. */
export const run = (input: PredictInput): Effect.Effect<void, CliFailure> =>
  Effect.gen(function* () {
    const losses = [...new Set(input.losses)]
    for (const loss of losses) yield* fromInput(resolve(loss))
    const worlds = yield* worldsOf(input.environment)
    if (!(input.seeds >= 2)) {
      return yield* new InputError({ message: `--seeds ${input.seeds}: at least 2 are needed for an interval` })
    }
    const seeds = Array.from({ length: input.seeds }, (_, seed) => seed)
    const line = progressLine()
    const rows: Array<Readonly<Record<string, Json>>> = []
    for (const world of worlds) {
      for (const loss of losses) {
        line.show(() => `${loss} on the bandit ${world}`)
        const found = worldRows(loss, world, seeds)
        if (Result.isFailure(found)) return yield* new InputError({ message: found.failure })
        rows.push(...found.success)
      }
    }
    line.clear()
    const file: PredictionsFile = {
      format: predictionsFormat,
      version: predictionsVersion,
      program: programVersion,
      losses: losses as unknown as PredictionsFile["losses"],
      worlds: Object.fromEntries(worlds.map((world) => [world, predictionWorlds[world] as unknown as Json])),
      seeds,
      lines: predictLosses(losses, rows)
    }
    if (Option.isSome(input.out)) {
      const path = input.out.value
      yield* Effect.try({
        try: () => writeFileSync(path, predictionsText(file)),
        catch: (error) =>
          new InputError({
            message: `--out ${path}: cannot be written: ${error instanceof Error ? error.message : String(error)}`
          })
      })
      yield* Console.error(`wrote ${file.lines.length} predictions to ${path}`)
    }
    yield* input.json ? printJson(file) : Console.log(page(file))
  })
