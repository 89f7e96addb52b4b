/** @file Predictions made before finetuning, one line each, as a file that a finetuning study later confirms or refutes. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeWhole, findingText } from "../../loss/schemaFindings.ts"

/** What the format is called, and its version. */
export const predictionsFormat = "losslattice-predictions"
export const predictionsVersion = 1

/** `possible`: it may happen and need not; seeing it confirms the line, not seeing it says nothing. `open`: nothing is predicted. */
export const answers = ["yes", "no", "possible", "open"] as const
export type Answer = (typeof answers)[number]

const Interval = Schema.Struct({
  mean: Schema.Finite,
  low: Schema.optionalKey(Schema.Finite),
  high: Schema.optionalKey(Schema.Finite),
  seeds: Schema.Int
})
export type PredictedInterval = typeof Interval.Type

/** Why a line is believed: an exact verdict, or runs on a bandit. */
const Evidence = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("property"),
    property: Schema.String,
    verdict: Schema.String,
    statement: Schema.String
  }),
  Schema.Struct({ kind: Schema.Literal("cells"), environment: Schema.String, metric: Schema.String, value: Interval })
])
export type Evidence = typeof Evidence.Type

/** How a finetuning run decides a line. */
const Test = Schema.Struct({
  /** Metrics of the run's evaluations on held-out data, first and last. */
  metrics: Schema.NonEmptyArray(Schema.String),
  confirmed: Schema.String,
  refuted: Schema.String
})

/** One prediction. */
const Line = Schema.Struct({
  id: Schema.NonEmptyString,
  question: Schema.NonEmptyString,
  /** The question in words. */
  asked: Schema.NonEmptyString,
  loss: Schema.NonEmptyString,
  /** What it is compared with, in questions about two losses. */
  other: Schema.optionalKey(Schema.NonEmptyString),
  prediction: Schema.Literals(answers),
  /** The class, in questions about classes. */
  class: Schema.optionalKey(Schema.String),
  evidence: Evidence,
  test: Test
})
export type PredictionLine = typeof Line.Type

/** The file. */
export const PredictionsFile = Schema.Struct({
  format: Schema.Literal(predictionsFormat),
  version: Schema.Literal(predictionsVersion),
  /** Version of the program that made it. */
  program: Schema.String,
  losses: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** The bandits behind the lines: name → specification without loss and seed. */
  worlds: Schema.Record(Schema.String, Schema.Json),
  seeds: Schema.Array(Schema.Int),
  lines: Schema.Array(Line)
})
export type PredictionsFile = typeof PredictionsFile.Type

/** Checks a value of unknown origin; the failure has every problem with its key. */
export const decodePredictions = (input: unknown): Result.Result<PredictionsFile, ReadonlyArray<string>> =>
  Result.mapError(decodeWhole(PredictionsFile, input), (findings) => findings.map(findingText))

/** The file's text. */
export const predictionsText = (file: PredictionsFile): string => `${JSON.stringify(file, null, 2)}\n`
