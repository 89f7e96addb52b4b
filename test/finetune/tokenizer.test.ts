import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  END_ID,
  END_OF_TEXT,
  makeTokenizer,
  tokenizerFromJson,
  tokenizerToJson,
  trainTokenizer,
  UNKNOWN,
  UNKNOWN_ID
} from "../../src/finetune/tfjs/tokenizer.ts"
import { sentences, tinyTokenizer } from "./tiny.ts"

const alphabet = [...new Set(sentences.join("").toLowerCase())]
const known = fc
  .array(fc.constantFrom(...alphabet, ...alphabet.map((letter) => letter.toUpperCase())))
  .map((letters) => letters.join(""))

/** Oracle: applies every merge to the whole text in order of rank, words kept apart by their pieces. */
const slowEncode = (word: string): ReadonlyArray<string> => {
  let symbols = [...word.replaceAll(" ", "Ġ")]
  for (const [left, right] of tinyTokenizer.data.merges) {
    const next: Array<string> = []
    for (const symbol of symbols) {
      if (symbol === right && next.at(-1) === left && !(left === right && next.at(-1) !== left))
        next.splice(-1, 1, left + right)
      else next.push(symbol)
    }
    symbols = next
  }
  return symbols
}

describe("the tokenizer", () => {
  it("gives back the lower-cased text, for any text over its alphabet", () => {
    fc.assert(
      fc.property(known, (text) => {
        expect(tinyTokenizer.decode(tinyTokenizer.encode(text))).toBe(text.toLowerCase())
      })
    )
  })

  it("never gives special tokens for known text, even when the text spells them", () => {
    fc.assert(
      fc.property(known, (text) => {
        for (const id of tinyTokenizer.encode(text)) expect(id).toBeGreaterThan(UNKNOWN_ID)
      })
    )
    expect(tinyTokenizer.encode(END_OF_TEXT)).not.toContain(END_ID)
  })

  it("cuts words as merging in order of rank does", () => {
    for (const word of sentences.flatMap((sentence) => sentence.match(/ ?[a-z]+/g) ?? [])) {
      const tokens = tinyTokenizer.encode(word).map((id) => tinyTokenizer.data.vocabulary[id])
      expect(tokens).toEqual(slowEncode(word))
    }
  })

  it("cuts odd Unicode as Hugging Face's tokenizers do", () => {
    const golden = JSON.parse(readFileSync("test/golden/tokens.json", "utf8")) as {
      readonly ids: ReadonlyArray<readonly [string, ReadonlyArray<number>]>
    }
    const texts = golden.ids.map(([text]) => text)
    const { encode } = makeTokenizer(trainTokenizer([...texts, ...texts], 256))
    for (const [text, ids] of golden.ids) expect(encode(text), JSON.stringify(text)).toEqual(ids)
  })

  it("keeps common words whole", () => {
    expect(tinyTokenizer.encode(" love")).toHaveLength(1)
    expect(tinyTokenizer.size).toBe(96)
  })

  it("marks bytes it has not seen, one token each, and reads them as the replacement character", () => {
    expect(tinyTokenizer.encode("é")).toEqual([UNKNOWN_ID, UNKNOWN_ID])
    expect(tinyTokenizer.decode([UNKNOWN_ID])).toBe("\uFFFD")
    expect(tinyTokenizer.decode([END_ID])).toBe("")
  })

  it("is the same after a round trip through tokenizer.json, with merges as pairs or as texts", () => {
    const json = JSON.parse(JSON.stringify(tokenizerToJson(tinyTokenizer.data)))
    expect(Result.getOrThrow(tokenizerFromJson(json))).toEqual(tinyTokenizer.data)
    json.model.merges = json.model.merges.map((pair: ReadonlyArray<string>) => pair.join(" "))
    expect(Result.getOrThrow(tokenizerFromJson(json))).toEqual(tinyTokenizer.data)
  })

  it("does not depend on the order of the texts, ties included", () => {
    const texts = ["abab cdcd", "cdcd abab", "efef"]
    expect(trainTokenizer(texts, 20)).toEqual(trainTokenizer([...texts].reverse(), 20))
  })

  it("stops early when nothing repeats", () => {
    const { vocabulary, merges } = trainTokenizer(["abc"], 50)
    expect(vocabulary).toEqual([END_OF_TEXT, UNKNOWN, "a", "b", "c"])
    expect(merges).toEqual([])
    expect(makeTokenizer({ vocabulary, merges }).encode("cab")).toEqual([4, 2, 3])
  })

  it.each([
    [{}, "model.type is undefined"],
    [{ model: { type: "Unigram" } }, '"Unigram"'],
    [{ model: { type: "BPE" } }, "pre_tokenizer.type"],
    [{ model: { type: "BPE" }, pre_tokenizer: { type: "ByteLevel" } }, "normalizer.type"],
    [{ model: { type: "BPE" }, pre_tokenizer: { type: "ByteLevel", add_prefix_space: true } }, "add_prefix_space"],
    [null, "model.type"]
  ])("refuses %j", (json, reason) => {
    const read = tokenizerFromJson(json)
    expect(Result.isFailure(read) && read.failure.message).toContain(reason)
  })

  it("refuses vocabularies with gaps, other special tokens, and unsound merges", () => {
    const broken = (change: (model: { vocab: Record<string, number>; merges: Array<unknown> }) => void): string => {
      const json = JSON.parse(JSON.stringify(tokenizerToJson(tinyTokenizer.data)))
      change(json.model)
      const read = tokenizerFromJson(json)
      return Result.isFailure(read) ? read.failure.message : "no problem"
    }
    expect(broken((model) => void (model.vocab.a = 999))).toContain("gaps")
    expect(broken((model) => model.merges.push(["a", "b", "c"]))).toContain(
      `merges[${tinyTokenizer.data.merges.length}]`
    )
    expect(broken((model) => model.merges.push(["t", "Q"]))).toContain("of tokens whose union is a token")
    expect(broken((model) => void (model.vocab["two words"] = 96))).toContain('"two words" is not in the byte alphabet')
    expect(
      broken((model) => {
        delete model.vocab[UNKNOWN]
        model.vocab["<unk>"] = UNKNOWN_ID
      })
    ).toContain("ids 0 and 1")
  })
})
