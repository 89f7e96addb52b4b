/**
 * @file Log-probabilities of preference pairs under a model, by the very operator that training uses: pairs packed with
 * their prompt shared. The reference's are computed once per data set and kept in memory and, if asked, in a folder.
 */

import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Result from "effect/Result"
import { writeFileAtomic } from "../atomicFile.ts"
import type { TokenPair } from "../data.ts"
import { decodeSafetensors, encodeSafetensors } from "../safetensors.ts"
import { type RunningModel, scoreTokens } from "./gradient.ts"
import { layOut, type PromptRow, sumPerAnswer } from "./layout.ts"
import type { Parameters } from "./model.ts"
import type { FixedColumns } from "./objective.ts"

/** Pairs scored in one forward pass. */
const SCORING_BATCH = 32

/** A pair as a row: the chosen answer first. */
export const pairRow = (pair: TokenPair): PromptRow => ({ prompt: pair.prompt, answers: [pair.chosen, pair.rejected] })

/** Answer log-probabilities of pairs, nats: chosen at 2i, rejected at 2i + 1. */
export const scorePairs = (
  model: RunningModel,
  parameters: Parameters,
  pairs: ReadonlyArray<TokenPair>
): Float64Array => {
  const answers = new Float64Array(2 * pairs.length)
  for (let start = 0; start < pairs.length; start += SCORING_BATCH) {
    const rows = pairs.slice(start, start + SCORING_BATCH).map(pairRow)
    const layout = layOut(rows, model.config.context, model.ops.padded)
    answers.set(sumPerAnswer(layout, scoreTokens(model, parameters, layout)), 2 * start)
  }
  return answers
}

/** Names what a reference score depends on: the model (weights, sizes, tokenizer), the token ids, the engine. */
export const referenceKey = (modelHash: string, engine: string, pairs: ReadonlyArray<TokenPair>): string => {
  const hash = createHash("sha256").update(`reference-log-probs/1/${engine}/${modelHash}\n`)
  for (const { prompt, chosen, rejected } of pairs) hash.update(`${prompt}|${chosen}|${rejected}\n`)
  return hash.digest("hex").slice(0, 32)
}

const digestOf = (values: Float64Array): string =>
  createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex")

const readCached = (file: string, size: number): Float64Array | undefined => {
  try {
    const stored = decodeSafetensors(readFileSync(file))
    if (Result.isFailure(stored)) return undefined
    const { scores } = stored.success.tensors
    if (scores?.dtype !== "F64" || scores.values.length !== size) return undefined
    return stored.success.metadata.sha256 === digestOf(scores.values) ? scores.values : undefined
  } catch {
    return undefined
  }
}

/**
 * Reference scores of pairs, from the folder if they are there (a file that is damaged is computed again).
 * @param compute called at most once
 */
export const cachedReferenceScores = (
  folder: string | undefined,
  key: string,
  pairs: ReadonlyArray<TokenPair>,
  compute: () => Float64Array
): Float64Array => {
  const file = folder === undefined ? undefined : join(folder, `reference-${key}.safetensors`)
  const known = file === undefined ? undefined : readCached(file, 2 * pairs.length)
  if (known !== undefined) return known
  const values = compute()
  if (file !== undefined) {
    const scores = { dtype: "F64", shape: [pairs.length, 2], values } as const
    writeFileAtomic(file, encodeSafetensors({ tensors: { scores }, metadata: { key, sha256: digestOf(values) } }))
  }
  return values
}

/** The columns of pairs that training does not change. @param reference scores as {@link scorePairs} gives them */
export const fixedColumns = (pairs: ReadonlyArray<TokenPair>, reference: Float64Array): FixedColumns => ({
  rw: Float64Array.from(pairs, (_, i) => reference[2 * i]!),
  rl: Float64Array.from(pairs, (_, i) => reference[2 * i + 1]!),
  nw: Float64Array.from(pairs, (pair) => pair.chosen.length),
  nl: Float64Array.from(pairs, (pair) => pair.rejected.length),
  s_w: Float64Array.from(pairs, (pair) => pair.scoreChosen),
  s_l: Float64Array.from(pairs, (pair) => pair.scoreRejected)
})

/** The rows `indices` of columns. */
export const selectColumns = (columns: FixedColumns, indices: ReadonlyArray<number>): FixedColumns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, Float64Array.from(indices, (index) => column[index]!)])
  )
