/** Findings of a run: claims with their parts, properties, predictions; what was refuted comes first. */
import { describe, expect, it } from "vitest"
import { addChunk, emptyTable } from "../../src/explorer/runBrowser/table.ts"
import { type FindingTable, findingsOf } from "../../src/explorer/runBrowser/verdicts.ts"
import type { JsonValue } from "../../src/rundata/format.ts"

const found = (name: FindingTable, rows: ReadonlyArray<Readonly<Record<string, JsonValue>>>) => {
  const table = emptyTable()
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  addChunk(table, {
    rows: rows.length,
    columns: names.map((one) => ({ name: one, values: rows.map((row) => row[one] ?? null) }))
  })
  return findingsOf(name, table)
}

describe("findings", () => {
  it("of claims: what does not stand, what is open, what stands, each with its parts", () => {
    const claim = (id: string, verdict: string, stands: boolean, expect = "holds") => ({
      kind: "claim",
      claim: id,
      says: `says ${id}`,
      quantity: "regret",
      check: "is below 1",
      verdict,
      expect,
      stands
    })
    const part = {
      kind: "part",
      claim: "b",
      where: "clean, dpo",
      verdict: "fails",
      shows: "value",
      mean: 2.5,
      low: 2,
      high: 3,
      seeds: 4
    }
    const findings = found("claims", [
      claim("a", "holds", true),
      claim("b", "fails", false),
      part,
      claim("c", "open", false),
      claim("d", "fails", true, "refuted")
    ])
    expect(findings.map(({ standing, verdict, says }) => [standing, verdict, says])).toEqual([
      ["against", "fails", "says b"],
      ["for", "fails, as the study expects", "says d"],
      ["open", "open", "says c"],
      ["for", "holds", "says a"]
    ])
    expect(findings[0]!.details).toEqual(["regret is below 1", "clean, dpo: fails (value 2.5 [2, 3], 4 seeds)"])
  })

  it("of properties: refuted ones with their counterexample; what does not apply is no finding", () => {
    const property = (verdict: string, more: Record<string, JsonValue> = {}) => ({
      loss: "dpo",
      property: "P6",
      statement: "monotone",
      verdict,
      ...more
    })
    const findings = found("validate", [
      property("proved"),
      property("undecided", { reason: "no time" }),
      property("not-applicable"),
      property("refuted", { counterexample: { p_w: 0.5 } })
    ])
    expect(findings.map(({ standing, verdict, details }) => [standing, verdict, details])).toEqual([
      ["against", "refuted", ['{"p_w":0.5}']],
      ["open", "undecided", ["no time"]],
      ["for", "proved", []]
    ])
  })

  it("of predictions: refuted, untested, confirmed", () => {
    const line = (status: string) => ({ id: `q/${status}`, prediction: "yes", status, reason: "because" })
    const findings = found("confirmations", [line("confirmed"), line("untested"), line("refuted")])
    expect(findings.map(({ standing, says }) => [standing, says])).toEqual([
      ["against", "q/refuted: predicted yes"],
      ["open", "q/untested: predicted yes"],
      ["for", "q/confirmed: predicted yes"]
    ])
  })
})
