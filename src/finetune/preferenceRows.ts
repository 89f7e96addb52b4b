/**
 * @file Rows of preference data in the layouts found in the wild, each brought into one form by a small adapter; a row of no known
 * layout is refused with the keys found and the layouts known. The PyTorch worker has the same list
 * (python/losslattice_worker/data/layouts.py); test/golden/layouts.json holds both to the same rows and reasons.
 *
 * A layout is recognised by the keys that it needs, first match first. One more layout: one function and one line in `layouts`.
 */

import * as Result from "effect/Result"
import { splitImplicit, withPrompt } from "./rows/prompts.ts"
import { checkMask } from "./rows/spans.ts"
import {
  type Fields,
  finiteNumber,
  kindOfValue,
  type Message,
  RowFault,
  readText,
  shown,
  type Text
} from "./rows/text.ts"

/** What a row is: a comparison, one labelled answer, or several scored ones. */
export type RowKind = "pairs" | "unpaired" | "k-wise"

/** An answer with its score, if it has one. */
export interface RowAnswer {
  readonly text: Text
  readonly score: number | undefined
}

/** A row in the common form: answers of pairs are chosen and rejected, of unpaired rows one, of K-wise rows K. */
export interface PreferenceRow {
  readonly kind: RowKind
  readonly prompt: Text
  readonly answers: ReadonlyArray<RowAnswer>
  /** Of unpaired rows: whether the answer is desirable. */
  readonly label?: boolean
  /** A third, best answer. */
  readonly gold?: Text
}

interface Layout {
  readonly name: string
  readonly keys: ReadonlyArray<string>
  readonly read: (fields: Fields) => PreferenceRow
}

const scoreKeys = (side: string): ReadonlyArray<string> => [
  side === "chosen" ? "s_w" : "s_l",
  ...[`score_${side}`, `${side}_score`, `${side}-rating`, `${side}_rating`, `overall_score_${side}`]
]

const isGiven = (value: unknown): boolean => value !== null && value !== undefined

const numberOf = (value: unknown, where: string): number => {
  const number = finiteNumber(value)
  if (number === undefined) throw new RowFault(`${where} should be a finite number, found ${shown(value)}`)
  return number
}

const optionalNumber = (fields: Fields, key: string | undefined): number | undefined =>
  key === undefined || !isGiven(fields[key]) ? undefined : numberOf(fields[key], key)

const checkFlag = (fields: Fields, key: string): void => {
  const value = fields[key]
  if (isGiven(value) && typeof value !== "boolean") {
    throw new RowFault(`${key} should be true or false, found ${kindOfValue(value)}`)
  }
}

const sided = (fields: Fields, side: string, text: Text): RowAnswer => {
  checkFlag(fields, `${side}_complete`)
  const key = scoreKeys(side).find((name) => isGiven(fields[name]))
  const score = optionalNumber(fields, key)
  if (isGiven(fields[`${side}_mask`])) checkMask(fields[`${side}_mask`], text, `${side}_mask`)
  return { text, score }
}

const pairOf = (fields: Fields, prompt: Text, chosen: Text, rejected: Text): PreferenceRow => {
  const gold = isGiven(fields.gold) ? [readText(fields.gold, "gold")] : []
  const [asked, answers] = withPrompt(prompt, [chosen, rejected, ...gold], ["chosen", "rejected", "gold"])
  const pair = [sided(fields, "chosen", answers[0]!), sided(fields, "rejected", answers[1]!)]
  checkFlag(fields, "gold_complete")
  return { kind: "pairs", prompt: asked, answers: pair, ...(answers[2] === undefined ? {} : { gold: answers[2] }) }
}

const withSystem = (fields: Fields, prompt: Text): Text => {
  const { system } = fields
  if (typeof system !== "string" || system.trim() === "") return prompt
  const messages: ReadonlyArray<Message> = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt
  return [{ role: "system", content: system }, ...messages]
}

/** Pairs whose texts stand under three names. */
const named =
  (prompt: string, chosen: string, rejected: string) =>
  (fields: Fields): PreferenceRow => {
    const [asked, better, worse] = [prompt, chosen, rejected].map((key) => readText(fields[key], key))
    return pairOf(fields, withSystem(fields, asked!), better!, worse!)
  }

const implicitPairs = (fields: Fields): PreferenceRow =>
  pairOf(fields, ...splitImplicit(readText(fields.chosen, "chosen"), readText(fields.rejected, "rejected")))

/** Alpaca's form: `input` is what the instruction is about, on lines of its own. */
const instruction =
  (chosen: string, rejected: string) =>
  (fields: Fields): PreferenceRow => {
    const { input } = fields
    const asked = readText(fields.instruction, "instruction")
    const whole =
      typeof asked === "string" && typeof input === "string" && input.trim() !== "" ? `${asked}\n\n${input}` : asked
    const [better, worse] = [chosen, rejected].map((key) => readText(fields[key], key))
    return pairOf(fields, withSystem(fields, whole), better!, worse!)
  }

const unpaired = (fields: Fields): PreferenceRow => {
  const completion = readText(fields.completion, "completion")
  const [prompt, answers] = withPrompt(readText(fields.prompt, "prompt"), [completion], ["completion"])
  const { label } = fields
  if (isGiven(label) && typeof label !== "boolean" && label !== 0 && label !== 1) {
    throw new RowFault(`label should be true or false, found ${shown(label)}`)
  }
  checkFlag(fields, "completion_complete")
  if (isGiven(fields.completion_mask)) checkMask(fields.completion_mask, answers[0]!, "completion_mask")
  const answer = { text: answers[0]!, score: optionalNumber(fields, "score") }
  return { kind: "unpaired", prompt, answers: [answer], ...(isGiven(label) ? { label: Boolean(label) } : {}) }
}

