/** Text for people: every line within the width, words whole, labels in their column. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { jsonText, labelled, tableLines, wrap } from "../../src/cli/output.ts"

const words = fc.array(fc.stringMatching(/^[a-z≤ρ✓]{1,30}$/), { maxLength: 40 })

describe("wrapped text", () => {
  it("keeps all words in order, and no line longer than the width unless it is one word", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 100 }), (list, width) => {
        const lines = wrap(list.join("  "), width)
        expect(lines.join(" ")).toBe(list.join(" "))
        for (const line of lines) expect([...line].length <= width || !line.includes(" ")).toBe(true)
        // Greedy: the next word would not have fitted.
        for (const [i, line] of lines.slice(0, -1).entries()) {
          expect([...line].length + 1 + [...lines[i + 1]!.split(" ")[0]!].length).toBeGreaterThan(width)
        }
      })
    )
  })

  it("hangs under its label", () => {
    const lines = labelled("meet", "word ".repeat(40), { column: 6, indent: 2 })
    expect(lines[0]).toMatch(/^meet {2}word/)
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {6}word/)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(78)
  })
})

describe("tables", () => {
  it("align coloured and plain cells alike", () => {
    const [, first, second] = tableLines([
      ["", ""],
      ["\u001b[32mgood\u001b[0m", "a"],
      ["better", "b"]
    ])
    expect(first).toBe("\u001b[32mgood\u001b[0m    a")
    expect(second).toBe("better  b")
  })
})

describe("JSON", () => {
  it("writes what is no finite number as text and keeps every digit", () => {
    const value = { a: [Number.NaN, -Infinity, 0.1 + 0.2], b: 2n ** 64n }
    expect(JSON.parse(jsonText(value))).toEqual({
      a: ["NaN", "-Infinity", 0.30000000000000004],
      b: "18446744073709551616"
    })
  })
})
