/**
 * @file What a file of preference data holds, gathered in one pass: kinds and layouts, refused rows, lengths, repetitions,
 * contradictions, shared beginnings, scores. Texts are compared by 52 bits of their SHA-1, so a million rows fit in memory; two
 * different ones of a million count as the same with probability 1e-4.
 */

import { hash } from "node:crypto"
import * as Result from "effect/Result"
import { layoutNames, type PreferenceRow, type ReadRow, type RowKind, readRow } from "../preferenceRows.ts"
import type { FileRow } from "./files.ts"
import { characters, Series, sharedCharacters, Tally } from "./series.ts"
import { contentOf, type Fields, finiteNumber, sameText } from "./text.ts"

/** Why trainers refuse a row. */
export const refusalIds = [
  "no-json",
  "unknown-layout",
  "malformed",
  "mixed-kinds",
  "empty-answer",
  "same-answers",
  "two-scores",
  "no-label"
] as const
export type RefusalId = (typeof refusalIds)[number]

/** A refused row. */
export interface RefusedRow {
  readonly line: number
  readonly id: RefusalId
  readonly reason: string
}

/** Refused rows that are kept with their reasons. */
const KEPT = 100

const fingerprint = (...parts: ReadonlyArray<string>): number =>
  Number.parseInt(hash("sha1", JSON.stringify(parts), "hex").slice(0, 13), 16)

const keyOf = (row: PreferenceRow, i: number): string => JSON.stringify(row.answers[i]!.text)

/** Why a row that reads well cannot be trained on. */
const refusalOf = (row: PreferenceRow): Omit<RefusedRow, "line"> | undefined => {
  const texts = row.answers.map(({ text }) => text)
  if ([...texts, ...(row.gold === undefined ? [] : [row.gold])].some((text) => contentOf(text).trim() === "")) {
    return { id: "empty-answer", reason: "an answer is empty" }
  }
  if (row.kind === "pairs" && sameText(texts[0]!, texts[1]!)) {
    return { id: "same-answers", reason: "chosen and rejected are the same text" }
  }
  if (row.kind === "unpaired" && row.label === undefined) {
    return { id: "no-label", reason: "the row has no label, true for desirable and false for undesirable" }
  }
  const scores = new Map<string, number | undefined>()
  for (const { text, score } of row.kind === "k-wise" ? row.answers : []) {
    const key = contentOf(text)
    if (scores.has(key) && scores.get(key) !== score) {
      return { id: "two-scores", reason: "the same completion has two scores" }
    }
    scores.set(key, score)
  }
  return undefined
}

/** Gathers rows; every field is what has been seen so far. */
export class DataCheck {
  rows = 0
  readonly kinds = new Map<RowKind, number>()
  readonly layouts = new Map<string, number>(layoutNames.map((name) => [name, 0]))
  readonly refusedRows: Array<RefusedRow> = []
  readonly refusals = new Map<RefusalId, Tally>()
  /** Numeric columns, which a loss may read as inputs, and in how many rows they stand. */
  readonly columns = new Map<string, number>()

  readonly lengths = { prompt: new Series(), chosen: new Series(), rejected: new Series(), completion: new Series() }
  readonly shared = { characters: new Series(), share: new Series() }
  readonly repeatedRows = new Tally()
  readonly repeatedPrompts = new Tally()
  readonly repeatedChosen = new Tally()
  readonly contradictions = new Tally()
  readonly longer = { chosen: 0, rejected: 0, equal: 0, difference: new Series() }
  readonly scores = { rows: 0, margins: new Series(), ties: new Tally(), inverted: new Tally() }
  readonly labels = { desirable: 0, undesirable: 0 }
  readonly gold = new Tally()
  /** K-wise rows of which no two completions differ in their scores. */
  readonly tiedRankings = new Tally()
  readonly completions = new Series()

  readonly #seenRows = new Set<number>()
  readonly #seenPrompts = new Set<number>()
  readonly #seenChosen = new Set<number>()
  #kind: { readonly kind: RowKind; readonly line: number } | undefined

  /** Adds a row of the file. */
  add(entry: FileRow): void {
    this.rows++
    const { line } = entry
    const read = this.#examine(entry)
    if (Result.isFailure(read)) {
      this.#refuse({ line, ...read.failure })
    } else if ("fields" in entry) {
      const { layout, row } = read.success
      this.kinds.set(row.kind, (this.kinds.get(row.kind) ?? 0) + 1)
      this.layouts.set(layout, this.layouts.get(layout)! + 1)
      this.#count(row, line, entry.fields)
    }
  }

