import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  allRows,
  complement,
  count,
  hasRow,
  maskText,
  moveRows,
  parseRowName,
  rowName,
  rowSetOf,
  rowsOf,
  rowsWhere
} from "../../src/logic/rows.ts"
import { rowSet } from "../arbitraries/logic.ts"

describe("row sets", () => {
  it("names rows by proposition order: over (w, l) rows 0 to 3 are FF, TF, FT, TT", () => {
    expect([0, 1, 2, 3].map((row) => rowName(row, 2))).toEqual(["FF", "TF", "FT", "TT"])
    expect(parseRowName("TF")).toBe(1)
    expect(["", "tf", "TX", "TTTTTTT"].map(parseRowName)).toEqual([undefined, undefined, undefined, undefined])
  })

  it("reads every row name it writes", () => {
    for (let n = 1; n <= 6; n++) for (let row = 0; row < 2 ** n; row++) expect(parseRowName(rowName(row, n))).toBe(row)
  })

  it("lists rows ascending and gathers them again", () => {
    fc.assert(
      fc.property(rowSet(6), (set) => {
        const rows = rowsOf(set)
        expect(rows).toEqual([...rows].sort((a, b) => a - b))
        expect(rows.length).toBe(count(set))
        expect(rowSetOf(rows)).toBe(set)
        expect(rows.every((row) => hasRow(set, row))).toBe(true)
        expect(complement(complement(set, 6), 6)).toBe(set)
        expect(set | complement(set, 6)).toBe(allRows(6))
      })
    )
  })

  it("finds the rows where a proposition is true", () => {
    for (let n = 1; n <= 6; n++) {
      for (let k = 0; k < n; k++) {
        for (let row = 0; row < 2 ** n; row++) expect(hasRow(rowsWhere(k, n), row)).toBe(rowName(row, n)[k] === "T")
      }
    }
  })

  it("writes masks with 2^n digits, row 0 last", () => {
    expect(maskText(0b0010n, 2)).toBe("0b0010")
    expect(maskText(1n, 3)).toBe("0b00000001")
    expect(() => maskText(16n, 2)).toThrow(RangeError)
  })

  it("moves rows to other positions, new positions being free", () => {
    // The rows where a is true, as proposition 1 of 3.
    expect(moveRows(rowsWhere(0, 1), [1], 3)).toBe(rowsWhere(1, 3))
    expect(moveRows(0b0010n, [1, 0], 2)).toBe(0b0100n)
  })

  it("speaks of at most 6 propositions", () => {
    expect(() => allRows(7)).toThrow(RangeError)
    expect(() => rowsWhere(2, 2)).toThrow(RangeError)
    expect(() => rowName(4, 2)).toThrow(RangeError)
  })
})
