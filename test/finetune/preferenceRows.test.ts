import { readFileSync } from "node:fs"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { layoutNames, readRow } from "../../src/finetune/preferenceRows.ts"
import type { Fields } from "../../src/finetune/rows/text.ts"

/** The same file holds the PyTorch worker's reader (python/tests/test_data_layouts.py). */
const golden = JSON.parse(readFileSync("test/golden/layouts.json", "utf8")) as {
  readonly rows: ReadonlyArray<{
    readonly note: string
    readonly row: Fields
    readonly layout: string
    readonly kind: string
    readonly prompt: unknown
    readonly answers: ReadonlyArray<unknown>
    readonly scores: ReadonlyArray<number | null>
    readonly label?: boolean
  }>
  readonly faults: ReadonlyArray<{ readonly row: Fields; readonly reason: string }>
}

describe("layouts of preference data", () => {
  it.each(golden.rows.map((entry) => [entry.note, entry] as const))("become the common form: %s", (_, expected) => {
    const { layout, row } = Result.getOrThrow(readRow(expected.row))
    expect({
      ...{ layout, kind: row.kind, label: row.label, prompt: row.prompt },
      answers: row.answers.map(({ text }) => text),
      scores: row.answers.map(({ score }) => score ?? null)
    }).toEqual({
      ...{ layout: expected.layout, kind: expected.kind, label: expected.label, prompt: expected.prompt },
      answers: expected.answers,
      scores: expected.scores
    })
  })

  it.each(golden.faults.map((fault) => [fault.reason, fault.row] as const))("tell a fault: %s", (reason, row) => {
    const read = readRow(row)
    expect(Result.isFailure(read) && read.failure.reason.startsWith(reason), JSON.stringify(read)).toBe(true)
  })

  it("have a row each in the fixture", () => {
    expect(new Set(golden.rows.map(({ layout }) => layout))).toEqual(new Set(layoutNames))
  })

  it("split texts after the last shared word", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.constantFrom("", "a b ", "ab a"), letters, letters, (shared, one, other) => {
        const [chosen, rejected] = [shared + one, shared + other]
        const space = (text: string, at: number) => /\s/.test(text[at]!)
        const most = Math.min(chosen.length, rejected.length) - 1
        const ends = Array.from({ length: Math.max(0, most) }, (_, i) => i + 1).filter(
          (k) =>
            chosen.slice(0, k) === rejected.slice(0, k) &&
            !space(chosen, k - 1) &&
            space(chosen, k) &&
            space(rejected, k)
        )
        const read = readRow({ chosen, rejected })
        if (ends.length === 0) {
          expect(Result.isFailure(read)).toBe(true)
        } else {
          const { row } = Result.getOrThrow(read)
          expect(row.prompt).toBe(chosen.slice(0, Math.max(...ends)))
          expect(row.answers.map(({ text }) => `${row.prompt}${text}`)).toEqual([chosen, rejected])
        }
      })
    )
  })
})
