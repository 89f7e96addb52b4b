/**
 * @file Preference data: a pair as JSON lines in the fields of the field (`prompt`, `chosen`, `rejected`, UltraFeedback's
 * `score_chosen`, `score_rejected`), read with every line checked, and cut into tokens for a model.
 */

import { readFileSync } from "node:fs"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { writeFileAtomic } from "./atomicFile.ts"
import { END_ID, type Tokenizer } from "./tfjs/tokenizer.ts"

/** One comparison. In JSON the names are snake_case. */
export const PreferencePair = Schema.Struct({
  prompt: Schema.String,
  chosen: Schema.String,
  rejected: Schema.String,
  /** Whether the answer ended by itself; if so the end-of-text token is part of it. Missing counts as true, as trainers do. */
  chosenComplete: Schema.optionalKey(Schema.Boolean),
  rejectedComplete: Schema.optionalKey(Schema.Boolean),
  /** Reward scores, the inputs s_w and s_l of losses. */
  scoreChosen: Schema.optionalKey(Schema.Finite),
  scoreRejected: Schema.optionalKey(Schema.Finite)
}).pipe(
  Schema.encodeKeys({
    chosenComplete: "chosen_complete",
    rejectedComplete: "rejected_complete",
    scoreChosen: "score_chosen",
    scoreRejected: "score_rejected"
  })
)
export type PreferencePair = typeof PreferencePair.Type

/** Data that cannot be used: where it came from, which line or pair (from 1), and why. */
export class PreferenceDataError extends Data.TaggedError("PreferenceDataError")<{
  readonly source: string
  readonly line: number
  readonly reason: string
}> {
  override get message(): string {
    return `${this.source}, ${this.line === 0 ? "" : `line ${this.line}: `}${this.reason}`
  }
}

const decodePair = Schema.decodeUnknownResult(Schema.fromJsonString(PreferencePair), { errors: "all" })
const encodePair = Schema.encodeSync(PreferencePair)

/** The JSON lines of pairs. */
export const pairsToJsonLines = (pairs: ReadonlyArray<PreferencePair>): string =>
  pairs.map((pair) => `${JSON.stringify(encodePair(pair))}\n`).join("")

/** Pairs of JSON lines; blank lines are skipped. An empty file is an error. */
export const pairsFromJsonLines = (
  text: string,
  source: string
): Result.Result<ReadonlyArray<PreferencePair>, PreferenceDataError> => {
  const pairs: Array<PreferencePair> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const pair = decodePair(line)
    if (Result.isFailure(pair)) {
      const reason = pair.failure.message.replace(/\n\s+at /g, " at ").replaceAll("\n", "; ")
      return Result.fail(new PreferenceDataError({ source, line: index + 1, reason }))
    }
    pairs.push(pair.success)
  }
  if (pairs.length > 0) return Result.succeed(pairs)
  return Result.fail(new PreferenceDataError({ source, line: 0, reason: "there are no pairs" }))
}

/** Reads a file of JSON lines. */
export const readPairs = (file: string): Result.Result<ReadonlyArray<PreferencePair>, PreferenceDataError> => {
  try {
    return pairsFromJsonLines(readFileSync(file, "utf8"), file)
  } catch {
    return Result.fail(new PreferenceDataError({ source: file, line: 0, reason: "the file cannot be read" }))
  }
}

/** Writes a file of JSON lines, atomically. */
export const writePairs = (file: string, pairs: ReadonlyArray<PreferencePair>): void =>
  writeFileAtomic(file, pairsToJsonLines(pairs))

/** A pair as token ids: the prompt begins with the end-of-text token, complete answers end with it. */
export interface TokenPair {
  readonly prompt: ReadonlyArray<number>
  readonly chosen: ReadonlyArray<number>
  readonly rejected: ReadonlyArray<number>
  /** NaN where the data has no scores; {@link encodePairs} refuses that when scores are needed. */
  readonly scoreChosen: number
  readonly scoreRejected: number
}

/** Room for a pair in a model. */
export interface PairLimits {
  readonly context: number
  readonly needsScores: boolean
}

const problemOf = (
  pair: PreferencePair,
  tokens: TokenPair,
  { context, needsScores }: PairLimits
): string | undefined => {
  const longest = Math.max(tokens.chosen.length, tokens.rejected.length)
  const positions = tokens.prompt.length + longest - 1
  if (pair.chosen.trim() === "" || pair.rejected.trim() === "") return "an answer is empty"
  if (pair.chosen === pair.rejected) return "chosen and rejected are the same text"
  if (positions > context) return `needs ${positions} positions, the model has ${context}`
  if (needsScores && !(Number.isFinite(tokens.scoreChosen) && Number.isFinite(tokens.scoreRejected))) {
    return "the loss needs score_chosen and score_rejected"
  }
  return undefined
}

/**
 * Cuts pairs into tokens. Nothing is truncated: a pair that is empty, equal on both sides, too long, or without the scores
 * that the loss needs is an error that names it.
 */
export const encodePairs = (
  tokenizer: Tokenizer,
  pairs: ReadonlyArray<PreferencePair>,
  limits: PairLimits,
  source: string
): Result.Result<ReadonlyArray<TokenPair>, PreferenceDataError> => {
  const answer = (text: string, complete = true) => [...tokenizer.encode(text), ...(complete ? [END_ID] : [])]
  const encoded: Array<TokenPair> = []
  for (const [index, pair] of pairs.entries()) {
    const tokens: TokenPair = {
      prompt: [END_ID, ...tokenizer.encode(pair.prompt)],
      chosen: answer(pair.chosen, pair.chosenComplete),
      rejected: answer(pair.rejected, pair.rejectedComplete),
      scoreChosen: pair.scoreChosen ?? Number.NaN,
      scoreRejected: pair.scoreRejected ?? Number.NaN
    }
    const reason = problemOf(pair, tokens, limits)
    if (reason !== undefined) return Result.fail(new PreferenceDataError({ source, line: index + 1, reason }))
    encoded.push(tokens)
  }
  return Result.succeed(encoded)
}
