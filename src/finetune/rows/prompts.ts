/** @file Prompt and answers apart: where a row does not say the prompt, it is what the answers share. */

import { type Message, RowFault, sameMessage, type Text } from "./text.ts"

/** A turn of the model in the transcripts of Bai et al. 2022, arXiv 2204.05862. */
const TURN = "\n\nAssistant:"

/** White space as Python knows it, since the worker splits at the same places. */
const isSpace = (letter: string | undefined): boolean =>
  letter !== undefined && ((letter >= "\u001c" && letter <= "\u001f") || /^\p{White_Space}$/u.test(letter))

/** Prompt, chosen and rejected. */
export type Split = readonly [Text, Text, Text]

const sharedLength = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}

/**
 * Prompt and answers of two texts that begin alike. In a transcript the prompt ends with the last turn marker that they share;
 * elsewhere with the last shared word, so an answer begins with its white space.
 */
const splitTexts = (chosen: string, rejected: string): Split => {
  let end = sharedLength(chosen, rejected)
  const marker = chosen.startsWith("\n\nHuman:") ? chosen.lastIndexOf(TURN, end - TURN.length) : -1
  if (marker >= 0 && end >= TURN.length) {
    end = marker + TURN.length
  } else {
    // A word that goes on in one of them, and the white space before it, belong to the answers.
    const wordEnds = isSpace(chosen[end]) && isSpace(rejected[end])
    while (!wordEnds && end > 0 && !isSpace(chosen[end - 1])) end--
    while (end > 0 && isSpace(chosen[end - 1])) end--
  }
  if (end === 0) throw new RowFault("there is no prompt, and chosen and rejected do not begin alike")
  return [chosen.slice(0, end), chosen.slice(end), rejected.slice(end)]
}

const answersOnly = (answer: ReadonlyArray<Message>, where: string): ReadonlyArray<Message> => {
  const other = answer.find(({ role }) => role !== "assistant")
  if (other === undefined) return answer
  throw new RowFault(
    `${where} has a message of ${other.role} after the prompt: only the assistant's words can be trained on`
  )
}

const checkedPrompt = (prompt: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const last = prompt.at(-1)
  if (last === undefined) {
    throw new RowFault("there is no prompt, and chosen and rejected do not begin with the same message")
  }
  if (last.role !== "user" && last.role !== "tool") {
    throw new RowFault(`the prompt ends with a message of ${last.role}, a message of the user is needed`)
  }
  return prompt
}

const splitMessages = (chosen: ReadonlyArray<Message>, rejected: ReadonlyArray<Message>): Split => {
  let end = 0
  while (end < chosen.length && end < rejected.length && sameMessage(chosen[end]!, rejected[end]!)) end++
  if (end === chosen.length || end === rejected.length) {
    const same = chosen.length === rejected.length
    throw new RowFault(same ? "chosen and rejected are the same messages" : "one answer is the beginning of the other")
  }
  const prompt = checkedPrompt(chosen.slice(0, end))
  return [prompt, answersOnly(chosen.slice(end), "chosen"), answersOnly(rejected.slice(end), "rejected")]
}

/** Prompt, chosen and rejected of a row that has no prompt of its own. */
export const splitImplicit = (chosen: Text, rejected: Text): Split => {
  if (typeof chosen === "string" && typeof rejected === "string") return splitTexts(chosen, rejected)
  if (typeof chosen !== "string" && typeof rejected !== "string") return splitMessages(chosen, rejected)
  throw new RowFault("chosen and rejected should both be text or both be lists of messages")
}

const afterPrompt = (prompt: ReadonlyArray<Message>, answer: ReadonlyArray<Message>, where: string): Text => {
  const repeats = prompt.every((message, i) => answer[i] !== undefined && sameMessage(message, answer[i]))
  const rest = repeats ? answer.slice(prompt.length) : answer
  if (rest.length === 0) throw new RowFault(`${where} has no message after the prompt`)
  return answersOnly(rest, where)
}

/** The messages of a text prompt: those before the answers where they have the prompt among them, else the user's one. */
const messagesOf = (prompt: string, turns: ReadonlyArray<ReadonlyArray<Message>>): ReadonlyArray<Message> => {
  const heads = turns.map((turn) => turn.slice(0, -1))
  const first = heads[0]!
  const alike = heads.every((head) => head.length === first.length && head.every((m, i) => sameMessage(m, first[i]!)))
  if (first.length === 0 || !alike) return [{ role: "user", content: prompt }]
  if (first.some(({ role, content }) => role === "user" && content.trim() === prompt.trim())) return first
  throw new RowFault("prompt is none of the user's messages before the answers")
}

/**
 * Prompt and answers where the row says the prompt. All texts: as they are. As soon as one is messages, all become messages: a
 * text prompt the user's, a text answer the assistant's. Conversations that repeat the prompt lose it.
 */
export const withPrompt = (
  prompt: Text,
  answers: ReadonlyArray<Text>,
  names: ReadonlyArray<string>
): readonly [Text, ReadonlyArray<Text>] => {
  if (typeof prompt === "string" && answers.every((answer) => typeof answer === "string")) return [prompt, answers]
  const turns = answers.map((a) => (typeof a === "string" ? [{ role: "assistant", content: a }] : a))
  const messages = checkedPrompt(typeof prompt === "string" ? messagesOf(prompt, turns) : prompt)
  return [messages, turns.map((turn, i) => afterPrompt(messages, turn, names[i]!))]
}
