/**
 * @file Byte-pair encoding (Sennrich et al. 2016) over GPT-2's byte alphabet and word pattern, on lower-cased text; read
 * and written as a Hugging Face `tokenizer.json`, so that other engines cut the same text into the same ids.
 */

import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** Ends a text, and begins one: id 0. */
export const END_OF_TEXT = "<|endoftext|>"
/** Stands for a byte outside the training alphabet: id 1. */
export const UNKNOWN = "<|unk|>"
/** The id of {@link END_OF_TEXT}. */
export const END_ID = 0
/** The id of {@link UNKNOWN}; never sampled. */
export const UNKNOWN_ID = 1

/**
 * GPT-2's pattern: contractions, words and numbers with the space before them, punctuation, white space. White space is
 * Unicode's, as in Hugging Face's tokenizers: JavaScript's `\s` has U+FEFF too many and U+0085 too few.
 */
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

/** A vocabulary and its merges, most frequent first. */
export interface TokenizerData {
  readonly vocabulary: ReadonlyArray<string>
  readonly merges: ReadonlyArray<readonly [string, string]>
}

/** Text to ids and back. */
export interface Tokenizer {
  readonly data: TokenizerData
  readonly size: number
  /** Ids of the lower-cased text, no special tokens added; a byte outside the alphabet gives {@link UNKNOWN_ID}. */
  readonly encode: (text: string) => Array<number>
  /** Text of ids: special tokens give nothing, unknown bytes U+FFFD. */
  readonly decode: (ids: ArrayLike<number>) => string
}

/** A `tokenizer.json` that this reader cannot use, and why. */
export class TokenizerFileError extends Data.TaggedError("TokenizerFileError")<{ readonly reason: string }> {
  override get message(): string {
    return `tokenizer.json: ${this.reason}`
  }
}

/** GPT-2's printable stand-in for each byte: itself where printable, else a letter from U+0100 on (space is Ġ). */
const byteSymbols: ReadonlyArray<string> = (() => {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

const symbolBytes: ReadonlyMap<string, number> = new Map(byteSymbols.map((symbol, byte) => [symbol, byte]))

/** The text as the tokenizer sees it: lower case, letter by letter. JavaScript alone makes a word's last Σ a ς. */
export const normaliseText = (text: string): string => text.replaceAll("Σ", "σ").toLowerCase()

const wordsOf = (text: string): ReadonlyArray<string> => normaliseText(text).match(WORDS) ?? []

const encoder = new TextEncoder()

/** A word in the byte alphabet: one symbol per UTF-8 byte. */
const symbolsOf = (word: string): Array<string> => Array.from(encoder.encode(word), (byte) => byteSymbols[byte]!)

const pairKey = (left: string, right: string): string => `${left} ${right}`

/** Replaces every neighbouring (left, right) in a word by their union, from left to right. */
const mergePair = (word: ReadonlyArray<string>, left: string, right: string): Array<string> => {
  const merged: Array<string> = []
  for (let i = 0; i < word.length; i++) {
    if (word[i] === left && word[i + 1] === right) {
      merged.push(left + right)
      i++
    } else {
      merged.push(word[i]!)
    }
  }
  return merged
}

const encodeWord = (ranks: ReadonlyMap<string, number>, word: string): ReadonlyArray<string> => {
  let symbols: ReadonlyArray<string> = symbolsOf(word)
  for (;;) {
    let best = Number.POSITIVE_INFINITY
    let at = -1
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(pairKey(symbols[i]!, symbols[i + 1]!))
      if (rank !== undefined && rank < best) {
        best = rank
        at = i
      }
    }
    if (at < 0) return symbols
    symbols = mergePair(symbols, symbols[at]!, symbols[at + 1]!)
  }
}

/** The tokenizer of a vocabulary and its merges. */
export const makeTokenizer = (data: TokenizerData): Tokenizer => {
  const ids = new Map(data.vocabulary.map((token, id) => [token, id]))
  const ranks = new Map(data.merges.map(([left, right], rank) => [pairKey(left, right), rank]))
  const cache = new Map<string, ReadonlyArray<number>>()
  const encodeCached = (word: string): ReadonlyArray<number> => {
    const known = cache.get(word)
    if (known !== undefined) return known
    const encoded = encodeWord(ranks, word).map((symbol) => ids.get(symbol) ?? UNKNOWN_ID)
    cache.set(word, encoded)
    return encoded
  }
  return {
    data,
    size: data.vocabulary.length,
    encode: (text) => wordsOf(text).flatMap(encodeCached),
    decode: (list) => {
      const bytes: Array<number> = []
      for (const id of Array.from(list)) {
        if (id === END_ID) continue
        const token = id === UNKNOWN_ID ? undefined : data.vocabulary[id]
        if (token === undefined) bytes.push(0xef, 0xbf, 0xbd)
        else bytes.push(...[...token].map((symbol) => symbolBytes.get(symbol)!))
      }
      return new TextDecoder().decode(Uint8Array.from(bytes))
    }
  }
}

/** Counts neighbouring pairs over all words, and remembers in which words each occurs. */
class PairCounts {
  readonly counts = new Map<string, number>()
  readonly places = new Map<string, Set<number>>()

  add(word: ReadonlyArray<string>, weight: number, index: number): void {
    for (let i = 0; i + 1 < word.length; i++) {
      const key = pairKey(word[i]!, word[i + 1]!)
      this.counts.set(key, (this.counts.get(key) ?? 0) + weight)
      const places = this.places.get(key)
      if (places === undefined) this.places.set(key, new Set([index]))
      else places.add(index)
    }
  }

  /** The commonest pair; among equals the one first in code-unit order, so that training repeats. */
  best(): readonly [string, string] | undefined {
    let best: string | undefined
    let most = 1
    for (const [key, count] of this.counts) {
      if (count > most || (count === most && best !== undefined && key < best)) {
        best = key
        most = count
      }
    }
    return best === undefined ? undefined : (best.split(" ") as [string, string])
  }
}

const countWords = (texts: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

/**
 * Learns a vocabulary: the special tokens, the bytes of the texts in order, then merges of the commonest neighbours.
 * @param size tokens wanted, special ones included; fewer come out only when no pair occurs twice
 */
export const trainTokenizer = (texts: Iterable<string>, size: number): TokenizerData => {
  const counts = countWords(texts)
  const weights = [...counts.values()]
  const words: Array<ReadonlyArray<string>> = [...counts.keys()].map(symbolsOf)
  const vocabulary = [END_OF_TEXT, UNKNOWN, ...[...new Set(words.flat())].sort()]
  const merges: Array<readonly [string, string]> = []
  const pairs = new PairCounts()
  words.forEach((word, index) => {
    pairs.add(word, weights[index]!, index)
  })
  while (vocabulary.length < size) {
    const pair = pairs.best()
    if (pair === undefined) break
    merges.push(pair)
    vocabulary.push(pair[0] + pair[1])
    for (const index of [...(pairs.places.get(pairKey(...pair)) ?? [])]) {
      const before = words[index]!
      words[index] = mergePair(before, ...pair)
      pairs.add(before, -weights[index]!, index)
      pairs.add(words[index], weights[index]!, index)
    }
  }
  return { vocabulary, merges }
}

/** The content of a Hugging Face `tokenizer.json`. */
export const tokenizerToJson = (data: TokenizerData): object => ({
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [END_OF_TEXT, UNKNOWN].map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  })),
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  model: {
    ...{ type: "BPE", dropout: null, unk_token: UNKNOWN, continuing_subword_prefix: null, end_of_word_suffix: null },
    ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false },
    vocab: Object.fromEntries(data.vocabulary.map((token, id) => [token, id])),
    merges: data.merges
  }
})

