/**
 * @file The State of the Union addresses (public domain) as sentences: what the reference model reads, and where prompts
 * come from. Every tenth address is held out from pretraining; prompts begin held-out sentences.
 */

/** One address: a stable name, such as `1790_george_washington_n`, and its text. */
export interface Address {
  readonly name: string
  readonly text: string
}

/** Sentences in order of the addresses. */
export interface Corpus {
  readonly training: ReadonlyArray<string>
  readonly heldOut: ReadonlyArray<string>
}

/** Abbreviations whose full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|messrs|hon|gen|col|capt|lt|maj|gov|sen|rep|st|no|nos|vol|art|sec|viz|etc|jr|sr|vs|u\.s|[a-z])\.$/i

/** ASCII forms of typographic marks; anything else outside ASCII letters, digits and common punctuation goes. */
const plainText = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[\u2018\u2019\u201B\u2032]/g, "'")
    .replace(/[\u201C\u201D\u2033]/g, '"')
    .replace(/\s*(?:[\u2012-\u2015]|--+)\s*/g, ", ")
    .replace(/[^A-Za-z0-9.,;:?!'"()$%\s-]/g, "")
    .replace(/\s+/g, " ")
    .trim()

/** Cuts a text where a full stop, question or exclamation mark is followed by a capital, abbreviations aside. */
export const splitSentences = (text: string): ReadonlyArray<string> => {
  const sentences: Array<string> = []
  let current = ""
  for (const piece of plainText(text).split(/(?<=[.?!]["')]?)\s+(?=["'(]?[A-Z])/)) {
    current = current === "" ? piece : `${current} ${piece}`
    if (current !== "" && !ABBREVIATION.test(current)) {
      sentences.push(current)
      current = ""
    }
  }
  return current === "" ? sentences : [...sentences, current]
}

/** Words of a sentence, at least `minimum` and none of them mostly figures: leaves out headings and tables. */
const isProse = (sentence: string, minimum: number): boolean => {
  const words = sentence.split(" ")
  return words.length >= minimum && words.filter((word) => /\d/.test(word)).length * 4 < words.length
}

/** Sentences of at least `minimumWords` words, split by address: the last of every ten in name order is held out. */
export const corpusOf = (addresses: ReadonlyArray<Address>, minimumWords = 6): Corpus => {
  const sorted = [...addresses].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const sentences = (list: ReadonlyArray<Address>) =>
    list.flatMap(({ text }) => splitSentences(text).filter((sentence) => isProse(sentence, minimumWords)))
  return {
    training: sentences(sorted.filter((_, index) => index % 10 !== 9)),
    heldOut: sentences(sorted.filter((_, index) => index % 10 === 9))
  }
}