const ranked = (prompt: Text, texts: unknown, scores: unknown): PreferenceRow => {
  if (!Array.isArray(texts) || !Array.isArray(scores)) throw new RowFault("completions and scores should be lists")
  if (texts.length < 2 || texts.length !== scores.length) {
    throw new RowFault(
      `${texts.length} completions and ${scores.length} scores: as many of each are needed, 2 at least`
    )
  }
  const numbers = scores.map((score, i) => numberOf(score, `scores[${i}]`))
  const names = texts.map((_, i) => `completions[${i}]`)
  const read = texts.map((text, i) => readText(text, names[i]!))
  const [asked, answers] = withPrompt(prompt, read, names)
  return { kind: "k-wise", prompt: asked, answers: answers.map((text, i) => ({ text, score: numbers[i]! })) }
}

/** UltraFeedback's own form (arXiv 2310.01377): several responses with an overall score each. */
const ultraFeedback = ({ instruction: asked, completions }: Fields): PreferenceRow => {
  const isResponse = (item: unknown) => typeof item === "object" && item !== null && "response" in item
  if (!Array.isArray(completions) || !completions.every(isResponse)) {
    throw new RowFault("completions should be a list of objects with response and overall_score")
  }
  const found = completions as ReadonlyArray<Fields>
  const scores = found.map((item) => item.overall_score)
  return ranked(
    readText(asked, "instruction"),
    found.map((item) => item.response),
    scores
  )
}

/** Stanford Human Preferences: answer A is the preferred one where `labels` is 1. */
const humanPreferences = (fields: Fields): PreferenceRow => {
  const { labels } = fields
  if (finiteNumber(labels) !== 0 && finiteNumber(labels) !== 1) {
    throw new RowFault(`labels should be 0 or 1, found ${shown(labels)}`)
  }
  const sides = finiteNumber(labels) === 1 ? ["A", "B"] : ["B", "A"]
  const [chosen, rejected] = sides.map((side) => readText(fields[`human_ref_${side}`], `human_ref_${side}`))
  const row = pairOf(fields, readText(fields.history, "history"), chosen!, rejected!)
  const scores = sides.map((side) => optionalNumber(fields, `score_${side}`))
  return { ...row, answers: row.answers.map(({ text, score }, i) => ({ text, score: scores[i] ?? score })) }
}

const layouts: ReadonlyArray<Layout> = [
  { name: "pairs", keys: ["prompt", "chosen", "rejected"], read: named("prompt", "chosen", "rejected") },
  {
    name: "K-wise",
    keys: ["prompt", "completions", "scores"],
    read: (fields) => ranked(readText(fields.prompt, "prompt"), fields.completions, fields.scores)
  },
  { name: "unpaired", keys: ["prompt", "completion"], read: unpaired },
  { name: "UltraFeedback", keys: ["instruction", "completions"], read: ultraFeedback },
  {
    name: "question pairs (Orca DPO)",
    keys: ["question", "chosen", "rejected"],
    read: named("question", "chosen", "rejected")
  },
  {
    name: "Argilla pairs",
    keys: ["instruction", "chosen_response", "rejected_response"],
    read: instruction("chosen_response", "rejected_response")
  },
  {
    name: "instruction pairs",
    keys: ["instruction", "chosen", "rejected"],
    read: instruction("chosen", "rejected")
  },
  { name: "input pairs", keys: ["input", "chosen", "rejected"], read: named("input", "chosen", "rejected") },
  {
    name: "ShareGPT pairs",
    keys: ["conversations", "chosen", "rejected"],
    read: named("conversations", "chosen", "rejected")
  },
  {
    name: "Stanford Human Preferences",
    keys: ["history", "human_ref_A", "human_ref_B", "labels"],
    read: humanPreferences
  },
  { name: "pairs with the prompt inside", keys: ["chosen", "rejected"], read: implicitPairs }
]

/** Names of the layouts, in the order in which they are tried. */
export const layoutNames: ReadonlyArray<string> = layouts.map(({ name }) => name)

const unknownLayout = (fields: Fields): string => {
  const known = layouts.map(({ name, keys }) => `${name}: ${keys.join(", ")}`).join("; ")
  return `keys found: ${Object.keys(fields).join(", ") || "none"}; layouts known: ${known}`
}

/** A row and the layout it came in. */
export interface ReadRow {
  readonly layout: string
  readonly row: PreferenceRow
}

/** Why a row cannot be used. `unknown-layout`: its keys are those of no layout; `malformed`: a field is not what it should be. */
export interface RowRefusal {
  readonly id: "unknown-layout" | "malformed"
  readonly reason: string
}

/** A row of any known layout in the common form; the reason names the field, what was found and what is allowed. */
export const readRow = (fields: Fields): Result.Result<ReadRow, RowRefusal> => {
  const layout = layouts.find(({ keys }) => keys.every((key) => Object.hasOwn(fields, key) && isGiven(fields[key])))
  if (layout === undefined) return Result.fail({ id: "unknown-layout", reason: unknownLayout(fields) })
  try {
    return Result.succeed({ layout: layout.name, row: layout.read(fields) })
  } catch (error) {
    if (error instanceof RowFault) return Result.fail({ id: "malformed", reason: error.message })
    throw error
  }
}