interface TokenizerJson {
  readonly normalizer?: { readonly type?: unknown } | null
  readonly pre_tokenizer?: { readonly type?: unknown; readonly add_prefix_space?: unknown } | null
  readonly model?: { readonly type?: unknown; readonly vocab?: unknown; readonly merges?: unknown }
}

const readMerge = (merge: unknown): readonly [string, string] | undefined => {
  const parts: unknown = typeof merge === "string" ? merge.split(" ") : merge
  return Array.isArray(parts) && parts.length === 2 ? [String(parts[0]), String(parts[1])] : undefined
}

/** What is wrong with a vocabulary: ids with gaps, other special tokens, a token that is no string of byte symbols. */
const vocabularyFault = (vocabulary: ReadonlyArray<string | undefined>, size: number): string | undefined => {
  if (vocabulary.length !== size || vocabulary.includes(undefined)) return "vocabulary ids have gaps"
  if (vocabulary[END_ID] !== END_OF_TEXT || vocabulary[UNKNOWN_ID] !== UNKNOWN) {
    return `ids 0 and 1 should be ${END_OF_TEXT} and ${UNKNOWN}`
  }
  const foreign = vocabulary.findIndex((token, id) => id > UNKNOWN_ID && ![...token!].every((c) => symbolBytes.has(c)))
  return foreign < 0 ? undefined : `token ${JSON.stringify(vocabulary[foreign])} is not in the byte alphabet`
}

/** What is wrong with merges: one that is no pair, or whose sides or union are no tokens. */
const mergeFault = (merges: ReadonlyArray<readonly [string, string] | undefined>, tokens: ReadonlySet<unknown>) => {
  const bad = merges.findIndex((pair) => pair === undefined || ![...pair, pair.join("")].every((t) => tokens.has(t)))
  if (bad < 0) return undefined
  return `model.merges[${bad}] is not a pair${merges[bad] === undefined ? "" : " of tokens whose union is a token"}`
}

/**
 * Reads what {@link tokenizerToJson} writes (merges also in the older form, `"a b"`).
 * @returns the data, or why the file is of another kind: not byte-level BPE over lower case, or not a sound one
 */
export const tokenizerFromJson = (json: unknown): Result.Result<TokenizerData, TokenizerFileError> => {
  const fail = (reason: string) => Result.fail(new TokenizerFileError({ reason }))
  const { model, normalizer, pre_tokenizer } = (json ?? {}) as TokenizerJson
  if (model?.type !== "BPE") return fail(`model.type is ${JSON.stringify(model?.type)}, "BPE" is needed`)
  if (pre_tokenizer?.type !== "ByteLevel") return fail(`pre_tokenizer.type should be "ByteLevel"`)
  if (pre_tokenizer.add_prefix_space === true) return fail("pre_tokenizer.add_prefix_space should be false")
  if (normalizer?.type !== "Lowercase") return fail(`normalizer.type should be "Lowercase"`)
  const entries = Object.entries((model.vocab ?? {}) as Record<string, unknown>)
  const vocabulary = new Array<string | undefined>(entries.length)
  for (const [token, id] of entries) vocabulary[Number(id)] = token
  const merges = (Array.isArray(model.merges) ? model.merges : []).map(readMerge)
  const fault = vocabularyFault(vocabulary, entries.length) ?? mergeFault(merges, new Set(vocabulary))
  if (fault !== undefined) return fail(fault)
  return Result.succeed({ vocabulary: vocabulary as Array<string>, merges: merges as Array<readonly [string, string]> })
}
