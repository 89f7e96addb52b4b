import { describe, expect, it } from "vitest"
import { changeText, descriptionText, fractionText, numberText, tableText } from "../../src/properties/table.ts"

describe("cases as text", () => {
  it("fractions come in lowest terms", () => {
    expect([fractionText(2, 6), fractionText(4, 2), fractionText(0, 3), fractionText(-2, 4)]).toEqual([
      "1/3",
      "2",
      "0",
      "-1/2"
    ])
    for (const [a, b] of [
      [1.5, 2],
      [1, 0],
      [1, -2],
      [Number.NaN, 1]
    ] as const) {
      expect(() => fractionText(a, b)).toThrow(RangeError)
    }
  })

  it("numbers have four digits, changes a sign", () => {
    expect([numberText(1 / 3), numberText(1e-12), numberText(0), numberText(Number.NaN)]).toEqual([
      "0.3333",
      "1e-12",
      "0",
      "NaN"
    ])
    expect([changeText(0.25), changeText(-0.25), changeText(0)]).toEqual(["+0.25", "-0.25", "0"])
  })

  it("columns are aligned, and a missing entry leaves a gap", () => {
    expect(
      tableText([
        { arm: "w", policy: "1/7" },
        { arm: "long", policy: "5/7", note: 0.5 }
      ])
    ).toBe(["arm   policy  note", "w     1/7", "long  5/7     0.5"].join("\n"))
  })

  it("a description is its table, its numbers, its paragraph", () => {
    const text = descriptionText({ arms: [{ arm: "w" }], facts: { loss: 0.25 }, explanation: "It falls." })
    expect(text).toBe("arm\nw\nloss = 0.25\nIt falls.")
    expect(descriptionText({ arms: [], facts: {}, explanation: "It falls." })).toBe("It falls.")
  })
})
