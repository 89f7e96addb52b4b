import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { writeFileAtomic } from "../../src/finetune/atomicFile.ts"
import { corpusOf, splitSentences } from "../../src/finetune/corpus.ts"
import { temporaryFolder } from "./tiny.ts"

const folder = temporaryFolder()
afterAll(() => folder.remove())

describe("sentences", () => {
  it.each([
    ["We met. They left! Did we win? Yes.", ["We met.", "They left!", "Did we win?", "Yes."]],
    [
      "Mr. Adams and Messrs. Jay and A. Hamilton came. All agreed.",
      ["Mr. Adams and Messrs. Jay and A. Hamilton came.", "All agreed."]
    ],
    ["The U.S. Treasury paid No. 5. It was 1.5 million.", ["The U.S. Treasury paid No. 5.", "It was 1.5 million."]],
    ["One \u2014 two\u2019s \u201cthree\u201d.\n\nFour   five", ['One, two\'s "three".', "Four five"]],
    ["", []]
  ])("of %j", (text, sentences) => {
    expect(splitSentences(text)).toEqual(sentences)
  })
})

describe("the corpus", () => {
  const address = (number: number) => ({
    name: `address-${String(number).padStart(2, "0")}`,
    text: `This is the text of address x${"abcdefghijklmnopqrst"[number]}. Too short. In 1801 and 1802 and 1803 5 of 7.`
  })

  it("holds out every tenth address in the order of names, keeps prose only, and ignores the order it is given in", () => {
    const addresses = Array.from({ length: 20 }, (_, i) => address(i))
    const corpus = corpusOf(addresses)
    expect(corpus.heldOut).toEqual(["This is the text of address xj.", "This is the text of address xt."])
    expect(corpus.training).toHaveLength(18)
    expect(corpusOf([...addresses].reverse())).toEqual(corpus)
  })
})

describe("atomic files", () => {
  it("replace the old content whole, make folders, and leave nothing else behind", () => {
    const file = join(folder.path, "a", "b", "file.txt")
    writeFileAtomic(file, "first, and longer")
    writeFileAtomic(file, new TextEncoder().encode("second"))
    expect(readFileSync(file, "utf8")).toBe("second")
    expect(readdirSync(join(folder.path, "a", "b"))).toEqual(["file.txt"])
  })
})
