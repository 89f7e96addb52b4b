/** `order`, typed into a real process. */
import { describe, expect, it } from "vitest"
import { json, losslattice } from "./process.ts"

interface Report {
  readonly losses: ReadonlyArray<{ readonly name: string }>
  readonly pairs: Readonly<Record<string, number>>
  readonly covers: ReadonlyArray<{ readonly from: string; readonly to: string; readonly kind: string }>
}

describe("order", () => {
  it("prints the strictly monotone losses with counts, covers and names", () => {
    const { losses, pairs, covers } = json<Report>("order")
    expect(losses).toHaveLength(34)
    expect(pairs).toMatchObject({ dominance: 385, undecided: 0 })
    const names = losses.map(({ name }) => name)
    for (const { from, to } of covers) expect(names).toEqual(expect.arrayContaining([from, to]))
    expect(losslattice("order").out).toContain("covers that entailment does not know")
  })

  it("refuses what cannot be listed, naming the flag, what was found and what is allowed", () => {
    for (const [flags, sentence] of [
      [["--propositions", "M(w),M(l),Ref(w),Ref(l)"], /--propositions: expected M\(w\),M\(l\), or three .*Ref\(l\)/],
      [["--propositions", "M(l),M(w)"], /--propositions: expected M\(w\),M\(l\), .*found M\(l\),M\(w\)/],
      [["--propositions", "M(w),M(l),Ref(w)", "--among", "all"], /--among: .*"strict".*found "all"/],
      [["--propositions", "M(w),M(l),M2(w)"], /--propositions: copies/]
    ] as const) {
      const { code, err } = losslattice("order", ...flags)
      expect(code).toBe(2)
      expect(err).toMatch(sentence)
    }
  })
})