  /** A row in the common form, or why trainers refuse it. The first row that reads decides what kind the others have to be. */
  #examine(entry: FileRow): Result.Result<ReadRow, Omit<RefusedRow, "line">> {
    if ("fault" in entry) return Result.fail({ id: "no-json", reason: entry.fault })
    const read = readRow(entry.fields)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    const { row } = read.success
    this.#kind ??= { kind: row.kind, line: entry.line }
    if (row.kind !== this.#kind.kind) {
      const reason = `a row of kind ${row.kind}, but line ${this.#kind.line} is of kind ${this.#kind.kind}`
      return Result.fail({ id: "mixed-kinds", reason })
    }
    const refusal = refusalOf(row)
    return refusal === undefined ? read : Result.fail(refusal)
  }

  /** Rows that can be trained on. */
  get usable(): number {
    return [...this.kinds.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Rows that trainers refuse. */
  get refused(): number {
    return [...this.refusals.values()].reduce((sum, { count }) => sum + count, 0)
  }

  #refuse(row: RefusedRow): void {
    const tally = this.refusals.get(row.id) ?? new Tally()
    tally.add(row.line)
    this.refusals.set(row.id, tally)
    if (this.refusedRows.length < KEPT) this.refusedRows.push(row)
  }

  #count(row: PreferenceRow, line: number, fields: Fields): void {
    const prompt = JSON.stringify(row.prompt)
    const promptPrint = fingerprint(prompt)
    if (this.#seenPrompts.has(promptPrint)) this.repeatedPrompts.add(line)
    this.#seenPrompts.add(promptPrint)
    this.lengths.prompt.push(characters(contentOf(row.prompt)))
    if (row.gold !== undefined) this.gold.add(line)
    for (const [key, value] of Object.entries(fields)) {
      if (typeof value === "number" && finiteNumber(value) !== undefined) {
        this.columns.set(key, (this.columns.get(key) ?? 0) + 1)
      }
    }
    if (row.kind === "pairs") this.#countPair(row, prompt, line)
    else if (row.kind === "unpaired") this.#countSingle(row, prompt, line)
    else this.#countRanking(row, prompt, line)
  }

  /** Says whether a row has been seen before, and remembers it. */
  #seen(print: number, line: number): void {
    if (this.#seenRows.has(print)) this.repeatedRows.add(line)
    this.#seenRows.add(print)
  }

  #countPair(row: PreferenceRow, prompt: string, line: number): void {
    const [chosen, rejected] = [keyOf(row, 0), keyOf(row, 1)]
    this.#seen(fingerprint(prompt, chosen, rejected), line)
    if (this.#seenRows.has(fingerprint(prompt, rejected, chosen))) this.contradictions.add(line)
    const chosenPrint = fingerprint(chosen)
    if (this.#seenChosen.has(chosenPrint)) this.repeatedChosen.add(line)
    this.#seenChosen.add(chosenPrint)
    const [better, worse] = row.answers.map(({ text }) => contentOf(text))
    const [longChosen, longRejected] = [characters(better!), characters(worse!)]
    this.lengths.chosen.push(longChosen)
    this.lengths.rejected.push(longRejected)
    this.longer[longChosen === longRejected ? "equal" : longChosen > longRejected ? "chosen" : "rejected"]++
    this.longer.difference.push(longChosen - longRejected)
    const shared = sharedCharacters(better!, worse!)
    this.shared.characters.push(shared)
    this.shared.share.push(shared / Math.min(longChosen, longRejected))
    this.#countScores(row.answers[0]!.score, row.answers[1]!.score, line)
  }

  #countScores(chosen: number | undefined, rejected: number | undefined, line: number): void {
    if (chosen === undefined || rejected === undefined) return
    this.scores.rows++
    this.scores.margins.push(chosen - rejected)
    if (chosen === rejected) this.scores.ties.add(line)
    if (chosen < rejected) this.scores.inverted.add(line)
  }

  #countSingle(row: PreferenceRow, prompt: string, line: number): void {
    const completion = keyOf(row, 0)
    this.#seen(fingerprint(prompt, completion, String(row.label)), line)
    if (this.#seenRows.has(fingerprint(prompt, completion, String(!row.label)))) this.contradictions.add(line)
    this.lengths.completion.push(characters(contentOf(row.answers[0]!.text)))
    this.labels[row.label ? "desirable" : "undesirable"]++
  }

  #countRanking(row: PreferenceRow, prompt: string, line: number): void {
    this.#seen(fingerprint(prompt, ...row.answers.map((answer, i) => `${keyOf(row, i)} ${answer.score}`)), line)
    for (const { text } of row.answers) this.lengths.completion.push(characters(contentOf(text)))
    this.completions.push(row.answers.length)
    if (row.answers.every(({ score }) => score === row.answers[0]!.score)) this.tiedRankings.add(line)
  }
}
