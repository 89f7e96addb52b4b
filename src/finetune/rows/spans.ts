/**
 * @file Sentence masks (Mask-DPO, arXiv 2503.02846) as rows give them: sentences `[{text, keep}, …]` that join to the answer, or
 * characters to keep `[[start, end], …]` in Unicode code points.
 */

import { contentOf, type Fields, kindOfValue, RowFault, type Text } from "./text.ts"

const checkSentences = (sentences: ReadonlyArray<Fields>, answer: string, where: string): void => {
  let at = 0
  for (const [i, { text, keep }] of sentences.entries()) {
    if (typeof text !== "string" || typeof keep !== "boolean") {
      throw new RowFault(`${where}[${i}] should have text and keep (true or false)`)
    }
    if (!answer.startsWith(text, at)) {
      throw new RowFault(
        `${where}[${i}].text is not what the answer has at character ${[...answer.slice(0, at)].length}`
      )
    }
    at += text.length
  }
  if (at === answer.length) return
  const [ends, has] = [[...answer.slice(0, at)].length, [...answer].length]
  throw new RowFault(`the sentences of ${where} end at character ${ends}, the answer has ${has}`)
}

const checkSpans = (spans: ReadonlyArray<unknown>, answer: string, where: string): void => {
  const length = [...answer].length
  for (const [i, span] of spans.entries()) {
    const [start, end] = Array.isArray(span) && span.length === 2 && span.every(Number.isInteger) ? span : [0, 0]
    if (!(0 <= start && start < end && end <= length)) {
      throw new RowFault(`${where}[${i}] should be [start, end] with 0 <= start < end <= ${length}`)
    }
  }
}

/** Checks the mask of an answer. @throws RowFault */
export const checkMask = (mask: unknown, answer: Text, where: string): void => {
  if (typeof answer !== "string" && answer.length !== 1) throw new RowFault(`${where} needs an answer of one message`)
  if (!Array.isArray(mask)) {
    throw new RowFault(`${where} should be a list of sentences or of spans, found ${kindOfValue(mask)}`)
  }
  const isObject = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item)
  const text = contentOf(answer)
  if (mask.length > 0 && mask.every(isObject)) checkSentences(mask as ReadonlyArray<Fields>, text, where)
  else checkSpans(mask, text, where)
}
